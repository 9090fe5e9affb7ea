//! What may go to the cloud tenant: as [`Event`], but measurements only as minute aggregates.

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::{Data, Event, MinuteMeasurement};

/// An event that is coarse enough for the cloud.
///
/// There is no public way to make one from a [`crate::Measurement`]; that is the promise "at least one minute towards
/// the cloud" as a type.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct CloudEvent(Event);

impl CloudEvent {
    /// A minute of one zone. The subject is the zone.
    pub fn measurement(id: Uuid, source: &str, time: Timestamp, minute: MinuteMeasurement) -> Self {
        let measurement = minute.into_measurement();
        CloudEvent(Event {
            id,
            source: source.to_owned(),
            subject: measurement.zone.clone(),
            time,
            data: Data::Measurement(measurement),
        })
    }

    /// Any other event as it is; `None` for a measurement, which has to be aggregated first.
    pub fn other(event: &Event) -> Option<Self> {
        match event.data {
            Data::Measurement(_) => None,
            _ => Some(CloudEvent(event.clone())),
        }
    }

    /// The event inside.
    pub fn event(&self) -> &Event {
        &self.0
    }
}
