//! What an event says. All levels are dB(A) re 20 µPa unless the name says otherwise.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Device, Layout};

/// Rounds to `decimals` places, so that documents carry no digits that the measurement does not have.
pub fn round_to(value: f64, decimals: i32) -> f64 {
    let scale = 10f64.powi(decimals);
    (value * scale).round() / scale
}

/// The payload of an event; the variant decides the event's type.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Data {
    /// `habitat.zone.measurement.v1`
    Measurement(Measurement),
    /// `habitat.zone.adaptation.v1`
    Adaptation(Adaptation),
    /// `habitat.preferences.v1`
    Preferences(Preferences),
    /// `habitat.device.v1`
    Device(Device),
    /// `habitat.mute.v1`
    Mute(Mute),
    /// `habitat.controller.v1`
    Controller(Controller),
    /// `habitat.layout.v1`
    Layout(Layout),
}

impl Data {
    /// Every event type of this version. Databases keep the index, so that new ones come last.
    pub const TYPES: [&'static str; 7] = [
        "habitat.zone.measurement.v1",
        "habitat.zone.adaptation.v1",
        "habitat.preferences.v1",
        "habitat.device.v1",
        "habitat.mute.v1",
        "habitat.controller.v1",
        "habitat.layout.v1",
    ];

    /// The CloudEvents `type`.
    pub fn event_type(&self) -> &'static str {
        match self {
            Data::Measurement(_) => Self::TYPES[0],
            Data::Adaptation(_) => Self::TYPES[1],
            Data::Preferences(_) => Self::TYPES[2],
            Data::Device(_) => Self::TYPES[3],
            Data::Mute(_) => Self::TYPES[4],
            Data::Controller(_) => Self::TYPES[5],
            Data::Layout(_) => Self::TYPES[6],
        }
    }

    /// Reads the payload of an event of the given type.
    ///
    /// # Errors
    /// A sentence, when the type is not one of [`Data::TYPES`] or the payload is not what that type holds.
    pub fn from_json(event_type: &str, json: serde_json::Value) -> Result<Self, String> {
        fn read<T: serde::de::DeserializeOwned>(json: serde_json::Value) -> Result<T, String> {
            serde_json::from_value(json).map_err(|error| error.to_string())
        }
        match Self::TYPES.iter().position(|known| *known == event_type) {
            Some(0) => read(json).map(Data::Measurement),
            Some(1) => read(json).map(Data::Adaptation),
            Some(2) => read(json).map(Data::Preferences),
            Some(3) => read(json).map(Data::Device),
            Some(4) => read(json).map(Data::Mute),
            Some(5) => read(json).map(Data::Controller),
            Some(6) => read(json).map(Data::Layout),
            _ => Err(format!(
                "unknown event type {event_type:?}; known are {}",
                Self::TYPES.join(", ")
            )),
        }
    }
}

/// What one zone heard over one period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Measurement {
    /// Zone id of the layout.
    pub zone: String,
    /// Length of the period, seconds.
    pub period_s: f64,
    /// All sound at the zone's microphones, energy mean over them; null without a working microphone. Levels below 0 dB,
    /// the threshold of hearing, are given as 0.
    pub laeq_db: Option<f64>,
    /// Highest F-weighted level at any of the microphones.
    pub lafmax_db: Option<f64>,
    /// The room without our own masking.
    pub ambient_laeq_db: Option<f64>,
    /// Whether the ambient level is known to ±1 dB.
    pub ambient_resolved: bool,
    /// Standard uncertainty of the ambient level, dB; null where it is not known. Absent in events of earlier versions.
    #[serde(default)]
    pub ambient_uncertainty_db: Option<f64>,
    /// How our own masking was removed from what the microphones hear. Absent in events of earlier versions, which knew
    /// `power` only.
    #[serde(default)]
    pub own_sound_removal: OwnSoundRemoval,
    /// Speech over the speech-active part of the period; null exactly when `speech_ratio` is below 0.5.
    pub speech_laeq_db: Option<f64>,
    /// Share of the period with speech.
    pub speech_ratio: f64,
    /// Whether a talker is in this zone.
    pub talker: bool,
    /// Level exceeded 10 % of the last 60 s.
    pub la10_db: Option<f64>,
    /// Level exceeded 50 % of the last 60 s.
    pub la50_db: Option<f64>,
    /// Level exceeded 90 % of the last 60 s.
    pub la90_db: Option<f64>,
    /// Highest predicted STI here of speech from another zone; null when nobody talks elsewhere.
    pub sti: Option<f64>,
    /// Masking at the listeners of the zone now, energy mean over them, including what leaks in from other zones; 0 when
    /// nothing audible plays.
    pub masking_db: f64,
    /// Distraction in the period: max(0, (LA10 − LA90) − 5) times its minutes.
    pub distraction_db_min: f64,
}

