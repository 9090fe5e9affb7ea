//! What minutes add up to.
//!
//! Levels are averaged as energy over the seconds that have one, the ambient level over those in which it is resolved, and speech over
//! the seconds of speech; maxima stay maxima; distraction adds up. Percentile levels of a longer time cannot be had from those of its
//! minutes; what can be had is the median of the minutes' values.

use habitat_events::{Measurement, round_to};
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::{Cells, StoreError};

/// Sums over minutes of a zone, or of several.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    /// How many measurements there are.
    pub minutes: i64,
    /// When the last of them ended.
    pub last_us: i64,
    /// The seconds that they cover.
    pub measured_s: f64,
    /// Energy of the sound, times seconds.
    pub laeq_energy: f64,
    /// Those seconds.
    pub laeq_s: f64,
    /// Highest level.
    pub lafmax_db: Option<f64>,
    /// Energy of the ambient sound where it is resolved, times seconds.
    pub ambient_energy: f64,
    /// Those seconds.
    pub ambient_s: f64,
    /// Energy of speech, times the seconds of speech in minutes that have a level of it.
    pub speech_energy: f64,
    /// Those seconds.
    pub speech_level_s: f64,
    /// Seconds of speech in all minutes.
    pub speech_s: f64,
    /// Energy of the masking, times all seconds.
    pub masking_energy: f64,
    /// Sum of the minutes' STI.
    pub sti_sum: f64,
    /// Minutes that have one.
    pub sti_minutes: i64,
    /// Highest STI.
    pub sti_max: Option<f64>,
    /// Distraction.
    pub distraction_db_min: f64,
    /// LA10 of each minute, hundredths of a decibel.
    pub la10: Vec<i16>,
    /// LA50 of each minute.
    pub la50: Vec<i16>,
    /// LA90 of each minute.
    pub la90: Vec<i16>,
}

/// Columns of `dashboard_quarter` in the order of [`Tally::read`].
pub(super) const COLUMNS: &str = "minutes, last_us, measured_s, laeq_energy, laeq_s, lafmax_db, ambient_energy, ambient_s, \
     speech_energy, speech_level_s, speech_s, masking_energy, sti_sum, sti_minutes, sti_max, distraction_db_min, la10, la50, la90";

/// The same, summed over rows by the database, but for the percentiles.
pub(super) const SUMS: &str = "CAST(sum(minutes) AS BIGINT), max(last_us), sum(measured_s), sum(laeq_energy), sum(laeq_s), \
     max(lafmax_db), sum(ambient_energy), sum(ambient_s), sum(speech_energy), sum(speech_level_s), sum(speech_s), \
     sum(masking_energy), sum(sti_sum), CAST(sum(sti_minutes) AS BIGINT), max(sti_max), sum(distraction_db_min)";

impl Tally {
    /// Counts a measurement that ended at this time.
    pub fn add(&mut self, m: &Measurement, time_us: i64) {
        let seconds = m.period_s;
        self.minutes += 1;
        self.last_us = if self.minutes == 1 {
            time_us
        } else {
            self.last_us.max(time_us)
        };
        self.measured_s += seconds;
        if let Some(level) = m.laeq_db {
            self.laeq_energy += seconds * energy(level);
            self.laeq_s += seconds;
        }
        self.lafmax_db = highest(self.lafmax_db, m.lafmax_db);
        if let (Some(level), true) = (m.ambient_laeq_db, m.ambient_resolved) {
            self.ambient_energy += seconds * energy(level);
            self.ambient_s += seconds;
        }
        let speech_s = seconds * m.speech_ratio;
        self.speech_s += speech_s;
        if let Some(level) = m.speech_laeq_db {
            self.speech_energy += speech_s * energy(level);
            self.speech_level_s += speech_s;
        }
        self.masking_energy += seconds * energy(m.masking_db);
        if let Some(sti) = m.sti {
            self.sti_sum += sti;
            self.sti_minutes += 1;
        }
        self.sti_max = highest(self.sti_max, m.sti);
        self.distraction_db_min += m.distraction_db_min;
        self.la10.extend(m.la10_db.map(hundredths));
        self.la50.extend(m.la50_db.map(hundredths));
        self.la90.extend(m.la90_db.map(hundredths));
    }

    /// Counts what another has counted.
    pub fn merge(&mut self, other: &Tally) {
        self.last_us = match self.minutes {
            0 => other.last_us,
            _ => self.last_us.max(other.last_us),
        };
        self.minutes += other.minutes;
        self.measured_s += other.measured_s;
        self.laeq_energy += other.laeq_energy;
        self.laeq_s += other.laeq_s;
        self.lafmax_db = highest(self.lafmax_db, other.lafmax_db);
        self.ambient_energy += other.ambient_energy;
        self.ambient_s += other.ambient_s;
        self.speech_energy += other.speech_energy;
        self.speech_level_s += other.speech_level_s;
        self.speech_s += other.speech_s;
        self.masking_energy += other.masking_energy;
        self.sti_sum += other.sti_sum;
        self.sti_minutes += other.sti_minutes;
        self.sti_max = highest(self.sti_max, other.sti_max);
        self.distraction_db_min += other.distraction_db_min;
        self.la10.extend_from_slice(&other.la10);
        self.la50.extend_from_slice(&other.la50);
        self.la90.extend_from_slice(&other.la90);
    }

