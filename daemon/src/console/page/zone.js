// One zone's values as text, written into every element that asks for them with `data-field`.

import { setIcon, setText } from "./dom.js";
import { direction } from "./trend.js";
import { BENEFIT_WORDS, SPEECH_WORDS, decibels, signed, speechClass, today } from "./words.js";

const TREND_WORDS = { up: "rising", down: "falling", steady: "steady" };

/** What to show for a zone; `configured` is what the site says about it. */
export function zoneView(status, configured) {
  const speech = speechClass(status.sti, configured.sti_target);
  const trend = direction(status.zone);
  const { level_min_db: min, level_max_db: max } = status.effective;
  return {
    speech: status.muted ? "muted" : speech,
    talker: status.talker,
    trend,
    // Share of the way from the lowest to the highest level.
    place: max > min ? Math.min(1, Math.max(0, (status.masking_db - min) / (max - min))) : 0.5,
    fields: {
      laeq: decibels(status.laeq_db),
      ambient: `${status.ambient_resolved || status.ambient_laeq_db === null ? "" : "≈ "}${decibels(status.ambient_laeq_db)}`,
      uncertainty: uncertainty(status),
      removal: removal(status),
      talking: talking(status),
      sti: typeof status.sti === "number" ? `STI ${status.sti.toFixed(2)}` : "",
      intelligibility: SPEECH_WORDS[speech],
      benefit: BENEFIT_WORDS[status.masking_benefit] ?? "",
      masking: status.muted && status.masking_db <= 0 ? "off" : decibels(status.masking_db),
      trend: TREND_WORDS[trend],
      min: decibels(min),
      max: decibels(max),
      setting: setting(status),
    },
  };
}

/** Writes the values of a zone into an element that shows it. */
export function fill(element, view) {
  element.dataset.speech = view.speech;
  element.classList.toggle("talker", view.talker);
  for (const place of element.querySelectorAll("[data-field]")) setText(place, view.fields[place.dataset.field]);
  for (const place of element.querySelectorAll("[data-title]")) place.title = view.fields[place.dataset.title];
  for (const place of element.querySelectorAll("[data-trend-icon]")) {
    setIcon(place, view.trend);
    place.dataset.trend = view.trend;
  }
  for (const mark of element.querySelectorAll(".range-mark")) mark.style.left = `${view.place * 100}%`;
}

function uncertainty(status) {
  const { ambient_laeq_db: ambient, ambient_uncertainty_db: uncertainty } = status;
  return ambient === null || typeof uncertainty !== "number" ? "" : `±${decibels(uncertainty)}`;
}

// How far the ambient level can be trusted, and why.
function removal(status) {
  if (status.ambient_laeq_db === null) return "No working microphone";
  const way = `Own sound removed by ${status.own_sound_removal}`;
  if (!status.ambient_resolved) return `${way}, ambient not resolved`;
  return `${way}, ambient known to ${uncertainty(status) || "±1"} dB`;
}

function talking(status) {
  const level = status.speech_laeq_db === null ? "" : ` ${decibels(status.speech_laeq_db)} dB`;
  if (status.talker) return `Talking${level}`;
  return status.speech_ratio >= 0.5 ? `Heard${level}` : "–";
}

function setting(status) {
  const { enabled, offset_db: offset, today: override } = status.effective;
  const parts = [];
  if (status.muted) parts.push("muted");
  parts.push(enabled ? "adaptive" : "fixed level");
  if (offset !== 0) parts.push(`${signed(offset)} dB`);
  if (override !== "schedule") parts.push(`today ${today(override)}`);
  return parts.join(", ");
}
