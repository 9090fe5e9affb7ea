//! A site of two zones with everything that MQTT touches, and an engine that can be asked whether it plays.

use std::{path::Path, sync::Arc, time::Duration};

use habitat_config::{settings::ZoneSettings, site::Mqtt};
use habitat_dsp::{
    CouplingSetup, Engine, EngineSetup, LoudspeakerSetup, MicrophoneSetup, OwnSoundSetup, Parameters, RemovalSetup, ZoneSetup,
    adaptation::PlaceMemory, spectrum::BAND_COUNT,
};
use habitat_engine::{Ends, EngineLoop, Mode, Turn, Wiring, connect};
use habitat_events::{IdSource, Measurement, OwnSoundRemoval};
use habitatd::{
    clock::Clock,
    control::{self, Control},
    dispatch::Dispatch,
    health::{Condition, Health, Part},
    mqtt::{self, Counters},
    status::{MaskingBenefit, SiteStatus, StatusBoard, ZoneStatus},
    store::{Saved, WhenFull},
};
use jiff::Timestamp;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

pub const ZONES: [&str; 2] = ["north-east", "south-west"];
const BLOCK: usize = 480;

/// The running daemon side. Dropping it is a crash.
pub struct Site {
    pub control: Control,
    pub status: StatusBoard,
    pub dispatch: Dispatch,
    pub health: Health,
    pub counters: Counters,
    pub shutdown: CancellationToken,
    pub task: AbortOnDropHandle<()>,
    pub sound: Sound,
}

/// Engine and the ends of its rings.
pub struct Sound {
    engine: EngineLoop,
    playback: habitat_engine::PlaybackEnd,
    capture: habitat_engine::CaptureEnd,
}

/// The settings of a broker on this machine.
pub fn plain(port: u16) -> Mqtt {
    Mqtt {
        host: "127.0.0.1".into(),
        other_hosts: Vec::new(),
        port,
        tls: false,
        ca_file: None,
        certificate_file: None,
        key_file: None,
        username: None,
        password_file: None,
        client_id: "habitat-hq".into(),
        topic_prefix: "habitat".into(),
        home_assistant: None,
    }
}

impl Site {
    /// Connects to a broker that lets anyone in.
    pub fn start(port: u16) -> Self {
        Self::with(plain(port))
    }

    /// Connects as told.
    pub fn with(mqtt: Mqtt) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let site = Arc::new(configuration(folder.path()));
        let (parameters, _) = control::initial(&site, &Saved::default(), Timestamp::now());
        let (sound, writer) = Sound::new(&parameters);
        let health = Health::default();
        let dispatch = Dispatch::new(
            "/sites/hq/controllers/test".into(),
            IdSource::seeded(1),
            ZONES.len(),
            None,
            None,
            WhenFull::Drop,
        );
        let control = Control::new(
            site,
            &Saved::default(),
            Clock::wall(48_000),
            dispatch.clone(),
            None,
            health.clone(),
            writer,
        );
        let (status, counters, shutdown) = (StatusBoard::default(), Counters::default(), CancellationToken::new());
        let running = mqtt::run(
            mqtt,
            control.clone(),
            status.clone(),
            dispatch.clone(),
            health.clone(),
            counters.clone(),
            shutdown.clone(),
        );
        let task = AbortOnDropHandle::new(tokio::spawn(running));
        Site {
            control,
            status,
            dispatch,
            health,
            counters,
            shutdown,
            task,
            sound,
        }
    }

    /// Publishes a status in which the zones have these levels.
    pub fn measure(&self, levels_db: [f64; 2]) {
        let zones = ZONES.iter().zip(levels_db).enumerate();
        let zones = zones.map(|(index, (zone, level_db))| ZoneStatus {
            measurement: measurement(zone, level_db),
            effective: self.settings(index),
            base_level_db: Some(40.0),
            muted: false,
            masking_benefit: MaskingBenefit::NotMaskable,
        });
        self.status.publish(SiteStatus {
            time: Some(Timestamp::now()),
            zones: zones.collect(),
        });
    }

    /// Settings in force in a zone.
    pub fn settings(&self, zone: usize) -> ZoneSettings {
        self.control.settings(zone).unwrap()
    }

    /// What the health board says about MQTT; empty while it works, `None` before anything was said.
    pub fn problem(&self) -> Option<String> {
        self.health.snapshot().remove(&Part::Mqtt).map(|condition| match condition {
            Condition::Ok => String::new(),
            Condition::Degraded(problem) => problem,
        })
    }

    /// Waits until the health board says something that contains this.
    pub async fn wait_for_problem(&self, part: &str) -> String {
        wait(|| self.problem().filter(|problem| problem.contains(part))).await
    }

    /// Waits until MQTT works.
    pub async fn wait_until_up(&self) {
        wait(|| self.problem().filter(String::is_empty)).await;
    }
}

