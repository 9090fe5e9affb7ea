//! Streams of real devices: opened, watched, and opened again for years without a hand on them.
//!
//! Every direction of every device has a thread of its own (`watch`), so that one that hangs holds up no other. Callbacks only
//! copy (`copy`).

mod copy;
mod gaps;
mod group;
mod lent;
mod server;
mod stream;
mod watch;

pub use group::{Group, groups, wiring};
pub use stream::End;
pub use watch::{Devices, Streams, Told};
