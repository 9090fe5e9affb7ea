//! From `habitat.toml` and the layout that it names to a checked [`Site`], or to every problem of both files with its
//! place, what is wrong and what would be right.
//!
//! The way is: text → tables with places ([`toml`]) → typed values (`read`, `sections`, `layout`) → checks between
//! values and between files (`cross`) → [`Site`]. Problems are collected on the way, never thrown, so that a person
//! sees all of them at once. [`settings`] holds the same limits for changes at run time.

mod cross;
pub mod exchange;
mod keys;
mod layout;
pub mod limits;
mod load;
mod problem;
mod read;
mod sections;
pub mod settings;
pub mod site;

#[cfg(test)]
mod documented;

pub use load::{Loaded, load};
pub use problem::{Place, Problem, Problems, Severity};
pub use site::Site;
