//! An open-plan office of eight zones, with an engine that plays into it and hears what its microphones hear, wherever they are.
//!
//! What tests of swapped channels need: every loudspeaker is heard at every place, as loud as the room makes it.

use std::collections::BTreeMap;

use habitat_dsp::{
    CouplingSetup, Engine, EngineSetup, HearingSetup, LoudspeakerSetup, MicrophoneFault, MicrophoneSetup, OwnSoundSetup,
    RemovalSetup, Report, STI_CURVE_POINTS, ZoneReport, ZoneSetup,
    adaptation::PlaceMemory,
    masking::{NoiseGenerator, NoiseShape},
    spectrum::BAND_COUNT,
};

use crate::{
    echo_scene::minus5,
    parameters,
    rooms::{Drift, Paths, Point, Room, RoomKind},
    sounds::{level::level_db, random::Random, voice::Voice},
};

/// Frames per second.
pub const RATE_HZ: u32 = 16_000;

/// Zones in four columns and two rows, with a microphone each.
pub const ZONES: usize = 8;
const COLUMNS: usize = 4;

/// Two in each zone.
const LOUDSPEAKERS: usize = 2 * ZONES;

/// Frames that are played and heard at a time.
const BLOCK: usize = RATE_HZ as usize / 10;

/// The room and one zone of it, metres.
const SIZE_M: Point = [28.0, 12.0, 2.8];
const ZONE_M: f64 = 7.0;
const ROW_M: f64 = 6.0;

/// Masking at the microphones when it is not adapted, dB(A).
const MASKING_DB: f64 = 44.0;

/// Pressure in units of 20 µPa per sample, and samples per pressure: −26 dBFS at 94 dB SPL, 94 dB SPL at 1 m at 0 dBFS.
const MICROPHONE: f64 = 1e6 * core::f64::consts::SQRT_2;
const LOUDSPEAKER: f64 = 50_118.723 * core::f64::consts::SQRT_2;

/// What may be different from office to office.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How reverberant it is.
    pub kind: RoomKind,
    /// How own sound is removed.
    pub removal: RemovalSetup,
    /// Standard deviation of the layout's error about each path, dB.
    pub layout_error_db: f64,
    /// Which of the ways to be wrong.
    pub seed: u64,
    /// By how much the capture clock runs faster than the playback clock, parts per million.
    pub drift_ppm: f64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            kind: RoomKind::Typical,
            removal: RemovalSetup {
                tail_s: 0.4,
                playback_delay_frames: Some(BLOCK as u32),
                ..RemovalSetup::default()
            },
            layout_error_db: 1.5,
            seed: 1,
            drift_ppm: 0.0,
        }
    }
}

/// The office.
pub struct OpenPlan {
    options: Options,
    room: Room,
    engine: Engine,
    /// PlaceMemory of the microphone on each channel; those from [`ZONES`] on are on no layout.
    wiring: [usize; ZONES],
    /// Responses from each loudspeaker, and from the talker, to each place so far.
    responses: BTreeMap<usize, Vec<Vec<f32>>>,
    /// From each loudspeaker, and from the talker, to each channel.
    paths: Paths,
    talker: Paths,
    drift: Vec<Drift>,
    /// Loudspeakers that are unplugged.
    pub unplugged: [bool; LOUDSPEAKERS],
    /// Microphones that hear nothing of the masking: they are covered, and only their own noise is left.
    pub covered: [bool; ZONES],
    /// Ventilation at each microphone, dB(A).
    pub ventilation_db: f64,
    /// Speech at the microphone of the first zone, dB(A); `None` when nobody talks.
    pub speech_db: Option<f64>,
    speech: Vec<f32>,
    spoken: usize,
    ventilation: Vec<NoiseGenerator>,
    shape: NoiseShape,
    played: Vec<f32>,
    blocks: usize,
    /// All reports so far.
    pub reports: Vec<Report>,
}

impl OpenPlan {
    /// An office that is about to start, with its microphones where they should be.
    pub fn new(options: Options) -> Self {
        let room = Room::with_size(options.kind, SIZE_M);
        let setup = setup(&room, options);
        let mut shape = NoiseShape::new(f64::from(RATE_HZ), &minus5());
        let mut speech: Vec<f32> = (0..4)
            .flat_map(|voice| Voice::new(voice, 1.0, f64::from(RATE_HZ)).samples)
            .collect();
        speech.resize(speech.len() / BLOCK * BLOCK, 0.0);
        let longest = (options.kind.reverberation_s() * f64::from(RATE_HZ)) as usize;
        let mut office = OpenPlan {
            room,
            engine: Engine::new(&setup, &parameters(ZONES)).expect("the office is a valid site"),
            wiring: core::array::from_fn(|channel| channel),
            responses: BTreeMap::new(),
            paths: Paths::new(LOUDSPEAKERS, ZONES, longest, BLOCK),
            talker: Paths::new(1, ZONES, longest, BLOCK),
            drift: vec![Drift::default(); ZONES],
            unplugged: [false; LOUDSPEAKERS],
            covered: [false; ZONES],
            ventilation_db: 32.0,
            speech_db: None,
            speech,
            spoken: 0,
            ventilation: (0..ZONES as u64).map(|n| NoiseGenerator::new(900 + n, &mut shape)).collect(),
            shape,
            played: vec![0.0; BLOCK * LOUDSPEAKERS],
            blocks: 0,
            reports: Vec::new(),
            options,
        };
        office.set_paths();
        let mut first = Vec::new();
        for dry in office.speech.chunks(BLOCK) {
            first.extend_from_slice(&office.talker.block(&[dry.to_vec()])[0]);
        }
        let gain = 10f32.powf(-level_db(&first, f64::from(RATE_HZ)) as f32 / 20.0);
        office.speech.iter_mut().for_each(|sample| *sample *= gain);
        office
    }

