// The script that Streamlit sends with each element. It loads the bundle once, from static/ beside the app: the address
// is derived from that of Streamlit's own script, so it is right for deep links and below a path prefix, too.
const OWN = /\/static\/js\/[^/]+\.js$/;

async function load() {
  const own = [...document.scripts].find((script) => script.src && OWN.test(new URL(script.src).pathname));
  const base = own ? new URL("../../app/static/", own.src) : new URL("app/static/", document.baseURI);
  const view = await import(new URL("view.js?VERSION", base).href);
  await view.ready;
  return view;
}

export default function (component) {
  window.playgroundView ??= load();
  window.playgroundView.then((view) => view.segment(component), () => {
    window.playgroundView = undefined;  // to be tried again; until then at least the words are there
    const { items = [] } = JSON.parse(new TextDecoder().decode(component.data));
    for (const before of component.parentElement.querySelectorAll(".pg-plain")) before.remove();
    const plain = ({ text = "" }) => Object.assign(document.createElement("p"), { className: "pg-plain", textContent: text });
    component.parentElement.append(...items.map(plain));
  });
}
