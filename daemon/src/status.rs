//! The latest of every zone, for MQTT and the console.

use std::sync::Arc;

use habitat_config::settings::ZoneSettings;
use habitat_dsp::adaptation::Benefit;
use habitat_events::Measurement;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::watch;

/// A field of [`ZoneStatus`] for the list of what can leave the machine.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct StateField {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub what: &'static str,
}

/// What the state of a zone tells beside its measurement: to MQTT on the local network, and to nobody else.
pub const STATE_FIELDS: [StateField; 5] = [
    StateField {
        name: "time",
        what: "End of the last second.",
    },
    StateField {
        name: "effective",
        what: "Settings in force.",
    },
    StateField {
        name: "base_level_db",
        what: "Masking while there is nothing to mask; null while a schedule has it off.",
    },
    StateField {
        name: "muted",
        what: "Whether the zone is silenced, alone or with the whole site.",
    },
    StateField {
        name: "masking_benefit",
        what: "Whether masking can make speech from elsewhere unintelligible here.",
    },
];

/// One zone now.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ZoneStatus {
    /// The last period.
    #[serde(flatten)]
    pub measurement: Measurement,
    /// Settings in force.
    pub effective: ZoneSettings,
    /// What the zone plays while there is nothing to mask, dB(A); `None`: a schedule has it off.
    pub base_level_db: Option<f64>,
    /// Silenced, alone or with the whole site.
    pub muted: bool,
    /// What masking can do for the zone now.
    pub masking_benefit: MaskingBenefit,
}

/// What masking can do for a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MaskingBenefit {
    /// Nobody is distracted at the lowest level.
    Quiet,
    /// It makes speech from elsewhere unintelligible.
    Helps,
    /// Speech from elsewhere is understood at any level allowed, so masking holds or falls.
    NotMaskable,
}

impl From<Benefit> for MaskingBenefit {
    fn from(benefit: Benefit) -> Self {
        match benefit {
            Benefit::Quiet => MaskingBenefit::Quiet,
            Benefit::Helps => MaskingBenefit::Helps,
            Benefit::NotMaskable => MaskingBenefit::NotMaskable,
        }
    }
}

/// All zones at one time.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SiteStatus {
    /// End of the last period; `None` before the first.
    pub time: Option<Timestamp>,
    /// Zones in the order of the layout; empty before the first period.
    pub zones: Vec<ZoneStatus>,
}

/// Writes the latest status; readers wait for the next with a [`watch::Receiver`] and never hold the writer up.
#[derive(Clone, Debug)]
pub struct StatusBoard(watch::Sender<Arc<SiteStatus>>);

impl Default for StatusBoard {
    fn default() -> Self {
        StatusBoard(watch::channel(Arc::default()).0)
    }
}

impl StatusBoard {
    /// Replaces the status.
    pub fn publish(&self, status: SiteStatus) {
        self.0.send_replace(Arc::new(status));
    }

    /// The status now.
    pub fn latest(&self) -> Arc<SiteStatus> {
        self.0.borrow().clone()
    }

    /// For waiting on changes.
    pub fn subscribe(&self) -> watch::Receiver<Arc<SiteStatus>> {
        self.0.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use habitat_config::site::{Soundscape, ZoneLevels};
    use habitat_events::OwnSoundRemoval;

    use super::*;

    #[test]
    fn every_field_beside_the_measurement_is_listed() {
        let levels = ZoneLevels {
            level_min_db: 40.0,
            level_fixed_db: 43.0,
            level_max_db: 46.0,
            sti_target: 0.45,
            soundscape: Soundscape::Noise,
        };
        let measurement = Measurement {
            zone: "north".into(),
            period_s: 1.0,
            laeq_db: None,
            lafmax_db: None,
            ambient_laeq_db: None,
            ambient_resolved: false,
            ambient_uncertainty_db: None,
            own_sound_removal: OwnSoundRemoval::Power,
            speech_laeq_db: None,
            speech_ratio: 0.0,
            talker: false,
            la10_db: None,
            la50_db: None,
            la90_db: None,
            sti: None,
            masking_db: 43.0,
            distraction_db_min: 0.0,
        };
        let names = |value: serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        let measured = names(serde_json::to_value(&measurement).unwrap());
        let status = ZoneStatus {
            measurement,
            effective: ZoneSettings::default_for(&levels),
            base_level_db: Some(40.0),
            muted: false,
            masking_benefit: MaskingBenefit::Quiet,
        };
        let mut beside = names(serde_json::to_value(&status).unwrap());
        beside.retain(|name| !measured.contains(name));
        // The time is that of all zones.
        beside.insert(0, "time".to_owned());
        assert_eq!(beside, STATE_FIELDS.map(|field| field.name));
    }
}
