// A brush over a picture. It returns a list of strokes in ten-thousandths of the picture, so that the mask has
// the size of the picture itself, whatever the size of the screen.

const boards = new WeakMap();  // the element that Streamlit gave -> what belongs to it
const FIRST = 8;  // percent of the picture's width
const MOST = 1_000;  // strokes

const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

export default function ({ data, parentElement, setStateValue }) {
  let board = boards.get(parentElement);
  if (!board) {
    board = begin(parentElement, data);
    boards.set(parentElement, board);
  }
  board.tell = (strokes) => setStateValue("strokes", strokes);
}

function begin(parent, { picture, whole, words, strokes }) {
  const image = make("img", { src: picture, alt: "" });
  const canvas = make("canvas", { role: "img", "aria-label": words.paint });
  const brush = make("input", { type: "range", min: "1", max: "40", value: String(FIRST) });
  const undo = make("button", { type: "button" }, words.undo);
  const clear = make("button", { type: "button" }, words.clear);
  const board = { image, canvas, brush, undo, clear, whole, strokes: structuredClone(strokes), tell() {} };
  parent.append(make("div", { class: "board" },
    make("p", {}, words.paint),
    make("div", { class: "sheet" }, image, canvas),
    make("div", { class: "tools" }, make("label", {}, words.brush, brush), undo, clear)));
  image.addEventListener("load", () => {
    Object.assign(canvas, { width: image.naturalWidth, height: image.naturalHeight });
    show(board);
  });
  canvas.addEventListener("pointerdown", (event) => down(board, event));
  undo.addEventListener("click", () => change(board, board.strokes.slice(0, -1)));
  clear.addEventListener("click", () => change(board, []));
  return board;
}

function down(board, event) {
  if (event.button || board.strokes.length >= MOST) return;
  const { canvas, whole, brush } = board;
  event.preventDefault();
  canvas.setPointerCapture(event.pointerId);
  const stroke = { width: Math.round(brush.value * whole / 100), points: [] };
  board.strokes.push(stroke);
  const to = (each) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const at = [(each.clientX - left) / width, (each.clientY - top) / height];
    stroke.points.push(...at.map((part) => Math.round(whole * Math.min(1, Math.max(0, part)))));
    show(board);
  };
  const up = (event) => {
    if (event.type === "pointerup") to(event);  // a busy browser may send no move before it
    canvas.removeEventListener("pointermove", to);
    canvas.removeEventListener("pointerup", up);
    canvas.removeEventListener("pointercancel", up);
    board.tell(board.strokes);
  };
  to(event);
  canvas.addEventListener("pointermove", to);
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
}

function change(board, strokes) {
  board.strokes = strokes;
  show(board);
  board.tell(strokes);
}

function show({ canvas, strokes, whole, undo, clear }) {
  const { width, height } = canvas;
  const brush = canvas.getContext("2d");
  brush.clearRect(0, 0, width, height);
  Object.assign(brush, { lineCap: "round", lineJoin: "round", strokeStyle: "#e0218a" });
  for (const stroke of strokes) {
    brush.lineWidth = Math.max(1, stroke.width * width / whole);
    brush.beginPath();
    for (let at = 0; at < stroke.points.length; at += 2) {
      const [x, y] = [stroke.points[at] * width / whole, stroke.points[at + 1] * height / whole];
      if (at) brush.lineTo(x, y);
      else { brush.moveTo(x, y); brush.lineTo(x, y + .01); }
    }
    brush.stroke();
  }
  undo.disabled = clear.disabled = !strokes.length;
}
