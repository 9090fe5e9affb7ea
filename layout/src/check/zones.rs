//! Zones: on their floor, with listeners inside.

use geo::Polygon;

use super::devices::{self, Room};
use super::{Fault, FaultKind, Field, Item, area, outline};
use crate::plan::{Plan, Position};

/// Checks all zones and returns the outlines of those that can be calculated with.
pub(super) fn check<'a>(
    plan: &'a Plan,
    floors: &[Option<&'a Polygon<f64>>],
    faults: &mut Vec<Fault>,
) -> Vec<Option<&'a Polygon<f64>>> {
    let mut outlines = Vec::with_capacity(plan.zones.len());
    for (index, zone) in plan.zones.iter().enumerate() {
        let item = Item::Zone(index);
        let usable = match outline::check(&zone.outline) {
            Ok(()) => Some(&zone.outline),
            Err(kind) => {
                faults.push(Fault {
                    item,
                    field: Field::Outline,
                    kind,
                });
                None
            }
        };
        outlines.push(usable);
        let Some(floor) = plan.floors.get(zone.floor) else {
            faults.push(Fault {
                item,
                field: Field::Floor,
                kind: FaultKind::NoSuch { what: "floor" },
            });
            continue;
        };
        if let (Some(outline), Some(floor_outline)) = (usable, floors[zone.floor]) {
            faults.extend(outside_floor(outline, floor_outline, &floor.id).map(|kind| Fault {
                item,
                field: Field::Outline,
                kind,
            }));
        }
        listeners(plan, item, &zone.listeners, Room::of(zone, usable), faults);
    }
    outlines
}

/// What of a zone is not on its floor.
pub(super) fn outside_floor(zone: &Polygon<f64>, floor_outline: &Polygon<f64>, floor: &str) -> Option<FaultKind> {
    let beyond = area::beyond(zone, floor_outline)?;
    let corners = zone
        .exterior()
        .points()
        .map(|corner| (area::outside_m(corner, floor_outline), corner));
    let (distance_m, corner) = corners.max_by(|one, other| one.0.total_cmp(&other.0))?;
    let at = if distance_m > 0.0 { corner } else { beyond.middle };
    let floor = floor.to_owned();
    Some(FaultKind::OutsideFloor {
        floor,
        area_m2: beyond.area_m2,
        distance_m,
        x_m: at.x(),
        y_m: at.y(),
    })
}

/// Checks the seats of a zone.
pub(super) fn listeners(plan: &Plan, item: Item, listeners: &[Position], room: Room, faults: &mut Vec<Fault>) {
    // Without an area there is no place for a listener, and that has been said.
    if listeners.is_empty() && room.outline.is_some() {
        faults.push(Fault {
            item,
            field: Field::Listeners(None),
            kind: FaultKind::NoListeners,
        });
    }
    for (listener, position) in listeners.iter().enumerate() {
        let wrong = devices::misplaced(plan, room, *position);
        faults.extend(wrong.into_iter().map(|kind| Fault {
            item,
            field: Field::Listeners(Some(listener)),
            kind,
        }));
    }
}
