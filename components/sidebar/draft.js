// What is set by hand before a chat has begun, in this browser tab's own storage: after a reload the app gets it back
// once. Of a chat that has begun it is kept with its messages, and nothing of it is here.

const NAME = "playground.draft.settings"; // components/view/src/transcript/message_box.js forgets all of that beginning
let known = ""; // the session of the app that was heard of last
let offered = ""; // the one that was asked to take it

const stored = (act) => {
  try {
    return act(sessionStorage);
  } catch {
    return null; // a browser that keeps nothing
  }
};

export default function ({ data, setTriggerValue }) {
  const kept = data.heard || known === data.tab ? null : stored((all) => all.getItem(NAME));
  known = data.tab;
  if (kept) {
    offered = data.tab;
    setTriggerValue("draft", kept);
  } else if (data.heard || offered !== data.tab) {
    const text = JSON.stringify(data.values);
    stored((all) => (text === "{}" ? all.removeItem(NAME) : all.setItem(NAME, text)));
  }
}
