// The list of what happened, the latest first.

import { byId, el, icon } from "./dom.js";
import { describe } from "./words.js";

const MOST_SHOWN = 100;

const shown = new Map();

/** Adds events at their place in time; those that are shown already are left out. */
export function addEvents(events, site) {
  const list = byId("events");
  for (const event of events) {
    const words = describe(event, site.nameOf);
    if (words === null || shown.has(event.id)) continue;
    const time = Date.parse(event.time);
    const earlier = [...list.children].find((other) => shown.get(other.dataset.id) <= time);
    shown.set(event.id, time);
    list.insertBefore(entry(event, words, site), earlier ?? null);
    if (list.children.length > MOST_SHOWN) {
      shown.delete(list.lastElementChild.dataset.id);
      list.lastElementChild.remove();
    }
  }
  byId("no-events").hidden = list.children.length > 0;
}

function entry(event, words, site) {
  const time = new Date(event.time);
  const sign = el("span", { class: "sign" }, icon(words.icon));
  const text = el("span", { class: "what" }, el("strong", {}, `${words.subject}: `), words.text);
  const stamp = el("time", { datetime: event.time }, site.clock(time));
  return el("li", { "data-id": event.id, "data-icon": words.icon, class: words.alarm ? "alarm" : null }, sign, text, stamp);
}
