//! Whatever breaks around it, the sound goes on as if nothing had happened, and the state says what is wrong.
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "../support/console.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod console;
#[path = "../support/habitatd.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod habitatd;
#[path = "../support/mosquitto.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod mosquitto;
#[path = "../support/pipe.rs"]
mod pipe;
#[path = "../support/room.rs"]
mod room;
#[path = "../support/tenant.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod tenant;

mod broker;
mod cloud;
mod disk;
mod mute;
mod office;
mod sounding;
mod today;
mod together;
