//! What the state of a zone says to a controller next door, and nothing else of it.

use jiff::Timestamp;
use serde::Deserialize;

use crate::control::RemoteHeard;

/// Levels beyond these are no levels of masking in an office, dB(A).
const MASKING_DB: core::ops::RangeInclusive<f64> = 10.0..=70.0;

/// Levels beyond these are no speech, dB(A).
const SPEECH_DB: core::ops::RangeInclusive<f64> = 0.0..=120.0;

/// A zone that plays this much less than when there is nothing to mask is on its way from silence, dB: neighbours do not pull it
/// down so far.
const ON_ITS_WAY_DB: f64 = 3.0;

/// The members of the state that are read.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Said {
    /// End of the period.
    pub time: Timestamp,
    masking_db: f64,
    speech_laeq_db: Option<f64>,
    base_level_db: Option<f64>,
    muted: bool,
}

impl Said {
    /// Reads a state.
    ///
    /// # Errors
    /// A sentence that says what is missing or wrong.
    pub fn from_json(json: &[u8]) -> Result<Self, String> {
        let said: Self = serde_json::from_slice(json).map_err(|error| format!("what it says cannot be read: {error}"))?;
        if !MASKING_DB.contains(&said.masking_db) && said.is_at_a_level() {
            return Err(format!("{} dB(A) is no level of masking", said.masking_db));
        }
        if let Some(speech_db) = said.speech_laeq_db.filter(|level_db| !SPEECH_DB.contains(level_db)) {
            return Err(format!("{speech_db} dB(A) is no level of speech"));
        }
        Ok(said)
    }

    /// What it means when it is so old.
    pub fn heard(&self, age_s: f64) -> RemoteHeard {
        RemoteHeard {
            age_s,
            masking_db: self.is_at_a_level().then_some(self.masking_db),
            speech_db: self.speech_laeq_db,
        }
    }

    /// Not muted, not off, and not on its way from silence.
    fn is_at_a_level(&self) -> bool {
        !self.muted
            && self
                .base_level_db
                .is_some_and(|base_db| self.masking_db >= base_db - ON_ITS_WAY_DB)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(change: &str) -> String {
        let state = r#"{"zone":"a","time":"2026-01-05T08:00:01Z","masking_db":43.0,"speech_laeq_db":52.0,"base_level_db":40.0,"muted":false,"later":1}"#;
        match change.split_once('=') {
            None => state.to_owned(),
            Some((key, value)) => {
                let mut members: serde_json::Value = serde_json::from_str(state).unwrap();
                members[key] = serde_json::from_str(value).unwrap();
                members.to_string()
            }
        }
    }

    fn heard(change: &str) -> (Option<f64>, Option<f64>) {
        let heard = Said::from_json(state(change).as_bytes()).unwrap().heard(0.5);
        assert_eq!(heard.age_s, 0.5);
        (heard.masking_db, heard.speech_db)
    }

    #[test]
    fn a_zone_has_a_level_unless_it_is_muted_off_or_on_its_way_from_silence() {
        assert_eq!(heard(""), (Some(43.0), Some(52.0)));
        assert_eq!(heard("speech_laeq_db=null"), (Some(43.0), None));
        for none in ["muted=true", "base_level_db=null", "masking_db=23.0", "masking_db=-10.0"] {
            assert_eq!(heard(none), (None, Some(52.0)), "{none}");
        }
        assert_eq!(heard("masking_db=38.5").0, Some(38.5), "held down by its neighbours");
    }

    #[test]
    fn what_is_no_state_is_refused_with_a_reason() {
        for (wrong, part) in [
            ("masking_db=\"43\"", "cannot be read"),
            ("masking_db=null", "cannot be read"),
            ("masking_db=300", "no level of masking"),
            ("speech_laeq_db=1e9", "no level of speech"),
            ("time=\"yesterday\"", "cannot be read"),
            ("muted=1", "cannot be read"),
        ] {
            let error = Said::from_json(state(wrong).as_bytes()).unwrap_err();
            assert!(error.contains(part), "{wrong}: {error}");
        }
        assert!(Said::from_json(b"{}").is_err() && Said::from_json(b"\xff").is_err());
    }
}
