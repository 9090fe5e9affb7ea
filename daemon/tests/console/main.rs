//! The console over real HTTP, and its page in a real browser.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod browser;
mod changes;
mod chromium;
mod guard;
mod office;
mod places;
mod reading;
mod stream;
