//! How many listeners of a zone understand the talkers of another.

use super::{
    grid::{NOISE_FROM_DB, STEP_DB},
    sti_curve::ratio_at,
};
use crate::setup::HearingSetup;

/// Points of the table: noise at the listeners re speech at the talkers' microphones, from −60 to +15 dB.
const POINTS: usize = 151;
const FROM_DB: f64 = -60.0;

/// Standard deviation of what the layout and the measurement together do not know of one path, dB: about 1.5 dB each (simple
/// models of open-plan offices are wrong by as much).
const UNCERTAINTY_DB: f64 = 2.0;

/// The logistic function comes nearest to the normal distribution with this factor (Johnson, Kotz & Balakrishnan, "Continuous
/// univariate distributions", vol. 2, ch. 23).
const LOGISTIC_FACTOR: f64 = 1.702;

/// Share of the listeners who understand a talker, by how loud the noise is.
#[derive(Clone, Debug, PartialEq)]
pub struct Reach {
    shares: [f32; POINTS],
}

impl Reach {
    /// Of the talkers of one zone in another. A listener understands when the STI exceeds `sti_target`.
    pub fn new(path: &HearingSetup, sti_target: f64) -> Self {
        let only = [path.to_listeners_db as f32];
        let pairs = if path.to_each_listener_db.is_empty() {
            &only[..]
        } else {
            &path.to_each_listener_db
        };
        let ratio_db = ratio_at(&path.sti_curve, sti_target);
        let share = |point: usize| {
            let noise_db = FROM_DB + STEP_DB * point as f64;
            let understand = |to_listener_db: &f32| {
                let excess_db = f64::from(*to_listener_db) - noise_db - ratio_db;
                1.0 / (1.0 + (-LOGISTIC_FACTOR * excess_db / UNCERTAINTY_DB).exp())
            };
            pairs.iter().map(understand).sum::<f64>() / pairs.len() as f64
        };
        Reach {
            shares: core::array::from_fn(|point| share(point) as f32),
        }
    }

    /// Shares of the listeners, 0-1, from the lowest noise of the grid on, with speech of this level (to half a decibel) at the
    /// talkers' microphones: the first so many noises have one share, those after them the given ones, and the rest none.
    pub fn shares(&self, speech_db: f32) -> ((usize, f32), &[f32]) {
        let first = ((NOISE_FROM_DB - f64::from(speech_db) - FROM_DB) / STEP_DB).round();
        if first.is_nan() {
            return ((0, 0.0), &[]);
        }
        let first = first.clamp(-(POINTS as f64), POINTS as f64) as isize;
        let before = first.min(0).unsigned_abs();
        ((before, self.shares[0]), &self.shares[first.max(0) as usize..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(to_each_listener_db: Vec<f32>) -> HearingSetup {
        HearingSetup {
            from_zone: 1,
            to_listeners_db: -8.0,
            to_each_listener_db,
            to_microphones_db: None,
            // STI without reverberation: (ratio + 15) / 30 (IEC 60268-16).
            sti_curve: core::array::from_fn(|n| ((n as f32 - 30.0 + 15.0) / 30.0).clamp(0.0, 1.0)),
        }
    }

    /// Share at a level of noise.
    fn share(reach: &Reach, noise_db: f64, speech_db: f32) -> f32 {
        let index = ((noise_db - NOISE_FROM_DB) / STEP_DB).round() as usize;
        let ((before, first), rest) = reach.shares(speech_db);
        if index < before {
            first
        } else {
            rest.get(index - before).copied().unwrap_or(0.0)
        }
    }

    #[test]
    fn half_of_them_are_in_doubt_where_the_sti_is_at_the_target() {
        // STI 0.45 is at a ratio of -1.5 dB: speech of 50 dB there is 42 dB here and needs 43.5 dB of noise.
        let reach = Reach::new(&path(Vec::new()), 0.45);
        assert!((share(&reach, 43.5, 50.0) - 0.5).abs() < 0.01);
        assert!(share(&reach, 38.0, 50.0) > 0.98 && share(&reach, 49.0, 50.0) < 0.02);
        assert!((share(&reach, 53.5, 60.0) - 0.5).abs() < 0.01);
    }

    #[test]
    fn each_listener_counts_by_the_talkers_who_reach_it() {
        let reach = Reach::new(&path(vec![-8.0, -20.0, -20.0, f32::NEG_INFINITY]), 0.45);
        assert!((share(&reach, 38.0, 50.0) - 0.25).abs() < 0.02);
        assert!((share(&reach, 30.0, 60.0) - 0.75).abs() < 0.02);
    }

    #[test]
    fn absurd_speech_is_heard_by_all_or_by_nobody() {
        let reach = Reach::new(&path(vec![-8.0]), 0.45);
        assert_eq!(share(&reach, 60.0, f32::INFINITY), share(&reach, 30.0, 300.0));
        assert_eq!(share(&reach, 30.0, f32::NEG_INFINITY), 0.0);
        assert_eq!(share(&reach, 30.0, f32::NAN), 0.0);
    }
}
