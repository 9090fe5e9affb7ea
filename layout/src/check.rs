//! Finds everything in a plan that cannot be, all of it at once.
//!
//! A fault names the item and the field, so that whoever read the plan from a file can point at the line. Items whose
//! outline is unusable are reported once and left out of the comparisons with others.

mod area;
mod devices;
mod doubts;
mod fault;
mod outline;
mod overlaps;
mod remote_zones;
mod screens;
mod zones;

pub use doubts::{Doubt, DoubtKind, doubts};
pub use fault::{Fault, FaultKind, Field, Item};
pub(crate) use outline::is_a_place;

use geo::Polygon;
use overlaps::Area;

use crate::plan::Plan;

/// What still counts as touching, metres: drawings are rarely exact.
const TOLERANCE_M: f64 = 0.01;

/// Farther from the origin than this nothing is measured in metres of a building any more.
const FARTHEST_M: f64 = 100_000.0;

/// Everything that is wrong with a plan, in the order of the plan; empty when nothing is.
///
/// Never panics, whatever the numbers are.
pub fn check(plan: &Plan) -> Vec<Fault> {
    let mut faults = Vec::new();
    if plan.zones.is_empty() {
        faults.push(Fault {
            item: Item::Plan,
            field: Field::Zones,
            kind: FaultKind::NoZones,
        });
    }
    let floors = floors(plan, &mut faults);
    let zones = zones::check(plan, &floors, &mut faults);
    let remote_zones = remote_zones::check(plan, &floors, &mut faults);
    overlaps::check(&areas(plan, &zones, &remote_zones), &mut faults);
    devices::check(plan, &zones, &mut faults);
    screens::check(plan, &floors, &mut faults);
    faults
}

/// The outlines of the floors that can be calculated with.
fn floors<'a>(plan: &'a Plan, faults: &mut Vec<Fault>) -> Vec<Option<&'a Polygon<f64>>> {
    plan.floors
        .iter()
        .enumerate()
        .map(|(index, floor)| {
            let item = Item::Floor(index);
            if !(floor.height_m > 0.0 && floor.height_m <= FARTHEST_M) {
                let kind = FaultKind::HeightNotPositive {
                    height_m: floor.height_m,
                };
                faults.push(Fault {
                    item,
                    field: Field::Height,
                    kind,
                });
            }
            match outline::check(&floor.outline) {
                Ok(()) => Some(&floor.outline),
                Err(kind) => {
                    faults.push(Fault {
                        item,
                        field: Field::Outline,
                        kind,
                    });
                    None
                }
            }
        })
        .collect()
}

/// All zones that can be calculated with, those of other controllers last.
fn areas<'a>(plan: &Plan, zones: &[Option<&'a Polygon<f64>>], remote_zones: &[Option<&'a Polygon<f64>>]) -> Vec<Area<'a>> {
    let own = plan
        .zones
        .iter()
        .zip(zones)
        .enumerate()
        .filter_map(|(index, (zone, outline))| {
            Some(Area {
                item: Item::Zone(index),
                id: zone.id.clone(),
                floor: zone.floor,
                outline: (*outline)?,
            })
        });
    let remote = plan.remote_zones.iter().zip(remote_zones).enumerate();
    let remote = remote.filter_map(|(index, (zone, outline))| {
        Some(Area {
            item: Item::RemoteZone(index),
            id: zone.id(),
            floor: zone.floor,
            outline: (*outline)?,
        })
    });
    own.chain(remote).collect()
}

#[cfg(test)]
mod tests;
