//! The parts of `habitatd`; `main` only wires them.
//!
//! [`sound`] starts what makes sound ([`audio`], [`engine`]) and knows nothing of networks. [`app`] puts around it what talks to
//! the world ([`mqtt`], [`cloud`], [`console`], [`event_log`], [`store`]); all of it may fail or hang without the sound stopping.
//! Facts flow one way, from the engine's reports through [`dispatch`]; changes flow the other way through [`control`], the only
//! door. [`timetable`] says what time asks for.

// Tests of the library share fixtures with those outside, which know it by its name.
#[cfg(test)]
extern crate self as habitatd;

pub mod app;
pub mod audio;
mod backoff;
pub mod cli;
pub mod clock;
pub mod cloud;
mod command_memory;
pub mod commands;
pub mod console;
pub mod control;
pub mod demo;
pub mod device_fault;
pub mod dispatch;
pub mod engine;
pub mod event_log;
pub mod exit_code;
mod fnv;
pub mod health;
pub mod latency;
mod layout_told;
pub mod logging;
pub mod mqtt;
mod mute_memory;
pub mod places;
pub mod plan;
mod print;
mod privacy;
mod rehearsal;
pub mod runtime;
pub mod signals;
pub mod sound;
pub mod status;
pub mod store;
pub mod timetable;
pub mod zone_state;
