//! From the level that each zone should have to the masking at each seat.
//!
//! A zone's own loudspeakers give about half of the masking at its seats, so the drives of all zones are solved for
//! together, as a commissioned system does that has measured its couplings. Where a wish would need less than nothing of a zone's own
//! loudspeakers, the level stays above it, and that is the level that counts.

use super::level::{energy, level_db};
use super::office::Office;
use super::paths::Paths;

/// Rounds of solving at most, and the relative error at which it is good enough.
const ROUNDS: usize = 200;
const GOOD: f64 = 1e-4;

/// The masking of an office.
#[derive(Clone, Debug)]
pub struct Masking<'a> {
    paths: &'a Paths,
    seats_of: Vec<Vec<usize>>,
    /// Per zone and zone: mean power at the seats of the first per drive of the second.
    coupling: Vec<Vec<f64>>,
    wishes_db: Vec<f64>,
    drives: Vec<f64>,
    seats_power: Vec<f64>,
    levels_db: Vec<f64>,
}

impl<'a> Masking<'a> {
    /// An office without masking yet.
    pub fn new(office: &Office, paths: &'a Paths) -> Self {
        let zones = office.size.zones();
        let mut seats_of = vec![Vec::new(); zones];
        for (index, seat) in office.seats.iter().enumerate() {
            seats_of[seat.zone].push(index);
        }
        let mean = |seats: &Vec<usize>, from: usize| {
            seats.iter().map(|seat| paths.masking[*seat][from]).sum::<f64>() / seats.len() as f64
        };
        Masking {
            paths,
            coupling: seats_of
                .iter()
                .map(|seats| (0..zones).map(|from| mean(seats, from)).collect())
                .collect(),
            seats_of,
            wishes_db: vec![f64::NEG_INFINITY; zones],
            drives: vec![0.0; zones],
            seats_power: vec![0.0; office.seats.len()],
            levels_db: vec![f64::NEG_INFINITY; zones],
        }
    }

    /// Plays masking that brings each zone to a level, dB(A), as far as that is possible.
    pub fn play(&mut self, wishes_db: &[f64]) {
        if self.wishes_db == wishes_db {
            return;
        }
        self.wishes_db.copy_from_slice(wishes_db);
        let wanted: Vec<f64> = wishes_db.iter().map(|level_db| energy(*level_db)).collect();
        for _ in 0..ROUNDS {
            let mut worst = 0.0f64;
            for (zone, coupling) in self.coupling.iter().enumerate() {
                let power: f64 = coupling.iter().zip(&self.drives).map(|(gain, drive)| gain * drive).sum();
                let change = ((wanted[zone] - power) / coupling[zone]).max(-self.drives[zone]);
                self.drives[zone] += change;
                worst = worst.max((change * coupling[zone] / wanted[zone]).abs());
            }
            if worst < GOOD {
                break;
            }
        }
        for (power, coupling) in self.seats_power.iter_mut().zip(&self.paths.masking) {
            *power = coupling.iter().zip(&self.drives).map(|(gain, drive)| gain * drive).sum();
        }
        for (level, seats) in self.levels_db.iter_mut().zip(&self.seats_of) {
            *level = level_db(seats.iter().map(|seat| self.seats_power[*seat]).sum::<f64>() / seats.len() as f64);
        }
    }

    /// Power of the masking at each seat.
    pub fn seats_power(&self) -> &[f64] {
        &self.seats_power
    }

    /// Energy mean over the seats of each zone, dB(A).
    pub fn levels_db(&self) -> &[f64] {
        &self.levels_db
    }

    /// Share of a zone's masking that comes from its own loudspeakers.
    pub fn own_share(&self, zone: usize) -> f64 {
        self.coupling[zone][zone] * self.drives[zone] / energy(self.levels_db[zone])
    }
}
