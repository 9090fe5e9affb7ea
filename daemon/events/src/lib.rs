//! The closed set of what may leave the building.
//!
//! An [`Event`] is a CloudEvents 1.0 document whose `data` is one of the variants of [`Data`], and nothing else: there
//! is no variant that could hold samples, spectra or free text from a microphone. What goes to the cloud is narrower
//! still: a [`CloudEvent`] cannot hold a measurement over less than a minute, because only [`MinuteAggregator`] makes the
//! type it wants. [`inventory`] lists every field with what it is for.
//!
//! The controller writes these types and the tenant reads them; both depend on this crate and not on each other.

mod aggregate;
mod cloud;
mod data;
mod device;
mod envelope;
mod id;
pub mod inventory;
mod layout;

pub use aggregate::{MinuteAggregator, MinuteMeasurement};
pub use cloud::CloudEvent;
pub use data::{
    Adaptation, Cause, Controller, ControllerState, Data, Direction, DroppedEvents, Evidence, Measurement, Mute, OwnSoundRemoval,
    Preferences, Settings, Today, round_to,
};
pub use device::{Device, DeviceKind, DeviceState, FaultReason};
pub use envelope::{DATA_CONTENT_TYPE, Event, EventError, SPEC_VERSION};
pub use id::IdSource;
pub use layout::{Layout, LayoutDevice, LayoutScreen, LayoutZone, ZoneKind};
