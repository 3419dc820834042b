// Pictures, players and links to files. Every name is untrusted and set by textContent; addresses are of
// this app, made on the server.

const element = (tag, className, text = "") => Object.assign(document.createElement(tag), { className, textContent: text });

const PATIENCE = 20_000;  // milliseconds for a step of taking a frame
const LAST = .05;  // seconds before the end: at the very end some browsers show nothing
const SIDE = 2_048;  // pixels of a frame at most

/** An address relative to that of the app: all pages are at the same level. */
const address = (url) => new URL(url, location.href).href;

const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

export default function ({ data, parentElement, setTriggerValue }) {
  const drawn = JSON.stringify(data.files.map(({ url, before, boxes, frame }) => [url, before, boxes, frame]));
  let root = parentElement.querySelector(".files");
  if (root?.dataset.drawn === drawn) {  // a player goes on playing
    const figures = root.querySelectorAll("figure");
    data.files.forEach((file, at) => file.show === "frame" || label(figures[at], file, data.words));
    root.tell = (picture) => setTriggerValue("frame", picture);
    return;
  }
  root?.remove();
  root = element("div", "files");
  root.dataset.drawn = drawn;
  root.tell = (picture) => setTriggerValue("frame", picture);
  root.append(...data.files.flatMap((file) => [card(file, data), ...(file.before ? [compare(file, data.words)] : [])]));
  parentElement.append(root);
}

function card(file, { words, play, viewer }) {
  const figure = element("figure", file.show);
  if (file.show === "frame") {
    figure.style.aspectRatio = file.shape;
    figure.style.width = `${Math.min(10, 14 * file.shape)}rem`;
    return figure;
  }
  if (file.show === "mesh") figure.append(mesh(file, viewer, words));
  else if (file.show !== "none") figure.append(player(file, words));
  if (play && file.show === "audio") figure.firstChild.autoplay = true;
  figure.append(document.createElement("figcaption"));
  label(figure, file, words);
  if (file.frame) figure.append(...goOn(figure.firstChild, words));
  return figure;
}

/** A button that extracts the last frame of a clip; an error is shown beside it. */
function goOn(clip, words) {
  const button = Object.assign(element("button", "go-on", words.goOn), { type: "button" });
  const said = element("p", "said");
  said.setAttribute("role", "status");
  button.addEventListener("click", () => {
    button.disabled = true;
    said.textContent = words.taking;
    lastFrame(clip.src).then((picture) => {
      said.textContent = "";
      button.closest(".files")?.tell(picture);
    }, () => { said.textContent = words.untaken; }).finally(() => { button.disabled = false; });
  });
  return [button, said];
}

