//! Microphones and loudspeakers: inside their zone, under the ceiling, each in a place of its own.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use geo::{Point, Polygon};

use super::{Fault, FaultKind, Field, Item, TOLERANCE_M, area, is_a_place};
use crate::plan::{Plan, Position, Zone};

/// Checks all devices against the outlines of their zones.
pub(super) fn check(plan: &Plan, zones: &[Option<&Polygon<f64>>], faults: &mut Vec<Fault>) {
    let microphones = plan.microphones.iter().enumerate().map(|(index, microphone)| Device {
        item: Item::Microphone(index),
        name: format!("microphone \"{}\"", microphone.id),
        zone: microphone.zone,
        position: microphone.position,
    });
    let loudspeakers = plan.loudspeakers.iter().enumerate().map(|(index, loudspeaker)| Device {
        item: Item::Loudspeaker(index),
        name: format!("loudspeaker \"{}\"", loudspeaker.id),
        zone: loudspeaker.zone,
        position: loudspeaker.position,
    });
    let mut taken = HashMap::new();
    for device in microphones.chain(loudspeakers) {
        let Some(zone) = plan.zones.get(device.zone) else {
            let kind = FaultKind::NoSuch { what: "zone" };
            faults.push(Fault {
                item: device.item,
                field: Field::Zone,
                kind,
            });
            continue;
        };
        let mut wrong = misplaced(plan, Room::of(zone, zones[device.zone]), device.position);
        match taken.entry((zone.floor, exactly(device.position))) {
            Entry::Occupied(other) => wrong.push(FaultKind::SamePosition {
                other: String::clone(other.get()),
            }),
            Entry::Vacant(place) => {
                place.insert(device.name);
            }
        }
        faults.extend(wrong.into_iter().map(|kind| Fault {
            item: device.item,
            field: Field::Position,
            kind,
        }));
    }
}

struct Device {
    item: Item,
    name: String,
    zone: usize,
    position: Position,
}

/// Bits of a position; minus zero is zero.
fn exactly(position: Position) -> [u64; 3] {
    [position.x_m, position.y_m, position.z_m].map(|value| (value + 0.0).to_bits())
}

/// Where a position has to be.
#[derive(Clone, Copy)]
pub(super) struct Room<'a> {
    pub(super) floor: usize,
    /// Name of the zone.
    pub(super) id: &'a str,
    /// Its outline, where that can be calculated with.
    pub(super) outline: Option<&'a Polygon<f64>>,
}

impl<'a> Room<'a> {
    pub(super) fn of(zone: &'a Zone, outline: Option<&'a Polygon<f64>>) -> Self {
        Self {
            floor: zone.floor,
            id: &zone.id,
            outline,
        }
    }
}

/// What is wrong with a position in a zone.
pub(super) fn misplaced(plan: &Plan, room: Room, position: Position) -> Vec<FaultKind> {
    let Position { x_m, y_m, z_m } = position;
    if let Some(value) = [x_m, y_m, z_m].into_iter().find(|value| !is_a_place(*value)) {
        return vec![FaultKind::NotAPlace { value }];
    }
    let mut wrong = Vec::new();
    let distance_m = room
        .outline
        .map_or(0.0, |outline| area::outside_m(Point::new(x_m, y_m), outline));
    if distance_m > 0.0 {
        wrong.push(FaultKind::OutsideZone {
            zone: room.id.to_owned(),
            distance_m,
            x_m,
            y_m,
        });
    }
    if z_m < -TOLERANCE_M {
        wrong.push(FaultKind::BelowFloor { z_m });
    }
    let ceiling_m = plan.floors.get(room.floor).map(|floor| floor.height_m);
    if let Some(ceiling_m) = ceiling_m.filter(|ceiling_m| z_m > ceiling_m + TOLERANCE_M) {
        wrong.push(FaultKind::AboveCeiling { z_m, ceiling_m });
    }
    wrong
}
