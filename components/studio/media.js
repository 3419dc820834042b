// Pictures, players and links to files. Every name comes from elsewhere and goes in by textContent; addresses are of
// this app, made on the server.

const element = (tag, className, text = "") => Object.assign(document.createElement(tag), { className, textContent: text });

/** An address below that of the app: its pages lie side by side. */
const address = (url) => new URL(url, location.href).href;

const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

export default function ({ data, parentElement }) {
  const drawn = JSON.stringify(data.files.map(({ url }) => url));
  let root = parentElement.querySelector(".files");
  if (root?.dataset.drawn === drawn) return;  // a player goes on playing
  root?.remove();
  root = element("div", "files");
  root.dataset.drawn = drawn;
  root.append(...data.files.map((file) => card(file, data.words)));
  parentElement.append(root);
}

function card(file, words) {
  const figure = element("figure", file.show);
  if (file.show !== "none") figure.append(player(file));
  const link = element("a", "download", `${words.download} · ${file.name.split(".").pop().toUpperCase()}, ${size(file.bytes)}`);
  link.href = address(file.url);
  link.download = file.name;
  const caption = document.createElement("figcaption");
  caption.append(link);
  figure.append(caption);
  return figure;
}

function player(file) {
  if (file.show === "image") {
    const picture = document.createElement("img");
    Object.assign(picture, { src: address(file.url), alt: file.name, loading: "lazy", decoding: "async", tabIndex: 0 });
    const grow = () => picture.classList.toggle("whole");
    picture.addEventListener("click", grow);
    picture.addEventListener("keydown", (event) => { if (event.key === "Enter") grow(); });
    return picture;
  }
  const media = document.createElement(file.show);
  Object.assign(media, { src: address(file.url), controls: true, preload: "metadata", title: file.name });
  if (file.show === "video") media.playsInline = true;
  return media;
}
