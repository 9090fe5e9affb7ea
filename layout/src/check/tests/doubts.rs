//! What was hardly meant, and beside it what looks like it and is ordinary.

use super::*;

fn doubtful(change: impl FnOnce(&mut Plan)) -> Vec<Doubt> {
    let mut plan = office();
    change(&mut plan);
    assert_eq!(check(&plan), [], "the plan is good");
    doubts(&plan)
}

/// The only doubt.
fn doubt(change: impl FnOnce(&mut Plan)) -> Doubt {
    let doubts = doubtful(change);
    assert_eq!(doubts.len(), 1, "{doubts:#?}");
    assert!(!doubts[0].kind.message().is_empty() && !doubts[0].kind.help().is_empty());
    doubts[0].clone()
}

/// Doubts about these screens alone, on one floor without gaps.
fn of_screens(screens: &[Screen]) -> Vec<Doubt> {
    doubtful(|plan| plan.screens = screens.to_vec())
}

const WALL_M: f64 = 2.8;

fn low(from: [f64; 2], to: [f64; 2]) -> Screen {
    screen(from, to, 1.6)
}

fn wall(from: [f64; 2], to: [f64; 2]) -> Screen {
    screen(from, to, WALL_M)
}

#[test]
fn a_right_plan_leaves_no_doubt() {
    assert_eq!(doubtful(|_| ()), []);
}

#[test]
fn a_screen_on_both_sides_of_a_wall_says_where_it_goes_through_and_which_end_is_to_stop() {
    let found = doubt(|plan| plan.screens = vec![wall([12.0, 0.0], [12.0, 16.0]), low([8.0, 4.0], [13.5, 4.0])]);
    assert_eq!(
        found,
        Doubt {
            item: Item::Screen(1),
            field: Some(Field::To),
            other: Item::Screen(0),
            kind: DoubtKind::ThroughWall {
                floor: "3".into(),
                screen: 2,
                wall: 1,
                behind_m: 1.5,
                x_m: 12.0,
                y_m: 4.0,
            },
        }
    );
    let message = "on floor \"3\" screen 2 goes through wall 1 at (12.00, 4.00) and ends 1.50 m behind it";
    assert_eq!(found.kind.message(), message);
    let turned = doubt(|plan| plan.screens = vec![low([11.0, 2.0], [17.0, 6.0]), wall([12.0, 16.0], [12.0, 0.0])]);
    assert_eq!(
        (turned.item, turned.field, turned.other),
        (Item::Screen(0), Some(Field::From), Item::Screen(1))
    );
}

#[test]
fn screens_that_end_at_a_wall_poke_into_it_or_pass_its_end_are_ordinary() {
    let line = wall([12.0, 0.0], [12.0, 8.0]);
    for ordinary in [
        low([8.0, 4.0], [12.0, 4.0]),
        low([8.0, 4.0], [11.9, 4.0]),
        low([8.0, 4.0], [12.25, 4.0]),
        low([8.0, 8.0], [16.0, 8.0]),
        low([8.0, 7.8], [16.0, 7.8]),
        low([8.0, 8.2], [16.0, 8.2]),
        // Slanting, so that much of it is in the wall and little behind.
        low([11.8, 1.0], [12.2, 7.0]),
        low([12.5, 1.0], [12.5, 7.0]),
    ] {
        assert_eq!(of_screens(&[line.clone(), ordinary.clone()]), [], "{ordinary:?}");
    }
}

#[test]
fn walls_may_cross_each_other_and_screens_each_other() {
    assert_eq!(
        of_screens(&[wall([12.0, 0.0], [12.0, 16.0]), wall([0.0, 8.0], [24.0, 8.0])]),
        []
    );
    assert_eq!(
        of_screens(&[low([12.0, 0.0], [12.0, 16.0]), low([0.0, 8.0], [24.0, 8.0])]),
        []
    );
}