/// How our own masking was removed from what the microphones of a zone hear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OwnSoundRemoval {
    /// Its predicted power was subtracted.
    #[default]
    Power,
    /// Its waveform was cancelled.
    Waveform,
}

/// Which way the masking went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Louder.
    Increase,
    /// Softer.
    Decrease,
}

/// Why the masking changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Speech from another zone was intelligible here.
    Speech,
    /// It was not, any more.
    Quiet,
    /// A schedule began or ended.
    Schedule,
    /// Somebody changed a setting.
    Admin,
    /// A zone nearby changed.
    Neighbour,
    /// The loudspeakers were muted.
    Mute,
    /// The mute was released.
    Release,
    /// The daemon started or stopped.
    Startup,
    /// A microphone or device failed or came back.
    Fault,
    /// A level limit took hold.
    Limit,
}

/// What a change of the masking rests on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// STI of the speech that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sti: Option<f64>,
    /// Zone of the talker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_zone: Option<String>,
}

/// One increase or decrease of a zone's masking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Adaptation {
    /// Zone id of the layout.
    pub zone: String,
    /// Which way.
    pub direction: Direction,
    /// Masking at the listeners before.
    pub from_db: f64,
    /// Masking at the listeners after.
    pub to_db: f64,
    /// How long the glide took, seconds.
    pub duration_s: f64,
    /// Why.
    pub cause: Cause,
    /// What it rests on.
    pub evidence: Evidence,
}

/// The settings that hold for a zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Whether the zone adapts; otherwise it holds its fixed level.
    pub enabled: bool,
    /// Added to whatever level the zone would have.
    pub offset_db: f64,
    /// Lowest masking level.
    pub level_min_db: f64,
    /// Highest masking level.
    pub level_max_db: f64,
    /// What plays.
    pub soundscape: String,
    /// What holds instead of the schedules until midnight: `schedule` (nothing), `on`, `off` or a base level in dB(A). Absent in
    /// events of earlier versions, which knew `schedule` only.
    #[serde(default)]
    pub today: Today,
}

/// What the schedules of a zone give way to until midnight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Today {
    /// To nothing: they hold.
    #[default]
    Schedule,
    /// As if there were none.
    On,
    /// Off.
    Off,
    /// This base level, dB(A).
    #[serde(untagged)]
    Level(f64),
}

/// Somebody changed the settings of a zone, or a change expired.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Preferences {
    /// Zone id of the layout.
    pub zone: String,
    /// The way in: `mqtt`, `http` or `expiry`.
    pub channel: String,
    /// Settings before.
    pub from: Settings,
    /// Settings after.
    pub to: Settings,
    /// How long they hold, minutes; absent: until changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_minutes: Option<f64>,
    /// Who asked for it, where that was told: one of the `operators` of the configuration; no free text. Absent in events of
    /// earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// The loudspeakers were muted or released.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mute {
    /// Zone id; null: the whole site.
    pub zone: Option<String>,
    /// Whether it is muted now.
    pub muted: bool,
    /// The way in: `mqtt`, `http`, `signal` or `restart`.
    pub channel: String,
    /// Who asked for it, where that was told: one of the `operators` of the configuration; no free text. Absent in events of
    /// earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// What the controller did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ControllerState {
    /// The daemon began to process sound.
    Started,
    /// The daemon ended in order.
    Stopped,
    /// A new configuration is in force.
    ConfigurationChanged,
    /// Events were given up, because too many waited for the tenant.
    EventsDropped,
}

/// The controller started, stopped or changed its configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Controller {
    /// What it did.
    pub state: ControllerState,
    /// Version of the program.
    pub version: String,
    /// Events given up so far, when the state is `events_dropped`; absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dropped: Option<DroppedEvents>,
}

/// How many events were given up before they reached the tenant, since the controller has its database, by what they tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DroppedEvents {
    /// Measurements, each of a zone and a minute.
    pub measurement: u64,
    /// Increases and decreases.
    pub adaptation: u64,
    /// Changed settings.
    pub preferences: u64,
    /// Faults of devices.
    pub device: u64,
    /// Mutes and releases.
    pub mute: u64,
    /// What the controller said of itself.
    pub controller: u64,
    /// Floors of the layout. Absent in events of earlier versions, which did not tell it.
    #[serde(default)]
    pub layout: u64,
}

impl DroppedEvents {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.measurement + self.adaptation + self.preferences + self.device + self.mute + self.controller + self.layout
    }
}
