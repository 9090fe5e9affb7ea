//! The site as it is configured, as far as the page and integrations need it.

use habitat_config::site::{Site, ZoneLevels};
use habitat_layout::{Zone, ZoneKind};
use serde::Serialize;

use crate::{control::Control, timetable::Progress};

/// The site.
#[derive(Serialize)]
pub(in crate::console) struct SiteView<'a> {
    id: &'a str,
    name: &'a str,
    time_zone: Option<&'a str>,
    version: &'static str,
    /// How far people have got used to masking; null when that is over or was never wanted.
    acclimatisation: Option<Progress>,
    floors: Vec<FloorView<'a>>,
    zones: Vec<ZoneView<'a>>,
}

#[derive(Serialize)]
struct FloorView<'a> {
    id: &'a str,
}

/// What the files say about a zone.
#[derive(Serialize)]
pub(in crate::console) struct ZoneView<'a> {
    id: &'a str,
    name: &'a str,
    floor: &'a str,
    kind: &'static str,
    level_min_db: f64,
    level_fixed_db: f64,
    level_max_db: f64,
    sti_target: f64,
    microphones: usize,
    loudspeakers: usize,
}

/// Describes the site.
pub(in crate::console) fn view(control: &Control) -> SiteView<'_> {
    let site = control.site();
    SiteView {
        id: &site.id,
        name: &site.name,
        time_zone: site.time_zone.iana_name(),
        version: env!("CARGO_PKG_VERSION"),
        acclimatisation: control.acclimatisation(),
        floors: site.plan.floors.iter().map(|floor| FloorView { id: &floor.id }).collect(),
        zones: site
            .plan
            .zones
            .iter()
            .zip(&site.zones)
            .enumerate()
            .map(|(index, zone)| zone_view(site, index, zone))
            .collect(),
    }
}

/// Describes one zone.
pub(in crate::console) fn zone_view<'a>(site: &'a Site, index: usize, (zone, levels): (&'a Zone, &ZoneLevels)) -> ZoneView<'a> {
    let plan = &site.plan;
    ZoneView {
        id: &zone.id,
        name: &zone.name,
        floor: plan.floors.get(zone.floor).map_or("", |floor| &floor.id),
        kind: kind(zone.kind),
        level_min_db: levels.level_min_db,
        level_fixed_db: levels.level_fixed_db,
        level_max_db: levels.level_max_db,
        sti_target: levels.sti_target,
        microphones: plan.microphones.iter().filter(|microphone| microphone.zone == index).count(),
        loudspeakers: plan
            .loudspeakers
            .iter()
            .filter(|loudspeaker| loudspeaker.zone == index)
            .count(),
    }
}

fn kind(kind: ZoneKind) -> &'static str {
    match kind {
        ZoneKind::Focus => "focus",
        ZoneKind::Collaboration => "collaboration",
        ZoneKind::Meeting => "meeting",
        ZoneKind::Circulation => "circulation",
        ZoneKind::Social => "social",
    }
}