#[test]
fn a_wall_in_pieces_or_with_two_faces_is_gone_through_once() {
    let through = low([8.0, 4.0], [16.0, 4.0]);
    let pieces = [
        wall([12.0, 0.0], [12.0, 4.0]),
        wall([12.0, 8.0], [12.0, 4.02]),
        through.clone(),
    ];
    assert_eq!(of_screens(&pieces).len(), 1);
    let faces = [
        wall([12.0, 0.0], [12.0, 8.0]),
        wall([12.15, 0.0], [12.15, 8.0]),
        through.clone(),
    ];
    assert_eq!(of_screens(&faces).len(), 1);
    let rooms = [
        wall([11.0, 0.0], [11.0, 8.0]),
        wall([13.0, 0.0], [13.0, 8.0]),
        through.clone(),
    ];
    assert_eq!(of_screens(&rooms).len(), 2);
    // A corner is passed outside, a door inside the wall.
    let corner = [
        wall([12.0, 0.0], [12.0, 4.0]),
        wall([12.0, 4.0], [20.0, 4.0]),
        low([10.0, 3.0], [14.0, 5.0]),
    ];
    assert_eq!(of_screens(&corner), []);
    let door = [wall([12.0, 0.0], [12.0, 3.5]), wall([12.0, 4.5], [12.0, 8.0]), through];
    assert_eq!(of_screens(&door), []);
}

#[test]
fn a_screen_on_another_is_told_with_the_length_that_they_share() {
    let found = doubt(|plan| plan.screens = vec![low([4.0, 4.0], [10.0, 4.0]), wall([11.0, 4.03], [7.0, 4.03])]);
    assert_eq!(
        (found.item, found.field, found.other),
        (Item::Screen(1), None, Item::Screen(0))
    );
    let DoubtKind::Duplicate {
        screen,
        other,
        shared_m,
        x_m,
        y_m,
        ..
    } = found.kind
    else {
        panic!("{found:?}")
    };
    assert_eq!((screen, other), (2, 1));
    assert!((shared_m - 3.0).abs() < 1e-9 && (x_m - 8.5).abs() < 1e-9 && (y_m - 4.03).abs() < 1e-9);
}

#[test]
fn each_of_three_screens_in_one_place_but_the_first_is_told_once() {
    let same = low([4.0, 4.0], [10.0, 4.0]);
    let items: Vec<Item> = of_screens(&[same.clone(), same.clone(), same])
        .iter()
        .map(|doubt| doubt.item)
        .collect();
    assert_eq!(items, [Item::Screen(1), Item::Screen(2)]);
}

#[test]
fn screens_that_meet_in_a_row_at_a_corner_or_back_to_back_are_ordinary() {
    let first = low([4.0, 4.0], [10.0, 4.0]);
    for ordinary in [
        low([10.0, 4.0], [16.0, 4.0]),
        low([9.6, 4.0], [16.0, 4.0]),
        low([10.0, 4.0], [10.0, 8.0]),
        low([7.0, 4.0], [7.0, 8.0]),
        low([4.0, 4.1], [10.0, 4.1]),
        low([9.8, 4.0], [10.05, 4.0]),
    ] {
        assert_eq!(of_screens(&[first.clone(), ordinary.clone()]), [], "{ordinary:?}");
    }
}

#[test]
fn zones_drawn_a_hand_apart_say_how_wide_how_long_and_where() {
    let found = doubt(|plan| {
        plan.screens.clear();
        plan.zones[1].outline = rectangle(12.2, 0.0, 24.0, 16.0);
    });
    assert_eq!(
        (found.item, found.field, found.other),
        (Item::Zone(1), Some(Field::Outline), Item::Zone(0))
    );
    let DoubtKind::Gap {
        zone,
        other,
        gap_m,
        length_m,
        x_m,
        y_m,
    } = found.kind
    else {
        panic!("{found:?}")
    };
    assert_eq!((zone.as_str(), other.as_str()), ("east", "west"));
    assert!(
        (gap_m - 0.2).abs() < 1e-9 && (length_m - 16.0).abs() < 1e-9,
        "{gap_m} {length_m}"
    );
    assert!((x_m - 12.1).abs() < 1e-9 && (y_m - 8.0).abs() < 1e-9, "({x_m}, {y_m})");
}

