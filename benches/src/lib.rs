//! What benchmarks and measuring tests run on: sites, rooms and office sounds.
//!
//! Nothing here shares code with what it judges, but for the types that it hands over.

pub mod rooms;
pub mod site;
