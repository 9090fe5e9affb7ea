//! The daemon on real servers: every sample arrives as it was played, and a server that dies comes back without a hand on it.
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "../support/habitatd.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod habitatd;
#[path = "../support/jackd.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod jackd;
#[path = "../support/pipe.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod pipe;
#[path = "../support/pulseaudio.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod pulseaudio;
mod reference;
mod room;
mod site;

mod clocks;
mod latency;
mod loss;
mod minute;
mod mute;
mod pulse;
mod soak;
