// Numbers and events in words.

const CAUSES = {
  quiet: "no speech to cover any more",
  schedule: "by schedule",
  admin: "a setting was changed",
  neighbour: "to stay close to a neighbouring zone",
  mute: "muted",
  release: "mute released",
  startup: "start or stop",
  fault: "a microphone or device fault",
  limit: "a level limit",
};

const CHANNELS = {
  http: "from this console",
  mqtt: "over MQTT",
  signal: "by a signal to the daemon",
  restart: "kept over a restart",
  expiry: "because its time ran out",
};

const SETTINGS = {
  enabled: ["adaptation", (on) => (on ? "on" : "off")],
  offset_db: ["offset", (value) => `${signed(value)} dB`],
  level_min_db: ["lowest level", (value) => `${decibels(value)} dB`],
  level_max_db: ["highest level", (value) => `${decibels(value)} dB`],
  soundscape: ["soundscape", String],
  today: ["today", today],
};

const DEVICES = { microphone: "Microphone", loudspeaker: "Loudspeaker", input: "Input", output: "Output" };

/** A level with one decimal; a dash for what is not known. */
export function decibels(value) {
  return typeof value === "number" ? value.toFixed(1).replace("-", "−") : "–";
}

/** What holds today instead of the schedules. */
export function today(value) {
  if (typeof value === "number") return `at ${decibels(value)} dB`;
  return value === "on" || value === "off" ? value : "by schedule";
}

/** An offset with its sign. */
export function signed(value) {
  return value > 0 ? `+${decibels(value)}` : decibels(value);
}

/** What an STI means in a zone with this target. */
export function speechClass(sti, target) {
  if (typeof sti !== "number") return "none";
  // From 0.50 on speech distracts: it defines the distraction distance of ISO 3382-3.
  if (sti >= Math.max(0.5, target)) return "clear";
  return sti >= target ? "partly" : "masked";
}

/** The same for people. */
export const SPEECH_WORDS = {
  none: "none",
  masked: "masked",
  partly: "partly intelligible",
  clear: "distracting",
};

/** What masking can do for a zone, where that is worth a sentence. */
export const BENEFIT_WORDS = {
  not_maskable: "Speech from elsewhere stays intelligible here at any level allowed; masking is not raised for it.",
};

/** An event as `{icon, text}`; `null` for one that is not for this list. */
export function describe(event, nameOf) {
  const data = event.data;
  switch (event.type) {
    case "habitat.zone.adaptation.v1": {
      const up = data.direction === "increase";
      const levels = `${decibels(data.from_db)} → ${decibels(data.to_db)} dB`;
      return { icon: up ? "up" : "down", subject: nameOf(data.zone), text: `masking ${up ? "up" : "down"} ${levels}, ${cause(data, nameOf)}` };
    }
    case "habitat.device.v1": {
      const subject = `${DEVICES[data.kind] ?? data.kind} ${data.device}`;
      return { icon: "device", subject, alarm: data.state === "fault", text: `${data.state === "fault" ? "fault:" : "works again, was"} ${reason(data.reason)}` };
    }
    case "habitat.mute.v1": {
      const subject = data.zone === null ? "All loudspeakers" : nameOf(data.zone);
      return { icon: data.muted ? "muted" : "sound", subject, alarm: data.muted, text: `${data.muted ? "muted" : "released"} ${who(data)}` };
    }
    case "habitat.preferences.v1":
      return { icon: "setting", subject: nameOf(data.zone), text: preferences(data) };
    case "habitat.controller.v1":
      if (data.dropped) {
        const events = Object.values(data.dropped).reduce((sum, count) => sum + count, 0);
        return { icon: "power", subject: "Controller", alarm: true, text: `gave ${events} events up, as too many wait for the tenant` };
      }
      return { icon: "power", subject: "Controller", text: `${data.state.replaceAll("_", " ")}, version ${data.version}` };
    default:
      return null;
  }
}

// What to do about it is told by the list of what is wrong; here its word is enough.
function reason(word) {
  return word.replaceAll("_", " ");
}

function cause(data, nameOf) {
  if (data.cause !== "speech") return CAUSES[data.cause] ?? data.cause;
  const { from_zone: from, sti } = data.evidence;
  const where = from ? `speech from ${nameOf(from)}` : "speech from elsewhere";
  return typeof sti === "number" ? `${where} (STI ${sti.toFixed(2)})` : where;
}

function preferences(data) {
  const changed = Object.entries(SETTINGS)
    .filter(([key]) => data.from[key] !== data.to[key])
    .map(([key, [word, written]]) => `${word} ${written(data.from[key])} → ${written(data.to[key])}`);
  const what = changed.length > 0 ? changed.join(", ") : "settings confirmed";
  const time = data.for_minutes ? ` for ${data.for_minutes} min` : "";
  return `${what}${time}, ${who(data)}`;
}

// The way in, and the operator who was named.
function who(data) {
  const channel = CHANNELS[data.channel] ?? data.channel;
  return data.by ? `${channel}, by ${data.by}` : channel;
}
