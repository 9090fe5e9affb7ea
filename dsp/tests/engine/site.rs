//! A small site, and an engine that runs on it.

use habitat_dsp::{
    Base, CouplingSetup, Engine, EngineSetup, HearingSetup, LoudspeakerSetup, MicrophoneSetup, OwnSoundSetup, Parameters,
    RemovalSetup, Report, ZoneParameters, ZoneReport, ZoneSetup,
    adaptation::{Fitting, PlaceMemory, ZoneBounds},
    spectrum::BAND_COUNT,
};

pub const RATE: u32 = 48_000;
pub const ZONES: usize = 3;

/// What a zone may do that nothing holds back.
pub const BOUNDS: ZoneBounds = ZoneBounds {
    fitting: Fitting::ANY,
    adapts: Ok(()),
    base_db: 40.0,
    level_min_db: 40.0,
    level_max_db: 46.0,
    offset_db: 0.0,
};

/// A path that is equally loud in all bands: the powers of `own` below.
fn coupling(loudspeaker: usize, zone: usize) -> CouplingSetup {
    let power: f32 = if loudspeaker == zone { 0.4 } else { 0.06 };
    CouplingSetup {
        loudspeaker,
        gain_db: [10.0 * power.log10(); BAND_COUNT],
    }
}

/// Three zones in a row, one microphone and one loudspeaker each, that hear each other 8 dB softer than themselves.
pub fn setup() -> EngineSetup {
    let sti_curve = core::array::from_fn(|n| ((n as f32 - 15.0) / 30.0).clamp(0.0, 1.0));
    let own = |zone: usize| {
        (0..ZONES).map(move |z| OwnSoundSetup {
            zone: z,
            power: if z == zone { 0.4 } else { 0.06 },
        })
    };
    let beside = |zone: usize| (0..ZONES).filter(move |z| z.abs_diff(zone) == 1);
    EngineSetup {
        sample_rate_hz: RATE,
        microphones: (0..ZONES)
            .map(|zone| MicrophoneSetup {
                zone,
                sensitivity_dbfs: -26.0,
                common_clock: true,
                loudspeakers: (0..ZONES).map(|loudspeaker| coupling(loudspeaker, zone)).collect(),
            })
            .collect(),
        loudspeakers: (0..ZONES)
            .map(|zone| LoudspeakerSetup {
                zone,
                output_db_spl: 94.0,
            })
            .collect(),
        zones: (0..ZONES)
            .map(|zone| ZoneSetup {
                level_fixed_db: 43.0,
                sti_target: 0.45,
                has_workplaces: true,
                normal_voice_db: 50.0,
                place: Some(PlaceMemory::default()),
                masking: own(zone).collect(),
                hearing: (0..ZONES)
                    .filter(|z| *z != zone)
                    .map(|from_zone| HearingSetup {
                        from_zone,
                        to_listeners_db: -8.0,
                        to_each_listener_db: Vec::new(),
                        to_microphones_db: Some(-8.0),
                        sti_curve,
                    })
                    .collect(),
                neighbours: beside(zone).collect(),
                remote_neighbours: Vec::new(),
            })
            .collect(),
        remote_zones: Vec::new(),
        removal: RemovalSetup::default(),
        masking_spectrum_db: core::array::from_fn(|band| {
            if (6..=25).contains(&band) {
                -5.0 / 3.0 * band as f64
            } else {
                f64::NEG_INFINITY
            }
        }),
        slew_up_db_per_min: 3.0,
        slew_down_db_per_min: 1.5,
        neighbour_max_db: 2.0,
        price_per_db: 0.01,
        startup_ramp_s: 10.0,
        seed: 1,
    }
}

pub fn parameters() -> Parameters {
    let zone = ZoneParameters {
        enabled: true,
        offset_db: 0.0,
        level_min_db: 40.0,
        level_max_db: 46.0,
        base: Base::Lowest,
        acclimatisation_db: 0.0,
        places_forgotten: 0,
        muted: false,
    };
    Parameters {
        muted: false,
        fade_out: false,
        zones: vec![zone; ZONES],
        remote_zones: Vec::new(),
    }
}

pub struct Run {
    pub engine: Engine,
    pub reports: Vec<Report>,
    pub output: Vec<f32>,
    frame: usize,
}

impl Run {
    pub fn new(setup: &EngineSetup) -> Self {
        let engine = Engine::new(setup, &parameters()).unwrap();
        Run {
            engine,
            reports: Vec::new(),
            output: Vec::new(),
            frame: 0,
        }
    }

    /// Runs for some seconds on a signal (frame, channel) -> sample, in blocks.
    pub fn go(&mut self, seconds: f64, block: usize, signal: impl Fn(usize, usize) -> f32) -> &mut Self {
        let end = self.frame + (seconds * f64::from(RATE)) as usize;
        while self.frame < end {
            let frames = block.min(end - self.frame);
            let input: Vec<f32> = (0..frames * ZONES)
                .map(|n| signal(self.frame + n / ZONES, n % ZONES))
                .collect();
            let mut output = vec![0.0; frames * ZONES];
            self.engine
                .process(frames, Some(&input), Some(&mut output), &mut self.reports);
            self.output.extend(output);
            self.frame += frames;
        }
        self
    }

    pub fn zones(&self) -> Vec<ZoneReport> {
        let zone = |report: &Report| match report {
            Report::Zone(zone) => Some(*zone),
            _ => None,
        };
        self.reports.iter().filter_map(zone).collect()
    }
}
