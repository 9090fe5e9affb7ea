//! Whatever people, rooms, commands and faults do: levels stay in their limits, slew holds in every window, neighbours hold, a mute is
//! silence, and a constant office comes to rest.
//!
//! Every limit is also attacked with itself removed from the controller, to show that this test would find it missing.

use proptest::{
    prelude::*,
    test_runner::{Config, RngSeed, TestRunner},
};

use super::*;
use crate::{
    Base, HearingSetup, OwnSoundSetup, PercentileLevels, Removal, RemovalSetup, ZoneParameters, ZoneSetup,
    adaptation::{Benefit, PlaceMemory},
    spectrum::BAND_COUNT,
    zone::ZoneSpeech,
};

const RATE_HZ: u32 = 1000;
const FRAMES_PER_HOP: u64 = RATE_HZ as u64 / HOPS_PER_S as u64;

/// The limits that must hold, dB per minute and dB.
const UP_DB_PER_MIN: f64 = 6.0;
const DOWN_DB_PER_MIN: f64 = 3.0;
const NEIGHBOUR_MAX_DB: f64 = 2.0;

/// One in so many numbers is infinite, no number or absurd.
const ODD_ONE_IN: u32 = 12;

/// Rounding.
const EXACTLY_DB: f64 = 1e-6;

/// Leaks from next door may take this from a level before its own loudspeakers make up for it, dB.
const LEAKS_DB: f64 = 0.02;

/// One zone of an attacked site during one part of an attack.
#[derive(Clone, Copy, Debug)]
struct Scene {
    hears: bool,
    speech_db: Option<f64>,
    background_db: f64,
    fluctuation_db: Option<f64>,
    parameters: ZoneParameters,
}

/// A part of an attack: what all zones do for some seconds.
#[derive(Clone, Debug)]
struct Part {
    scenes: Vec<Scene>,
    muted: bool,
    seconds: u32,
    /// Frames are not counted on, but jump.
    jump: u64,
}

/// A number that is usual but for one in so many.
fn odd(usual: core::ops::Range<f64>, one_in: u32) -> impl Strategy<Value = f64> {
    prop_oneof![
        one_in => usual,
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY), Just(0.0), Just(1e9)],
    ]
}

fn zone_parameters(one_in: u32) -> impl Strategy<Value = ZoneParameters> {
    let base = prop_oneof![
        4 => Just(Base::Lowest),
        2 => odd(38.0..48.0, one_in).prop_map(Base::Level),
        1 => Just(Base::Off),
    ];
    (
        (
            any::<bool>(),
            odd(-6.0..6.0, one_in),
            odd(35.0..44.0, one_in),
            odd(42.0..50.0, one_in),
        ),
        (
            base,
            prop_oneof![3 => Just(0.0), 1 => -6.0..0.0f64],
            0..2u32,
            prop::bool::weighted(0.1),
        ),
    )
        .prop_map(
            |((enabled, offset_db, level_min_db, level_max_db), (base, acclimatisation_db, places_forgotten, muted))| {
                ZoneParameters {
                    enabled,
                    offset_db,
                    level_min_db,
                    level_max_db,
                    base,
                    acclimatisation_db,
                    places_forgotten,
                    muted,
                }
            },
        )
}

fn scene(one_in: u32) -> impl Strategy<Value = Scene> {
    (
        prop::bool::weighted(0.9),
        prop::option::of(odd(30.0..75.0, one_in)),
        odd(20.0..60.0, one_in),
        prop::option::of(odd(0.0..12.0, one_in)),
        zone_parameters(one_in),
    )
        .prop_map(|(hears, speech_db, background_db, fluctuation_db, parameters)| Scene {
            hears,
            speech_db,
            background_db,
            fluctuation_db,
            parameters,
        })
}

fn attacks(one_in: u32) -> impl Strategy<Value = (usize, Vec<Part>)> {
    (1usize..6).prop_flat_map(move |zones| {
        let part = (
            prop::collection::vec(scene(one_in), zones),
            prop::bool::weighted(0.1),
            1u32..8,
            prop_oneof![4 => Just(0u64), 1 => 0..1_000_000u64],
        )
            .prop_map(|(scenes, muted, seconds, jump)| Part {
                scenes,
                muted,
                seconds,
                jump,
            });
        (Just(zones), prop::collection::vec(part, 1..5))
    })
}

