//! From seconds to minutes.
//!
//! Levels are averaged as energy over the seconds that have one, speech over the seconds with speech, weighted by how
//! much of each second it filled; maxima stay maxima; percentiles are those of the last second, because they already
//! describe the 60 seconds before it; dB-minutes add up.
//!
//! The ambient levels of a minute err together, because the same estimate of the room lies behind all of them. Averaging
//! does not make such errors smaller, so the uncertainty of the minute is the mean over its seconds, each with its share
//! of the minute's ambient energy, and is unknown as soon as that of one of them is. Own sound counts as removed by
//! waveform only when it was in every second.

use crate::{Measurement, OwnSoundRemoval, round_to};

/// A measurement over at least a minute. Only [`MinuteAggregator`] makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct MinuteMeasurement(Measurement);

impl MinuteMeasurement {
    /// The measurement inside.
    pub fn into_measurement(self) -> Measurement {
        self.0
    }
}

/// Collects the one-second measurements of one zone.
#[derive(Clone, Debug, Default)]
pub struct MinuteAggregator {
    seconds: Vec<Measurement>,
}

/// Seconds that make a minute.
const SECONDS_PER_MINUTE: usize = 60;

impl MinuteAggregator {
    /// Adds a second; every sixtieth gives a minute. A minute that is not full when the program ends is never given out.
    pub fn push(&mut self, second: Measurement) -> Option<MinuteMeasurement> {
        self.seconds.push(second);
        if self.seconds.len() < SECONDS_PER_MINUTE {
            return None;
        }
        let minute = summarise(&self.seconds);
        self.seconds.clear();
        minute
    }
}

fn summarise(seconds: &[Measurement]) -> Option<MinuteMeasurement> {
    let last = seconds.last()?;
    let count = seconds.len() as f64;
    let share = |predicate: fn(&Measurement) -> bool| seconds.iter().filter(|s| predicate(s)).count() as f64 / count;
    let speech = seconds
        .iter()
        .filter_map(|s| s.speech_laeq_db.map(|level| (level, s.speech_ratio)));
    let speech_ratio = round_to(seconds.iter().map(|s| s.speech_ratio).sum::<f64>() / count, 3);
    Some(MinuteMeasurement(Measurement {
        zone: last.zone.clone(),
        period_s: seconds.iter().map(|s| s.period_s).sum(),
        laeq_db: energy_mean(seconds.iter().filter_map(|s| s.laeq_db).map(|level| (level, 1.0))),
        lafmax_db: seconds.iter().filter_map(|s| s.lafmax_db).reduce(f64::max),
        ambient_laeq_db: energy_mean(seconds.iter().filter_map(|s| s.ambient_laeq_db).map(|level| (level, 1.0))),
        ambient_resolved: share(|s| s.ambient_resolved) >= 0.5,
        ambient_uncertainty_db: ambient_uncertainty_db(seconds),
        own_sound_removal: if share(|s| s.own_sound_removal == OwnSoundRemoval::Waveform) >= 1.0 {
            OwnSoundRemoval::Waveform
        } else {
            OwnSoundRemoval::Power
        },
        // The same rule as for a second: a level exactly when speech filled half of the period.
        speech_laeq_db: if speech_ratio >= 0.5 { energy_mean(speech) } else { None },
        speech_ratio,
        talker: share(|s| s.talker) >= 0.5,
        la10_db: last.la10_db,
        la50_db: last.la50_db,
        la90_db: last.la90_db,
        sti: seconds.iter().filter_map(|s| s.sti).reduce(f64::max),
        masking_db: energy_mean(seconds.iter().map(|s| (s.masking_db, 1.0))).unwrap_or(0.0),
        distraction_db_min: round_to(seconds.iter().map(|s| s.distraction_db_min).sum(), 4),
    }))
}

/// Uncertainty of the energy mean of ambient levels whose errors are the same in all seconds: the mean, weighted with the
/// energy of each; `None` when it is unknown for any level, or there is no level.
fn ambient_uncertainty_db(seconds: &[Measurement]) -> Option<f64> {
    let (mut weighted, mut energy) = (0.0, 0.0);
    for second in seconds {
        if let Some(level) = second.ambient_laeq_db {
            let own = 10f64.powf(level / 10.0);
            weighted += own * second.ambient_uncertainty_db?;
            energy += own;
        }
    }
    (energy > 0.0).then(|| round_to(weighted / energy, 2))
}

