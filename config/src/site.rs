//! A checked site: what the rest of the program may rely on without asking again.
//!
//! Every value here has passed [`crate::load`]: it is in range, refers to things that exist, and agrees with the others.

use std::{net::SocketAddr, path::PathBuf};

use habitat_layout::Plan;
use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::settings::SettingsRequest;

/// Everything that `habitat.toml` and `layout.toml` say, checked.
#[derive(Clone, Debug)]
pub struct Site {
    /// Used in topics and events: `[a-z0-9-]+`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Where schedules and reports take their clock time from.
    pub time_zone: TimeZone,
    /// Who changes settings and mutes, as far as they are to be told apart: names of roles, which go into events.
    pub operators: Vec<String>,
    /// Folder of everything the daemon stores.
    pub state_dir: PathBuf,
    /// The file that the floor plan comes from.
    pub layout_file: PathBuf,
    /// Sound in and out.
    pub audio: Audio,
    /// The adaptation law.
    pub adaptation: Adaptation,
    /// What the loudspeakers play.
    pub masking: Masking,
    /// How our own masking is removed from what the microphones hear.
    pub own_sound: OwnSound,
    /// Absent: no MQTT.
    pub mqtt: Option<Mqtt>,
    /// Absent: no cloud.
    pub cloud: Option<Cloud>,
    /// Absent: no console.
    pub console: Option<Console>,
    /// Absent: no event log file.
    pub event_log: Option<EventLog>,
    /// Times of day with another base level.
    pub schedules: Vec<Schedule>,
    /// Zones that are commanded together.
    pub groups: Vec<Group>,
    /// Settings that are called for together.
    pub scenes: Vec<Scene>,
    /// The floor plan.
    pub plan: Plan,
    /// Levels of each zone, in the order of [`Plan::zones`].
    pub zones: Vec<ZoneLevels>,
    /// Commissioned level of each remote zone, in the order of [`Plan::remote_zones`].
    pub remote_levels: Vec<f64>,
}

/// `[audio]`
#[derive(Clone, Debug)]
pub struct Audio {
    /// Where sound comes from and goes to.
    pub backend: Backend,
    /// Frames per second of every device.
    pub sample_rate_hz: u32,
    /// Frames that are processed at once.
    pub block_frames: u32,
    /// Frames that a real device is asked to move at once.
    pub device_frames: u32,
    /// The only CPU that a live engine may run on; `None`: any.
    pub engine_cpu: Option<u32>,
}

/// `audio.backend`
#[derive(Clone, Debug)]
pub enum Backend {
    /// Real devices.
    Cpal,
    /// Raw frames over standard input and output.
    Pipe {
        /// Time of the first frame.
        start: Timestamp,
    },
    /// The built-in office.
    Virtual {
        /// Seed of the talkers' habits; the same seed talks the same day.
        seed: u64,
    },
}

/// `[adaptation]` without the levels, which are in [`ZoneLevels`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adaptation {
    /// Fastest rise of masking.
    pub slew_up_db_per_min: f64,
    /// Fastest fall of masking.
    pub slew_down_db_per_min: f64,
    /// Largest difference between zones that border on each other.
    pub neighbour_max_db: f64,
    /// From silence to the fixed level at start and after mute.
    pub startup_ramp_s: f64,
    /// From 0, a site that wants to be quiet, to 1, one that wants to be private: how much masking speech from elsewhere is worth.
    pub speech_privacy: f64,
    /// Each zone remembers for days what its place teaches.
    pub place_memory: bool,
    /// Days from the site's first start over which people get used to masking; 0: none.
    pub acclimatisation_days: u32,
    /// What is added to every level on the first of these days, dB; 0 or less. It rises evenly to 0.
    pub acclimatisation_from_db: f64,
    /// Whether the levels of each weekday's quarter hours are learnt and pre-positioned.
    pub learned_profile: bool,
}

/// Level settings of one zone: the site's, or the zone's own where it has one.
#[derive(Clone, Debug, PartialEq)]
pub struct ZoneLevels {
    /// Lowest masking level.
    pub level_min_db: f64,
    /// Commissioned level: start, faults, adaptation off.
    pub level_fixed_db: f64,
    /// Highest masking level.
    pub level_max_db: f64,
    /// Speech from elsewhere is to stay below this STI.
    pub sti_target: f64,
    /// What plays here.
    pub soundscape: Soundscape,
}

/// `[masking]`
#[derive(Clone, Debug, PartialEq)]
pub struct Masking {
    /// Third-octave spectrum of the masking noise, dB re its own A-weighted level, 25 Hz-16 kHz;
    /// `NEG_INFINITY` where nothing plays.
    pub spectrum_db: [f64; habitat_layout::acoustics::BAND_COUNT],
}

