//! Screens that lie on top of each other.

use geo::Line;

use super::super::Item;
use super::drawn::{Drawn, Screens};
use super::{Doubt, DoubtKind};
use crate::plan::Plan;

/// Screens nearer to each other than this are in one place, metres: less than the thickness of two.
const APART_M: f64 = 0.05;

/// Two pieces of one wall may overlap by less than this share of the shorter one.
const SHARE: f64 = 0.5;

/// They always may by this much, metres.
const LAP_M: f64 = 0.3;

pub(super) fn find(plan: &Plan, screens: &Screens) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    for screen in screens.iter() {
        let near = screens.near(screen, APART_M).into_iter();
        let mut earlier = near.filter(|other| other.index < screen.index);
        // One is enough: of three in one place, the last lies on both others.
        if let Some((other, shared)) = earlier.find_map(|other| Some((other, shared(screen, other)?))) {
            let middle = shared.start + shared.delta() / 2.0;
            doubts.push(Doubt {
                item: Item::Screen(screen.index),
                field: None,
                other: Item::Screen(other.index),
                kind: DoubtKind::Duplicate {
                    floor: plan.floors[screen.floor].id.clone(),
                    screen: screen.index + 1,
                    other: other.index + 1,
                    shared_m: shared.delta().x.hypot(shared.delta().y),
                    x_m: middle.x,
                    y_m: middle.y,
                },
            });
        }
    }
    doubts
}

/// The part of the shorter screen that lies on the longer one, if it is a good part of it.
fn shared(one: &Drawn, other: &Drawn) -> Option<Line<f64>> {
    let (short, long) = if one.length_m < other.length_m {
        (one, other)
    } else {
        (other, one)
    };
    let (start, end) = (long.local(short.line.start), long.local(short.line.end));
    let (beside, along) = (
        within(start.y, end.y, -APART_M, APART_M)?,
        within(start.x, end.x, 0.0, long.length_m)?,
    );
    let (first, last) = (beside.0.max(along.0), beside.1.min(along.1));
    let at = |share: f64| short.line.start + short.line.delta() * share;
    let is_good_part = last - first >= SHARE && (last - first) * short.length_m >= LAP_M;
    is_good_part.then(|| Line::new(at(first), at(last)))
}

/// The shares of the way from one number to another between which it is within limits.
fn within(from: f64, to: f64, low: f64, high: f64) -> Option<(f64, f64)> {
    if from == to {
        return (low..=high).contains(&from).then_some((0.0, 1.0));
    }
    let (one, other) = ((low - from) / (to - from), (high - from) / (to - from));
    Some((one.min(other).max(0.0), one.max(other).min(1.0)))
}
