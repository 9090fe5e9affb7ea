// Brings the parts of the page together.

import { prepareConfirm } from "./confirm.js";
import { connect } from "./connection.js";
import { byId, el, setText } from "./dom.js";
import { addEvents } from "./events.js";
import { showHealth } from "./health.js";
import { prepareMute, showMutes } from "./mute.js";
import { preparePlace } from "./place.js";
import { drawFloor, prepareDevices, showFaulty, updatePlan } from "./plan.js";
import { prepareSoundDevices } from "./sound-devices.js";
import { prepareTable, updateTable } from "./table.js";
import { note, notePast } from "./trend.js";
import { zoneView } from "./zone.js";

// Enough for the curves and the latest events, minutes of measurements included.
const HISTORY_EVENTS = 1000;
const RETRY_AFTER_MS = 3000;

let latest = null;

async function load(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

async function loadSite() {
  const site = await load("api/v1/site");
  site.written = JSON.stringify(site);
  const names = new Map(site.zones.map((zone) => [zone.id, zone.name]));
  site.zoneOf = new Map(site.zones.map((zone) => [zone.id, zone]));
  site.nameOf = (id) => names.get(id) ?? id;
  const format = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: site.time_zone ?? undefined });
  site.clock = (time) => format.format(time);
  return site;
}

function update(site) {
  if (latest === null) return;
  if (latest.time !== null) setText(byId("clock"), site.clock(new Date(latest.time)));
  for (const status of latest.zones) {
    const configured = site.zoneOf.get(status.zone);
    if (configured === undefined) continue;
    const view = zoneView(status, configured);
    updatePlan(status.zone, view);
    updateTable(status.zone, view);
  }
}

function receive(status, site) {
  const waiting = latest !== null && latest.drawn !== true;
  latest = status;
  const time = Date.parse(status.time);
  for (const zone of status.zones) note(zone.zone, time, zone.masking_db);
  // A hidden or busy page draws the newest only.
  if (!waiting) {
    requestAnimationFrame(() => {
      latest.drawn = true;
      update(site);
    });
  }
}

async function loadHistory(site) {
  const { events } = await load(`api/v1/events?limit=${HISTORY_EVENTS}`);
  const measured = events.filter((event) => event.type === "habitat.zone.measurement.v1");
  for (const { id } of site.zones) {
    const here = measured.filter((event) => event.data.zone === id);
    notePast(id, here.map(({ time, data }) => ({ time: Date.parse(time), value: data.masking_db })));
  }
  addEvents(events, site);
}

// After an upgrade or another layout, this page is the wrong one.
async function reloadIfOutdated(site) {
  if (JSON.stringify(await load("api/v1/site")) !== site.written) location.reload();
}

function showFloor(floor, site) {
  for (const button of byId("floors").children) button.setAttribute("aria-pressed", String(button.dataset.floor === floor));
  drawFloor(floor, site)
    .then(() => update(site))
    .catch((error) => setText(byId("plan"), `The floor plan cannot be shown: ${error.message}`));
}

function prepareFloors(site) {
  const asked = () => site.floors.find((floor) => `#${encodeURIComponent(floor.id)}` === location.hash)?.id ?? site.floors[0].id;
  const button = (floor) => el("button", { type: "button", class: "plain", "data-floor": floor.id }, `Floor ${floor.id}`);
  byId("floors").replaceChildren(...site.floors.map(button));
  byId("floors").hidden = site.floors.length < 2;
  byId("floors").addEventListener("click", (click) => {
    const floor = click.target.closest("button")?.dataset.floor;
    if (floor !== undefined) location.hash = `#${encodeURIComponent(floor)}`;
  });
  window.addEventListener("hashchange", () => showFloor(asked(), site));
  showFloor(asked(), site);
}

function begin(site) {
  document.title = `${site.name} – Habitat`;
  setText(byId("site-name"), site.name);
  setText(byId("site-detail"), `${site.zones.length} zones · Habitat ${site.version}`);
  prepareTable(site);
  prepareConfirm();
  prepareMute(site);
  preparePlace(site);
  prepareDevices();
  prepareSoundDevices();
  prepareFloors(site);
  // A site without a history still shows what happens from now on.
  const catchUp = () => loadHistory(site).catch((error) => console.info("no history:", error.message));
  connect({
    open: () => {
      catchUp();
      reloadIfOutdated(site).catch((error) => console.info("no answer:", error.message));
    },
    lost: catchUp,
    status: (status) => receive(status, site),
    event: (event) => addEvents([event], site),
    mute: (mutes) => showMutes(mutes, site),
    health: (health) => {
      showHealth(health);
      showFaulty(Object.keys(health.microphones));
    },
  });
}

function loadUntilItWorks() {
  loadSite().then(begin, (error) => {
    console.error(error);
    setText(byId("connection"), "The console does not answer, trying again…");
    setTimeout(loadUntilItWorks, RETRY_AFTER_MS);
  });
}

loadUntilItWorks();