/// What the attacked controller is made to keep; the test holds it to the limits above.
#[derive(Clone, Copy)]
struct Kept {
    up_db_per_min: f64,
    down_db_per_min: f64,
    neighbour_max_db: f64,
    level_max: bool,
    level_min: bool,
    mute: bool,
}

const ALL: Kept = Kept {
    up_db_per_min: UP_DB_PER_MIN,
    down_db_per_min: DOWN_DB_PER_MIN,
    neighbour_max_db: NEIGHBOUR_MAX_DB,
    level_max: true,
    level_min: true,
    mute: true,
};

/// A row of zones, each with loudspeakers of its own that leak into the next.
fn setup(zones: usize, kept: Kept) -> EngineSetup {
    let beside = |zone: usize| (0..zones).filter(move |other| other.abs_diff(zone) == 1);
    let zone = |zone: usize| ZoneSetup {
        level_fixed_db: 43.0,
        sti_target: 0.5,
        has_workplaces: zone % 3 != 1,
        normal_voice_db: 50.0,
        place: Some(PlaceMemory::default()),
        masking: beside(zone)
            .map(|zone| OwnSoundSetup { zone, power: 0.1 })
            .chain([OwnSoundSetup { zone, power: 0.5 }])
            .collect(),
        hearing: (0..zones)
            .filter(|other| *other != zone)
            .map(|from_zone| HearingSetup {
                from_zone,
                to_listeners_db: -6.0,
                to_each_listener_db: vec![-6.0, -9.0, -14.0],
                to_microphones_db: Some(-10.0),
                sti_curve: core::array::from_fn(|n| ((n as f32 - 15.0) / 30.0).clamp(0.0, 1.0)),
            })
            .collect(),
        neighbours: beside(zone).collect(),
        remote_neighbours: Vec::new(),
    };
    EngineSetup {
        sample_rate_hz: RATE_HZ,
        microphones: Vec::new(),
        loudspeakers: Vec::new(),
        zones: (0..zones).map(zone).collect(),
        remote_zones: Vec::new(),
        removal: RemovalSetup::default(),
        masking_spectrum_db: [0.0; BAND_COUNT],
        slew_up_db_per_min: kept.up_db_per_min,
        slew_down_db_per_min: kept.down_db_per_min,
        neighbour_max_db: kept.neighbour_max_db,
        price_per_db: 0.05,
        startup_ramp_s: 2.0,
        seed: 1,
    }
}

struct Attacked {
    control: Control,
    kept: Kept,
    frame: u64,
    reports: Vec<Report>,
}

impl Attacked {
    fn new(zones: usize, kept: Kept, first: &Part) -> Self {
        // The signature of masking is measured once for all.
        static SIGNATURE: std::sync::LazyLock<FluctuationSignature> =
            std::sync::LazyLock::new(|| FluctuationSignature::of(f64::from(RATE_HZ), |piece| piece.fill(0.1)));
        Attacked {
            control: Control::new(&setup(zones, kept), &parameters(first, kept), *SIGNATURE),
            kept,
            frame: 0,
            reports: Vec::new(),
        }
    }

    fn levels_db(&self) -> Vec<f64> {
        (0..self.control.zones.len())
            .map(|zone| self.control.door.level_db(zone))
            .collect()
    }

    fn listen(&mut self, part: &Part) {
        for (zone, scene) in part.scenes.iter().enumerate() {
            let speech = ZoneSpeech {
                now_db: scene.speech_db,
                averaged_db: scene.speech_db,
                background_power: 10f64.powf(scene.background_db / 10.0),
            };
            self.control.take_period(zone, report(zone, self.frame, scene), speech);
        }
        self.control.decide(&mut self.reports);
        self.reports.clear();
    }

