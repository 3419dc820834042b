// The text of running answers, from either source: the stream (stream.js), or hidden elements of the page into
// which its script writes (components/chat/page_feed.py). A piece is [answer, part, offset, text]. "text", "reasoning" and
// "said" grow from an offset on, in characters as Python counts them; other parts are whole each time. The same piece
// may come twice, and by both ways. "said" takes the place of the text, once that has turned out to be a thought.

const GROWING = ["text", "reasoning", "said"];

const answers = new Map();  // answer -> {text, reasoning, said, turned, took}
let observer;

/**
 * Call `took(part, value)` for every piece of this answer; `lacking()` if there is a gap before a piece.
 * `known` is what the page has sent of it. Returns the texts known here, which may be longer.
 */
export function listen(answer, known, took, lacking) {
  const here = answers.get(answer) ?? { text: "", reasoning: "", said: "", whole: {}, count: { text: 0, reasoning: 0, said: 0 } };
  here.turned ||= known.turned;
  for (const [part, text] of [[known.turned ? "said" : "text", known.text], ["reasoning", known.reasoning]]) {
    if (text.length <= here[part].length) continue;
    here[part] = text;
    here.count[part] = characters(text).length;
  }
  Object.assign(here, { took, lacking });
  answers.set(answer, here);
  observer ??= new MutationObserver(read);
  observer.observe(document.body, { childList: true, characterData: true, subtree: true });
  read(true);
  return { text: here.turned ? here.said : here.text, turned: here.turned, reasoning: here.reasoning, ...here.whole };
}

/** The answer has ended, or is complete from elsewhere. */
export function forget(answer) {
  answers.delete(answer);
  if (!answers.size) observer?.disconnect();
}

/** Process a piece from either source. */
export function take(answer, part, offset, piece) {
  const here = answers.get(answer);
  if (!here) return;
  if (!GROWING.includes(part)) {
    here.whole[part] = piece;
    here.took?.(part, piece);
    return;
  }
  if (part === "said" && !here.turned) {
    here.turned = true;
    here.took?.(part, here.said);
  }
  if (offset > here.count[part]) {
    here.lacking?.();
  } else {
    grow(here, part, characters(piece).slice(here.count[part] - offset));
  }
}

function grow(here, part, more) {
  if (!more.length) return;
  here[part] += more.join("");
  here.count[part] += more.length;
  here.took?.(part, here[part]);
}

/** A character above U+FFFF has length 2 here, and 1 in Python. */
export const characters = (text) => Array.from(text);

/** Read the hidden elements that have changed; `again`: all of them, for a late listener. */
function read(again) {
  for (const place of document.querySelector(".st-key-feed")?.children ?? []) {
    const json = place.textContent;
    if (json && (again === true || place.pgRead !== json)) {
      place.pgRead = json;
      takeJSON(json);
    }
  }
}

function takeJSON(json) {
  let piece;
  try {
    piece = JSON.parse(json);
  } catch {
    return;  // in the middle of being drawn: it comes again
  }
  take(...piece);
}
