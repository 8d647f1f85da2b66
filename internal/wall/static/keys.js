// Arrow keys move among the doors of a tower, which is one stop of the Tab key.

const steps = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

export function moveFocus(e) {
  const door = e.target.closest(".door");
  if (!door || e.altKey || e.ctrlKey || e.metaKey) return;
  const bank = door.closest(".bank");
  const all = [...bank.querySelectorAll(".door")];
  let to;
  if (e.key === "Home") to = all[0];
  else if (e.key === "End") to = all[all.length - 1];
  else if (steps[e.key]) to = neighbour(door, bank, ...steps[e.key]);
  else return;
  e.preventDefault();
  if (!to) return;
  for (const d of all) d.tabIndex = d === to ? 0 : -1;
  to.focus();
}

// neighbour is the next door above or below, or the one beside whose middle is nearest.
function neighbour(door, bank, across, down) {
  const columns = [...bank.querySelectorAll(".column")].map((c) => [...c.querySelectorAll(".door")]);
  const at = columns.findIndex((c) => c.includes(door));
  if (down) return columns[at][columns[at].indexOf(door) + down];
  const beside = columns[at + across];
  if (!beside) return undefined;
  const middle = (d) => { const r = d.getBoundingClientRect(); return r.top + r.height / 2; };
  const here = middle(door);
  return beside.reduce((best, d) => (Math.abs(middle(d) - here) < Math.abs(middle(best) - here) ? d : best));
}
