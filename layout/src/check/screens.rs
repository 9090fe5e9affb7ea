//! Screens: on their floor, with a length, under the ceiling.

use geo::{Point, Polygon};

use super::{Fault, FaultKind, Field, Item, TOLERANCE_M, area, is_a_place};
use crate::plan::{Plan, Screen};

/// Checks all screens against the outlines of their floors.
pub(super) fn check(plan: &Plan, floors: &[Option<&Polygon<f64>>], faults: &mut Vec<Fault>) {
    for (index, screen) in plan.screens.iter().enumerate() {
        let item = Item::Screen(index);
        let wrong = ends(plan, floors, screen).into_iter().chain(height(plan, screen));
        faults.extend(wrong.map(|(field, kind)| Fault { item, field, kind }));
    }
}

fn ends(plan: &Plan, floors: &[Option<&Polygon<f64>>], screen: &Screen) -> Vec<(Field, FaultKind)> {
    let mut wrong = Vec::new();
    for (field, end) in [(Field::From, screen.from), (Field::To, screen.to)] {
        if let Some(value) = end.into_iter().find(|value| !is_a_place(*value)) {
            wrong.push((field, FaultKind::NotAPlace { value }));
            continue;
        }
        let Some((floor, floor_outline)) = plan.floors.get(screen.floor).zip(floors.get(screen.floor)) else {
            continue;
        };
        let distance_m = floor_outline.map_or(0.0, |outline| area::outside_m(Point::from(end), outline));
        if distance_m > 0.0 {
            let [x_m, y_m] = end;
            wrong.push((
                field,
                FaultKind::ScreenOutsideFloor {
                    floor: floor.id.clone(),
                    distance_m,
                    x_m,
                    y_m,
                },
            ));
        }
    }
    let length_m = (screen.to[0] - screen.from[0]).hypot(screen.to[1] - screen.from[1]);
    if length_m <= TOLERANCE_M {
        wrong.push((Field::To, FaultKind::NoLength { length_m }));
    }
    wrong
}

fn height(plan: &Plan, screen: &Screen) -> Option<(Field, FaultKind)> {
    let height_m = screen.height_m;
    let Some(floor) = plan.floors.get(screen.floor) else {
        return Some((Field::Floor, FaultKind::NoSuch { what: "floor" }));
    };
    if height_m.is_nan() || height_m <= 0.0 {
        return Some((Field::Height, FaultKind::HeightNotPositive { height_m }));
    }
    let ceiling_m = floor.height_m;
    (height_m > ceiling_m + TOLERANCE_M).then_some((Field::Height, FaultKind::HigherThanFloor { height_m, ceiling_m }))
}
