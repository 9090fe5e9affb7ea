//! The tenant over real HTTP, real TLS and real processes: what it promises about every event that it acknowledges, and
//! how it refuses what it does not take.

mod access;
mod bad_guests;
mod bombs;
mod certificates;
mod crowd;
mod database;
mod encodings;
mod exactly_once;
mod handshake;
mod limits;
mod malformed;
mod postgres;
mod postgres_access;
mod process;
mod query;
mod register;
mod smuggling;
mod support;
mod tokens;
mod transport;
mod under_fire;