    /// Connects the microphone of a place to a channel.
    pub fn connect(&mut self, channel: usize, place: usize) {
        self.wiring[channel] = place;
        self.set_paths();
    }

    /// Exchanges the microphones of two channels.
    pub fn exchange(&mut self, a: usize, b: usize) {
        self.wiring.swap(a, b);
        self.set_paths();
    }

    /// People and furniture move: a share of the reflections arrives on other ways from now on.
    pub fn move_furniture(&mut self, share: f64, seed: u64) {
        self.room = self.room.with_moved_reflections(share, seed);
        self.responses.clear();
        self.set_paths();
    }

    /// Mutes and releases zones.
    pub fn mute(&mut self, muted: [bool; ZONES]) {
        let mut parameters = parameters(ZONES);
        parameters
            .zones
            .iter_mut()
            .zip(muted)
            .for_each(|(zone, muted)| zone.muted = muted);
        self.engine.set_parameters(&parameters);
    }

    /// Seconds since the start.
    pub fn time_s(&self) -> f64 {
        self.blocks as f64 * BLOCK as f64 / f64::from(RATE_HZ)
    }

    /// Goes on for some tenths of a second.
    pub fn go(&mut self, tenths: usize) {
        for _ in 0..tenths {
            let heard = self.heard();
            self.engine
                .process(BLOCK, Some(&heard), Some(&mut self.played), &mut self.reports);
            self.blocks += 1;
        }
    }

    /// Faults that were told: second, microphone and fault, or `None` when it is over.
    pub fn faults(&self) -> Vec<(f64, usize, Option<MicrophoneFault>)> {
        let fault = |report: &Report| match report {
            Report::Microphone {
                microphone,
                end_frame,
                fault,
            } => Some((*end_frame as f64 / f64::from(RATE_HZ), *microphone as usize, *fault)),
            _ => None,
        };
        self.reports.iter().filter_map(fault).collect()
    }

    /// The last report of a zone.
    pub fn zone(&self, zone: usize) -> Option<ZoneReport> {
        let of_zone = |report: &Report| match report {
            Report::Zone(report) if report.zone as usize == zone => Some(*report),
            _ => None,
        };
        self.reports.iter().rev().find_map(of_zone)
    }

    /// One block of all channels, interleaved.
    fn heard(&mut self) -> Vec<f32> {
        let gain = self.speech_db.map_or(0.0, |speech_db| 10f32.powf(speech_db as f32 / 20.0));
        let talking: Vec<f32> = self.speech[self.spoken..][..BLOCK].iter().map(|x| gain * x).collect();
        self.spoken = (self.spoken + BLOCK) % self.speech.len();
        let spoken = self.talker.block(&[talking]);
        let played: Vec<Vec<f32>> = (0..LOUDSPEAKERS)
            .map(|loudspeaker| {
                let gain = if self.unplugged[loudspeaker] { 0.0 } else { 1.0 };
                let samples = self.played.iter().skip(loudspeaker).step_by(LOUDSPEAKERS);
                samples.map(|x| gain * x).collect()
            })
            .collect();
        let own = self.paths.block(&played);
        let mut heard = vec![0.0; BLOCK * ZONES];
        for (channel, (mut own, spoken)) in own.into_iter().zip(spoken).enumerate() {
            if self.covered[channel] {
                own.fill(0.0);
            }
            let own = self.drift[channel].take(own, self.options.drift_ppm);
            let mut ambient = vec![0.0; BLOCK];
            self.ventilation[channel].render(&mut self.shape, &mut ambient, (0.01, 0.01));
            let gain = (10f64.powf(self.ventilation_db / 10.0) / (0.5 * 0.01 * 0.01)).sqrt() as f32;
            ambient
                .iter_mut()
                .zip(spoken)
                .for_each(|(ambient, spoken)| *ambient = gain * *ambient + spoken);
            let slots = heard.iter_mut().skip(channel).step_by(ZONES);
            for ((slot, own), ambient) in slots.zip(own).zip(ambient) {
                *slot = ((f64::from(own) * LOUDSPEAKER + f64::from(ambient)) / MICROPHONE) as f32;
            }
        }
        heard
    }

