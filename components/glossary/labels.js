// Stores the visitor's choice in a cookie, and keeps Markdown out of labels. Without cookies the choice lasts
// until the tab is closed.
const YEAR = 365 * 24 * 60 * 60;  // seconds
const SMALL = /:gray\[:small\[([^\]]*)\]\]/g;  // as components/glossary/words.py writes it
let observer;

function remember({ name, chosen }) {
  const secure = window.location.protocol === "https:" ? "; Secure" : "";
  if (chosen) document.cookie = `${name}=${chosen}; Max-Age=${YEAR}; Path=/; SameSite=Lax${secure}`;
}

// Streamlit renders the Markdown of a label, but gives screen readers its source.
function tidy(root) {
  for (const element of root.querySelectorAll('[aria-label*=":small["]')) {
    element.setAttribute("aria-label", element.getAttribute("aria-label").replace(SMALL, "$1"));
  }
}

export default function ({ data }) {
  remember(data);
  observer?.disconnect();
  if (!data.simple) return;
  observer = new MutationObserver((changes) => { for (const { target } of changes) tidy(target.parentElement ?? target); });
  for (const part of document.querySelectorAll('[class*="st-key-sidebar-"]')) {
    tidy(part);
    observer.observe(part, { subtree: true, childList: true, attributes: true, attributeFilter: ["aria-label"] });
  }
}
