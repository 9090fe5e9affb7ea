//! The console: a web page and an API over HTTP, for people and programs on this machine.
//!
//! `api` says what is answered, `live` what is told as it happens, `metrics` what Prometheus reads, and `page` holds the
//! web page; none of them knows the web framework. `http` leads requests to them, and `serve` runs it all. The console only reads
//! the shared pieces of the daemon and changes things through [`Control`]; when it hangs or ends, masking goes on.

mod api;
mod heartbeat;
mod http;
mod live;
mod metrics;
mod page;
mod refusal;
mod serve;

use std::{path::PathBuf, sync::Arc};

use habitat_engine::Counters;

use crate::{control::Control, dispatch::Dispatch, engine::real_time::RealTime, health::Health, status::StatusBoard};

pub use serve::serve;

/// What the console shows and changes.
#[derive(Clone)]
pub struct Console {
    /// The site, its settings and mutes.
    pub control: Control,
    /// The latest of every zone.
    pub status: StatusBoard,
    /// Events as they happen.
    pub dispatch: Dispatch,
    /// What works and what does not.
    pub health: Health,
    /// Where the local history is; `None`: there is none.
    pub state_dir: Option<PathBuf>,
    /// The engine's heartbeat and losses.
    pub counters: Arc<Counters>,
    /// What real time the system gives to a live engine.
    pub real_time: Option<RealTime>,
}
