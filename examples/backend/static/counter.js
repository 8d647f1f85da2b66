// The counter: makes deliveries, and lets the played phone open doors.

const $ = (id) => document.getElementById(id);
const narrow = matchMedia("(max-width: 1080px)");
const stages = [...$("stages").children];

let deliveries = [];
let chosen = ""; // reference of the delivery that is shown
let busy = false;

async function ask(method, path, body) {
  const answer = await fetch(`_counter/${path}`, {
    method, headers: body ? { "Content-Type": "application/json" } : {}, body: body && JSON.stringify(body),
  }).catch(() => { throw new Error("The backend does not answer."); });
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.error?.message ?? "This could not be done.");
  return data;
}

const current = () => deliveries.find((d) => d.reference === chosen);

async function refresh() {
  const answer = await ask("GET", "deliveries");
  deliveries = answer.deliveries;
  if (!current()) chosen = deliveries[0]?.reference ?? "";
  suggest(`order-${1001 + answer.count}`);
  draw();
}

// suggest fills in a reference, unless the field has one.
let suggested = $("order-reference").value;
function suggest(reference) {
  const field = $("order-reference");
  if (field.value === suggested || !field.value.trim()) field.value = reference;
  suggested = reference;
}

function draw() {
  const d = current();
  $("trip").dataset.phase = d?.phase ?? "";
  $("trip-reference").textContent = d ? d.reference : "No delivery yet";
  drawDoor(d);
  const at = stages.findIndex((s) => s.dataset.phase === d?.phase);
  stages.forEach((s, i) => {
    s.classList.toggle("done", i <= at);
    if (i === at) s.setAttribute("aria-current", "step");
    else s.removeAttribute("aria-current");
  });
  // The phone opens a door once for each parcel.
  const can = { dropoff: d?.phase === "reserved" || d?.phase === "rented", pickup: d?.can.includes("pickup"), cancel: d?.can.includes("cancel") };
  for (const b of document.querySelectorAll("[data-do]")) b.setAttribute("aria-disabled", String(busy || !can[b.dataset.do]));
  $("order-new").setAttribute("aria-disabled", String(busy));
  drawRecent();
}

function drawDoor(d) {
  const door = $("trip-door");
  door.hidden = !d?.locker;
  if (!d?.locker) return;
  door.textContent = `Door ${d.locker.door}, ${d.locker.type}`;
  door.dataset.key = `${d.locker.tower}/${d.locker.locker}`;
  door.setAttribute("aria-label", `Show door ${d.locker.door} of ${d.reference}`);
}

function drawRecent() {
  const had = document.activeElement?.dataset?.reference;
  $("recent").replaceChildren(...deliveries.map((d) => {
    const li = document.createElement("li");
    const b = document.createElement("button");
    b.type = "button";
    b.dataset.reference = d.reference;
    b.dataset.phase = d.phase;
    b.title = `${d.reference}: ${d.phase.replace("_", " ")}`;
    b.setAttribute("aria-label", b.title);
    b.setAttribute("aria-pressed", String(d.reference === chosen));
    b.addEventListener("click", () => { chosen = d.reference; draw(); showDoor(); });
    li.append(b);
    if (had === d.reference) queueMicrotask(() => b.focus());
    return li;
  }));
}

function say(text, bad = false) {
  $("said").textContent = text;
  $("said").toggleAttribute("data-bad", bad);
}

// showDoor opens the panel of the wall, where it does not cover the page.
function showDoor(always = false) {
  const key = current()?.locker && $("trip-door").dataset.key;
  if (key && (always || !narrow.matches)) location.hash = `door=${key}`;
}

// work does one thing at a time and tells what came of it.
async function work(button, doing, what) {
  if (busy) return;
  busy = true;
  draw();
  button.setAttribute("aria-busy", "true");
  say(doing);
  try {
    const trip = await what();
    const last = trip.steps.findLast((s) => s.method === "POST");
    say(`Phone: ${last.method} ${last.path} – ${last.status}`);
  } catch (wrong) {
    say(wrong.message, true);
  }
  busy = false;
  button.removeAttribute("aria-busy");
  await refresh().catch((wrong) => say(wrong.message, true));
}

const doing = {
  dropoff: "The driver is at the tower …", pickup: "The customer is at the tower …", cancel: "Giving the locker back …",
};

for (const b of document.querySelectorAll("[data-do]")) {
  b.addEventListener("click", () => {
    if (b.getAttribute("aria-disabled") === "true") return;
    const reference = chosen;
    work(b, doing[b.dataset.do], () => ask("POST", `deliveries/${encodeURIComponent(reference)}/${b.dataset.do}`));
  });
}

$("order").addEventListener("submit", (e) => {
  e.preventDefault();
  const reference = $("order-reference").value.trim();
  work($("order-new"), "Looking for a locker …", async () => {
    const trip = await ask("POST", "deliveries", { reference, size: $("order-size").value });
    chosen = reference;
    $("order-reference").value = suggested; // for the next one
    return trip;
  }).then(() => showDoor());
});
$("trip-door").addEventListener("click", () => showDoor(true));

// What happens at a door may move a delivery. Several messages come at once: one look will do.
let look = 0;
document.addEventListener("wall", () => {
  clearTimeout(look);
  look = setTimeout(() => { if (!busy) refresh().catch(() => {}); }, 60);
});

// The truck.
const clock = (at) => at.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });

async function arrival() {
  const id = $("truck-customer").value;
  let a;
  try {
    a = await ask("GET", `customers/${encodeURIComponent(id)}`);
  } catch (wrong) {
    a = { failed: wrong.message };
  }
  if (id !== $("truck-customer").value) return; // another was chosen meanwhile
  put("eta", a.arrives_at ? clock(new Date(a.arrives_at)) : "–");
  put("eta-how", a.failed ?? how(a));
  put("eta-where", a.failed ? "" : where(a));
}

function put(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text; // a screen reader hears changes only
}

function how(a) {
  if (!a.arrives_at) return "no truck is on its way";
  const minutes = Math.round((new Date(a.arrives_at) - Date.now()) / 60000);
  const when = minutes < 0 ? `${-minutes} min late` : minutes < 1 ? "now" : `in ${minutes} min`;
  if (a.stops_ahead === null) return when;
  return `${when}, ${a.stops_ahead === 0 ? "next stop" : a.stops_ahead === 1 ? "1 stop before" : `${a.stops_ahead} stops before`}`;
}

function where(a) {
  if (a.confident) return "location: confident";
  return a.location ? `location: not confident (${a.location.kind})` : "location: none is known";
}

$("truck-customer").addEventListener("change", arrival);
setInterval(arrival, 30000);

refresh().catch((wrong) => say(wrong.message, true));
arrival();
