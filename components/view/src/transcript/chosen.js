// Files that were chosen, dropped or pasted for the message box.

const MOST = 64;
const earlier = [];  // what came before anybody wanted to hear of it
let hear;

/** `listener` gets lists of files, also of those that came before. */
export function hearOfFiles(listener) {
  hear = listener;
  if (earlier.length) listener(earlier.splice(0));
}

function came(event) {
  if (!event.target.closest?.(".st-key-composer")) return;
  const files = [...(event.target.files ?? event.dataTransfer?.files ?? event.clipboardData?.files ?? [])];
  if (!files.length) return;
  if (hear) hear(files);
  else earlier.splice(0, earlier.length, ...[...earlier, ...files].slice(-MOST));
}

/** What is dropped beside the message box, and on nothing else that takes files, is meant for it. */
function beside({ target, dataTransfer }) {
  const input = document.querySelector('.st-key-composer input[type="file"]');
  const taken = target.closest?.('[data-testid="stChatInput"], [data-testid="stFileUploader"], [role="dialog"]');
  if (!input || input.disabled || taken || !dataTransfer?.files.length) return;
  input.files = dataTransfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

// What was chosen before this script was there.
for (const input of document.querySelectorAll('.st-key-composer input[type="file"]')) earlier.push(...[...input.files].slice(-MOST));
for (const kind of ["change", "drop", "paste"]) document.addEventListener(kind, came, { capture: true, passive: true });
document.addEventListener("drop", beside, { passive: true });
