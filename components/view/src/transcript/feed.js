// The text of running answers as the page's script writes it into hidden elements of the page.
//
// A place always holds the text since its own offset, so a message of Streamlit's that was replaced by a newer one
// loses nothing: [answer, part, offset, text]. Parts are "reasoning", "text", and "state" (what is being waited for).

const listeners = new Map();  // answer -> what to call
let observer;

/** Call `took(part, offset, text)` for whatever comes of this answer. Gives the way to stop it. */
export function listen(answer, took) {
  listeners.set(answer, took);
  observer ??= new MutationObserver(read);
  observer.observe(document.body, { childList: true, characterData: true, subtree: true });
  read(true);
  return () => {
    if (listeners.get(answer) === took) listeners.delete(answer);
    if (!listeners.size) observer.disconnect();
  };
}

/** Read the places that have changed; `again`: all of them, for a listener that came late. */
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
  let news;
  try {
    news = JSON.parse(json);
  } catch {
    return;  // not ours, or in the middle of being drawn: it comes again
  }
  take(...news);
}

/** Hand a piece of an answer on to the message that shows it. */
export function take(answer, part, offset, text) {
  listeners.get(answer)?.(part, offset, text);
}

/** What is known of a text, with a piece from `offset` on. A piece that would leave a gap is not taken. */
export function joined(known, offset, piece) {
  if (offset > known.length || offset + piece.length <= known.length) return known;
  return known.slice(0, offset) + piece;
}
