//! Real sound devices: the only crate that names cpal.
//!
//! [`lookup`] says which devices there are, which one a name of the layout means, and in which of its configurations it is used.
//! [`Devices`] opens those of a site, watches them, and opens them again for years without a hand on them. Callbacks only copy
//! between a device and a ring of the engine's.
#![cfg_attr(realtime_sanitizer, feature(sanitize))]

pub mod lookup;
mod streams;

pub use lookup::Direction;
pub use streams::{Devices, End, Group, Streams, Told, groups, wiring};
