//! The latest of every zone, for MQTT and the console.

use std::sync::Arc;

use habitat_config::settings::ZoneSettings;
use habitat_events::Measurement;
use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::watch;

/// One zone now.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
