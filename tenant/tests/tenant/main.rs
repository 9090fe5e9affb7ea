//! The tenant over real HTTP, real TLS and real processes: what it promises about every event that it acknowledges, and
//! how it refuses what it does not take.

mod access;
mod accounts;
mod bad_guests;
mod bombs;
mod certificates;
mod crowd;
mod dashboard;
mod database;
mod destruction;
mod encodings;
mod exactly_once;
mod handshake;
mod injection;
mod limits;
mod log_in;
mod malformed;
mod postgres;
mod postgres_access;
mod process;
mod query;
mod register;
mod restriction;
mod retention;
mod roles;
mod smuggling;
mod support;
mod termination;
mod tokens;
mod transport;
mod under_fire;
