//! The engine of a small site, from samples to reports and back to samples.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod adaptation;
mod benefit;
mod blocks;
mod delay;
mod faults;
mod fluctuation;
mod kinds;
mod levels;
mod lombard;
mod masking;
mod places;
mod remote;
mod site;
mod sounds;
mod ventilation;
