// What a zone has learnt of its place: in words, and to be forgotten.

import { confirm, send } from "./confirm.js";
import { byId } from "./dom.js";
import { decibels } from "./words.js";

/** Lets the buttons of the table tell and ask. */
export function preparePlace(site) {
  byId("zone-rows").addEventListener("click", (click) => {
    const id = click.target.closest("button[data-place-zone]")?.dataset.placeZone;
    if (id !== undefined) ask(site.zoneOf.get(id));
  });
}

async function ask(zone) {
  const path = `api/v1/zones/${encodeURIComponent(zone.id)}/place`;
  let text;
  try {
    const response = await fetch(path);
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.errors.join("; "));
    text = inWords(answer, zone);
  } catch (error) {
    text = `What it has learnt cannot be shown: ${error.message}.`;
  }
  confirm({
    title: `What ${zone.name} has learnt of its place`,
    text,
    label: "Forget it",
    danger: true,
    look: true,
    act: () => send("DELETE", path),
    otherwise: "Look again what is known.",
  });
}

function inWords({ remembered, known_hours: hours, curve }, zone) {
  if (!remembered) return "This site does not remember places (place_memory = false).";
  if (curve.length === 0) return "Nothing is known yet. What is learnt is shown here every quarter of an hour.";
  const time = hours < 1 ? `${Math.round(hours * 60)} min` : `${Math.round(hours)} h`;
  const levels = [...new Set([zone.level_fixed_db, zone.level_max_db])];
  const at = (level) => `at ${decibels(level)} dB(A) ${Math.round(100 * shareAt(curve, level))} % of listeners distracted`;
  return `Known for ${time} of office life; ${levels.map(at).join(", ")} by speech from elsewhere.`;
}

// Between the points of the curve by a line; beyond its ends it is level.
function shareAt(curve, level) {
  const above = curve.findIndex((point) => point.level_db >= level);
  if (above === 0) return curve[0].distracted_share;
  if (above < 0) return curve.at(-1).distracted_share;
  const [low, high] = [curve[above - 1], curve[above]];
  const part = (level - low.level_db) / (high.level_db - low.level_db);
  return low.distracted_share + part * (high.distracted_share - low.distracted_share);
}
