//! Zones: on their floor, beside each other, with listeners inside.

use geo::{BoundingRect, Polygon, Rect};

use super::{Fault, FaultKind, Field, Item, area, devices, outline};
use crate::plan::{Plan, Zone};

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
        listeners(plan, index, zone, usable, faults);
    }
    overlaps(plan, &outlines, faults);
    outlines
}

fn outside_floor(zone: &Polygon<f64>, floor_outline: &Polygon<f64>, floor: &str) -> Option<FaultKind> {
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

fn listeners(plan: &Plan, index: usize, zone: &Zone, outline: Option<&Polygon<f64>>, faults: &mut Vec<Fault>) {
    let item = Item::Zone(index);
    // Without an area there is no place for a listener, and that has been said.
    if zone.listeners.is_empty() && outline.is_some() {
        faults.push(Fault {
            item,
            field: Field::Listeners(None),
            kind: FaultKind::NoListeners,
        });
    }
    for (listener, position) in zone.listeners.iter().enumerate() {
        let wrong = devices::misplaced(plan, zone, outline, *position);
        faults.extend(wrong.into_iter().map(|kind| Fault {
            item,
            field: Field::Listeners(Some(listener)),
            kind,
        }));
    }
}

/// Pairs of zones of one floor that share area, found by sweeping from west to east.
fn overlaps(plan: &Plan, outlines: &[Option<&Polygon<f64>>], faults: &mut Vec<Fault>) {
    let mut bounds: Vec<(usize, &Polygon<f64>, Rect<f64>)> = outlines
        .iter()
        .enumerate()
        .filter_map(|(index, outline)| outline.and_then(|outline| Some((index, outline, outline.bounding_rect()?))))
        .collect();
    bounds.sort_by(|one, other| one.2.min().x.total_cmp(&other.2.min().x));
    let mut found = Vec::new();
    for (position, (one, one_outline, one_bounds)) in bounds.iter().enumerate() {
        let reached = bounds[position + 1..]
            .iter()
            .take_while(|other| other.2.min().x < one_bounds.max().x);
        for (other, other_outline, other_bounds) in reached {
            let apart = other_bounds.min().y >= one_bounds.max().y || one_bounds.min().y >= other_bounds.max().y;
            if apart || plan.zones[*one].floor != plan.zones[*other].floor {
                continue;
            }
            if let Some(piece) = area::shared(one_outline, other_outline) {
                found.push(((*one).min(*other), (*one).max(*other), piece));
            }
        }
    }
    found.sort_by_key(|(earlier, later, _)| (*later, *earlier));
    faults.extend(found.into_iter().map(|(earlier, later, piece)| {
        let (x_m, y_m) = piece.middle.x_y();
        let other = plan.zones[earlier].id.clone();
        let kind = FaultKind::Overlap {
            other,
            area_m2: piece.area_m2,
            x_m,
            y_m,
        };
        Fault {
            item: Item::Zone(later),
            field: Field::Outline,
            kind,
        }
    }));
}
