// Prints a document of its own, not the app around it. It stands in a frame that is here but not to be seen:
// a frame without a place in the page (display: none) is not printed by every browser.
let frame;

export default function ({ data }) {
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
  frame.srcdoc = data.html;
  document.body.append(frame);
  return () => frame.remove();
}
