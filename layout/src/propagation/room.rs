//! One floor, ready to answer how loud a source here is there.

use crate::acoustics::BAND_COUNT;
use crate::plan::{Floor, Position, Screen};
use crate::spectrum::{energy, level_db};

use super::obstacles::Obstacles;
use super::reverberant::Reverberant;
use super::{SPEED_OF_SOUND_M_PER_S, direct};

/// Longest path that counts, metres.
///
/// Over 30 m a normal voice (57 dB(A) at 1 m) falls to 28 dB(A), 15 dB below masking at 43 dB(A): the STI is zero. Of
/// the masking at a listener, loudspeakers beyond it give half a decibel if the same office goes on for 60 m all round.
pub const MAX_PATH_M: f64 = 30.0;

/// A path whose loudest band is below this, dB re the free-field level at 1 m, does not count: normal speech is then
/// at 12 dB(A), 28 dB below the lowest usual masking.
pub const GAIN_FLOOR_DB: f64 = -45.0;

/// How loud and how late sound arrives.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// Level at the receiver re the source's free-field level at 1 m, dB, per third-octave band.
    pub gain_db: [f64; BAND_COUNT],
    /// Time of flight of the direct sound, seconds.
    pub delay_s: f64,
}

/// The acoustics of one floor.
#[derive(Clone, Debug)]
pub struct Room {
    reverberant: Reverberant,
    obstacles: Obstacles,
    /// [`GAIN_FLOOR_DB`] as an energy.
    faintest: f64,
}

impl Room {
    /// A floor with the screens that stand on it.
    pub fn new<'a>(floor: &Floor, screens: impl IntoIterator<Item = &'a Screen>) -> Self {
        Self {
            reverberant: Reverberant::of(floor),
            obstacles: Obstacles::of(floor, screens.into_iter()),
            faintest: energy(GAIN_FLOOR_DB),
        }
    }

    /// T60 of the floor, seconds: as stated in the layout, otherwise Eyring's estimate from size and absorption.
    pub fn reverberation_s(&self) -> f64 {
        self.reverberant.reverberation_s()
    }

    /// How a source is heard; `None` when farther than [`MAX_PATH_M`] or weaker than [`GAIN_FLOOR_DB`] in all bands.
    pub fn path(&self, from: Position, to: Position) -> Option<Path> {
        self.path_past(&self.obstacles, from, to)
    }

    /// The path, looking only at some of the obstacles.
    pub(crate) fn path_past(&self, obstacles: &Obstacles, from: Position, to: Position) -> Option<Path> {
        let energies = self.energies(from, to, obstacles)?;
        let gain_db = match energies.iter().all(|energy| *energy == energies[0]) {
            true => [level_db(energies[0]); BAND_COUNT],
            false => energies.map(level_db),
        };
        Some(Path {
            gain_db,
            delay_s: from.distance_m(to) / SPEED_OF_SOUND_M_PER_S,
        })
    }

    /// The path as energies re the free field at 1 m, looking only at some of the obstacles.
    pub(crate) fn energies(&self, from: Position, to: Position, obstacles: &Obstacles) -> Option<[f64; BAND_COUNT]> {
        let is_near = from.distance_m(to) <= MAX_PATH_M;
        let energies = is_near.then(|| self.all_energies(from, to, obstacles))?;
        energies.iter().any(|energy| *energy >= self.faintest).then_some(energies)
    }

    /// The same, however far and faint.
    pub(crate) fn all_energies(&self, from: Position, to: Position, obstacles: &Obstacles) -> [f64; BAND_COUNT] {
        let direct = direct::energy(from.distance_m(to));
        let reverberant = self.reverberant.energy(from, to);
        let through = obstacles.transmission(from, to);
        match through.screens {
            None => [(direct + reverberant) * through.walls; BAND_COUNT],
            Some(screens) => screens.map(|screen| (direct * screen + reverberant) * through.walls),
        }
    }

    pub(crate) fn obstacles(&self) -> &Obstacles {
        &self.obstacles
    }
}
