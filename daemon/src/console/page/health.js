// Which parts work, and what is wrong with the others, in words.

import { byId, el } from "./dom.js";

const PARTS = {
  audio: "Sound devices",
  microphones: "Microphones",
  engine: "Sound engine",
  event_log: "Event log",
  store: "Storage",
  mqtt: "MQTT broker",
  remote_zones: "Other controllers",
  cloud: "Cloud tenant",
};

/** Shows the health of all parts; what is wrong comes first. */
export function showHealth(health) {
  const entries = Object.entries(health.parts).map(([part, condition]) => ({
    name: PARTS[part] ?? part,
    problem: condition.state === "ok" ? null : condition.problem,
  }));
  if (health.problem !== null) entries.push({ name: "Heartbeat", problem: health.problem });
  const wrong = entries.filter((entry) => entry.problem !== null);
  const well = entries.filter((entry) => entry.problem === null).map((entry) => entry.name);
  // Each faulty microphone has a line of its own, which says what to do.
  const faulty = Object.entries(health.microphones);
  const parts = faulty.length > 0 ? wrong.filter((entry) => entry.name !== PARTS.microphones) : wrong;
  const lines = parts.map((entry) => line("wrong", el("strong", {}, `${entry.name}: `), entry.problem));
  lines.push(...faulty.map(([id, { problem }]) => line("wrong", el("strong", {}, `Microphone ${id} `), problem)));
  if (wrong.length === 0) lines.push(line("well", el("strong", {}, "Everything works")));
  if (well.length > 0) lines.push(line(wrong.length === 0 ? "names" : "well", `${wrong.length === 0 ? "" : "Working: "}${well.join(" · ")}`));
  if (health.real_time !== null) lines.push(line("names", realTime(health.real_time)));
  byId("health").replaceChildren(...lines);
}

/** What the system gives to the engine thread; why it gives no more is among the problems. */
function realTime({ scheduling, memory_locked, cpus }) {
  const words = scheduling === null ? [] : [`${scheduling.policy} ${scheduling.priority}`];
  if (cpus !== null) words.push(`CPU ${cpus}`);
  words.push(memory_locked ? "memory locked" : "memory not locked");
  return `Engine thread: ${words.join(" · ")}`;
}

function line(kind, ...content) {
  return el("li", { class: kind }, ...content);
}