/// Doubts when two zones are as given and the rest of the office is empty.
fn between(west: Polygon<f64>, east: Polygon<f64>, screens: &[Screen]) -> Vec<Doubt> {
    doubtful(|plan| {
        plan.zones = vec![zone("west", west), zone("east", east)];
        plan.microphones.clear();
        plan.loudspeakers.clear();
        plan.screens = screens.to_vec();
    })
}

#[test]
fn a_wedge_between_zones_that_touch_at_one_end_is_a_gap() {
    let slanted = outline(&[(12.0, 0.0), (24.0, 0.0), (24.0, 16.0), (12.4, 16.0)]);
    let found = between(rectangle(0.0, 0.0, 12.0, 16.0), slanted, &[]);
    assert!(matches!(found[..], [Doubt { kind: DoubtKind::Gap { gap_m, .. }, .. }] if (0.38..=0.4).contains(&gap_m)));
}

#[test]
fn strips_that_are_walked_through_filled_or_short_are_no_gaps() {
    let west = || rectangle(0.0, 0.0, 12.0, 16.0);
    for (what, east, screens) in [
        ("shared edge", rectangle(12.0, 0.0, 24.0, 16.0), vec![]),
        ("inexact drawing", rectangle(12.008, 0.0, 24.0, 16.0), vec![]),
        ("passage", rectangle(12.9, 0.0, 24.0, 16.0), vec![]),
        (
            "wall in it",
            rectangle(12.2, 0.0, 24.0, 16.0),
            vec![wall([12.1, 0.0], [12.1, 16.0])],
        ),
        ("short side", rectangle(12.2, 0.0, 24.0, 0.8), vec![]),
        (
            "passage at an angle",
            outline(&[(12.0, 0.0), (24.0, 0.0), (24.0, 16.0), (18.0, 16.0)]),
            vec![],
        ),
        (
            "passage with a pillar",
            outline(&[
                (13.3, 0.0),
                (24.0, 0.0),
                (24.0, 16.0),
                (13.3, 16.0),
                (13.3, 9.0),
                (12.3, 9.0),
                (12.3, 7.5),
                (13.3, 7.5),
            ]),
            vec![],
        ),
    ] {
        assert_eq!(between(west(), east, &screens), [], "{what}");
    }
    // Zones that meet at their corners only.
    assert_eq!(
        between(rectangle(0.0, 0.0, 8.0, 8.0), rectangle(8.2, 8.2, 16.0, 16.0), &[]),
        []
    );
}

#[test]
fn a_slot_that_the_floor_does_not_have_is_no_gap() {
    let slotted = outline(&[
        (0.0, 0.0),
        (24.0, 0.0),
        (24.0, 16.0),
        (12.3, 16.0),
        (12.3, 0.5),
        (12.0, 0.5),
        (12.0, 16.0),
        (0.0, 16.0),
    ]);
    let found = doubtful(|plan| {
        plan.screens.clear();
        plan.floors[0].outline = slotted;
        plan.zones[1].outline = rectangle(12.3, 0.0, 24.0, 16.0);
    });
    assert_eq!(found, []);
}

#[test]
fn a_third_zone_between_two_is_no_gap() {
    let found = doubtful(|plan| {
        plan.screens.clear();
        plan.zones[1].outline = rectangle(12.4, 0.0, 24.0, 16.0);
        plan.zones.push(zone("between", rectangle(12.0, 0.0, 12.4, 16.0)));
    });
    assert_eq!(found, []);
}

#[test]
fn floors_do_not_disturb_each_other() {
    let found = doubtful(|plan| {
        plan.floors.push(Floor {
            id: "4".into(),
            ..plan.floors[0].clone()
        });
        plan.zones.push(Zone {
            floor: 1,
            ..zone("above", rectangle(12.2, 0.0, 24.0, 16.0))
        });
        plan.screens.push(Screen {
            floor: 1,
            ..low([4.0, 10.0], [16.0, 10.0])
        });
    });
    assert_eq!(found, []);
}
