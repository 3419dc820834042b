// Escape before the answer can be stopped: the app has not received the question yet, or the button is not active. The
// request is remembered, and the answer is stopped as soon as it begins. Any further key cancels the request.

const KEPT = 8000;  // ms, as long as a question may take to be heard (echo.js)
const LOOK = 100;  // ms between two looks
const HEARD = 500;  // ms after which a button that is still there has not heard of it

const buttons = document.getElementsByClassName("st-key-stop");
let wished = -Infinity;  // when Escape was pressed, while the wish is kept
let told;  // the button that should have heard of it
let since;  // and since when, in ms
let timer;

/** Whether the visitor has cancelled the question that was just sent. */
export const stopIsWished = () => performance.now() - wished < KEPT;

/** Remember the cancellation. */
export function wishStop() {
  wished = since = performance.now();
  told = buttons[0];  // in sight, it hears the key by itself
  clearInterval(timer);
  timer = setInterval(look, LOOK);
}

function look() {
  const place = buttons[0];
  if (!stopIsWished()) clearInterval(timer);
  else if (place && (place !== told || performance.now() - since > HEARD)) press(place);
}

function press(place) {
  const kept = wished;
  place.querySelector("button")?.click();  // which ends the wish, as any click does
  [wished, told, since] = [kept, place, performance.now()];
}

function drop() {
  wished = -Infinity;
  told = undefined;
}

function entered({ key, target }) {
  if (key === "Enter" && !(target.matches?.("textarea") && !target.value)) drop();  // a second Enter sends nothing
}

document.addEventListener("click", drop, { capture: true, passive: true });
document.addEventListener("keydown", entered, { capture: true, passive: true });
addEventListener("popstate", drop);
