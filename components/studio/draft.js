// Stores the content of the form in this browser tab's session storage: it survives a reload, like the draft of
// the chat. The app gets it back once, and validates it like anything from a browser.

const NAME = "playground.draft.studio";  // components/view/src/transcript/message_box.js forgets all of that beginning
const LONGEST = 500_000;  // characters of all that is kept
const FIELD = "textarea, input[type=text]:not([role=combobox]), input[type=number]";
let known = {};  // the fields in view: the class of each, and its name
let unheard = {};  // what is typed and not with the app yet, by name
let sent = false;
let begun = false;

const stored = (act) => {
  try {
    return act(sessionStorage);
  } catch {
    return null;  // it is disabled, or full
  }
};

const kept = () => stored((all) => JSON.parse(all.getItem(NAME))) ?? {};

function keep(values) {
  const text = JSON.stringify(values);
  if (text.length > LONGEST) return;
  stored((all) => (text === "{}" ? all.removeItem(NAME) : all.setItem(NAME, text)));
}

const value = (field) => (field.type === "number" ? field.valueAsNumber || (field.value === "0" ? 0 : "") : field.value);

/** The filled-in fields; an empty field is left out. */
function whole(values) {
  const all = Object.entries({ ...values, ...unheard });
  return Object.fromEntries(all.filter(([, one]) => one || one === 0 || one === false));
}

/** Typed text is stored from the first letter on: the app gets it only when the field is left. */
function typed({ target }) {
  const field = target.closest?.('[class*="st-key-studio-"]');
  const name = field && [...field.classList].map((one) => known[one]).find(Boolean);
  if (!name || !target.matches(FIELD)) return;
  unheard[name] = value(target);
  keep(whole(kept()));
}

/** Text that was typed before this was loaded. */
function begin() {
  begun = true;
  for (const [place, name] of Object.entries(known)) {
    const field = document.getElementsByClassName(place)[0]?.querySelector(FIELD);
    if (field?.value) unheard[name] = value(field);
  }
}

const left = ({ target }) => {
  if (target.closest?.(".st-key-gate-leave")) stored((all) => all.removeItem(NAME));
};

// For as long as the tab is open: after a change of page one may type before the form's last element is drawn.
document.addEventListener("input", typed, { capture: true, passive: true });
document.addEventListener("click", left, { capture: true, passive: true });

export default function ({ data, setTriggerValue }) {
  known = Object.fromEntries(data.names.map((name) => [`st-key-${name.replace(/[^a-zA-Z0-9_-]/g, "-")}`, name]));
  if (!begun) begin();
  for (const name of Object.keys(unheard)) if (unheard[name] === (data.values[name] ?? "")) delete unheard[name];
  const before = whole(kept());
  if (!data.heard && !sent && Object.keys(kept()).length) {
    sent = true;
    setTriggerValue("draft", before);
  } else if (data.heard || !sent) {
    keep(whole(data.values));
  }
}
