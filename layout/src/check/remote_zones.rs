//! Remote zones: on their floor, with seats and microphones inside.

use geo::Polygon;

use super::devices::{self, Room};
use super::{Fault, FaultKind, Field, Item, outline, zones};
use crate::plan::{Plan, RemoteZone};

/// Checks all remote zones and returns the outlines of those that can be calculated with.
pub(super) fn check<'a>(
    plan: &'a Plan,
    floors: &[Option<&'a Polygon<f64>>],
    faults: &mut Vec<Fault>,
) -> Vec<Option<&'a Polygon<f64>>> {
    let zones = plan.remote_zones.iter().enumerate();
    zones
        .map(|(index, zone)| {
            let mut note = |field, kind| {
                let item = Item::RemoteZone(index);
                faults.push(Fault { item, field, kind });
            };
            let usable = match outline::check(&zone.outline) {
                Ok(()) => Some(&zone.outline),
                Err(kind) => {
                    note(Field::Outline, kind);
                    None
                }
            };
            match plan.floors.get(zone.floor).zip(floors.get(zone.floor)) {
                None => note(Field::Floor, FaultKind::NoSuch { what: "floor" }),
                Some((floor, floor_outline)) => {
                    let both = usable.zip(*floor_outline);
                    let beyond =
                        both.and_then(|(outline, floor_outline)| zones::outside_floor(outline, floor_outline, &floor.id));
                    beyond.into_iter().for_each(|kind| note(Field::Outline, kind));
                    positions(plan, index, zone, usable, faults);
                }
            }
            usable
        })
        .collect()
}

fn positions(plan: &Plan, index: usize, zone: &RemoteZone, outline: Option<&Polygon<f64>>, faults: &mut Vec<Fault>) {
    let item = Item::RemoteZone(index);
    let id = zone.id();
    let room = Room {
        floor: zone.floor,
        id: &id,
        outline,
    };
    zones::listeners(plan, item, &zone.listeners, room, faults);
    if zone.microphones.is_empty() {
        faults.push(Fault {
            item,
            field: Field::Microphones(None),
            kind: FaultKind::NoMicrophones,
        });
    }
    for (microphone, position) in zone.microphones.iter().enumerate() {
        let wrong = devices::misplaced(plan, room, *position);
        faults.extend(wrong.into_iter().map(|kind| Fault {
            item,
            field: Field::Microphones(Some(microphone)),
            kind,
        }));
    }
}
