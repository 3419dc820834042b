// Stores the typed settings of a chat without messages in sessionStorage, and returns them once after a reload.
// A chat with messages saves its settings with them.

const NAME = "playground.draft.settings"; // components/view/src/transcript/message_box.js deletes every draft by this prefix
let known = ""; // id of the last seen session
let offered = ""; // id of the session that the stored values were sent to

const stored = (act) => {
  try {
    return act(sessionStorage);
  } catch {
    return null; // storage is disabled
  }
};

export default function ({ data, setTriggerValue }) {
  const kept = data.heard || known === data.tab ? null : stored((all) => all.getItem(NAME));
  known = data.tab;
  if (kept) {
    offered = data.tab;
    setTriggerValue("draft", kept);
  } else if (data.heard || offered !== data.tab) {
    stored((all) => (data.values === "{}" ? all.removeItem(NAME) : all.setItem(NAME, data.values)));
  }
}
