// Reads a text with the browser's own voice, sentence by sentence: some browsers fall silent after 15 seconds of a long
// text. The text is already plain: no Markdown, no code.

const LONGEST = 220;  // letters that are said at once
const SCRIPTS = [["ru", /\p{Script=Cyrillic}/u], ["ja", /[\p{Script=Hiragana}\p{Script=Katakana}]/u],
  ["ko", /\p{Script=Hangul}/u], ["zh", /\p{Script=Han}/u], ["ar", /\p{Script=Arabic}/u], ["he", /\p{Script=Hebrew}/u],
  ["el", /\p{Script=Greek}/u], ["hi", /\p{Script=Devanagari}/u], ["th", /\p{Script=Thai}/u]];
const readers = new WeakMap();  // the element that Streamlit gave -> what belongs to it

const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

export default function ({ data, parentElement }) {
  let reader = readers.get(parentElement);
  if (!reader) readers.set(parentElement, reader = begin(parentElement, data));
  return () => {
    reader.over = true;
    globalThis.speechSynthesis?.cancel();
  };
}

function begin(parent, { text, words }) {
  const line = make("span", { role: "status" });
  const pause = make("button", { type: "button", "aria-pressed": "false" }, words.pause);
  const reader = { pieces: pieces(text), at: 0, over: false, line, pause, words };
  parent.append(make("div", { class: "voice" }, pause, line));
  const synthesis = globalThis.speechSynthesis;
  if (!synthesis) return silent(reader);
  pause.addEventListener("click", () => {
    const paused = pause.getAttribute("aria-pressed") !== "true";
    pause.setAttribute("aria-pressed", String(paused));
    pause.replaceChildren(paused ? words.go : words.pause);
    if (paused) synthesis.pause();
    else synthesis.resume();
  });
  synthesis.cancel();
  if (synthesis.getVoices().length) say(reader);
  else {
    const wait = setTimeout(() => { if (!reader.at) silent(reader); }, 3000);
    synthesis.addEventListener("voiceschanged", () => { clearTimeout(wait); say(reader); }, { once: true });
  }
  return reader;
}

function say(reader) {
  if (reader.over) return;
  if (reader.at >= reader.pieces.length) {
    reader.pause.remove();
    reader.line.replaceChildren(reader.words.over);
    return;
  }
  const piece = reader.pieces[reader.at++];
  const said = new SpeechSynthesisUtterance(piece);
  said.lang = SCRIPTS.find(([, letters]) => letters.test(piece))?.[0] ?? navigator.language;
  said.onend = () => say(reader);
  said.onerror = ({ error }) => { if (error !== "canceled" && error !== "interrupted") silent(reader); };
  reader.line.replaceChildren(piece);
  speechSynthesis.speak(said);
}

function silent(reader) {
  reader.over = true;
  reader.pause.remove();
  reader.line.replaceChildren(reader.words.none);
  return reader;
}

/** Sentences, and long ones in parts. */
function pieces(text) {
  const sentences = text.match(/[^.!?。！？\n]+[.!?。！？]*["”’)\]]*|[.!?]+/gu) ?? [];
  return sentences.flatMap((sentence) => {
    const parts = [];
    let rest = sentence.trim();
    while (rest.length > LONGEST) {
      const space = rest.lastIndexOf(" ", LONGEST);
      const end = space > 0 ? space : LONGEST;
      parts.push(rest.slice(0, end));
      rest = rest.slice(end).trim();
    }
    return rest ? [...parts, rest] : parts;
  });
}
