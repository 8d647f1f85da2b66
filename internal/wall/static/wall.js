// Keeps the doors as the stream of events tells. The server has drawn them already.
import { clearDoor, lightDiagram, refreshPanel, showDoor, chosen } from "./panel.js";
import { moveFocus } from "./keys.js";

const towers = document.getElementById("towers");
const live = document.getElementById("live");
const liveText = document.getElementById("live-text");
const announce = document.getElementById("announce");
const news = document.getElementById("news");

const shownOpen = 700; // ms for which a door is seen open at least
const quickNews = 40;

const doorOf = (key) => towers.querySelector(`[data-locker="${CSS.escape(key)}"]`);
const keyOf = (door) => `${door.tower}/${door.locker}`;

// paint puts a door's state on its button.
function paint(door, fresh) {
  const el = doorOf(keyOf(door));
  if (!el) return;
  const icon = door.known ? door.status : "unknown";
  if (el.dataset.status !== door.status) {
    el.dataset.status = door.status;
    el.querySelector(".label").textContent = door.label;
    if (fresh) {
      delete el.dataset.fresh;
      void el.offsetWidth; // lets the animation start anew
      el.dataset.fresh = "";
    }
  }
  if (el.dataset.icon !== icon) {
    el.dataset.icon = icon;
    el.querySelector(".icon use").setAttribute("href", `#i-${icon}`);
  }
  el.toggleAttribute("data-unsynced", door.unsynced);
  swing(el, door.door_open);
  if (el.getAttribute("aria-label") !== door.text) el.setAttribute("aria-label", door.text);
}

// swing opens or shuts a door. One that was open for a blink only is shown for a moment.
const openedAt = new WeakMap();
function swing(el, open) {
  if (open) {
    if (!el.hasAttribute("data-open")) openedAt.set(el, performance.now());
    el.toggleAttribute("data-open", true);
    return;
  }
  if (!el.hasAttribute("data-open")) return;
  const since = openedAt.get(el) ?? 0;
  const shut = () => { if (openedAt.get(el) === since || !since) el.removeAttribute("data-open"); };
  setTimeout(shut, Math.max(0, shownOpen - (performance.now() - since)));
}

function count() {
  const all = new Map();
  for (const tower of towers.querySelectorAll(".tower")) {
    const doors = tower.querySelectorAll(".door");
    let free = 0;
    for (const d of doors) {
      all.set(d.dataset.status, (all.get(d.dataset.status) ?? 0) + 1);
      if (d.dataset.status === "available") free++;
    }
    tower.querySelector("[data-free]").textContent = `${free} of ${doors.length} free`;
  }
  for (const item of document.querySelectorAll(".legend [data-legend]")) {
    item.querySelector("b").textContent = all.get(item.dataset.legend) ?? 0;
  }
}

async function snapshot(state) {
  const shape = towers.querySelector("[data-shape]").dataset.shape;
  if (state.shape !== shape) {
    const answer = await fetch("_wall/towers");
    if (answer.ok) {
      towers.innerHTML = await answer.text();
      if (chosen() && !doorOf(chosen())) clearDoor();
      mark();
    }
  }
  for (const tower of state.towers) for (const door of tower.doors) paint(door, false);
  count();
  say(state.stale ? "stale" : "yes");
  if (chosen()) refreshPanel();
}

function change(c) {
  paint(c.door, true);
  count();
  if (c.text) {
    tell(c);
    announce.textContent = `${c.text}.`;
  }
  if (chosen() === keyOf(c.door)) refreshPanel();
}

function tell(c) {
  news.querySelector(".none")?.remove();
  const li = document.createElement("li");
  li.dataset.to = c.door.status;
  const time = document.createElement("time");
  time.dateTime = c.now;
  time.textContent = new Date(c.now).toLocaleTimeString();
  const text = document.createElement("span");
  text.textContent = c.text;
  li.append(time, text);
  news.prepend(li);
  while (news.children.length > quickNews) news.lastChild.remove();
}

const words = { yes: "live", no: "reconnecting", stale: "source is silent", waiting: "connecting" };
function say(how) {
  if (live.dataset.live === how) return;
  live.dataset.live = how;
  liveText.textContent = words[how];
}

// mark shows which door the panel is about.
function mark() {
  for (const el of towers.querySelectorAll('[aria-pressed="true"]')) el.setAttribute("aria-pressed", "false");
  const el = chosen() ? doorOf(chosen()) : null;
  el?.setAttribute("aria-pressed", "true");
  return el;
}

// choose opens the panel. The address names the door, so that it can be passed on.
function choose(key, takeFocus) {
  showDoor(key, takeFocus);
  mark()?.scrollIntoView({ block: "nearest" }); // where the panel does not cover it
  history.replaceState(null, "", `#door=${key}`);
}

function chooseByAddress() {
  const key = location.hash.startsWith("#door=") ? location.hash.slice(6) : "";
  if (key && key !== chosen() && doorOf(key)) choose(key, false);
}

// Events are taken one after the other, even where one has to fetch something.
let turn = Promise.resolve();
const done = (data) => document.dispatchEvent(new CustomEvent("wall", { detail: data })); // for what else is on the page
const inTurn = (work) => (e) => {
  const data = JSON.parse(e.data);
  turn = turn.then(() => work(data)).then(() => done(data)).catch((wrong) => { reportError(wrong); say("no"); });
};

function listen() {
  const stream = new EventSource("_wall/stream");
  stream.addEventListener("snapshot", inTurn(snapshot));
  stream.addEventListener("change", inTurn(change));
  stream.onopen = () => say(live.dataset.live === "stale" ? "stale" : "yes");
  stream.onerror = () => {
    say("no");
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 5000); // the browser has given up
  };
}

towers.addEventListener("click", (e) => {
  const door = e.target.closest(".door");
  if (!door) return;
  choose(door.dataset.locker, e.detail === 0); // 0: by the keyboard
});
towers.addEventListener("keydown", moveFocus);
towers.addEventListener("animationend", (e) => e.target.closest(".door")?.removeAttribute("data-fresh"));

document.addEventListener("panel-closed", (e) => {
  mark();
  history.replaceState(null, "", location.pathname + location.search);
  if (e.detail.back) doorOf(e.detail.locker)?.focus();
});

window.addEventListener("hashchange", chooseByAddress);

lightDiagram("");
chooseByAddress();
listen();
