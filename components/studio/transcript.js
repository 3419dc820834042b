// Words with times beside their recording: a click on a word plays from there, the current word is marked. Every
// word is set by textContent. A single Tab stop: arrow keys move from word to word, Enter plays.

const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

export default function ({ data, parentElement }) {
  const before = parentElement.querySelector(".transcript");
  if (before?.dataset.url === data.url) return;
  before?.remove();
  const media = make(data.video ? "video" : "audio", { controls: "", preload: "metadata", src: new URL(data.url, location.href).href });
  const spans = data.words.map((row, at) => word(row, at, data.said));
  const text = make("div", { class: "words", role: "group", "aria-label": data.said.hint });
  text.append(...turns(data.words, spans, data.said), data.rest && ` ${data.rest}`);
  const root = make("div", { class: "transcript", "data-url": data.url }, media, make("p", { class: "hint" }, data.said.hint), text);
  parentElement.append(root);
  const play = (span) => {
    media.currentTime = data.words[span.dataset.at][1];
    media.play().catch(() => {});  // the browser may want another click first
  };
  const at = (event) => event.target.closest?.("[data-at]");
  text.addEventListener("click", (event) => { if (at(event)) { focus(spans, at(event)); play(at(event)); } });
  text.addEventListener("keydown", (event) => {
    if (!at(event)) return;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 10, ArrowUp: -10 }[event.key];
    if (event.key === "Enter" || event.key === " ") play(at(event));
    else if (step) focus(spans, spans[Math.min(spans.length - 1, Math.max(0, Number(at(event).dataset.at) + step))]);
    else return;
    event.preventDefault();
  });
  let heard;
  media.addEventListener("timeupdate", () => {
    const now = spans[latest(data.words, media.currentTime)];
    if (now === heard) return;
    heard?.classList.remove("heard");
    heard = now;
    heard?.classList.add("heard");
  });
}

function word([text, , , doubtful], at, said) {
  const span = make("span", { "data-at": String(at), role: "button", tabindex: at ? "-1" : "0" }, text);
  if (doubtful) Object.assign(span, { className: "doubtful", title: said.doubtful });
  return span;
}

/** A paragraph for each turn of a speaker; a single one if speakers are unknown. */
function turns(words, spans, said) {
  const speakers = [...new Set(words.map((row) => row[2]))];
  const paragraphs = [];
  words.forEach((row, at) => {
    if (!at || row[2] !== words[at - 1][2]) {
      paragraphs.push(make("p", { dir: "auto" }));
      if (speakers.length > 1) {
        const name = make("b", { class: `speaker s${speakers.indexOf(row[2]) % 6}` }, `${said.speaker.replace("{name}", row[2])}:`);
        paragraphs.at(-1).append(name, " ");
      }
    }
    paragraphs.at(-1).append(spans[at], " ");
  });
  return paragraphs;
}

function focus(spans, span) {
  spans.find((each) => each.tabIndex === 0).tabIndex = -1;
  span.tabIndex = 0;
  span.focus();
}

/** The index of the last word that has begun at a time; -1 before the first. */
function latest(words, time) {
  let [low, high] = [0, words.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (words[middle][1] <= time + .02) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
