// A conversation as a separate page, to print or to save: Python's page, with its texts as the view renders them,
// formulas as MathML. If the view is not loaded, the page is used as Python made it.
let frame;

async function drawn({ html, texts }) {
  const view = await window.playgroundView?.catch(() => undefined);
  if (!view) return html;
  const page = new DOMParser().parseFromString(html, "text/html");
  const places = [...page.querySelectorAll(".prose")];
  for (const [at, text] of texts.entries()) {
    if (places[at]) places[at].innerHTML = await view.renderToHTML(text, { id: `text-${at}` });
  }
  return `<!doctype html>\n${page.documentElement.outerHTML}\n`;
}

// It is in an invisible frame with a layout: not every browser prints a frame with display: none.
function print(html) {
  const name = document.title;
  frame?.remove();  // of the time before: the same conversation may be printed twice
  frame = document.createElement("iframe");
  Object.assign(frame.style, { position: "fixed", width: "0", height: "0", border: "0", visibility: "hidden" });
  frame.title = "Print";
  frame.onload = () => {
    const page = frame.contentWindow;
    page.onbeforeprint = () => { document.title = page.document.title; };  // what the PDF is called
    page.onafterprint = () => { document.title = name; };
    page.print();
  };
  frame.srcdoc = html;
  document.body.append(frame);
}

function save(html, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([html], { type: "text/html" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

let done;  // a click is done once, however often the page is drawn

export default function ({ data }) {
  if (data.at === done) return undefined;
  done = data.at;
  drawn(data).then((html) => (data.name ? save(html, data.name) : print(html)));
  return () => frame?.remove();
}
