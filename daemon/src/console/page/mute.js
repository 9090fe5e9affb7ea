// Mute and release, each after one confirmation.

import { confirm, send } from "./confirm.js";
import { byId, el, icon, setText } from "./dom.js";

let state = { muted: false, zones: {} };

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
  byId("mute").addEventListener("click", () => ask(null, !state.muted, "all loudspeakers", site));
  byId("zone-rows").addEventListener("click", (click) => {
    const zone = click.target.closest("button[data-mute-zone]")?.dataset.muteZone;
    if (zone !== undefined) ask(zone, !state.zones[zone], site.nameOf(zone), site);
  });
}

function ask(zone, muted, name, site) {
  confirm({
    title: `${muted ? "Mute" : "Release"} ${name}?`,
    text: muted
      ? "The masking stops at once and stays silent, also after a restart, until somebody releases it."
      : "The masking comes back softly over the next minutes.",
    label: muted ? "Mute now" : "Release",
    danger: muted,
    act: async () => showMutes(await send("PUT", "api/v1/mute", zone === null ? { muted } : { muted, zone }), site),
    otherwise: "The sound is as before.",
  });
}
