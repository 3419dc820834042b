// The glossary, filtered while one types. All of it is set as text, never as HTML.

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
  element.name = wordsOf(word).join(" ");
  element.names = wordsOf(`${word} ${plain} ${api}`);
  element.means = wordsOf(means);
  return element;
}

const wordsOf = (text) => folded(text).match(/[\p{L}\p{N}]+/gu) ?? [];

/** A query matches the beginning of a word, a long one any part; one or two letters match whole words in a text. */
const inName = (words, part) => words.some((word) => word.startsWith(part) || (part.length > 2 && word.includes(part)));
const inText = (words, part) => words.some((word) => (part.length > 2 ? word.startsWith(part) : word === part));

/** 0: an exact name, 1: the beginning of a name, 2: all words are in its names, 3: mentioned; -1: no match. */
function rank({ name, names, means }, parts) {
  const query = parts.join(" ");
  if (name === query) return 0;
  if (name.startsWith(query)) return 1;
  if (parts.every((part) => inName(names, part))) return 2;
  return parts.every((part) => inName(names, part) || inText(means, part)) ? 3 : -1;
}

// The best matches come first, and so does the section with the best one.
function search(sections, query, status, told) {
  const parts = wordsOf(query);
  let count = 0;
  for (const { section, list, entries } of sections) {
    const ranked = entries.map((word) => [parts.length ? rank(word, parts) : 0, word]).filter(([place]) => place >= 0);
    ranked.sort(([one], [other]) => one - other);
    list.replaceChildren(...ranked.map(([, word]) => word));
    section.hidden = !ranked.length;
    section.style.order = ranked.length ? ranked[0][0] : 0;
    count += ranked.length;
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