    fn set_paths(&mut self) {
        for place in self.wiring {
            let room = &self.room;
            self.responses.entry(place).or_insert_with(|| {
                let sources = (0..LOUDSPEAKERS).map(loudspeaker_m).chain([TALKER_M]);
                sources
                    .map(|from| room.response(from, place_m(place), f64::from(RATE_HZ)))
                    .collect()
            });
        }
        for (channel, place) in self.wiring.iter().enumerate() {
            let (talker, loudspeakers) = self.responses[place].split_last().expect("every place hears the talker");
            for (loudspeaker, response) in loudspeakers.iter().enumerate() {
                self.paths.set_response(loudspeaker, channel, response);
            }
            self.talker.set_response(0, channel, talker);
        }
    }
}

/// Somebody in the first zone.
const TALKER_M: Point = [2.1, 2.2, 1.2];

/// Where a microphone hangs: in the middle of a zone, somewhat off; then places that are on no layout.
fn place_m(place: usize) -> Point {
    let off = [0.4, -0.3, 0.2, -0.5, -0.2, 0.5, 0.3, -0.4][place % ZONES];
    if place < ZONES {
        let (x, y) = ((place % COLUMNS) as f64, (place / COLUMNS) as f64);
        [ZONE_M * (x + 0.5) + off, ROW_M * (y + 0.5) - 0.7 * off, 2.7]
    } else {
        // Between two columns, in the middle of the room.
        [ZONE_M * (place - ZONES + 1) as f64 + off, 0.5 * SIZE_M[1] + off, 2.7]
    }
}

fn loudspeaker_m(loudspeaker: usize) -> Point {
    let (zone, side) = (loudspeaker / 2, (loudspeaker % 2) as f64);
    let (x, y) = ((zone % COLUMNS) as f64, (zone / COLUMNS) as f64);
    [ZONE_M * (x + 0.25 + 0.5 * side), ROW_M * (y + 0.5), 2.75]
}

fn setup(room: &Room, options: Options) -> EngineSetup {
    let mut random = Random::new(options.seed);
    let gain = |loudspeaker: usize, place: usize| -> f64 {
        let response = room.response(loudspeaker_m(loudspeaker), place_m(place), f64::from(RATE_HZ));
        response.iter().map(|x| f64::from(*x).powi(2)).sum()
    };
    let gains: Vec<Vec<f64>> = (0..ZONES)
        .map(|place| (0..LOUDSPEAKERS).map(|loudspeaker| gain(loudspeaker, place)).collect())
        .collect();
    let sti_curve: [f32; STI_CURVE_POINTS] = core::array::from_fn(|n| ((n as f32 - 15.0) / 30.0).clamp(0.0, 1.0));
    let zones = (0..ZONES).map(|zone| ZoneSetup {
        level_fixed_db: MASKING_DB,
        sti_target: 0.45,
        has_workplaces: true,
        normal_voice_db: 50.0,
        place: Some(PlaceMemory::default()),
        masking: (0..ZONES)
            .map(|other| OwnSoundSetup {
                zone: other,
                power: gains[zone][2 * other] + gains[zone][2 * other + 1],
            })
            .collect(),
        hearing: (0..ZONES)
            .filter(|other| *other != zone)
            .map(|from_zone| HearingSetup {
                from_zone,
                to_listeners_db: -12.0,
                to_each_listener_db: Vec::new(),
                to_microphones_db: Some(-12.0),
                sti_curve,
            })
            .collect(),
        neighbours: (0..ZONES)
            .filter(|other| (other % COLUMNS).abs_diff(zone % COLUMNS) + (other / COLUMNS).abs_diff(zone / COLUMNS) == 1)
            .collect(),
        remote_neighbours: Vec::new(),
    });
    EngineSetup {
        remote_zones: Vec::new(),
        sample_rate_hz: RATE_HZ,
        microphones: gains
            .iter()
            .enumerate()
            .map(|(zone, gains)| MicrophoneSetup {
                zone,
                sensitivity_dbfs: -26.0,
                common_clock: true,
                loudspeakers: gains
                    .iter()
                    .enumerate()
                    .map(|(loudspeaker, gain)| CouplingSetup {
                        loudspeaker,
                        gain_db: [(10.0 * gain.log10() + options.layout_error_db * random.normal_pair().0) as f32; BAND_COUNT],
                    })
                    .collect(),
            })
            .collect(),
        loudspeakers: (0..LOUDSPEAKERS)
            .map(|loudspeaker| LoudspeakerSetup {
                zone: loudspeaker / 2,
                output_db_spl: 94.0,
            })
            .collect(),
        zones: zones.collect(),
        removal: options.removal,
        masking_spectrum_db: minus5(),
        slew_up_db_per_min: 3.0,
        slew_down_db_per_min: 1.5,
        neighbour_max_db: 2.0,
        price_per_db: 0.01,
        startup_ramp_s: 10.0,
        seed: 7,
    }
}
