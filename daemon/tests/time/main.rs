//! What time asks for, by the stream's own time: schedules, the first weeks of a site, and what a week has taught.
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "../support/habitatd.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod habitatd;

mod acclimatisation;
mod office;
mod profile;
mod schedules;
