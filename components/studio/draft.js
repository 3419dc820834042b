// What is typed into the form, in this browser tab's own storage: it is there again after a reload, as the draft of
// the chat is. The app gets it back once, and checks it like anything that comes from a browser.

const NAME = "playground.draft.studio";  // components/view/src/transcript/composer.js forgets all of that beginning
const LONGEST = 500_000;  // characters of all that is kept
let known = {};  // the fields in view: the class of each, and its name
let sent = false;

const kept = () => {
  try {
    return JSON.parse(sessionStorage.getItem(NAME) ?? "{}");
  } catch {
    return {};
  }
};

function keep(values) {
  const text = JSON.stringify(values);
  if (text.length > LONGEST) return;
  if (text === "{}") sessionStorage.removeItem(NAME);
  else sessionStorage.setItem(NAME, text);
}

/** What is typed counts from the first letter on: the app hears of them when the field is left. */
function typed({ target }) {
  const field = target.closest?.('[class*="st-key-studio-"]');
  const name = field && [...field.classList].map((one) => known[one]).find(Boolean);
  if (!name || !target.matches("textarea, input[type=text]:not([role=combobox]), input[type=number]")) return;
  const { [name]: _, ...others } = kept();
  const value = target.type === "number" ? target.valueAsNumber : target.value;
  keep(value || value === 0 ? { ...others, [name]: value } : others);
}

const left = ({ target }) => {
  if (target.closest?.(".st-key-gate-leave")) sessionStorage.removeItem(NAME);
};

export default function ({ data, setTriggerValue }) {
  known = Object.fromEntries(data.names.map((name) => [`st-key-${name.replace(/[^a-zA-Z0-9_-]/g, "-")}`, name]));
  const before = kept();
  if (!data.heard && !sent && Object.keys(before).length) {
    sent = true;
    setTriggerValue("draft", before);
  } else if (data.heard || !sent) {
    keep(data.values);
  }
  document.addEventListener("input", typed, { capture: true, passive: true });
  document.addEventListener("click", left, { capture: true, passive: true });
  return () => {
    document.removeEventListener("input", typed, { capture: true });
    document.removeEventListener("click", left, { capture: true });
  };
}
