//! Which zones another controller wants to hear of.

use geo::BoundingRect;

use crate::nearby::gap_m;
use crate::plan::Plan;

/// Zones on the floor of a remote zone and at most this far from it, the nearest first: those of which the other controller needs
/// to know. Who sits farther away is hardly understood there, whoever masks what.
pub fn zones_beside_remote(plan: &Plan, within_m: f64) -> Vec<usize> {
    let extent = |outline: &geo::Polygon<f64>| outline.bounding_rect();
    let distance_m = |zone: &crate::Zone| {
        let own = extent(&zone.outline)?;
        let others = plan.remote_zones.iter().filter(|other| other.floor == zone.floor);
        let gaps = others.filter_map(|other| Some(gap_m(own, extent(&other.outline)?)));
        gaps.min_by(f64::total_cmp).filter(|distance_m| *distance_m <= within_m)
    };
    let mut beside: Vec<(f64, usize)> = plan
        .zones
        .iter()
        .enumerate()
        .filter_map(|(index, zone)| Some((distance_m(zone)?, index)))
        .collect();
    beside.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    beside.into_iter().map(|(_, index)| index).collect()
}

#[cfg(test)]
mod tests {
    use geo::Polygon;

    use super::*;
    use crate::{RemoteZone, Zone, ZoneKind};

    #[test]
    fn the_nearest_come_first_and_those_far_away_or_on_other_floors_not_at_all() {
        let square = |west: f64| {
            Polygon::new(
                vec![(west, 0.0), (west + 8.0, 0.0), (west + 8.0, 8.0), (west, 8.0)].into(),
                vec![],
            )
        };
        let zone = |west: f64, floor| Zone {
            id: String::new(),
            name: String::new(),
            floor,
            kind: ZoneKind::Focus,
            outline: square(west),
            listeners: Vec::new(),
        };
        let plan = Plan {
            zones: vec![zone(0.0, 0), zone(8.0, 0), zone(16.0, 0), zone(24.0, 1)],
            remote_zones: vec![RemoteZone {
                site: "next".into(),
                zone: "z".into(),
                floor: 0,
                outline: square(24.0),
                listeners: Vec::new(),
                microphones: Vec::new(),
            }],
            ..Plan::default()
        };
        assert_eq!(zones_beside_remote(&plan, 10.0), [2, 1]);
        assert_eq!(zones_beside_remote(&plan, 20.0), [2, 1, 0]);
    }
}
