// The panel: what is known of one door, and what may happen to it next.

const panel = document.getElementById("panel");
const title = document.getElementById("panel-title");
const status = document.getElementById("panel-status");
const facts = document.getElementById("panel-facts");
const next = document.getElementById("panel-next");
const history = document.getElementById("panel-history");
const trouble = document.getElementById("panel-trouble");
const diagram = document.querySelector(".lifecycle");

// Where the panel covers the page, the diagram comes along.
const narrow = matchMedia("(max-width: 1080px)");
function placeDiagram() {
  const along = narrow.matches && locker !== "";
  document.getElementById(along ? "panel-life" : "life").append(diagram);
  document.getElementById("life").hidden = along;
}
narrow.addEventListener("change", placeDiagram);

let locker = "";
let asked = 0; // tells a late answer from the one that is awaited

export const chosen = () => locker;

export function showDoor(key, byKeyboard) {
  locker = key;
  trouble.textContent = "";
  refreshPanel(byKeyboard);
}

export function clearDoor(back = false) {
  if (!locker) return;
  const was = locker;
  locker = "";
  asked++;
  panel.dataset.empty = "";
  delete panel.dataset.locker;
  title.textContent = "No door chosen";
  lightDiagram("");
  placeDiagram();
  document.dispatchEvent(new CustomEvent("panel-closed", { detail: { locker: was, back } }));
}

export async function refreshPanel(takeFocus = false) {
  const mine = ++asked;
  let detail;
  try {
    const answer = await fetch(`_wall/doors/${locker}`);
    if (!answer.ok) throw new Error(answer.statusText);
    detail = await answer.json();
  } catch {
    if (mine === asked) trouble.textContent = "This door cannot be looked up now.";
    return;
  }
  if (mine !== asked) return;
  draw(detail);
  if (takeFocus) title.focus({ preventScroll: true });
}

function make(tag, className, ...children) {
  const el = document.createElement(tag);
  if (className) el.className = className;
  el.append(...children);
  return el;
}

function draw({ now, door, next: events, history: seen }) {
  delete panel.dataset.empty;
  panel.dataset.locker = `${door.tower}/${door.locker}`;
  panel.dataset.status = door.status;
  title.textContent = `Door ${door.number}`;
  status.dataset.legend = door.status;
  status.replaceChildren(icon(door.known ? door.status : "unknown"), make("span", "", door.label));
  drawFacts(now, door);
  drawNext(events);
  history.replaceChildren(...seen.map((h) => {
    const li = make("li", "", time(h.at), make("b", "", make("span", "dot"), h.label), make("span", "how", h.text));
    li.dataset.to = h.to;
    li.dataset.kind = h.kind;
    return li;
  }));
  lightDiagram(door.status);
  placeDiagram();
}

function drawFacts(now, door) {
  const rows = [
    ["Size", [door.size, door.low && "low"].filter(Boolean).join(", ")],
    ["Held by", door.owner],
    ["Until", door.until && `${clock(door.until)} (${left(now, door.until)})`],
    ["Door", door.door_open && "open"],
    ["Tower", door.unsynced && "waits for a phone to tell Harbor"],
    ["Locker", `${door.locker} at ${door.tower}`],
  ].filter(([, value]) => value);
  facts.replaceChildren(...rows.flatMap(([name, value]) => [make("dt", "", name), make("dd", "", value)]));
}

function drawNext(events) {
  const focused = document.activeElement?.dataset?.event;
  if (!events.length) {
    next.replaceChildren(make("li", "", "Nothing is known of this status."));
    return;
  }
  next.replaceChildren(...events.map((n) => {
    const to = make("span", "to", make("span", "dot"), n.to_label);
    const li = make("li", "");
    li.dataset.to = n.to;
    li.dataset.event = n.event;
    if (n.can) {
      const button = make("button", "", make("span", "", n.label), to);
      button.type = "button";
      button.dataset.event = n.event;
      button.addEventListener("click", () => act(n.event, button));
      li.append(button);
    } else {
      li.append(make("span", "", n.label), to);
    }
    const heat = (on) => () => hot(n.event, on);
    li.addEventListener("pointerenter", heat(true));
    li.addEventListener("pointerleave", heat(false));
    li.addEventListener("focusin", heat(true));
    li.addEventListener("focusout", heat(false));
    return li;
  }));
  if (focused) (next.querySelector(`button[data-event="${CSS.escape(focused)}"]`) ?? title).focus({ preventScroll: true });
}

// act asks the server to bring an event about.
async function act(event, button) {
  const key = locker;
  button.disabled = true;
  trouble.textContent = "";
  try {
    const answer = await fetch(`_wall/doors/${key}/events`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ event }),
    });
    if (!answer.ok) throw new Error((await answer.json()).detail);
  } catch (e) {
    if (locker === key) trouble.textContent = e.message || "This could not be done.";
  }
  button.disabled = false;
  if (locker === key) refreshPanel();
}

// lightDiagram shows where in its life the door is, and where it may go.
export function lightDiagram(current) {
  const targets = new Set();
  for (const a of diagram.querySelectorAll(".arrow")) {
    const out = a.dataset.from === current;
    a.classList.toggle("out", out);
    a.classList.remove("hot");
    if (out) targets.add(a.dataset.to);
  }
  for (const n of diagram.querySelectorAll(".node")) {
    n.classList.toggle("current", n.dataset.status === current);
    n.classList.toggle("target", targets.has(n.dataset.status));
  }
}

function hot(event, on) {
  for (const a of diagram.querySelectorAll(".arrow.out")) {
    a.classList.toggle("hot", on && a.dataset.events.split(" ").includes(event));
  }
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

function time(at) {
  const el = make("time", "", clock(at));
  el.dateTime = at;
  return el;
}

const clock = (at) => new Date(at).toLocaleTimeString();

function left(now, until) {
  const seconds = Math.round((new Date(until) - new Date(now)) / 1000);
  if (seconds <= 0) return "over";
  return seconds < 90 ? `${seconds} s left` : `${Math.round(seconds / 60)} min left`;
}

document.getElementById("panel-close").addEventListener("click", () => clearDoor(true));
document.addEventListener("keydown", (e) => { if (e.key === "Escape") clearDoor(true); });
