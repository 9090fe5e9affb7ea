//! How sound gets from one place in a simulated office to another.
//!
//! An office is described by the figures that people measure in it (ISO 3382-3): the spatial decay of speech D2,S and the
//! level of speech at 4 m, Lp,A,S,4m. From 2 m on, the level falls along the straight line of those two. Part of it is
//! direct sound, at most half: beyond some metres desks and people stand in its way. Screens between zones weaken only the
//! direct part (Maekawa's chart in Tatge's form, JASA 53, 1317 (1973)) and come on top of the two figures.

use super::level::energy;
use super::sti::OCTAVES;

/// Level of the speech of ISO 3382-3 at 1 m, dB(A), to which Lp,A,S,4m refers.
const ISO_SPEECH_DB: f64 = 57.4;

/// Nearer than this the sound is direct sound and the same reverberant sound as here, metres.
const FIT_FROM_M: f64 = 2.0;

/// Nearest way, metres.
const NEAREST_M: f64 = 0.5;

/// Most that the direct sound has of the whole from [`FIT_FROM_M`] on.
const MOST_DIRECT: f64 = 0.5;

/// Distance of people from a screen, metres.
const TO_SCREEN_M: f64 = 3.0;

/// Height of mouths and ears above the floor, metres (ISO 3382-3).
pub const SEATED_M: f64 = 1.2;

/// Height of microphones and loudspeakers above the floor, metres.
pub const CEILING_M: f64 = 2.7;

/// The acoustics of an office.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Room {
    /// What it is called in the table.
    pub name: &'static str,
    /// Spatial decay of speech D2,S, dB per doubling of distance.
    pub d2s_db: f64,
    /// Level of speech at 4 m, Lp,A,S,4m, dB(A).
    pub lp4m_db: f64,
    /// Reverberation time T60, seconds.
    pub t60_s: f64,
    /// Height of the screens between the columns of zones, metres.
    pub screen_height_m: Option<f64>,
    /// Mean absorption of the ceiling, as one would state it in the floor plan.
    pub ceiling_absorption: f64,
}

/// ISO 3382-3's good example (D2,S ≥ 7 dB, Lp,A,S,4m ≤ 48 dB): soft ceiling, screens.
pub const DRY: Room = Room {
    name: "dry",
    d2s_db: 7.0,
    lp4m_db: 48.0,
    t60_s: 0.3,
    screen_height_m: Some(1.6),
    ceiling_absorption: 0.9,
};

/// Between the standard's good and poor examples.
pub const ORDINARY: Room = Room {
    name: "ordinary",
    d2s_db: 6.0,
    lp4m_db: 49.0,
    t60_s: 0.5,
    screen_height_m: Some(1.4),
    ceiling_absorption: 0.8,
};

/// ISO 3382-3's poor example (D2,S < 5 dB, Lp,A,S,4m > 50 dB): harder ceiling, no screens.
pub const REVERBERANT: Room = Room {
    name: "reverberant",
    d2s_db: 5.0,
    lp4m_db: 50.0,
    t60_s: 0.7,
    screen_height_m: None,
    ceiling_absorption: 0.5,
};

/// A small hard room where everybody is near everybody: its own reverberant field is louder than any masking allowed.
pub const SMALL_AND_HARD: Room = Room {
    name: "small, hard",
    d2s_db: 3.0,
    lp4m_db: 54.0,
    t60_s: 0.6,
    screen_height_m: None,
    ceiling_absorption: 0.3,
};

/// What arrives, as energies re the direct sound at 1 m, per octave.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Straight from the source.
    pub direct: [f64; OCTAVES],
    /// By reflections.
    pub reflected: f64,
}

impl Arrival {
    /// All of it.
    pub fn total(&self) -> [f64; OCTAVES] {
        self.direct.map(|direct| direct + self.reflected)
    }

    /// The share of the direct sound.
    pub fn direct_share(&self) -> [f64; OCTAVES] {
        self.direct.map(|direct| direct / (direct + self.reflected))
    }
}

impl Room {
    /// A-weighted level of speech at a distance re the direct sound at 1 m, with no screen between, dB.
    pub fn decay_db(&self, distance_m: f64) -> f64 {
        self.lp4m_db - ISO_SPEECH_DB - self.d2s_db * (distance_m / 4.0).log2()
    }

    /// What arrives over a distance.
    pub fn arrival(&self, distance_m: f64, screened: bool) -> Arrival {
        let distance_m = distance_m.max(NEAREST_M);
        let along_line = energy(self.decay_db(distance_m.max(FIT_FROM_M)));
        let straight = |distance_m: f64| distance_m.powi(-2);
        let direct_there = straight(distance_m.max(FIT_FROM_M)).min(MOST_DIRECT * along_line);
        let reflected = along_line - direct_there;
        let direct = if distance_m < FIT_FROM_M {
            straight(distance_m)
        } else {
            direct_there
        };
        let screen = match self.screen_height_m {
            Some(height_m) if screened => over_screen(height_m),
            _ => [1.0; OCTAVES],
        };
        Arrival {
            direct: screen.map(|left| left * direct),
            reflected,
        }
    }
}

/// Share of the direct sound that gets over a screen midway between seated people.
fn over_screen(height_m: f64) -> [f64; OCTAVES] {
    const SPEED_OF_SOUND_M_PER_S: f64 = 343.0;
    let detour_m = 2.0 * (TO_SCREEN_M.hypot(height_m - SEATED_M) - TO_SCREEN_M);
    core::array::from_fn(|octave| {
        let centre_hz = 125.0 * 2f64.powi(octave as i32);
        1.0 / (3.0 + 20.0 * 2.0 * detour_m * centre_hz / SPEED_OF_SOUND_M_PER_S)
    })
}