/// Energy mean of weighted levels; `None` without any.
fn energy_mean(levels: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let (energy, weight) = levels.fold((0.0, 0.0), |(energy, total), (level, weight)| {
        (energy + weight * 10f64.powf(level / 10.0), total + weight)
    });
    (weight > 0.0).then(|| round_to(10.0 * (energy / weight).log10(), 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(laeq_db: f64, speech: Option<f64>) -> Measurement {
        Measurement {
            zone: "z".into(),
            period_s: 1.0,
            laeq_db: Some(laeq_db),
            lafmax_db: Some(laeq_db + 1.0),
            ambient_laeq_db: None,
            ambient_resolved: false,
            ambient_uncertainty_db: None,
            own_sound_removal: OwnSoundRemoval::Waveform,
            speech_laeq_db: speech,
            speech_ratio: if speech.is_some() { 1.0 } else { 0.0 },
            talker: speech.is_some(),
            la10_db: Some(laeq_db),
            la50_db: None,
            la90_db: None,
            sti: None,
            masking_db: 43.0,
            distraction_db_min: 0.05,
        }
    }

    #[test]
    fn a_minute_holds_the_energy_mean_of_its_seconds() {
        let mut aggregator = MinuteAggregator::default();
        for i in 0..59 {
            assert!(
                aggregator
                    .push(second(if i < 30 { 50.0 } else { 60.0 }, (i < 40).then_some(55.0)))
                    .is_none()
            );
        }
        let minute = aggregator.push(second(60.0, None)).expect("sixty seconds").into_measurement();
        // 10 lg((10^5 + 10^6) / 2) = 57.40 dB
        assert_eq!(minute.laeq_db, Some(57.4));
        assert_eq!(minute.lafmax_db, Some(61.0));
        assert_eq!(minute.period_s, 60.0);
        assert_eq!(minute.speech_laeq_db, Some(55.0));
        assert_eq!(minute.speech_ratio, 0.667);
        assert!((minute.distraction_db_min - 3.0).abs() < 1e-9);
    }

    fn minute_of(second: impl Fn(usize) -> Measurement) -> Measurement {
        let mut aggregator = MinuteAggregator::default();
        let minute = (0..60).filter_map(|i| aggregator.push(second(i))).last();
        minute.expect("sixty seconds").into_measurement()
    }

    #[test]
    fn the_ambient_uncertainty_of_a_minute_is_that_of_its_loud_seconds_and_does_not_average_out() {
        let with = |level: Option<f64>, uncertainty: Option<f64>| Measurement {
            ambient_laeq_db: level,
            ambient_uncertainty_db: uncertainty,
            ..second(50.0, None)
        };
        let same = minute_of(|_| with(Some(38.0), Some(0.4)));
        assert_eq!(same.ambient_uncertainty_db, Some(0.4));
        // Ten times the energy, ten times the weight: (10 * 0.2 + 1 * 1.3) / 11
        let loud = |i: usize| i < 30;
        let mixed = minute_of(|i| {
            if loud(i) {
                with(Some(48.0), Some(0.2))
            } else {
                with(Some(38.0), Some(1.3))
            }
        });
        assert_eq!(mixed.ambient_uncertainty_db, Some(0.3));
        // Seconds without a level say nothing; a level of which nothing is known leaves nothing known of the minute.
        let gap = minute_of(|i| {
            if loud(i) {
                with(None, None)
            } else {
                with(Some(38.0), Some(0.4))
            }
        });
        assert_eq!(gap.ambient_uncertainty_db, Some(0.4));
        let unknown = minute_of(|i| with(Some(38.0), (i != 7).then_some(0.4)));
        assert_eq!(unknown.ambient_uncertainty_db, None);
        assert_eq!(minute_of(|_| with(None, None)).ambient_uncertainty_db, None);
    }

    #[test]
    fn one_second_in_which_power_was_subtracted_makes_it_the_way_of_the_minute() {
        let removed = |by_power: Option<usize>| {
            let minute = minute_of(|i| Measurement {
                own_sound_removal: if by_power == Some(i) {
                    OwnSoundRemoval::Power
                } else {
                    OwnSoundRemoval::Waveform
                },
                ..second(50.0, None)
            });
            minute.own_sound_removal
        };
        assert_eq!(removed(None), OwnSoundRemoval::Waveform);
        assert_eq!(removed(Some(0)), OwnSoundRemoval::Power);
        assert_eq!(removed(Some(59)), OwnSoundRemoval::Power);
    }

    #[test]
    fn a_minute_without_enough_speech_has_no_speech_level() {
        let mut aggregator = MinuteAggregator::default();
        let minutes: Vec<_> = (0..60)
            .filter_map(|i| aggregator.push(second(40.0, (i < 20).then_some(50.0))))
            .collect();
        assert_eq!(minutes.len(), 1);
        assert_eq!(minutes[0].0.speech_laeq_db, None);
    }
}
