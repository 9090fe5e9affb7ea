//! Zones: what the files say, what holds, and what was measured last; and changes of the settings.

use habitat_config::settings::{SettingsRequest, ZoneSettings};
use habitat_events::Measurement;
use jiff::Timestamp;
use serde::Serialize;

use super::site::{ZoneView, zone_view};
use crate::{
    console::{Console, refusal::Refusal},
    control::Channel,
    status::{MaskingBenefit, SiteStatus},
};

/// All zones.
#[derive(Serialize)]
pub(in crate::console) struct Zones<'a> {
    time: Option<Timestamp>,
    zones: Vec<Zone<'a>>,
}

/// One zone and when it was measured.
#[derive(Serialize)]
pub(in crate::console) struct TimedZone<'a> {
    time: Option<Timestamp>,
    #[serde(flatten)]
    zone: Zone<'a>,
}

#[derive(Serialize)]
struct Zone<'a> {
    #[serde(flatten)]
    configured: ZoneView<'a>,
    effective: Option<ZoneSettings>,
    base_level_db: Option<f64>,
    muted: bool,
    measurement: Option<Measurement>,
    masking_benefit: Option<MaskingBenefit>,
}

/// What a change did.
#[derive(Serialize)]
pub(in crate::console) struct Changed {
    effective: ZoneSettings,
    clamped: Vec<&'static str>,
    /// The same change had been made a short while ago, so nothing was done.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    repeated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

/// All zones in the order of the layout.
pub(in crate::console) fn list(console: &Console) -> Zones<'_> {
    let status = console.status.latest();
    let count = console.control.site().plan.zones.len();
    Zones {
        time: status.time,
        zones: (0..count).filter_map(|index| zone(console, &status, index)).collect(),
    }
}

/// One zone.
///
/// # Errors
/// When the layout does not have it.
pub(in crate::console) fn one<'a>(console: &'a Console, id: &str) -> Result<TimedZone<'a>, Refusal> {
    let status = console.status.latest();
    let zone = console.control.zone_index(id).and_then(|index| zone(console, &status, index));
    let zone = zone.ok_or_else(|| Refusal::no_zone(404, id, &console.control.site().plan))?;
    Ok(TimedZone { time: status.time, zone })
}

/// Changes the settings of a zone by a JSON object.
///
/// # Errors
/// When the layout does not have the zone, or the change cannot be made.
pub(in crate::console) async fn change(console: &Console, id: &str, json: &[u8]) -> Result<Changed, Refusal> {
    let control = &console.control;
    let zone = control
        .zone_index(id)
        .ok_or_else(|| Refusal::no_zone(404, id, &control.site().plan))?;
    let request = SettingsRequest::from_json(json).map_err(Refusal::not_possible)?;
    let change = control
        .change(zone, &request, Channel::Http)
        .await
        .map_err(Refusal::not_possible)?;
    Ok(Changed {
        effective: change.effective,
        clamped: change.clamped,
        repeated: change.repeated,
        id: request.id,
    })
}

fn zone<'a>(console: &'a Console, status: &SiteStatus, index: usize) -> Option<Zone<'a>> {
    let site = console.control.site();
    let (zone, levels) = (site.plan.zones.get(index)?, site.zones.get(index)?);
    let mutes = console.control.mutes();
    let mutes = mutes.borrow();
    let status = status.zones.get(index);
    Some(Zone {
        configured: zone_view(site, index, (zone, levels)),
        effective: console.control.settings(index),
        base_level_db: console.control.base_level_db(index),
        muted: mutes.site || mutes.zones.get(index).is_some_and(|muted| *muted),
        measurement: status.map(|status| status.measurement.clone()),
        masking_benefit: status.map(|status| status.masking_benefit),
    })
}