/// `[own_sound]`
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OwnSound {
    /// By waveform where that is possible, or by power always.
    pub method: RemovalMethod,
    /// How many loudspeakers are cancelled per microphone.
    pub references: usize,
    /// Length of the room's response that is cancelled.
    pub tail_s: f64,
}

/// `own_sound.method`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemovalMethod {
    /// The waveform is cancelled where capture and playback share a clock; where not, power is subtracted.
    Auto,
    /// Power is subtracted.
    Power,
}

/// `soundscape`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Soundscape {
    /// Shaped noise.
    Noise,
}

impl Soundscape {
    /// All that this version has.
    pub const ALL: &[Self] = &[Self::Noise];

    /// Its name in files, requests and events.
    pub fn name(self) -> &'static str {
        match self {
            Self::Noise => "noise",
        }
    }

    /// By its name in files and requests, as far as this version has it.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|soundscape| soundscape.name() == name)
    }
}

/// `[mqtt]`
#[derive(Clone, Debug)]
pub struct Mqtt {
    /// Host name or address.
    pub host: String,
    /// Further machines of the same broker.
    pub other_hosts: Vec<String>,
    /// Port; default 1883, with TLS 8883.
    pub port: u16,
    /// Encrypt.
    pub tls: bool,
    /// Trust this authority instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// Certificate that is shown to the broker, and the key to it.
    pub certificate_file: Option<PathBuf>,
    /// See `certificate_file`.
    pub key_file: Option<PathBuf>,
    /// User name.
    pub username: Option<String>,
    /// File with the password on its first line.
    pub password_file: Option<PathBuf>,
    /// Default `habitat-<site>`.
    pub client_id: String,
    /// First level of every topic; default `habitat`.
    pub topic_prefix: String,
    /// Publish discovery for Home Assistant below this prefix; `None`: do not.
    pub home_assistant: Option<String>,
}

/// `[cloud]`
#[derive(Clone, Debug)]
pub struct Cloud {
    /// Base address of the tenant, without a trailing slash: `https://…`, or `http://` to loopback.
    pub url: String,
    /// Tenant that the site belongs to: it may state no other.
    pub tenant: Option<String>,
    /// File with the bearer token on its first line.
    pub token_file: Option<PathBuf>,
    /// Trust this authority instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// What is shown to the tenant, with its key.
    pub certificate_file: Option<PathBuf>,
    /// The key.
    pub key_file: Option<PathBuf>,
    /// The way out: `http://host:port`.
    pub proxy: Option<String>,
    /// Time between batches.
    pub interval_s: f64,
    /// Where the data may be kept: the tenant has to state the same.
    pub region: Option<String>,
    /// Size of the database above which events that wait are given up, MiB.
    pub outbox_mib: f64,
    /// Age beyond which they are, days.
    pub outbox_days: f64,
}

/// `[console]`
#[derive(Clone, Copy, Debug)]
pub struct Console {
    /// Address to listen on; loopback only.
    pub listen: SocketAddr,
}

/// `[event_log]`
#[derive(Clone, Debug)]
pub struct EventLog {
    /// The file; one JSON document per line.
    pub path: PathBuf,
}

/// `[[group]]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Used in topics.
    pub id: String,
    /// Zones, as indices into [`Plan::zones`].
    pub zones: Vec<usize>,
}

/// All `[[scene]]` tables of one id.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Used in commands.
    pub id: String,
    /// What is set where; no zone stands in two of them.
    pub parts: Vec<ScenePart>,
}

/// One `[[scene]]` table.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenePart {
    /// Zones, as indices into [`Plan::zones`].
    pub zones: Vec<usize>,
    /// What is set there.
    pub settings: SettingsRequest,
}

impl Scene {
    /// What it sets in a zone; `None`: nothing.
    pub fn settings(&self, zone: usize) -> Option<&SettingsRequest> {
        let part = self.parts.iter().find(|part| part.zones.contains(&zone))?;
        Some(&part.settings)
    }
}

/// `[[schedule]]`
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Zones, as indices into [`Plan::zones`].
    pub zones: Vec<usize>,
    /// Days on which it begins; Monday is 0.
    pub days: Vec<u8>,
    /// First moment.
    pub from: Time,
    /// First moment after; at or before `from` it is on the next day.
    pub to: Time,
    /// Base level; `None`: off.
    pub level_db: Option<f64>,
    /// Dates on which it does not begin.
    pub holidays: Vec<Date>,
}