    /// Plays a part and checks every step of it.
    fn attack(&mut self, part: &Part) -> Result<(), TestCaseError> {
        let parameters = parameters(part, self.kept);
        self.control.set_parameters(&parameters);
        self.frame += part.jump;
        let begun_db = self.levels_db();
        for second in 1..=part.seconds {
            self.listen(part);
            for hop in 1..=HOPS_PER_S {
                let before_db = self.levels_db();
                self.frame += FRAMES_PER_HOP;
                self.control.step(self.frame, &mut self.reports);
                self.reports.clear();
                let after_db = self.levels_db();
                self.check_step(part, &before_db, &after_db)?;
                // Slew holds in every window, not only from step to step.
                let minutes = (f64::from(second - 1) + f64::from(hop) / f64::from(HOPS_PER_S)) / 60.0;
                for (begun_db, after_db) in begun_db.iter().zip(&after_db) {
                    let moved_db = after_db - begun_db;
                    prop_assert!(
                        moved_db <= UP_DB_PER_MIN * minutes + EXACTLY_DB,
                        "rose by {moved_db} dB in {minutes} min"
                    );
                    prop_assert!(
                        -moved_db <= DOWN_DB_PER_MIN * minutes + EXACTLY_DB,
                        "fell by {moved_db} dB in {minutes} min"
                    );
                }
            }
        }
        Ok(())
    }

    fn check_step(&self, part: &Part, before_db: &[f64], after_db: &[f64]) -> Result<(), TestCaseError> {
        for (zone, scene) in part.scenes.iter().enumerate() {
            let (before, after) = (before_db[zone], after_db[zone]);
            prop_assert!(after.is_finite(), "zone {zone}: {after} dB");
            let limits = &scene.parameters;
            let (lowest_db, highest_db) = (
                limits.level_min_db + limits.acclimatisation_db,
                limits.level_max_db + limits.acclimatisation_db,
            );
            prop_assert!(
                after <= before + EXACTLY_DB || after <= highest_db + EXACTLY_DB,
                "zone {zone} rose to {after} dB above its maximum of {highest_db} dB"
            );
            let above_minimum = after >= lowest_db.min(highest_db) - LEAKS_DB || !(lowest_db + highest_db).is_finite();
            prop_assert!(
                after >= before - EXACTLY_DB || above_minimum || is_held_down(part, before_db, zone),
                "zone {zone} fell to {after} dB below its minimum of {lowest_db} dB"
            );
            for other in [zone.wrapping_sub(1), zone + 1]
                .into_iter()
                .filter(|other| *other < after_db.len())
            {
                // Both may move in the same step.
                let step_db = (UP_DB_PER_MIN + DOWN_DB_PER_MIN) / 60.0 * STEP_S;
                let apart_db = after - after_db[other];
                prop_assert!(
                    apart_db <= NEIGHBOUR_MAX_DB + step_db + EXACTLY_DB,
                    "zones {zone} and {other} are {apart_db} dB apart"
                );
            }
            let drive = self.control.audible_drives()[zone];
            prop_assert!(drive.is_finite() && drive >= 0.0);
            prop_assert!(
                !(part.muted || limits.muted) || drive == 0.0,
                "zone {zone} is muted and plays"
            );
        }
        Ok(())
    }
}

/// Whether the neighbour limit leaves a zone no higher level: another one stands so low, or may not be higher.
fn is_held_down(part: &Part, levels_db: &[f64], zone: usize) -> bool {
    let others = part.scenes.iter().zip(levels_db).enumerate();
    others.filter(|(other, _)| *other != zone).any(|(other, (scene, level_db))| {
        let highest_db = scene.parameters.level_max_db + scene.parameters.acclimatisation_db;
        let allows_db = level_db.min(highest_db) + NEIGHBOUR_MAX_DB * other.abs_diff(zone) as f64;
        allows_db <= levels_db[zone] + LEAKS_DB
    })
}

/// The parameters of a part, without the limits that are not kept.
fn parameters(part: &Part, kept: Kept) -> Parameters {
    let zone = |scene: &Scene| ZoneParameters {
        level_max_db: if kept.level_max { scene.parameters.level_max_db } else { 90.0 },
        level_min_db: if kept.level_min { scene.parameters.level_min_db } else { 10.0 },
        muted: scene.parameters.muted && kept.mute,
        ..scene.parameters
    };
    Parameters {
        muted: part.muted && kept.mute,
        fade_out: false,
        zones: part.scenes.iter().map(zone).collect(),
        remote_zones: Vec::new(),
    }
}

