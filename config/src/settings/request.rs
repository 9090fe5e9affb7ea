//! What someone asks for.

use super::{
    json::Members,
    keys::{self, KEYS},
    today::Today,
};
use crate::{read::shown, site::Soundscape};

/// Larger requests are refused unread.
pub const LARGEST_REQUEST_BYTES: usize = 64 * 1024;

/// More members than this are no request; without the limit the answer could be far longer than the question.
const MOST_MEMBERS: usize = 32;

/// A change to a zone; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SettingsRequest {
    /// Begins with what the file says instead of what holds.
    pub reset: bool,
    /// The scene that says what to set.
    pub scene: Option<String>,
    /// Whether the zone adapts; otherwise it holds its fixed level.
    pub enabled: Option<bool>,
    /// Added to the level that adaptation chooses.
    pub offset_db: Option<f64>,
    /// Lowest masking level.
    pub level_min_db: Option<f64>,
    /// Highest masking level.
    pub level_max_db: Option<f64>,
    /// What plays.
    pub soundscape: Option<Soundscape>,
    /// What holds instead of the schedules until midnight.
    pub today: Option<Today>,
    /// After this time the settings from before hold again.
    pub for_minutes: Option<f64>,
    /// Who asks; the site has to know the name ([`super::known_operator`]).
    pub by: Option<String>,
    /// Repeated in the answer.
    pub id: Option<String>,
}

impl SettingsRequest {
    /// Understands a JSON object such as `{"offset_db": -1.5, "for_minutes": 60, "id": "abc"}`.
    ///
    /// # Errors
    /// All that is wrong with it, a sentence each.
    pub fn from_json(json: &[u8]) -> Result<Self, Vec<String>> {
        if json.len() > LARGEST_REQUEST_BYTES {
            return Err(vec![format!(
                "the request has {} bytes; at most {LARGEST_REQUEST_BYTES} are read",
                json.len()
            )]);
        }
        let Members(members) =
            serde_json::from_slice(json).map_err(|error| vec![format!("the request is not a JSON object: {error}")])?;
        if members.len() > MOST_MEMBERS {
            return Err(vec![format!(
                "the request has {} members; at most {MOST_MEMBERS} are read",
                members.len()
            )]);
        }
        let mut request = Self::default();
        let mut errors = Vec::new();
        for (index, (key, value)) in members.iter().enumerate() {
            if members[..index].iter().any(|(earlier, _)| earlier == key) {
                errors.push(format!("{} stands twice", shown(key)));
            } else if let Err(error) = keys::set(&mut request, key, value) {
                errors.push(error);
            }
        }
        if let (Some(min), Some(max)) = (request.level_min_db, request.level_max_db)
            && min > max
        {
            errors.push(format!("`level_min_db` ({min}) is above `level_max_db` ({max})"));
        }
        let goes_with_scene = |name: &str| KEYS.iter().any(|key| key.goes_with_scene && key.name == name);
        if request.scene.is_some()
            && let Some((key, _)) = members.iter().find(|(key, _)| !goes_with_scene(key))
        {
            errors.push(format!("`scene` says what to set, so {} cannot be set with it", shown(key)));
        }
        if errors.is_empty() { Ok(request) } else { Err(errors) }
    }
}