    /// From [`SUMS`].
    pub fn read_sums(cells: &mut Cells) -> Result<Self, StoreError> {
        Ok(Tally {
            minutes: cells.number()?,
            last_us: cells.number()?,
            measured_s: cells.real()?,
            laeq_energy: cells.real()?,
            laeq_s: cells.real()?,
            lafmax_db: cells.real_or_null()?,
            ambient_energy: cells.real()?,
            ambient_s: cells.real()?,
            speech_energy: cells.real()?,
            speech_level_s: cells.real()?,
            speech_s: cells.real()?,
            masking_energy: cells.real()?,
            sti_sum: cells.real()?,
            sti_minutes: cells.number()?,
            sti_max: cells.real_or_null()?,
            distraction_db_min: cells.real()?,
            ..Tally::default()
        })
    }

    /// From [`COLUMNS`].
    pub fn read(cells: &mut Cells) -> Result<Self, StoreError> {
        let sums = Self::read_sums(cells)?;
        Ok(Tally {
            la10: from_bytes(&cells.bytes()?),
            la50: from_bytes(&cells.bytes()?),
            la90: from_bytes(&cells.bytes()?),
            ..sums
        })
    }

    /// As a column holds them.
    pub fn to_bytes(values: &[i16]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    /// The levels that people read; `expected_s` are the seconds that could have been measured.
    pub fn levels(mut self, expected_s: f64) -> Levels {
        let share = |part: f64, whole: f64| (whole > 0.0).then(|| round_to(part / whole, 3));
        Levels {
            minutes: self.minutes,
            coverage: share(self.measured_s.min(expected_s), expected_s).unwrap_or(0.0),
            laeq_db: level(self.laeq_energy, self.laeq_s),
            lafmax_db: self.lafmax_db.map(|level| round_to(level, 2)),
            ambient_laeq_db: level(self.ambient_energy, self.ambient_s),
            speech_laeq_db: level(self.speech_energy, self.speech_level_s),
            speech_ratio: share(self.speech_s, self.measured_s),
            masking_db: level(self.masking_energy, self.measured_s),
            sti_max: self.sti_max.map(|sti| round_to(sti, 3)),
            sti_mean: share(self.sti_sum, self.sti_minutes as f64),
            distraction_db_min: round_to(self.distraction_db_min, 3),
            la10_db_median: median(&mut self.la10),
            la50_db_median: median(&mut self.la50),
            la90_db_median: median(&mut self.la90),
        }
    }
}

/// What was measured over a time; null where nothing was.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Levels {
    /// Measurements that were counted, each of a zone and a minute.
    pub minutes: i64,
    /// Share of the time, and of the zones, that they cover: 1 without a gap.
    pub coverage: f64,
    /// All sound: energy mean, dB(A).
    pub laeq_db: Option<f64>,
    /// Highest F-weighted level, dB(A).
    pub lafmax_db: Option<f64>,
    /// Sound without our own masking: energy mean over the minutes in which it was resolved, dB(A).
    pub ambient_laeq_db: Option<f64>,
    /// Speech: energy mean over minutes that have a level of it, weighted with how much of each it filled, dB(A).
    pub speech_laeq_db: Option<f64>,
    /// Share of the measured time with speech.
    pub speech_ratio: Option<f64>,
    /// Masking at the listeners: energy mean, dB(A).
    pub masking_db: Option<f64>,
    /// Highest speech transmission index of speech from another zone.
    pub sti_max: Option<f64>,
    /// Mean of the minutes' highest speech transmission indices, over the minutes in which somebody talked elsewhere.
    pub sti_mean: Option<f64>,
    /// Distraction: the sum, dB·min.
    pub distraction_db_min: f64,
    /// Median of the minutes' LA10, dB(A). It is not the level exceeded 10 % of the whole time.
    pub la10_db_median: Option<f64>,
    /// Median of the minutes' LA50, dB(A).
    pub la50_db_median: Option<f64>,
    /// Median of the minutes' LA90, dB(A).
    pub la90_db_median: Option<f64>,
}

fn energy(level_db: f64) -> f64 {
    10f64.powf(level_db / 10.0)
}

fn level(energy: f64, seconds: f64) -> Option<f64> {
    (seconds > 0.0).then(|| round_to(10.0 * (energy / seconds).log10(), 2))
}

fn highest(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    one.into_iter().chain(other).reduce(f64::max)
}

fn hundredths(level_db: f64) -> i16 {
    // A cast keeps to what the type can hold; no sound has more.
    (100.0 * level_db).round() as i16
}

fn from_bytes(bytes: &[u8]) -> Vec<i16> {
    bytes
        .as_chunks::<2>()
        .0
        .iter()
        .map(|value| i16::from_le_bytes(*value))
        .collect()
}

/// The middle one, or the mean of the two in the middle.
fn median(values: &mut [i16]) -> Option<f64> {
    let middle = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, upper, _) = match values.len() {
        0 => return None,
        _ => values.select_nth_unstable(middle),
    };
    let upper = f64::from(*upper);
    let lower = match below.iter().max() {
        Some(lower) if even => f64::from(*lower),
        _ => upper,
    };
    Some(round_to((lower + upper) / 200.0, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_between_the_two_in_the_middle() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [4321]), Some(43.21));
        assert_eq!(median(&mut [5000, 4000]), Some(45.0));
        assert_eq!(median(&mut [5000, 3000, 4000]), Some(40.0));
        assert_eq!(median(&mut [1, 9000, 4000, 5000]), Some(45.0));
    }

    #[test]
    fn percentiles_go_into_bytes_and_come_out_again() {
        let values = [0, -1, 4321, i16::MAX, i16::MIN];
        assert_eq!(from_bytes(&Tally::to_bytes(&values)), values);
    }
}
