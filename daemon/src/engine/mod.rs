//! The engine thread and what surrounds it: what it is built from, how it runs, and what becomes of its reports.

mod learner;
mod measurement;
pub mod real_time;
pub mod reporter;
pub mod setup;
pub mod thread;
