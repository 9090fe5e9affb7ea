//! The floor plan: geometry, who hears whom, sound propagation, STI and drawing.
//!
//! A [`Plan`] is plain data with no reference to a file format; `habitat-config` makes one from TOML and checks it
//! with [`check`] and [`doubts`]. [`acoustics`] derives from it everything that the engine needs as plain numbers: how loud each
//! loudspeaker is at each microphone and listener, how loud a talker of one zone is in another, and what that means
//! for the speech transmission index (STI).

pub mod acoustics;
mod beside_remote;
mod check;
mod device_name;
pub mod drawing;
pub mod figures;
mod inside;
mod listeners;
mod nearby;
mod plan;
pub mod prediction;
pub mod propagation;
pub mod spectrum;
mod sti;

pub use beside_remote::zones_beside_remote;
pub use check::{Doubt, DoubtKind, Fault, FaultKind, Field, Item, check, doubts};
pub use device_name::{AudioHost, DeviceName, DeviceNameError};
pub use listeners::default_listeners;
pub use plan::{Floor, Loudspeaker, Microphone, Plan, Position, RemoteZone, SEATED_HEIGHT_M, Screen, Zone, ZoneKind};
pub use sti::{OCTAVE_COUNT, sti};
