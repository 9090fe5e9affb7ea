//! What dashboards ask, compared with plain arithmetic over what was sent.

mod changes;
mod forms;
mod grafana;
mod layout;
mod openapi;
mod ranking;
pub mod samples;
mod series;
mod upkeep;
