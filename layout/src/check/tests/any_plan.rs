//! Plans of any numbers: nothing panics, and every fault and doubt has words.

use proptest::prelude::*;

use super::*;

/// Numbers as they come, with a liking for the awkward ones.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (-4..=20i32).prop_map(f64::from),
        2 => -30.0..30.0f64,
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, 1e-300, -0.0, 99_999.0]),
    ]
}

fn any_outline() -> impl Strategy<Value = Polygon<f64>> {
    prop::collection::vec((number(), number()), 0..8).prop_map(|corners| outline(&corners))
}

prop_compose! {
    fn any_plan()(
        floor in any_outline(),
        zones in prop::collection::vec((any_outline(), 0..3usize), 0..5),
        places in prop::collection::vec((number(), number(), number(), 0..6usize), 0..6),
        height_m in number(),
    ) -> Plan {
        let mut plan = Plan::default();
        plan.floors.push(Floor { id: "0".into(), outline: floor, height_m, absorption: Some(0.8), reverberation_s: None });
        plan.floors.push(Floor { id: "1".into(), ..office().floors[0].clone() });
        for (outline, floor) in zones {
            plan.zones.push(Zone { floor, ..zone("z", outline) });
        }
        for (x_m, y_m, z_m, zone) in places {
            plan.microphones.push(microphone(zone, at(x_m, y_m, z_m)));
            plan.screens.push(Screen { floor: zone % 3, ..screen([x_m, y_m], [z_m, x_m], z_m) });
        }
        plan
    }
}

proptest! {
    #[test]
    fn no_plan_makes_it_panic_and_every_fault_and_doubt_has_words(plan in any_plan()) {
        for fault in check(&plan) {
            prop_assert!(!fault.kind.message().is_empty());
            prop_assert!(!fault.kind.help().is_empty());
        }
        for doubt in doubts(&plan) {
            prop_assert!(!doubt.kind.message().is_empty());
            prop_assert!(!doubt.kind.help().is_empty());
        }
        let masking = crate::spectrum::minus5_db();
        let _ = crate::acoustics::Acoustics::of(&plan, &masking);
        for floor in 0..3 {
            let _ = crate::drawing::svg(&plan, floor);
        }
    }

    #[test]
    fn a_random_zone_inside_the_floor_is_on_it_and_moved_by_a_metre_across_the_edge_is_not(
        west in 0.0..10.0f64, south in 0.0..10.0f64, width in 1.5..14.0f64, depth in 1.5..6.0f64,
    ) {
        let inside = changed(|plan| {
            plan.zones = vec![zone("z", rectangle(west, south, west + width, south + depth))];
            plan.microphones.clear();
            plan.loudspeakers.clear();
        });
        prop_assert_eq!(inside, []);
        let outside = changed(|plan| {
            plan.zones = vec![zone("z", rectangle(west, -1.0, west + width, depth))];
            plan.microphones.clear();
            plan.loudspeakers.clear();
        });
        let is_outside = matches!(outside[0].kind, FaultKind::OutsideFloor { .. });
        prop_assert!(is_outside);
    }
}
