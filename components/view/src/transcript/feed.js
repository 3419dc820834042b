// What has come of running answers, by whichever way: the stream (stream.js), or hidden elements of the page into
// which its script writes (components/chat/feed.py). A piece is [answer, part, offset, text]. "text" and "reasoning"
// grow from an offset on; other parts are whole each time. The same piece may come twice, and by both ways.

const GROWING = ["text", "reasoning"];

const answers = new Map();  // answer -> {text, reasoning, took}
let observer;

/**
 * Call `took(part, value)` for whatever comes of this answer; `lacking()` when a piece came that leaves a gap.
 * `known` is what the page said of it. Gives the texts as far as they are known here, which may be further.
 */
export function listen(answer, known, took, lacking) {
  const here = answers.get(answer) ?? { text: "", reasoning: "" };
  for (const part of GROWING) if (known[part].length > here[part].length) here[part] = known[part];
  Object.assign(here, { took, lacking });
  answers.set(answer, here);
  observer ??= new MutationObserver(read);
  observer.observe(document.body, { childList: true, characterData: true, subtree: true });
  read(true);
  return { text: here.text, reasoning: here.reasoning };
}

/** The answer is over, or whole from elsewhere. */
export function forget(answer) {
  answers.delete(answer);
  if (!answers.size) observer?.disconnect();
}

/** Take a piece, by whichever way it came. */
export function take(answer, part, offset, piece) {
  const here = answers.get(answer);
  if (!here) return;
  if (!GROWING.includes(part)) {
    here.took?.(part, piece);
  } else if (offset > here[part].length) {
    here.lacking?.();
  } else if (offset + piece.length > here[part].length) {
    here[part] = here[part].slice(0, offset) + piece;
    here.took?.(part, here[part]);
  }
}

/** Read the hidden places that have changed; `again`: all of them, for a listener that came late. */
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
