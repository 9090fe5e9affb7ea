//! Where sound comes from and goes to.
//!
//! Each backend moves samples between the outside and the rings, on a thread or callback of its own, and ends when it is told
//! to or when its world ends. None of them processes sound.

pub mod pipe;
pub mod running;
pub mod virtual_office;
