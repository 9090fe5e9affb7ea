//! Zones, own and remote, that share area.

use geo::{BoundingRect, Polygon, Rect};

use super::{Fault, FaultKind, Field, Item, area};

/// A zone that can be calculated with.
pub(super) struct Area<'a> {
    pub(super) item: Item,
    pub(super) id: String,
    pub(super) floor: usize,
    pub(super) outline: &'a Polygon<f64>,
}

/// Pairs of one floor that share area, found by sweeping from west to east; the later one of the two has the fault.
pub(super) fn check(areas: &[Area], faults: &mut Vec<Fault>) {
    let mut bounds: Vec<(usize, &Area, Rect<f64>)> = areas
        .iter()
        .enumerate()
        .filter_map(|(index, area)| Some((index, area, area.outline.bounding_rect()?)))
        .collect();
    bounds.sort_by(|one, other| one.2.min().x.total_cmp(&other.2.min().x));
    let mut found = Vec::new();
    for (position, (one, one_area, one_bounds)) in bounds.iter().enumerate() {
        let reached = bounds[position + 1..]
            .iter()
            .take_while(|other| other.2.min().x < one_bounds.max().x);
        for (other, other_area, other_bounds) in reached {
            let apart = other_bounds.min().y >= one_bounds.max().y || one_bounds.min().y >= other_bounds.max().y;
            if apart || one_area.floor != other_area.floor {
                continue;
            }
            if let Some(piece) = area::shared(one_area.outline, other_area.outline) {
                found.push(((*one).min(*other), (*one).max(*other), piece));
            }
        }
    }
    found.sort_by_key(|(earlier, later, _)| (*later, *earlier));
    faults.extend(found.into_iter().map(|(earlier, later, piece)| {
        let (x_m, y_m) = piece.middle.x_y();
        let kind = FaultKind::Overlap {
            other: areas[earlier].id.clone(),
            area_m2: piece.area_m2,
            x_m,
            y_m,
        };
        Fault {
            item: areas[later].item,
            field: Field::Outline,
            kind,
        }
    }));
}
