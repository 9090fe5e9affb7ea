// How the masking of each zone has moved lately.

import { svg } from "./dom.js";

const KEPT_MS = 15 * 60_000;
const SPACING_MS = 3000;
const LOOK_BACK_MS = 30_000;
// Half of what the slowest default slew, 0.1 dB/min, does in that time.
const MOVES_FROM_DB = 0.025;
// The least height of the curve, so that a tenth of a decibel looks small.
const LEAST_SPAN_DB = 1;
const WIDTH = 120;
const HEIGHT = 28;

const curves = new Map();

/** Notes a value; values come in order of time. */
export function note(zone, time, value) {
  if (typeof value !== "number") return;
  const points = curves.get(zone) ?? [];
  curves.set(zone, points);
  const last = points.at(-1);
  if (last !== undefined && time <= last.time) return;
  const before = points.at(-2);
  // The newest point moves along until it is far enough from the one before.
  if (before !== undefined && last.time - before.time < SPACING_MS) points.pop();
  points.push({ time, value });
  while (points[0].time < time - KEPT_MS) points.shift();
}

/** Notes values from before the first one, in order of time. */
export function notePast(zone, past) {
  const points = curves.get(zone) ?? [];
  const begin = points[0]?.time ?? Infinity;
  curves.set(zone, [...past.filter((point) => point.time < begin && point.time > Date.now() - KEPT_MS), ...points]);
}

/** `up`, `down` or `steady`. */
export function direction(zone) {
  const points = curves.get(zone) ?? [];
  const now = points.at(-1);
  if (now === undefined) return "steady";
  const then = points.findLast((point) => point.time <= now.time - LOOK_BACK_MS) ?? points[0];
  const moved = now.value - then.value;
  if (Math.abs(moved) < MOVES_FROM_DB) return "steady";
  return moved > 0 ? "up" : "down";
}

/** An empty curve for `drawCurve`. */
export function newCurve() {
  const line = svg("polyline", { points: "" });
  return svg("svg", { class: "curve", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" }, line);
}

/** Draws the last minutes of a zone. */
export function drawCurve(curve, zone) {
  const points = curves.get(zone) ?? [];
  if (points.length < 2) return;
  const values = points.map((point) => point.value);
  const middle = (Math.min(...values) + Math.max(...values)) / 2;
  const span = Math.max(LEAST_SPAN_DB, Math.max(...values) - Math.min(...values));
  const [begin, end] = [points[0].time, points.at(-1).time];
  const x = (time) => 1 + ((time - begin) / (end - begin)) * (WIDTH - 2);
  const y = (value) => HEIGHT / 2 - ((value - middle) / span) * (HEIGHT - 6);
  const written = points.map((point) => `${x(point.time).toFixed(1)},${y(point.value).toFixed(1)}`).join(" ");
  curve.firstElementChild.setAttribute("points", written);
}
