//! Faults of zones of other controllers.

use super::*;
use crate::plan::RemoteZone;

/// The office without its eastern zone, which is another controller's.
fn shared_office(change: impl FnOnce(&mut RemoteZone)) -> Vec<Fault> {
    changed(|plan| {
        let east = plan.zones.remove(1);
        plan.loudspeakers.remove(1);
        let mut remote = RemoteZone {
            site: "hq-4".into(),
            zone: east.id,
            floor: east.floor,
            outline: east.outline,
            listeners: east.listeners,
            microphones: vec![plan.microphones.remove(1).position],
        };
        change(&mut remote);
        plan.remote_zones.push(remote);
    })
}

fn only(change: impl FnOnce(&mut RemoteZone)) -> (Field, FaultKind) {
    let faults = shared_office(change);
    assert_eq!(faults.len(), 1, "{faults:#?}");
    assert_eq!(faults[0].item, Item::RemoteZone(0));
    (faults[0].field, faults[0].kind.clone())
}

#[test]
fn a_right_one_has_no_faults() {
    assert_eq!(shared_office(|_| {}), []);
}

#[test]
fn it_has_to_lie_on_its_floor_and_beside_the_other_zones() {
    let (field, kind) = only(|zone| zone.floor = 3);
    assert_eq!((field, kind), (Field::Floor, FaultKind::NoSuch { what: "floor" }));
    let (field, kind) = only(|zone| zone.outline = rectangle(12.0, 0.0, 25.0, 16.0));
    assert!(
        field == Field::Outline && matches!(kind, FaultKind::OutsideFloor { .. }),
        "{kind:?}"
    );
    let (field, kind) = only(|zone| zone.outline = rectangle(11.0, 0.0, 24.0, 16.0));
    assert!(
        field == Field::Outline && matches!(&kind, FaultKind::Overlap { other, .. } if other == "west"),
        "{kind:?}"
    );
    let (field, kind) = only(|zone| zone.outline = outline(&[(12.0, 0.0), (24.0, 0.0)]));
    assert!(
        field == Field::Outline && matches!(kind, FaultKind::TooFewPoints { .. }),
        "{kind:?}"
    );
}

#[test]
fn its_seats_and_microphones_have_to_be_in_it() {
    let (field, kind) = only(|zone| zone.microphones.clear());
    assert_eq!((field, kind), (Field::Microphones(None), FaultKind::NoMicrophones));
    let (field, kind) = only(|zone| zone.microphones.push(at(6.0, 8.0, 2.7)));
    assert!(
        field == Field::Microphones(Some(1)) && matches!(&kind, FaultKind::OutsideZone { zone, .. } if zone == "hq-4/east"),
        "{kind:?}"
    );
    let (field, kind) = only(|zone| zone.microphones[0].z_m = 3.5);
    assert!(
        field == Field::Microphones(Some(0)) && matches!(kind, FaultKind::AboveCeiling { .. }),
        "{kind:?}"
    );
    let (field, kind) = only(|zone| zone.listeners.clear());
    assert_eq!((field, kind), (Field::Listeners(None), FaultKind::NoListeners));
}
