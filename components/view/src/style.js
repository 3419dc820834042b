// Loads the style sheets beside this script, once, at an address independent of the page's.

const sheets = new Map();

/** Resolves when the sheet is there, or cannot be had. */
export function addSheet(name) {
  if (!sheets.has(name)) {
    sheets.set(name, new Promise((resolve) => {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.href = new URL(name + new URL(import.meta.url).search, import.meta.url).href; // a new bundle, a new sheet
      link.onload = link.onerror = () => resolve();
      document.head.append(link);
    }));
  }
  return sheets.get(name);
}

export const addStyle = () => addSheet("view.css");
