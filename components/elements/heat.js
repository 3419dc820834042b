// Pieces of untrusted text: each is set by textContent, so none is interpreted as HTML.
export default function ({ data, parentElement, setStateValue }) {
  const place = parentElement.querySelector(".text");
  const [pieces, chosen, clickable] = data;
  place.replaceChildren(...pieces.map((piece, at) => {
    const tag = piece.kind === "added" ? "ins" : piece.kind === "removed" ? "del" : "span";
    const span = document.createElement(tag);
    span.textContent = piece.text;
    if (!clickable) return span;
    span.className = "token";
    span.style.setProperty("--much", piece.doubt);
    span.title = piece.tip;
    span.setAttribute("role", "button");
    span.setAttribute("aria-label", piece.tip);
    span.setAttribute("aria-pressed", at === chosen ? "true" : "false");
    span.tabIndex = at === (chosen ?? 0) ? 0 : -1;
    return span;
  }));
  if (!clickable) return;
  const choose = (span) => {
    place.querySelector('[aria-pressed="true"]')?.setAttribute("aria-pressed", "false");
    span.setAttribute("aria-pressed", "true");
    setStateValue("place", [...place.children].indexOf(span));
  };
  place.onclick = (event) => { if (event.target.matches(".token")) choose(event.target); };
  place.onkeydown = (event) => {  // one stop for the Tab key; the arrows walk from token to token
    const span = event.target;
    if (!span.matches?.(".token")) return;
    const next = { ArrowRight: span.nextSibling, ArrowLeft: span.previousSibling }[event.key];
    if (next) { span.tabIndex = -1; next.tabIndex = 0; next.focus(); event.preventDefault(); }
    if (event.key === "Enter" || event.key === " ") { choose(span); event.preventDefault(); }
  };
}
