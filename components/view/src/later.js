// Texts that are first shown raw, and rendered when there is time: the last ones first, as they are in view.
// So a conversation of 500 messages is shown at once (measured: 1.5 s of rendering before its end was visible).

const SLICE = 25;  // ms of drawing before the browser has its turn

const waiting = [];  // {draw}, in the order of the page
let timer;

/** Draw later. Returns a function that cancels it. */
export function later(draw) {
  const wish = { draw };
  waiting.push(wish);
  // Before the next frame, so that visible texts are never seen raw; a hidden page has no next frame.
  timer ??= document.hidden ? setTimeout(some, 0) : requestAnimationFrame(some);
  return () => { wish.draw = undefined; };
}

function some() {
  const stop = performance.now() + SLICE;
  while (waiting.length && performance.now() < stop) draw(waiting.pop());
  timer = waiting.length ? setTimeout(some, 0) : undefined;
}

/** Draws everything before printing. */
function all() {
  while (waiting.length) draw(waiting.pop());
}

/** If one text cannot be drawn, it stays raw, and the others are drawn. */
function draw(wish) {
  try {
    wish.draw?.();
  } catch (fault) {
    console.error(fault);
  }
}

window.addEventListener("beforeprint", all);