/** The last frame of a clip as a data URI, from a separate player: the visible one keeps its position. */
async function lastFrame(url) {
  const clip = Object.assign(document.createElement("video"), { muted: true, playsInline: true, preload: "auto" });
  const once = (name) => new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no ${name}`)), PATIENCE);
    const end = (settle) => (event) => { clearTimeout(late); settle(event); };
    clip.addEventListener(name, end(resolve), { once: true });
    clip.addEventListener("error", end(reject), { once: true });
  });
  try {
    const ready = once("loadeddata");
    clip.src = url;
    await ready;
    const seeked = once("seeked");
    clip.currentTime = Number.isFinite(clip.duration) ? Math.max(0, clip.duration - LAST) : 1e7;  // past the end: the end
    await seeked;
    const { videoWidth: width, videoHeight: height } = clip;
    if (!width || !height) throw new Error("no picture");
    const part = Math.min(1, SIDE / Math.max(width, height));
    const sheet = Object.assign(document.createElement("canvas"), { width: Math.round(width * part), height: Math.round(height * part) });
    sheet.getContext("2d").drawImage(clip, 0, 0, sheet.width, sheet.height);
    return sheet.toDataURL("image/jpeg", .95);
  } finally {
    clip.removeAttribute("src");
    clip.load();
  }
}

/** A picture with rectangles over it (OCR): a click on one, or Enter, shows its text below. A single Tab stop. */
function boxed(picture, { boxes, pixels }, words) {
  const sheet = element("div", "sheet");
  const said = element("p", "words");
  said.setAttribute("role", "status");
  sheet.setAttribute("role", "group");
  sheet.setAttribute("aria-label", words.boxes);
  const marks = boxes.map(([left, top, right, bottom, text], at) => {
    const mark = Object.assign(element("button", "mark"), { type: "button", tabIndex: at ? -1 : 0 });
    const name = words.box.replace("{number}", at + 1).replace("{count}", boxes.length);
    mark.setAttribute("aria-label", name);
    mark.title = text.slice(0, 200);
    mark.put = (wide, high) => Object.assign(mark.style, { left: `${100 * left / wide}%`, top: `${100 * top / high}%`,
      width: `${100 * Math.max(0, Math.min(right, wide) - left) / wide}%`, height: `${100 * Math.max(0, Math.min(bottom, high) - top) / high}%` });
    mark.addEventListener("click", () => {
      marks.forEach((other) => other.setAttribute("aria-pressed", other === mark));
      said.replaceChildren(element("b", "", `${name}: `), text);
    });
    return mark;
  });
  const put = () => marks.forEach((mark) => (pixels ? mark.put(picture.naturalWidth, picture.naturalHeight) : mark.put(1000, 1000)));
  if (!pixels || picture.complete) put();
  picture.addEventListener("load", put);
  sheet.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const from = marks.indexOf(event.target);
    if (!step || from < 0) return;
    event.preventDefault();
    const to = marks[(from + step + marks.length) % marks.length];
    marks[from].tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  });
  sheet.append(picture, ...marks);
  const whole = element("div", "page");
  whole.append(sheet, said);
  return whole;
}

/** Before-and-after slider of a picture and its source: by mouse, touch, or the usual keys of a slider. */
function compare(file, words) {
  const box = element("div", "compare");
  const after = image(file.url, words.after, "after");
  const before = image(file.before, words.before, "before");
  const line = element("div", "line");
  const slider = Object.assign(document.createElement("input"), { type: "range", min: 0, max: 100, value: 50 });
  slider.setAttribute("aria-label", words.compare);
  const put = () => {
    before.style.clipPath = `inset(0 ${100 - slider.value}% 0 0)`;
    line.style.left = `${slider.value}%`;
    slider.setAttribute("aria-valuetext", words.share.replace("{share}", slider.value));
  };
  slider.addEventListener("input", put);
  after.addEventListener("load", () => box.style.setProperty("--ratio", after.naturalWidth / after.naturalHeight));
  box.append(after, before, element("span", "tag left", words.before), element("span", "tag right", words.after), line, slider);
  put();
  return box;
}

function image(url, alt, className) {
  return Object.assign(document.createElement("img"), { src: address(url), alt, className, decoding: "async" });
}

/** A picture in full size over the page, until it is clicked or Escape is pressed. */
function whole(picture, words) {
  const dialog = element("dialog", "whole");
  dialog.setAttribute("aria-label", picture.alt);
  const large = Object.assign(picture.cloneNode(), { tabIndex: -1 });
  const close = Object.assign(element("button", "close", "\u00d7"), { type: "button" });
  close.setAttribute("aria-label", words.close);
  dialog.append(large, close);
  dialog.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  picture.after(dialog);
  dialog.showModal();
}

/** The line under a file: a download link, or a note that it is still arriving. */
function label(figure, file, words) {
  const caption = figure.querySelector("figcaption");
  if (file.growing) return caption.replaceChildren(words.arrives);
  const text = `${words.download} · ${file.name.split(".").pop().toUpperCase()}, ${size(file.bytes)}`;
  if (caption.textContent === text) return undefined;
  const link = element("a", "download", text);
  link.href = address(file.url);
  link.download = file.name;
  return caption.replaceChildren(link);
}

/** The viewer is a megabyte: it is loaded when the first mesh comes into view. */
function mesh(file, viewer, words) {
  const place = element("div", "viewer");
  const draw = () => import(new URL(viewer, statics()).href).then(
    (module) => place.replaceChildren(module.mesh(address(file.url), file.name), element("p", "turn", words.turn)),
    (error) => {
      console.warn("The viewer of meshes could not be loaded", error);
      place.replaceChildren(words.undrawn);
      place.classList.add("turn");
    },
  );
  const seen = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) return;
    seen.disconnect();
    if (drawnByProcessor()) slowly(place, draw, words);
    else draw();
  });
  seen.observe(place);
  return place;
}

/** Without a graphics card the first frame of a mesh blocks the whole page: 10 s on two busy cores. So the visitor is asked. */
function slowly(place, draw, words) {
  const button = Object.assign(element("button", "go-on", words.draw), { type: "button" });
  button.addEventListener("click", () => {
    button.disabled = true;
    setTimeout(() => draw().then(() => place.firstChild.focus?.()), 50);  // it is seen to be pressed first
  }, { once: true });
  place.append(element("p", "turn", words.slow), button);
}

/** Names of software renderers in Chromium, Mesa and Windows; a browser may hide the name of a card. */
function drawnByProcessor() {
  const graphics = document.createElement("canvas").getContext("webgl2");
  const named = graphics?.getExtension("WEBGL_debug_renderer_info")?.UNMASKED_RENDERER_WEBGL ?? graphics?.RENDERER;
  const name = String(graphics?.getParameter(named) ?? "");
  graphics?.getExtension("WEBGL_lose_context")?.loseContext();
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
}

/** The address of static/, derived from that of Streamlit's own script, so that a path prefix is included. */
function statics() {
  const own = [...document.scripts].find(({ src }) => src && /\/static\/js\/[^/]+\.js$/.test(new URL(src).pathname));
  return own ? new URL("../../app/static/", own.src) : new URL("app/static/", document.baseURI);
}

function player(file, words) {
  if (file.show === "image") {
    const picture = image(file.url, file.name, "");
    Object.assign(picture, { loading: "lazy", tabIndex: 0 });
    picture.addEventListener("click", () => whole(picture, words));
    picture.addEventListener("keydown", (event) => { if (event.key === "Enter") whole(picture, words); });
    return file.boxes ? boxed(picture, file, words) : picture;
  }
  const media = document.createElement(file.show);
  Object.assign(media, { src: address(file.url), controls: true, preload: "metadata", title: file.name });
  if (file.show === "video") media.playsInline = true;
  return media;
}
