//! From readings along a path to its figures.

use crate::spectrum::{energy, level_db};

/// Readings count for the decay from here to there, metres (ISO 3382-3:2022, 6.2).
const RANGE_M: core::ops::RangeInclusive<f64> = 2.0..=16.0;

/// Fewer readings give no figures (ISO 3382-3:2022, 5.3).
const LEAST_READINGS: usize = 4;

/// The STI at the distraction distance.
const DISTRACTING_STI: f64 = 0.50;

/// The level of speech at the comfort distance, dB(A).
const COMFORTABLE_DB: f64 = 45.0;

/// What is read at one workplace along a path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// From the talker, metres.
    pub distance_m: f64,
    /// A-weighted level of normal speech.
    pub speech_db: f64,
    /// Speech transmission index with the noise that is there.
    pub sti: f64,
    /// A-weighted level of that noise.
    pub background_db: f64,
}

/// Single numbers of one path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// D2,S: how much speech falls per doubling of distance, dB.
    pub d2s_db: f64,
    /// Lp,A,S,4m: speech at 4 m, dB(A).
    pub lp4m_db: f64,
    /// Lp,A,B: background noise, energy mean over the readings, dB(A).
    pub background_db: f64,
    /// rD: distance at which the STI has fallen to 0.50, metres; 0 when it is lower everywhere, `None` when the STI
    /// does not fall.
    pub rd_m: Option<f64>,
    /// rC: distance at which speech has fallen to 45 dB(A), metres; `None` when speech does not fall.
    pub rc_m: Option<f64>,
}

impl Figures {
    /// From readings in any order; `None` with fewer than four of them between 2 m and 16 m, or all at one distance.
    ///
    /// With L = a + b lg r fitted to the levels: D2,S = −b lg 2, Lp,A,S,4m = a + b lg 4, rC = 4 · 2^((Lp,A,S,4m − 45) /
    /// D2,S); rD is where a straight line fitted to STI(r) meets 0.50 (ISO 3382-3:2022, clause 6).
    pub fn of(readings: &[Reading]) -> Option<Self> {
        let counted = || readings.iter().filter(|reading| RANGE_M.contains(&reading.distance_m));
        let count = counted().count();
        if count < LEAST_READINGS {
            return None;
        }
        let level = Line::through(counted().map(|reading| (reading.distance_m.log10(), reading.speech_db)))?;
        let sti = Line::through(counted().map(|reading| (reading.distance_m, reading.sti)))?;
        let (d2s_db, lp4m_db) = (-level.slope * 2f64.log10(), level.at(4f64.log10()));
        let noise: f64 = counted().map(|reading| energy(reading.background_db)).sum();
        Some(Self {
            d2s_db,
            lp4m_db,
            background_db: level_db(noise / count as f64),
            rd_m: (sti.slope < 0.0).then(|| ((DISTRACTING_STI - sti.start) / sti.slope).max(0.0)),
            rc_m: (d2s_db > 0.0).then(|| 4.0 * ((lp4m_db - COMFORTABLE_DB) / d2s_db).exp2()),
        })
    }
}

/// A straight line.
struct Line {
    start: f64,
    slope: f64,
}

impl Line {
    /// Least squares; `None` when all x are the same.
    fn through(points: impl Iterator<Item = (f64, f64)> + Clone) -> Option<Self> {
        let count = points.clone().count() as f64;
        let mean = |of: fn((f64, f64)) -> f64| points.clone().map(of).sum::<f64>() / count;
        let (mean_x, mean_y) = (mean(|point| point.0), mean(|point| point.1));
        let (mut product, mut square) = (0.0, 0.0);
        for (x, y) in points {
            product += (x - mean_x) * (y - mean_y);
            square += (x - mean_x) * (x - mean_x);
        }
        let slope = product / square;
        slope.is_finite().then_some(Self {
            start: mean_y - slope * mean_x,
            slope,
        })
    }

