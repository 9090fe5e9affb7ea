//! Labelled scenes for the speech detector: as they may come, to fit it, and as they are to be judged.

use std::thread;

use crate::sounds::{
    disturbance::Disturbance,
    random::Random,
    scene::{Heard, Scene},
    talk::{Manner, Place},
    voice::Voice,
};

/// What is left of our own masking after it was removed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Masking {
    /// A steady level.
    Steady(f64),
    /// The canceller converges from the first level to the second within ten seconds.
    Converging(f64, f64),
    /// Steady, then muted for a third of the time.
    MutedBetween(f64),
    /// Rises by this much per minute.
    Rising(f64, f64),
}

impl Masking {
    fn level_db(self, t: f64, seconds: f64) -> Option<f64> {
        match self {
            Masking::Steady(db) => Some(db),
            Masking::Converging(from, to) => Some(from + (to - from) * (t / 10.0).min(1.0)),
            Masking::MutedBetween(db) => (!(1.0 / 3.0..2.0 / 3.0).contains(&(t / seconds))).then_some(db),
            Masking::Rising(db, per_minute) => Some(db + per_minute * t / 60.0),
        }
    }
}

/// The voices that the detector is judged by: those of the demo, slower and faster.
pub fn judging_voices(rate_hz: f64) -> Vec<Voice> {
    (0..4)
        .flat_map(|number| [0.92, 1.08].map(|speed| Voice::new(number, speed, rate_hz)))
        .collect()
}

/// A scene to make.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Level of the loudest talker, if anybody talks.
    pub speech_db: Option<f64>,
    /// Talkers.
    pub talkers: usize,
    /// Between talkers and microphone.
    pub place: Place,
    /// Ventilation and its level.
    pub ventilation: (Disturbance, f64),
    /// What is left of our own masking.
    pub masking: Masking,
    /// A disturbing sound and its level.
    pub disturbance: Option<(Disturbance, f64)>,
}

/// Rooms of the benchmark: dry, typical, and reverberant with a talker beyond the critical distance.
pub const PLACES: [Place; 3] = [
    Place {
        t60_s: 0.0,
        direct_db: 0.0,
    },
    Place {
        t60_s: 0.5,
        direct_db: 0.0,
    },
    Place {
        t60_s: 0.9,
        direct_db: -4.0,
    },
];

/// Makes scenes of some seconds, on two threads, each with a seed of its own.
pub fn hear(voices: &[Voice], rate_hz: f64, seconds: usize, first_seed: u64, cases: &[Case]) -> Vec<Heard> {
    let make = |number: usize, case: &Case| {
        let seed = first_seed + number as u64;
        let mut random = Random::new(seed ^ 0xABCD);
        let talkers = case.speech_db.map_or(0, |_| case.talkers);
        let talker = |n: usize, random: &mut Random| {
            let softer_db = if n == 0 { 0.0 } else { random.between(2.0, 8.0) };
            let manner = Manner {
                level_db: case.speech_db.unwrap_or(0.0) - softer_db,
                pause_s: random.between(1.0, 3.0) * if n == 0 { 1.0 } else { 3.0 },
                place: case.place,
            };
            (&voices[random.index(voices.len())], manner)
        };
        Scene {
            rate_hz,
            seconds,
            talkers: (0..talkers).map(|n| talker(n, &mut random)).collect(),
            ventilation: case.ventilation,
            residual: &|t| case.masking.level_db(t, seconds as f64),
            disturbance: case.disturbance,
            seed,
        }
        .hear()
    };
    let half = cases.len() / 2;
    thread::scope(|scope| {
        let later = scope.spawn(|| (half..cases.len()).map(|n| make(n, &cases[n])).collect::<Vec<_>>());
        let mut all: Vec<Heard> = (0..half).map(|n| make(n, &cases[n])).collect();
        all.extend(later.join().expect("a scene can be made"));
        all
    })
}

/// A scene as it may come, for fitting.
pub fn any_case(random: &mut Random, kinds: &[Disturbance]) -> Case {
    // More of the soft ones, which are hard.
    let speech_db = 28.0 + 26.0 * random.uniform().powf(1.6);
    let chance = random.uniform();
    let (speech, disturbing) = (chance < 0.7, chance > 0.5);
    // Louder than the speech by little, or nobody could tell.
    let highest_db = if speech { (speech_db + 3.0).min(52.0) } else { 54.0 };
    let masking_db = random.between(17.0, 28.0);
    let masking = match random.index(10) {
        0 => Masking::Steady(random.between(42.0, 46.0)),
        1 => Masking::Converging(random.between(42.0, 46.0), masking_db),
        2 => Masking::MutedBetween(random.between(20.0, 44.0)),
        3 => Masking::Rising(masking_db, random.between(-3.0, 3.0)),
        _ => Masking::Steady(masking_db),
    };
    let steps = if random.uniform() < 0.2 {
        Disturbance::SwitchedVentilation
    } else {
        Disturbance::Ventilation
    };
    Case {
        speech_db: speech.then_some(speech_db),
        talkers: 1 + random.index(2),
        place: Place {
            t60_s: if random.uniform() < 0.2 {
                0.0
            } else {
                random.between(0.25, 1.0)
            },
            direct_db: random.between(-8.0, 8.0),
        },
        ventilation: (steps, random.between(24.0, 37.0)),
        masking,
        disturbance: disturbing.then(|| (kinds[random.index(kinds.len())], random.between(26.0, highest_db.max(27.0)))),
    }
}
