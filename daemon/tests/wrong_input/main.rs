//! Wrong input of every kind gets a clear answer; nothing panics, and no level is wrong.
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "../support/console.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod console;
#[path = "../support/habitatd.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod habitatd;
#[path = "../support/pipe.rs"]
mod pipe;
#[path = "../support/room.rs"]
mod room;

mod arguments;
mod files;
mod output;
mod record;
mod site;
mod stream;
