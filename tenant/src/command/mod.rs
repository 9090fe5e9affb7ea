//! The commands of the program, a file each.

pub mod admin;
pub mod certificate;
pub mod serve;
