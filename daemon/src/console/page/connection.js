// The live stream, which mends itself, and what can be said about it.

import { byId, setText } from "./dom.js";

const STALE_AFTER_MS = 4000;
const RETRY_AFTER_MS = 3000;
const NAMES = ["status", "event", "mute", "health", "lost"];

/** Connects, and calls `handlers[name](document)` for each message, and `handlers.open()` at each new beginning. */
export function connect(handlers) {
  let lastStatus = null;
  let open = false;
  const show = () => {
    const ago = lastStatus === null ? null : Date.now() - lastStatus;
    if (!open) tell("lost", lastStatus === null ? "Connecting…" : "Connection lost, trying again…");
    else if (ago === null) tell("connecting", "Waiting for values…");
    else if (ago > STALE_AFTER_MS) tell("stale", `No new values for ${inWords(ago)}`);
    else tell("live", "Live");
  };
  const begin = () => {
    const source = new EventSource("api/v1/events");
    source.onopen = () => {
      open = true;
      handlers.open();
      show();
    };
    source.onerror = () => {
      open = false;
      show();
      // The browser tries again by itself unless the answer was a refusal.
      if (source.readyState === EventSource.CLOSED) setTimeout(begin, RETRY_AFTER_MS);
    };
    for (const name of NAMES) {
      source.addEventListener(name, (message) => {
        const content = JSON.parse(message.data);
        if (name === "status" && content.time !== null) lastStatus = Date.now();
        handlers[name](content);
        show();
      });
    }
  };
  begin();
  setInterval(show, 1000);
}

// In steps, so that a screen reader does not count along.
function inWords(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 10) return "some seconds";
  return seconds < 120 ? `${Math.floor(seconds / 10) * 10} s` : `${Math.floor(seconds / 60)} min`;
}

function tell(state, text) {
  const pill = byId("connection");
  pill.dataset.state = state;
  setText(pill, text);
  document.body.classList.toggle("old-values", state !== "live");
}
