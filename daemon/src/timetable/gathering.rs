//! From the seconds of a zone to the mean level of each quarter hour.

use super::quarter::Quarter;

/// A quarter hour counts when it was seen for at least half of it, seconds.
const LEAST_SECONDS: u32 = 450;

/// So much longer than its ramp a zone has to play before it counts, seconds.
const AFTER_RAMP_S: f64 = 5.0;

/// A level that falls by less than this in a second stays, dB: the slowest slew is 0.00017 dB/s.
const FALLING_DB: f64 = 1e-4;

/// A second in which a zone adapted.
#[derive(Clone, Copy, Debug)]
pub struct Adapted {
    /// Masking level at its end, dB(A), without offset and acclimatisation.
    pub level_db: f64,
    /// What the zone plays while there is nothing to mask, dB(A).
    pub base_db: f64,
}

/// One zone.
///
/// A level that comes down from the start, from a mute or from a base that was higher is not what speech asks for: it counts
/// only when it has stopped to fall.
#[derive(Clone, Debug)]
pub struct Gathering {
    startup_ramp_s: f64,
    quarter: Option<Quarter>,
    sum_db: f64,
    seconds: u32,
    /// Seconds until the zone counts.
    wait_s: f64,
    settled: bool,
    last: Option<Adapted>,
}

impl Gathering {
    /// Nothing seen yet of a zone that starts over the given time.
    pub fn new(startup_ramp_s: f64) -> Self {
        Gathering {
            startup_ramp_s,
            quarter: None,
            sum_db: 0.0,
            seconds: 0,
            wait_s: startup_ramp_s + AFTER_RAMP_S,
            settled: false,
            last: None,
        }
    }

    /// Takes a second of a quarter hour, `None` when the zone did not adapt; gives the mean of the quarter hour before, when it
    /// has just ended and counts.
    pub fn take(&mut self, quarter: Quarter, second: Option<Adapted>) -> Option<(Quarter, f64)> {
        let before = self.quarter.replace(quarter).filter(|before| *before != quarter);
        let ended = before.filter(|_| self.seconds >= LEAST_SECONDS);
        let ended = ended.map(|before| (before, self.sum_db / f64::from(self.seconds)));
        if before.is_some() {
            (self.sum_db, self.seconds) = (0.0, 0);
        }
        match second {
            Some(second) => self.add(second),
            None => {
                *self = Gathering {
                    quarter: self.quarter,
                    sum_db: self.sum_db,
                    seconds: self.seconds,
                    ..Self::new(self.startup_ramp_s)
                }
            }
        }
        ended
    }

    fn add(&mut self, second: Adapted) {
        let last = self.last.replace(second).unwrap_or(second);
        if second.base_db < last.base_db {
            self.settled = false;
        }
        if self.wait_s > 0.0 {
            self.wait_s -= 1.0;
            return;
        }
        if !self.settled {
            self.settled = second.level_db > last.level_db - FALLING_DB && second.base_db >= last.base_db;
        }
        if self.settled {
            self.sum_db += second.level_db;
            self.seconds += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAMP_S: f64 = 10.0;

    fn quarter(slot: usize) -> Quarter {
        Quarter { week: 101, slot }
    }

    /// The means of quarter hours whose seconds have these levels, all with the same base but those before `base_falls_at`.
    fn means(levels: impl Iterator<Item = Option<f64>>, base_falls_at: usize) -> Vec<(usize, f64)> {
        let mut gathering = Gathering::new(RAMP_S);
        let base_db = |second| if second < base_falls_at { 44.0 } else { 40.0 };
        let adapted = |(second, level_db): (usize, Option<f64>)| {
            let second_of = |level_db| Adapted {
                level_db,
                base_db: base_db(second),
            };
            gathering.take(quarter(second / 900), level_db.map(second_of))
        };
        let ended = levels.enumerate().filter_map(adapted);
        ended.map(|(quarter, level_db)| (quarter.slot, level_db)).collect()
    }

    #[test]
    fn each_quarter_hour_has_the_mean_of_what_was_played_in_it() {
        let levels = (0..3 * 900).map(|second| Some(if second < 900 { 41.0 } else { 42.0 + f64::from(second % 2) }));
        assert_eq!(means(levels, 0), [(0, 41.0), (1, 42.5)]);
    }

    #[test]
    fn what_falls_after_the_start_does_not_count_until_it_has_stopped() {
        // From 43 dB at the end of the ramp down to 40 dB, 0.1 dB a minute.
        let fall = (0..3600).map(|second| Some((43.0 - 0.1 / 60.0 * f64::from(second)).max(40.0)));
        let means = means(fall, 0);
        assert_eq!(means, [(2, 40.0)], "the first half hour is left out");
    }

    #[test]
    fn what_falls_after_a_higher_base_does_not_count_and_what_speech_raises_does() {
        let levels = |second: i32| match second {
            ..900 => 44.0,
            900..1800 => 44.0 - 0.1 / 60.0 * f64::from(second - 900),
            _ => 43.0,
        };
        assert_eq!(
            means((0..2701).map(|second| Some(levels(second))), 900),
            [(0, 44.0), (2, 43.0)]
        );
    }

    #[test]
    fn seconds_without_adaptation_and_the_ramp_after_them_do_not_count() {
        let levels = (0..1801).map(|second| (!(300..600).contains(&second)).then_some(if second < 620 { 45.0 } else { 42.0 }));
        let means = means(levels, 0);
        assert_eq!(means[0].0, 0);
        assert!((means[0].1 - (285.0 * 45.0 + 280.0 * 42.0) / 565.0).abs() < 0.05, "{means:?}");
        assert_eq!(means[1], (1, 42.0));
    }

    #[test]
    fn a_quarter_hour_that_was_hardly_seen_does_not_count() {
        assert_eq!(means((500..901).map(|_| Some(42.0)), 0), []);
        let mut gathering = Gathering::new(RAMP_S);
        let second = Some(Adapted {
            level_db: 42.0,
            base_db: 40.0,
        });
        for _ in 0..400 {
            assert_eq!(gathering.take(quarter(0), second), None);
        }
        assert_eq!(gathering.take(quarter(1), second), None);
    }
}
