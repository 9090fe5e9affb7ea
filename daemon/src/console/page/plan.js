// The floor plan: the drawing of the layout, with a tag of live values over each zone.

import { byId, el, icon } from "./dom.js";
import { fill } from "./zone.js";

const MARGIN_M = 0.2;
const SCALE_MARGIN_M = 1.1;

let faulty = new Set();

/** Draws a floor into the page. */
export async function drawFloor(floor, site) {
  const response = await fetch(`api/v1/layout.svg?floor=${encodeURIComponent(floor)}`);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  const drawing = document.importNode(new DOMParser().parseFromString(tame(text), "image/svg+xml").documentElement, true);
  for (const name of drawing.querySelectorAll(".zone-name")) name.remove();
  drawing.setAttribute("aria-hidden", "true");
  const plan = byId("plan");
  const box = crop(drawing);
  plan.style.setProperty("--ratio", String(box.width / box.height));
  plan.replaceChildren(drawing);
  for (const zone of site.zones.filter((zone) => zone.floor === floor)) {
    const outline = drawing.querySelector(`polygon.zone[data-zone="${CSS.escape(zone.id)}"]`);
    if (outline !== null) plan.append(tag(zone, outline.getBBox(), box));
  }
  markFaulty();
}

/** Shows where the microphones with a fault hang. */
export function showFaulty(microphones) {
  faulty = new Set(microphones);
  markFaulty();
}

function markFaulty() {
  for (const node of byId("plan").querySelectorAll("g.microphone")) node.classList.toggle("faulty", faulty.has(node.dataset.id));
}

/** Lets a button show and hide the devices. */
export function prepareDevices() {
  byId("show-devices").addEventListener("click", (click) => {
    const shown = byId("plan").classList.toggle("with-devices");
    click.currentTarget.setAttribute("aria-pressed", String(shown));
  });
}

/** Shows new values in the zone's tag and colours its area. */
export function updatePlan(zone, view) {
  for (const part of byId("plan").querySelectorAll(`[data-zone="${CSS.escape(zone)}"]`)) fill(part, view);
}

// Cuts the margin down to what the scale and the north arrow need, to show the floor as large as possible.
function crop(drawing) {
  const corners = [...drawing.querySelector(".floor").points];
  const [xs, ys] = [corners.map((corner) => corner.x), corners.map((corner) => corner.y)];
  const [x, y] = [Math.min(...xs) - MARGIN_M, Math.min(...ys) - MARGIN_M];
  const width = Math.max(...xs) + MARGIN_M - x;
  const height = Math.max(...ys) + SCALE_MARGIN_M - y;
  drawing.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
  return { x, y, width, height };
}

// The page's own style sheet says how the drawing looks here, and the page's security policy allows no other. In a
// drawing, quotes and angle brackets of names are escaped, so this finds styles only.
function tame(text) {
  return text.replace(/<style>.*?<\/style>| style="[^"]*"/gs, "");
}

function tag(zone, area, sheet) {
  const value = (field) => el("span", { "data-field": field });
  const line = (kind, word, ...content) => el("p", { class: `tag-line ${kind}` }, el("span", { class: "word" }, word), ...content);
  const inner = el(
    "div",
    { class: "tag-inner" },
    el("p", { class: "tag-name" }, zone.name),
    el("p", { class: "tag-talker" }, icon("talk"), value("talking")),
    el("p", { class: "tag-level" }, value("laeq"), el("small", {}, " dB")),
    el("p", { class: "tag-speech" }, value("sti"), " ", el("span", { class: "tag-words", "data-field": "intelligibility" })),
    el("p", { class: "tag-muted" }, icon("muted"), "Muted"),
    line("ambient", "Ambient", value("ambient")),
    line("masking", "Masking", el("span", {}, value("masking"), el("span", { class: "trend", "data-trend-icon": "" }))),
    el("p", { class: "range" }, value("min"), el("span", { class: "range-line" }, el("span", { class: "range-mark" })), value("max")),
  );
  const node = el("div", { class: "tag", "data-zone": zone.id, "aria-hidden": "true" }, inner);
  const share = (part, whole) => `${(part / whole) * 100}%`;
  Object.assign(node.style, {
    left: share(area.x - sheet.x, sheet.width),
    top: share(area.y - sheet.y, sheet.height),
    width: share(area.width, sheet.width),
    height: share(area.height, sheet.height),
  });
  return node;
}
