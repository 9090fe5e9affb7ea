//! What the engine measured in a zone, as an event says it.

use habitat_dsp::{PercentileLevels, Removal, ZoneReport};
use habitat_events::{Measurement, OwnSoundRemoval, round_to};

/// Levels are given to 0.01 dB; masking to 0.001 dB, so that its slow glides can be followed.
pub fn measurement(zone: String, report: &ZoneReport) -> Measurement {
    let level = |db: Option<f32>| db.map(|db| round_to(f64::from(db), 2));
    let percentile = |of: fn(PercentileLevels) -> f32| level(report.percentiles.map(of));
    Measurement {
        zone,
        period_s: 1.0,
        laeq_db: level(report.laeq_db),
        lafmax_db: level(report.lafmax_db),
        ambient_laeq_db: level(report.ambient_laeq_db),
        ambient_resolved: report.ambient_resolved,
        ambient_uncertainty_db: level(report.ambient_uncertainty_db),
        own_sound_removal: match report.removal {
            Removal::Power => OwnSoundRemoval::Power,
            Removal::Waveform => OwnSoundRemoval::Waveform,
        },
        speech_laeq_db: level(report.speech_laeq_db),
        speech_ratio: round_to(f64::from(report.speech_ratio), 3),
        talker: report.talker,
        la10_db: percentile(|levels| levels.l10_db),
        la50_db: percentile(|levels| levels.l50_db),
        la90_db: percentile(|levels| levels.l90_db),
        sti: report.sti.map(|sti| round_to(f64::from(sti), 2)),
        masking_db: round_to(f64::from(report.masking_db), 3),
        distraction_db_min: round_to(f64::from(report.distraction_db_min), 4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measurement_says_what_the_engine_reported_to_the_hundredth() {
        let percentiles = PercentileLevels {
            l1_db: 51.0,
            l5_db: 50.0,
            l10_db: 49.127,
            l50_db: 46.0,
            l90_db: 44.5,
            l95_db: 44.0,
            l99_db: 43.0,
        };
        let report = ZoneReport {
            zone: 0,
            end_frame: 48_000,
            laeq_db: Some(47.125),
            lafmax_db: None,
            ambient_laeq_db: Some(38.2),
            ambient_resolved: true,
            ambient_uncertainty_db: Some(0.4149),
            removal: Removal::Waveform,
            speech_laeq_db: None,
            speech_ratio: 0.0,
            talker: false,
            percentiles: Some(percentiles),
            sti: None,
            masking_db: 43.0,
            benefit: habitat_dsp::adaptation::Benefit::Quiet,
            distraction_db_min: 0.0,
        };
        let told = measurement("north".into(), &report);
        assert_eq!(
            (told.la10_db, told.la50_db, told.la90_db),
            (Some(49.13), Some(46.0), Some(44.5))
        );
        assert_eq!(told.ambient_uncertainty_db, Some(0.41));
        assert_eq!(told.own_sound_removal, OwnSoundRemoval::Waveform);
        let unsure = ZoneReport {
            ambient_uncertainty_db: None,
            removal: Removal::Power,
            percentiles: None,
            ..report
        };
        let told = measurement("north".into(), &unsure);
        assert_eq!((told.la10_db, told.ambient_uncertainty_db), (None, None));
        assert_eq!(told.own_sound_removal, OwnSoundRemoval::Power);
    }
}
