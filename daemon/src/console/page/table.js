// The table of zones: the same values as the plan, for everyone.

import { byId, el, icon } from "./dom.js";
import { drawCurve, newCurve } from "./trend.js";
import { fill } from "./zone.js";

const rows = new Map();

/** Makes a row for each zone. */
export function prepareTable(site) {
  for (const zone of site.zones) rows.set(zone.id, row(zone, site.floors.length > 1));
  byId("zone-rows").replaceChildren(...rows.values());
}

/** Shows new values in the zone's row. */
export function updateTable(zone, view) {
  const node = rows.get(zone);
  if (node === undefined) return;
  fill(node, view);
  drawCurve(node.querySelector(".curve"), zone);
}

// The level, and in words how far it can be trusted: for the mouse as a title, for others as text.
function ambient() {
  const value = (field, kind) => el("span", { "data-field": field, class: kind });
  const level = [value("ambient"), " ", value("uncertainty", "quiet uncertainty")];
  return el("td", { "data-label": "Ambient", class: "number ambient", "data-title": "removal" }, ...level, value("removal", "removal"));
}

function row(zone, withFloor) {
  const value = (field) => el("span", { "data-field": field });
  const cell = (label, kind, ...content) => el("td", { "data-label": label, class: kind }, ...content);
  const floor = withFloor ? [el("span", { class: "quiet" }, ` floor ${zone.floor}`)] : [];
  return el(
    "tr",
    { "data-zone": zone.id },
    el("th", { scope: "row" }, el("span", { class: "swatch" }), zone.name, ...floor),
    cell("Level", "number level", value("laeq")),
    ambient(),
    cell("Speech here", "talking", icon("talk"), value("talking")),
    cell("Speech from elsewhere", "elsewhere", el("span", { class: "chip" }, value("sti"), " ", value("intelligibility")), el("span", { class: "note", "data-field": "benefit" })),
    cell("Masking", "number", value("masking")),
    cell("Trend", "moves", el("span", { class: "trend", "data-trend-icon": "" }), value("trend"), newCurve()),
    cell("Range", "limits", value("min"), el("span", { class: "range-line" }, el("span", { class: "range-mark" })), value("max")),
    cell("Setting", "setting", value("setting")),
    el(
      "td",
      { class: "act" },
      el("button", { type: "button", class: "plain small", "data-place-zone": zone.id, "aria-label": `What ${zone.name} has learnt` }, "Learnt"),
      " ",
      el("button", { type: "button", class: "plain small", "data-mute-zone": zone.id }, "Mute"),
    ),
  );
}