fn report(zone: usize, end_frame: u64, scene: &Scene) -> ZoneReport {
    let percentiles = scene.fluctuation_db.map(|fluctuation_db| PercentileLevels {
        l10_db: 45.0 + fluctuation_db as f32,
        l90_db: 45.0,
        ..PercentileLevels::default()
    });
    ZoneReport {
        zone: zone as u32,
        end_frame,
        laeq_db: scene.hears.then_some(47.0),
        lafmax_db: None,
        ambient_laeq_db: None,
        ambient_resolved: true,
        ambient_uncertainty_db: None,
        removal: Removal::Waveform,
        speech_laeq_db: None,
        speech_ratio: 1.0,
        talker: false,
        percentiles,
        sti: None,
        masking_db: 0.0,
        benefit: Benefit::Quiet,
        distraction_db_min: 0.0,
    }
}

/// Runs so many random attacks on a controller that keeps these limits.
fn attack(cases: u32, kept: Kept) -> Result<(), String> {
    let config = Config {
        cases,
        rng_seed: RngSeed::Fixed(4),
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    let run = |(zones, parts): (usize, Vec<Part>)| {
        let mut attacked = Attacked::new(zones, kept, &parts[0]);
        parts.iter().try_for_each(|part| attacked.attack(part))
    };
    TestRunner::new(config)
        .run(&attacks(ODD_ONE_IN), run)
        .map_err(|error| error.to_string())
}

#[test]
fn no_limit_is_broken_in_ten_thousand_attacks() {
    attack(10_000, ALL).unwrap();
}

/// Attacks a controller without one of its limits; the attack has to notice.
fn is_found_missing(kept: Kept, what: &str) {
    let found = attack(2000, kept).unwrap_err();
    assert!(found.contains(what), "{found}");
}

#[test]
fn a_missing_limit_of_the_rise_is_found() {
    let up_db_per_min = 60.0;
    is_found_missing(Kept { up_db_per_min, ..ALL }, "rose by");
}

#[test]
fn a_missing_limit_of_the_fall_is_found() {
    let down_db_per_min = 60.0;
    is_found_missing(Kept { down_db_per_min, ..ALL }, "fell by");
}

#[test]
fn a_missing_neighbour_limit_is_found() {
    let neighbour_max_db = 100.0;
    is_found_missing(Kept { neighbour_max_db, ..ALL }, "apart");
}

#[test]
fn a_missing_maximum_is_found() {
    is_found_missing(Kept { level_max: false, ..ALL }, "above its maximum");
}

#[test]
fn a_missing_minimum_is_found() {
    is_found_missing(Kept { level_min: false, ..ALL }, "below its minimum");
}

#[test]
fn a_mute_that_does_nothing_is_found() {
    is_found_missing(Kept { mute: false, ..ALL }, "is muted and plays");
}

proptest! {
    #![proptest_config(Config::with_cases(300))]

    #[test]
    fn a_constant_office_comes_to_rest((zones, parts) in attacks(1_000_000_000)) {
        // Unmuted, and with talkers who neither begin nor end.
        let part = Part { muted: false, seconds: 1, ..parts[0].clone() };
        let mut attacked = Attacked::new(zones, ALL, &part);
        // From silence up, and from one end of any range to the other, with the neighbours in turn.
        for _ in 0..600 {
            attacked.attack(&part)?;
        }
        let mut range_db: Vec<(f64, f64)> = attacked.levels_db().iter().map(|level_db| (*level_db, *level_db)).collect();
        for _ in 0..60 {
            attacked.attack(&part)?;
            for (range, level_db) in range_db.iter_mut().zip(attacked.levels_db()) {
                *range = (range.0.min(level_db), range.1.max(level_db));
            }
        }
        for (low_db, high_db) in range_db {
            prop_assert!(high_db - low_db < 0.01, "moves between {low_db} and {high_db} dB");
        }
    }
}
