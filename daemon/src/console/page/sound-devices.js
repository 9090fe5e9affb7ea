// How the sound devices run: what went through them, and how long it takes.

import { byId, el } from "./dom.js";

const EVERY_MS = 10_000;

/** Looks after the list from now on; sites without devices have none. */
export function prepareSoundDevices() {
  const look = () => (document.hidden ? Promise.resolve() : show()).catch((error) => console.info("no answer:", error.message));
  look();
  setInterval(look, EVERY_MS);
  document.addEventListener("visibilitychange", look);
}

async function show() {
  const response = await fetch("api/v1/health");
  if (!response.ok) throw new Error(`health: ${response.status}`);
  const health = await response.json();
  const lines = health.device_counters.map((counters, index) => line(health.devices[index], counters));
  if (lines.length > 0) lines.push(el("li", {}, roundTrip(health.latency)));
  byId("sound-devices").replaceChildren(...lines);
}

function line({ device, direction, running }, { latency_ms, drift_ppm, frames_lost, xruns }) {
  const words = [running ? "running" : "not running"];
  if (latency_ms !== null) words.push(`${latency_ms.toFixed(0)} ms`);
  if (drift_ppm !== null) words.push(`clock ${drift_ppm < 0 ? "−" : "+"}${Math.abs(drift_ppm).toFixed(0)} ppm`);
  if (frames_lost > 0) words.push(`${frames_lost} frames lost`);
  if (xruns > 0) words.push(`${xruns} xruns`);
  return el("li", {}, el("strong", {}, `${device} ${direction}: `), words.join(" · "));
}

function roundTrip({ round_trip_ms, heard_after_ms }) {
  const parts = [];
  if (round_trip_ms !== null) parts.push(`${round_trip_ms.toFixed(0)} ms by the devices`);
  if (heard_after_ms !== null) parts.push(`${heard_after_ms.toFixed(0)} ms with the room`);
  return parts.length === 0 ? "Round trip: not known yet" : `Round trip: ${parts.join(" · ")}`;
}
