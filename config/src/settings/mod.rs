//! Changes at run time, over MQTT and HTTP: checked by the same limits as the files.
//!
//! A request is first understood ([`SettingsRequest::from_json`]) and then applied to what holds in the zone
//! ([`ZoneSettings::apply`]). An admin can only narrow the limits of the file, never widen them: values beyond are
//! clamped, and the answer says which.

mod command_id;
mod json;
mod keys;
mod operator;
mod request;
mod schema;
mod today;
mod zone;

pub use command_id::{COMMAND_ID, is_command_id};
pub use operator::known_operator;
pub use request::{LARGEST_REQUEST_BYTES, SettingsRequest};
pub use today::Today;
pub use zone::ZoneSettings;
