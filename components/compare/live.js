// The figures on the head of a lane, updated while its answer arrives, and the tabs of the lanes on a narrow screen.
// Words are counted as in backend/compare/verdict.py; when an answer has ended, the page sends the final figures.

const TICK = 200;  // ms between two looks at whether something has arrived
const WRITING = 500;  // ms between two counts of what has: all of it is looked through
const UNSPACED = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]/g;

const make = (tag, className, ...children) => {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
};
const filled = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const seconds = (value) => value.toFixed(value < 1 ? 2 : 1);

function wordCount(text) {
  const unspaced = text.match(UNSPACED)?.length ?? 0;
  return (text.replace(UNSPACED, " ").match(/\S+/g)?.length ?? 0) + Math.ceil(unspaced / 2);
}

/** The text of a running answer so far, as the view has drawn it. */
function arrived(message) {
  const element = document.querySelector(`.pg-message[data-message="${message}"]`);
  return [...(element?.querySelectorAll(".pg-text, .pg-reasoning > div") ?? [])].map((part) => part.textContent).join(" ");
}

function show(root, { running, first, speed, cost, state, done, now }, words) {
  const parts = [];
  if (first !== null) parts.push(filled(words.first, { seconds: seconds(first) }));
  else if (running) parts.push(filled(words.waits, { seconds: now.toFixed(1) }));
  if (speed) parts.push(filled(words.speed, { speed: speed < 10 ? speed.toFixed(1) : speed.toFixed(0) }));
  if (cost) parts.push(cost);
  if (!running && !done) parts.unshift(state);
  const line = parts.join(" · ");
  if (root.shown === line) return;
  root.shown = line;
  root.replaceChildren(make("span", "lane-line", line));
}

function figures(root, lane, words) {
  if (!lane.running) return show(root, lane, words);
  const began = performance.now() - lane.elapsed * 1000;
  let { first } = lane;
  const look = () => {
    const now = (performance.now() - began) / 1000;
    const count = wordCount(arrived(lane.message));
    if (first === null && count) first = now;
    const written = first === null ? 0 : now - first;
    show(root, { ...lane, first, now, speed: written > 0.5 && count > 1 ? count / written : 0 }, words);
    root.timer = setTimeout(look, first === null ? TICK : WRITING);
  };
  look();
  return undefined;
}

const SIGNS = { running: "…", done: "✓", stopped: "■", failed: "!", interrupted: "■", "": "○" };
const laneOf = (name) => document.querySelector(`.st-key-${name}`);

function tabs(root, lanes, words) {
  const row = make("nav", "lane-row");
  row.setAttribute("aria-label", words.lanes);
  for (const { lane, name, short, state } of lanes) {
    const sign = make("span", "lane-sign", SIGNS[state]);
    sign.setAttribute("aria-hidden", "true");
    const shown = make("span", "lane-name", short);
    shown.setAttribute("aria-hidden", "true");  // screen readers get it in full
    const tab = make("button", "lane-tab", shown, sign, make("span", "lane-said", `${name}, ${words.states[state] ?? words.unasked}`));
    tab.title = name;
    tab.type = "button";
    tab.dataset.lane = lane;
    tab.dataset.state = state;
    tab.addEventListener("click", () => laneOf(lane)?.scrollIntoView({ inline: "start", block: "nearest", behavior: "smooth" }));
    row.append(tab);
  }
  root.replaceChildren(row);
  follow(root, row);
}

/** Marks the tab of the visible lane. */
function follow(root, row) {
  const track = document.querySelector(".st-key-lanes");
  if (!track) {
    root.later = setTimeout(follow, TICK, root, row);  // it is drawn after the tabs
    return;
  }
  const mark = () => {
    const left = track.getBoundingClientRect().left;
    const away = (tab) => Math.abs((laneOf(tab.dataset.lane)?.getBoundingClientRect().left ?? 1e9) - left);
    const seen = [...row.children].sort((one, other) => away(one) - away(other))[0];
    for (const tab of row.children) {
      if (tab === seen) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    }
  };
  root.unfollow?.();
  track.addEventListener("scroll", mark, { passive: true });
  root.unfollow = () => track.removeEventListener("scroll", mark);
  mark();
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".lane-live") ?? parentElement.appendChild(make("div", "lane-live"));
  clearTimeout(root.timer);
  clearTimeout(root.later);
  const [kind, content, words] = data;
  if (kind === "figures") figures(root, content, words);
  else tabs(root, content, words);
  return () => {
    clearTimeout(root.timer);
    clearTimeout(root.later);
    root.unfollow?.();
  };
}
