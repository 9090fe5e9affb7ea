//! Mute and release.

use std::collections::BTreeMap;

use habitat_config::site::Site;
use serde::{Deserialize, Serialize};

use crate::{
    console::{Console, refusal::Refusal},
    control::{Channel, MuteState, Who},
};

/// What is muted.
#[derive(Serialize)]
pub(in crate::console) struct MuteView<'a> {
    /// The whole site.
    muted: bool,
    /// Each zone by itself; a zone is also silent when the site is.
    zones: BTreeMap<&'a str, bool>,
    /// What was wrong with a request and did not hold it up.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MuteRequest {
    muted: bool,
    zone: Option<String>,
    by: Option<String>,
}

/// Describes a state.
pub(in crate::console) fn view<'a>(site: &'a Site, mutes: &MuteState) -> MuteView<'a> {
    let ids = site.plan.zones.iter().map(|zone| zone.id.as_str());
    MuteView {
        muted: mutes.site,
        zones: ids.zip(mutes.zones.iter().copied()).collect(),
        warning: None,
    }
}

/// The state now.
pub(in crate::console) fn get(console: &Console) -> MuteView<'_> {
    view(console.control.site(), &console.control.mutes().borrow())
}

/// Mutes or releases the site or a zone by a JSON object, and describes the new state once it outlives a restart.
///
/// # Errors
/// When the object or the zone is wrong.
pub(in crate::console) async fn put<'a>(console: &'a Console, json: &[u8]) -> Result<MuteView<'a>, Refusal> {
    let request: MuteRequest = serde_json::from_slice(json).map_err(|error| {
        let right = r#"write {"muted": true} for the whole site or {"muted": true, "zone": "<id>"} for a zone"#;
        Refusal::new(422, format!("the request is not understood: {error}; {right}"))
    })?;
    let zone = match request.zone {
        None => None,
        Some(id) => {
            let index = console.control.zone_index(&id);
            Some(index.ok_or_else(|| Refusal::no_zone(422, &id, &console.control.site().plan))?)
        }
    };
    let who = console.control.who_mutes(request.muted, request.by.as_deref());
    let (by, warning) = who.map_err(|error| Refusal::new(422, error))?;
    let channel = Channel::Http;
    console.control.mute(zone, request.muted, Who { channel, by });
    console.control.mutes_kept().await;
    Ok(MuteView { warning, ..get(console) })
}
