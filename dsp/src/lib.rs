//! Signal processing and the adaptation law of an adaptive masking system.
//!
//! Everything here is arithmetic on plain numbers: no I/O, no clock, no threads, no layout and no file formats. Time is
//! counted in frames. After [`Engine::new`] nothing allocates, locks or panics, so that [`Engine::process`] may run on a
//! real-time thread.
//!
//! One block goes through three stages, in this order: *measurement* ([`sensor`], [`level`], [`spectrum`], [`speech`],
//! [`own_sound`]), *adaptation* ([`adaptation`]) and *masking* ([`masking`]). [`Engine`] holds all of them for one site.

pub mod adaptation;
mod control;
mod engine;
mod front_end;
mod gather;
mod hearing;
mod interleave;
pub mod level;
mod listening;
pub mod masking;
mod microphone;
pub mod own_sound;
mod parameters;
mod playback;
mod report;
pub mod sensor;
mod setup;
pub mod spectrum;
pub mod speech;
pub mod units;
mod whereabouts;
mod work;
mod zone;

pub use engine::Engine;
pub use parameters::{Base, Parameters, RemoteZone, ZoneParameters};
pub use report::{AdaptationReport, Cause, MicrophoneFault, PercentileLevels, Removal, Report, ReportSink, ZoneReport};
pub use setup::{
    CouplingSetup, EngineSetup, HearingSetup, LoudspeakerSetup, MicrophoneSetup, OwnSoundSetup, RemoteZoneSetup, RemovalSetup,
    STI_CURVE_POINTS, SetupError, ZoneSetup,
};
