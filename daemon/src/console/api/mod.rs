//! What is answered: plain values that can be written as JSON, or a [`super::refusal::Refusal`]. Nothing here knows HTTP
//! beyond the number of a status.

mod block_time;
mod devices;
pub(super) mod health;
pub(super) mod history;
pub(super) mod layout;
pub(super) mod mute;
pub(super) mod place;
pub(super) mod site;
pub(super) mod zones;
