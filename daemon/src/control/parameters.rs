//! What the engine is told of settings, time and mutes.

use habitat_config::{
    settings::ZoneSettings,
    site::{Site, ZoneLevels},
};
use habitat_dsp::{Base, Parameters, RemoteZone, ZoneParameters};
use habitat_layout::Zone;
use jiff::Timestamp;

use super::MuteState;
use crate::{
    store::Saved,
    timetable::{Moment, Timetable},
    zone_state::ZoneState,
};

/// Parameters before anybody changed anything but what was stored.
pub fn initial(site: &Site, saved: &Saved, now: Timestamp) -> (Parameters, MuteState) {
    let zones = initial_zones(site, saved, now);
    let mutes = MuteState {
        site: saved.mutes.iter().any(Option::is_none),
        zones: site
            .plan
            .zones
            .iter()
            .map(|zone| saved.mutes.iter().flatten().any(|id| *id == zone.id))
            .collect(),
    };
    let moment = Timetable::new(site, saved, now).at(now);
    let remote_zones = vec![RemoteZone::default(); site.plan.remote_zones.len()];
    (parameters(&zones, &moment, &mutes, &remote_zones, false), mutes)
}

/// Settings of every zone as they were stored, or as the file says.
pub(super) fn initial_zones(site: &Site, saved: &Saved, now: Timestamp) -> Vec<ZoneState> {
    let restore = |(zone, levels): (&Zone, &ZoneLevels)| {
        let record = saved.settings.iter().find(|record| record.zone == zone.id);
        ZoneState::restore(record, levels, now)
    };
    site.plan.zones.iter().zip(&site.zones).map(restore).collect()
}

/// What the engine is told.
pub(super) fn parameters(
    zones: &[ZoneState],
    moment: &Moment,
    mutes: &MuteState,
    remote_zones: &[RemoteZone],
    fade_out: bool,
) -> Parameters {
    let zone = |((index, zone), muted): ((usize, &ZoneState), &bool)| ZoneParameters {
        enabled: zone.settings.enabled,
        offset_db: zone.settings.offset_db,
        level_min_db: zone.settings.level_min_db,
        level_max_db: zone.settings.level_max_db,
        base: match moment.base(index, zone.settings.today).unwrap_or_default() {
            // What is no higher than the lowest level changes nothing, and is not to be told as a change.
            Base::Level(level_db) if level_db <= zone.settings.level_min_db => Base::Lowest,
            base => base,
        },
        acclimatisation_db: moment.acclimatisation_db,
        places_forgotten: 0,
        muted: *muted,
    };
    Parameters {
        muted: mutes.site,
        fade_out,
        zones: zones.iter().enumerate().zip(&mutes.zones).map(zone).collect(),
        remote_zones: remote_zones.to_vec(),
    }
}

/// The level that a base means under a zone's settings, without acclimatisation; `None`: off.
pub fn base_level_db(base: Base, settings: &ZoneSettings) -> Option<f64> {
    match base {
        Base::Lowest => Some(settings.level_min_db),
        Base::Level(level_db) => Some(level_db.max(settings.level_min_db).min(settings.level_max_db)),
        Base::Off => None,
    }
}
