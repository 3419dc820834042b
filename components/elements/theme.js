// Streamlit's front end stores a theme per path of the address. The choice is for the
// whole app, so it is stored here as well, and written to the entry of each path.
const CHOSEN = "playground-theme";
const NAMES = { System: "Custom Theme Auto", Light: "Custom Theme Light", Dark: "Custom Theme Dark" };
const SHAPES = {
  System: "M4 5h16v11H4zM9 20h6M12 16v4",
  Light: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2.5M12 19.5v2.5M2 12h2.5M19.5 12h2.5M5 5l1.7 1.7M17.3 17.3l1.7 1.7M5 19l1.7-1.7M17.3 6.7l1.7-1.7",
  Dark: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
};
const key = () => `stActiveTheme-${window.location.pathname}-v2`;

// A browser without storage still changes its colours, until the page is left.
function stored(name, value) {
  try {
    if (value !== undefined) window.localStorage.setItem(name, value);
    return window.localStorage.getItem(name);
  } catch {
    return null;
  }
}

// Streamlit's theme component: the first one below the root with a `theme` that can be set.
function holder() {
  const root = document.getElementById("root");
  const name = Object.keys(root ?? {}).find((own) => own.startsWith("__reactContainer$"));
  const top = name && root[name];
  const parts = top ? [top.stateNode?.current ?? top] : [];
  for (let place = 0; place < parts.length && place < 300; place += 1) {
    const theme = parts[place].memoizedProps?.theme;
    if (typeof theme?.setTheme === "function" && Array.isArray(theme.availableThemes)) return theme;
    for (let part = parts[place].child; part; part = part.sibling) parts.push(part);
  }
  return null;
}

function apply(choice) {
  const themes = holder();
  const theme = themes?.availableThemes.find((known) => known.name === NAMES[choice]);
  if (theme) themes.setTheme(theme);
  tell();
  return Boolean(theme);
}

// Streamlit sets `color-scheme` for the page and the sidebar, but not for overlays: dialogs, menus.
function tell() {
  requestAnimationFrame(() => requestAnimationFrame(() => {
    const page = document.querySelector("[data-testid=stApp]");
    if (page) document.documentElement.style.colorScheme = getComputedStyle(page).colorScheme;
  }));
}
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);

// The early sheet of the HTML page (early_style.py) is needed until st.html has brought the same one: two of them are slower.
function dropEarly() {
  const early = document.getElementById("early-style");
  if (!early) return;
  const sheets = [...document.body.querySelectorAll("style")];
  if (sheets.some(({ textContent }) => textContent.includes(".pg-skip"))) early.remove();
  else setTimeout(dropEarly, 250);
}
dropEarly();

// Stored for every path that Streamlit has a theme for, including this one.
function remember(choice) {
  stored(key(), JSON.stringify(choice));
  for (const name of paths()) stored(name, JSON.stringify(choice));
}

function paths() {
  try {
    return Object.keys(window.localStorage).filter((name) => /^stActiveTheme-.*-v2$/.test(name));
  } catch {
    return [];
  }
}

function choose(choice) {
  stored(CHOSEN, choice);
  remember(choice);
  if (!apply(choice)) window.location.reload(); // it reads what was stored
}

// A page whose path was never loaded is brought to the choice: at the next load it has it from the start. Streamlit
// may know its themes only a moment after it has drawn the first elements.
function settle(choice, tries = 40) {
  if (stored(CHOSEN) !== choice) return;
  if (holder()?.activeTheme?.name === NAMES[choice] || apply(choice)) remember(choice);
  else if (tries) setTimeout(settle, 50, choice, tries - 1);
}

function icon(choice) {
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  shape.setAttribute("d", SHAPES[choice]);
  picture.append(shape);
  return picture;
}

export default function ({ data, parentElement }) {
  const group = parentElement.querySelector("[role=group]");
  const [label, themes] = data;
  group.setAttribute("aria-label", label);
  const chosen = Object.hasOwn(NAMES, stored(CHOSEN)) ? stored(CHOSEN) : "System";
  if (stored(CHOSEN) === chosen) settle(chosen);
  const mark = (now) => {
    for (const button of group.children) button.setAttribute("aria-pressed", String(button.dataset.choice === now));
  };
  if (!group.children.length) {
    for (const [choice, name] of Object.entries(themes)) {
      const button = Object.assign(document.createElement("button"), { type: "button", title: name });
      button.dataset.choice = choice;
      button.setAttribute("aria-label", name);
      button.append(icon(choice));
      button.onclick = () => { choose(choice); mark(choice); };
      group.append(button);
    }
  }
  mark(chosen);
  tell();
}
