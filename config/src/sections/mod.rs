//! The tables of `habitat.toml`, one file each: keys, defaults with their reasons, and what each value may be.

mod adaptation;
mod audio;
mod cloud;
mod console;
mod event_log;
mod group;
mod levels;
mod masking;
mod mqtt;
mod own_certificate;
mod own_sound;
mod root;
mod schedule;
mod site;
mod url;
mod zone_names;

pub(crate) use adaptation::DraftAdaptation;
pub(crate) use group::{DraftGroup, DraftScene};
pub(crate) use levels::{DEFAULT_LEVELS, Levels, read_levels, read_soundscape};
pub(crate) use root::{DraftSite, read};
pub(crate) use schedule::DraftSchedule;
pub(crate) use site::{SITE_ID_CHARACTERS, is_site_id};
pub(crate) use zone_names::{ZoneNames, zone_names};
