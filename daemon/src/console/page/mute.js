// Mute and release, each after one confirmation.

import { byId, el, icon, setText } from "./dom.js";

let state = { muted: false, zones: {} };
let asked = null;

/** Takes over what is muted. */
export function showMutes(mutes, site) {
  state = mutes;
  const button = byId("mute");
  button.disabled = false;
  button.classList.toggle("is-muted", mutes.muted);
  const text = mutes.muted ? "Release mute" : "Mute all sound";
  if (button.dataset.text !== text) {
    button.dataset.text = text;
    button.replaceChildren(icon(mutes.muted ? "sound" : "muted"), el("span", {}, text));
  }
  const zones = site.zones.filter((zone) => mutes.zones[zone.id]).map((zone) => zone.name);
  const banner = byId("muted-banner");
  banner.hidden = !mutes.muted && zones.length === 0;
  setText(banner, mutes.muted ? "All loudspeakers are muted." : `Muted: ${zones.join(", ")}.`);
  for (const button of document.querySelectorAll("button[data-mute-zone]")) {
    const muted = Boolean(mutes.zones[button.dataset.muteZone]);
    setText(button, muted ? "Release" : "Mute");
    button.setAttribute("aria-label", `${muted ? "Release" : "Mute"} ${site.nameOf(button.dataset.muteZone)}`);
    button.classList.toggle("is-muted", muted);
  }
}

/** Lets the buttons ask and act. */
export function prepareMute(site) {
  byId("mute").addEventListener("click", () => ask(null, !state.muted, "all loudspeakers"));
  byId("zone-rows").addEventListener("click", (click) => {
    const zone = click.target.closest("button[data-mute-zone]")?.dataset.muteZone;
    if (zone !== undefined) ask(zone, !state.zones[zone], site.nameOf(zone));
  });
  byId("confirm-cancel").addEventListener("click", () => byId("confirm").close());
  byId("confirm-do").addEventListener("click", () => act(site));
}

function ask(zone, muted, name) {
  asked = { zone, muted };
  byId("confirm-title").textContent = `${muted ? "Mute" : "Release"} ${name}?`;
  byId("confirm-text").textContent = muted
    ? "The masking stops at once and stays silent, also after a restart, until somebody releases it."
    : "The masking comes back softly over the next minutes.";
  const act = byId("confirm-do");
  act.textContent = muted ? "Mute now" : "Release";
  act.classList.toggle("danger", muted);
  byId("confirm-error").hidden = true;
  byId("confirm").showModal();
}

async function act(site) {
  const { zone, muted } = asked;
  const request = zone === null ? { muted } : { muted, zone };
  try {
    const response = await fetch("api/v1/mute", {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(request),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.errors.join("; "));
    showMutes(answer, site);
    byId("confirm").close();
  } catch (error) {
    const problem = byId("confirm-error");
    problem.textContent = `That did not work: ${error.message}. The sound is as before.`;
    problem.hidden = false;
  }
}