/// Asks again and again, for at most half a minute.
pub async fn wait<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    for _ in 0..3000 {
        if let Some(answer) = ask() {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not come about within half a minute");
}

impl Sound {
    fn new(parameters: &Parameters) -> (Self, habitat_engine::ParameterWriter) {
        let own = |zone| vec![OwnSoundSetup { zone, power: 0.4 }];
        let setup = EngineSetup {
            sample_rate_hz: 48_000,
            microphones: vec![MicrophoneSetup {
                zone: 0,
                sensitivity_dbfs: -26.0,
                common_clock: true,
                loudspeakers: vec![CouplingSetup {
                    loudspeaker: 0,
                    gain_db: [-4.0; BAND_COUNT],
                }],
            }],
            loudspeakers: (0..2)
                .map(|zone| LoudspeakerSetup {
                    zone,
                    output_db_spl: 94.0,
                })
                .collect(),
            zones: (0..2)
                .map(|zone| ZoneSetup {
                    level_fixed_db: 43.0,
                    sti_target: 0.45,
                    has_workplaces: true,
                    normal_voice_db: 50.0,
                    place: Some(PlaceMemory::default()),
                    masking: own(zone),
                    hearing: Vec::new(),
                    neighbours: Vec::new(),
                    remote_neighbours: Vec::new(),
                })
                .collect(),
            remote_zones: Vec::new(),
            removal: RemovalSetup::default(),
            masking_spectrum_db: [0.0; 29],
            slew_up_db_per_min: 6.0,
            slew_down_db_per_min: 6.0,
            neighbour_max_db: 2.0,
            price_per_db: 0.01,
            startup_ramp_s: 10.0,
            seed: 1,
        };
        let engine = Engine::new(&setup, parameters).unwrap();
        let (engine, ends) = connect(engine, parameters, &Wiring::single(1, 2, BLOCK, 48_000), Mode::LockStep);
        let Ends {
            mut captures,
            mut playbacks,
            parameters,
            ..
        } = ends;
        (
            Sound {
                engine,
                playback: playbacks.remove(0),
                capture: captures.remove(0),
            },
            parameters,
        )
    }

    /// Plays on; per loudspeaker, the number of frames after the last that was not silent.
    pub fn silent_frames_after(&mut self, blocks: usize) -> [usize; 2] {
        let mut silent = [0; 2];
        let mut output = vec![0.0f32; BLOCK * 2];
        for _ in 0..blocks {
            self.capture.push(&[0.0; BLOCK]);
            while self.engine.turn() == Turn::Processed {}
            self.playback.pop(&mut output);
            for frame in output.chunks(2) {
                for (count, sample) in silent.iter_mut().zip(frame) {
                    *count = if *sample == 0.0 { *count + 1 } else { 0 };
                }
            }
        }
        silent
    }

    /// Blocks in 100 ms.
    pub const TENTH_OF_A_SECOND: usize = 4800 / BLOCK;
}

/// What was measured in a zone with this level.
pub fn measurement(zone: &str, level_db: f64) -> Measurement {
    Measurement {
        zone: zone.into(),
        period_s: 1.0,
        laeq_db: Some(level_db),
        lafmax_db: Some(level_db + 1.0),
        ambient_laeq_db: Some(38.0),
        ambient_resolved: true,
        ambient_uncertainty_db: Some(0.4),
        own_sound_removal: OwnSoundRemoval::Waveform,
        speech_laeq_db: None,
        speech_ratio: 0.0,
        talker: false,
        la10_db: Some(48.0),
        la50_db: Some(46.0),
        la90_db: Some(45.0),
        sti: None,
        masking_db: 43.0,
        distraction_db_min: 0.0,
    }
}

const TOGETHER: &str = r#"
[[group]]
id = "west"
zones = ["south-west"]
[[scene]]
id = "all-hands"
zones = ["north-east"]
enabled = false
[[scene]]
id = "all-hands"
zones = ["south-west"]
offset_db = -3.0
[[scene]]
id = "west-only"
zones = ["south-west"]
level_max_db = 44.0
"#;

/// So far away that nothing is told for its sake.
const REMOTE: &str = r#"
[[remote_zone]]
site = "next"
zone = "door"
floor = "3"
outline = [[40, 0], [48, 0], [48, 8], [40, 8]]
microphones = [[44.0, 4.0, 2.7]]
"#;

fn configuration(folder: &Path) -> habitat_config::Site {
    let zone = |id: &str, west: u32| {
        format!(
            "[[zone]]\nid = \"{id}\"\nfloor = \"3\"\nkind = \"focus\"\noutline = [[{west},0],[{0},0],[{0},8],[{west},8]]\n\
             [[microphone]]\nid = \"m-{id}\"\nzone = \"{id}\"\nposition = [{1}.0, 4.0, 2.7]\nchannel = {2}\nsensitivity_dbfs = -26.0\n\
             [[loudspeaker]]\nid = \"s-{id}\"\nzone = \"{id}\"\nposition = [{1}.0, 4.0, 2.75]\nchannel = {2}\noutput_db_spl = 94.0\n",
            west + 8,
            west + 4,
            west / 8 + 1,
        )
    };
    let floor = "[[floor]]\nid = \"3\"\noutline = [[0,0],[48,0],[48,8],[0,8]]\nheight_m = 2.8\n";
    std::fs::write(
        folder.join("layout.toml"),
        format!("{floor}{}{}", zone(ZONES[0], 0), zone(ZONES[1], 8)) + REMOTE,
    )
    .unwrap();
    let path = folder.join("habitat.toml");
    let levels = "[adaptation]\nlevel_min_db = 40.0\nlevel_fixed_db = 43.0\nlevel_max_db = 46.0\n";
    std::fs::write(
        &path,
        format!("layout = \"layout.toml\"\n[site]\nid = \"hq\"\noperators = [\"front-desk\", \"bms\"]\n{levels}[audio]\nbackend = \"virtual\"\n{TOGETHER}"),
    )
    .unwrap();
    habitat_config::load(&path)
        .unwrap_or_else(|problems| panic!("{problems}"))
        .site
}