    fn at(&self, x: f64) -> f64 {
        self.start + self.slope * x
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Readings every 2 m that follow L = lp4m − d2s · lg(r/4)/lg 2 and STI = 0.5 − slope · (r − rd).
    fn made(d2s_db: f64, lp4m_db: f64, rd_m: f64, sti_per_m: f64, background_db: f64) -> Vec<Reading> {
        let reading = |distance_m: f64| Reading {
            distance_m,
            speech_db: lp4m_db - d2s_db * (distance_m / 4.0).log2(),
            sti: 0.5 - sti_per_m * (distance_m - rd_m),
            background_db,
        };
        (1..=8).map(|step| reading(2.0 * f64::from(step))).collect()
    }

    proptest! {
        #[test]
        fn the_figures_of_a_made_decay_are_those_it_was_made_with(
            d2s_db in 1.0..12.0f64, lp4m_db in 40.0..60.0f64, rd_m in 1.0..20.0f64, sti_per_m in 0.005..0.05f64,
            background_db in 30.0..48.0f64,
        ) {
            let found = Figures::of(&made(d2s_db, lp4m_db, rd_m, sti_per_m, background_db)).expect("figures");
            prop_assert!((found.d2s_db - d2s_db).abs() < 1e-9);
            prop_assert!((found.lp4m_db - lp4m_db).abs() < 1e-9);
            prop_assert!((found.background_db - background_db).abs() < 1e-9);
            prop_assert!((found.rd_m.expect("falls") - rd_m).abs() < 1e-6);
            // The level at rC, by the decay itself.
            let rc_m = found.rc_m.expect("falls");
            prop_assert!((lp4m_db - d2s_db * (rc_m / 4.0).log2() - 45.0).abs() < 1e-6);
        }
    }

    #[test]
    fn a_free_field_falls_by_six_decibels_per_doubling() {
        let field: Vec<Reading> = [2.0, 3.0, 5.0, 8.0, 13.0]
            .map(|distance_m: f64| Reading {
                distance_m,
                speech_db: 57.4 - 20.0 * distance_m.log10(),
                sti: 0.9 - 0.05 * distance_m,
                background_db: 40.0,
            })
            .into();
        let found = Figures::of(&field).expect("figures");
        assert!(
            (found.d2s_db - 6.0206).abs() < 1e-3 && (found.lp4m_db - 45.36).abs() < 0.01,
            "{found:?}"
        );
        assert!((found.rd_m.expect("falls") - 8.0).abs() < 1e-9);
    }

    #[test]
    fn readings_nearer_than_2_m_or_farther_than_16_m_do_not_count() {
        let inside = made(6.0, 48.0, 7.0, 0.03, 40.0);
        let mut outside = inside.clone();
        for distance_m in [1.0, 16.5, 20.0] {
            outside.push(Reading {
                distance_m,
                speech_db: 99.0,
                sti: 0.99,
                background_db: 99.0,
            });
        }
        assert_eq!(Figures::of(&inside), Figures::of(&outside));
    }

    #[test]
    fn three_readings_or_one_distance_give_no_figures() {
        let readings = made(6.0, 48.0, 7.0, 0.03, 40.0);
        assert_eq!(Figures::of(&readings[..3]), None);
        assert_eq!(Figures::of(&[readings[1]; 5]), None);
    }

    #[test]
    fn speech_that_is_never_clear_has_a_distraction_distance_of_nothing_and_one_that_does_not_fall_none() {
        let unclear = Figures::of(&made(6.0, 48.0, -5.0, 0.03, 48.0)).expect("figures");
        assert_eq!(unclear.rd_m, Some(0.0));
        let same = Figures::of(&made(-1.0, 48.0, 5.0, -0.01, 40.0)).expect("figures");
        assert_eq!((same.rd_m, same.rc_m), (None, None));
    }

    /// Distraction distances computed elsewhere with the full STI for offices of given D2,S and Lp,A,S,4m under −5 dB
    /// per octave, T = 0.4 s: masking in dB(A) and metres.
    const GOOD: [(f64, f64); 5] = [(35.0, 10.8), (40.0, 6.8), (43.0, 5.0), (45.0, 4.1), (48.0, 3.0)];
    const POOR: [(f64, f64); 4] = [(40.0, 10.9), (42.0, 8.2), (45.0, 5.4), (47.0, 4.1)];

    #[test]
    fn a_good_and_a_poor_office_have_the_distraction_distances_computed_elsewhere() {
        use crate::spectrum::{BAND_OF_125_HZ, MALE_SPEECH_LEVEL_DB, MALE_SPEECH_OCTAVES_DB, minus5_db};
        let noise_db: [f64; 7] = core::array::from_fn(|octave| {
            let first = BAND_OF_125_HZ - 1 + 3 * octave;
            level_db(minus5_db()[first..first + 3].iter().map(|level| energy(*level)).sum())
        });
        for (d2s_db, lp4m_db, cases) in [(7.0, 48.0, GOOD.as_slice()), (5.0, 50.0, &POOR)] {
            for (masking_db, expected_m) in cases {
                let sti = |distance_m: f64| {
                    let speech_db = lp4m_db - d2s_db * (distance_m / 4.0).log2() - MALE_SPEECH_LEVEL_DB;
                    let speech = MALE_SPEECH_OCTAVES_DB.map(|level| level + speech_db);
                    crate::sti(&speech, &noise_db.map(|level| level + masking_db), 0.4)
                };
                let falls = (10..300)
                    .map(|tenth| 0.1 * f64::from(tenth))
                    .find(|distance_m| sti(*distance_m) < 0.5);
                let found_m = falls.expect("falls");
                assert!(
                    (found_m - expected_m).abs() < 0.35,
                    "{d2s_db} {lp4m_db} {masking_db}: {found_m:.1} for {expected_m}"
                );
            }
        }
    }
}
