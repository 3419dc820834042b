// The list of words, searched while one types. All of it is text: nothing becomes HTML.

const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

function entry([word, plain, api, means]) {
  const name = make("dt", "", make("strong", "", word));
  if (plain) name.append(" ", make("span", "plain", plain));
  if (api) name.append(" ", make("code", "", api));
  const element = make("div", "word", name, make("dd", "", means));
  element.names = folded(`${word} ${plain} ${api}`);
  element.all = `${element.names} ${folded(means)}`;
  return element;
}

// Words whose name has what is looked for come before those that only mention it.
function search(sections, query, status, told) {
  const parts = folded(query).split(/\s+/).filter(Boolean);
  const within = (text) => parts.every((part) => text.includes(part));
  let count = 0;
  for (const { section, list, entries } of sections) {
    const named = entries.filter((word) => within(word.names));
    const found = [...named, ...entries.filter((word) => !within(word.names) && within(word.all))];
    list.replaceChildren(...found);
    section.hidden = !found.length;
    section.style.order = parts.length && !named.length ? "1" : "0";
    count += found.length;
  }
  status.textContent = !parts.length ? "" : count ? told.found.replace("{count}", count) : told.nothing;
}

export default function ({ data, parentElement }) {
  const [box, status, all] = ["input", "p", ".words"].map((name) => parentElement.querySelector(name));
  if (all.childElementCount) return;
  box.placeholder = data.told.placeholder;
  box.setAttribute("aria-label", data.told.search);
  const sections = data.sections.map(({ title, words }) => {
    const list = make("dl", "");
    const section = make("section", "", make("h3", "", title), list);
    return { section, list, entries: words.map(entry) };
  });
  all.append(...sections.map(({ section }) => section));
  search(sections, box.value, status, data.told);
  box.addEventListener("input", () => search(sections, box.value, status, data.told));
  if (matchMedia("(pointer: fine)").matches) box.focus({ preventScroll: true });  // else a keyboard would cover the words
}
