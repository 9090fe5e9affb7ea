// Shows one talker on the three maps of a floor. Without it the page shows the clearest talker of all zones.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const STEPS = 7;
const floors = JSON.parse(document.getElementById("talkers").textContent);
/** What each map showed first. */
const first = new Map();
for (const heat of document.querySelectorAll(".sti-map .heat")) first.set(heat, [...heat.childNodes]);

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** Rectangles over the cells of one step, as one path; neighbours in a row are one rectangle. */
function outline(digits, [west, south, width, height], step, cell, corner) {
  let path = "";
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const start = column;
      while (column < width && digits[row * width + column] === String(step)) column++;
      if (column === start) continue;
      const [x, y] = [corner.x + (west + start) * cell, corner.y - (south + row + 1) * cell];
      path += `M${x.toFixed(3)} ${y.toFixed(3)}h${(column - start) * cell}v${cell}h${-(column - start) * cell}z`;
    }
  }
  return path;
}

function show(floor, zone) {
  const { cell, talkers } = floors[floor.dataset.floor];
  const talker = talkers[zone];
  for (const map of floor.querySelectorAll(".sti-map")) {
    const heat = map.querySelector(".heat");
    map.querySelector(".talker")?.remove();
    if (!talker) {
      heat.replaceChildren(...first.get(heat));
      continue;
    }
    const box = map.querySelector("polygon.floor").getBBox();
    const corner = { x: box.x, y: box.y + box.height };
    heat.replaceChildren();
    for (let step = 0; step < STEPS; step++) {
      const d = outline(talker.steps[map.dataset.masking], talker.window, step, cell, corner);
      if (d) heat.append(element("path", { class: `s${step}`, d }));
    }
    const [x, y] = talker.at;
    map.querySelector("svg").append(element("circle", { class: "talker", cx: corner.x + x, cy: corner.y - y, r: 0.42 }));
  }
}

for (const floor of document.querySelectorAll(".floor[data-floor]")) {
  const select = floor.querySelector("[data-talker]");
  select.addEventListener("change", () => show(floor, select.value));
  for (const zone of floor.querySelectorAll(".zone")) {
    zone.addEventListener("click", () => {
      select.value = select.value === zone.dataset.zone ? "" : zone.dataset.zone;
      show(floor, select.value);
    });
  }
}
