//! Tells the layout, one event per floor, when it is another than the one last told.
//!
//! What was told is remembered by a digest, so that a restart does not repeat it. The digest covers the tenant as well: a new one has to
//! be told. Where the outbox gives floors up, the digest goes with them, and the next start tells the layout again.

use habitat_config::Site;
use habitat_events::{Data, Layout, LayoutDevice, LayoutScreen, LayoutZone, ZoneKind, round_to};
use habitat_layout::{Floor, Plan, Position, ZoneKind as Kind};
use jiff::Timestamp;

use crate::{
    dispatch::Dispatch,
    fnv::fnv1a,
    store::{Saved, Store},
};

/// Tells the layout unless `saved` says that it was told before.
pub(crate) fn tell(site: &Site, dispatch: &Dispatch, store: &Store, saved: &Saved, now: Timestamp) {
    let floors = layouts(site);
    let digest = digest(site, &floors);
    if saved.layout_told == Some(digest) {
        return;
    }
    for floor in floors {
        let subject = floor.floor.clone();
        dispatch.emit(&subject, now, Data::Layout(floor));
    }
    if let Err(error) = store.save_layout_told(digest) {
        tracing::warn!(%error, "the layout will be told again at the next start");
    }
}

/// The same number for the same layout and tenant.
fn digest(site: &Site, floors: &[Layout]) -> u64 {
    let tenant = site.cloud.as_ref().map(|cloud| (&cloud.url, &cloud.tenant));
    // Types of ours are always written; one that is not would only be told at every start.
    let text = serde_json::to_vec(&(tenant, floors)).unwrap_or_default();
    fnv1a(text)
}

/// Every floor of the site.
fn layouts(site: &Site) -> Vec<Layout> {
    let plan = &site.plan;
    let floors: Vec<String> = plan.floors.iter().map(|floor| floor.id.clone()).collect();
    let layout = |(index, floor): (usize, &Floor)| Layout {
        floor: floor.id.clone(),
        floors: floors.clone(),
        outline_m: corners(floor.outline.exterior().coords().map(|at| [at.x, at.y])),
        height_m: to_centimetres(floor.height_m),
        zones: zones(site, index),
        screens: screens(plan, index),
    };
    plan.floors.iter().enumerate().map(layout).collect()
}

fn zones(site: &Site, floor: usize) -> Vec<LayoutZone> {
    let plan = &site.plan;
    let here = plan.zones.iter().zip(&site.zones).enumerate();
    here.filter(|(_, (zone, _))| zone.floor == floor)
        .map(|(index, (zone, levels))| LayoutZone {
            zone: zone.id.clone(),
            name: zone.name.clone(),
            kind: kind(zone.kind),
            outline_m: corners(zone.outline.exterior().coords().map(|at| [at.x, at.y])),
            level_min_db: levels.level_min_db,
            level_fixed_db: levels.level_fixed_db,
            level_max_db: levels.level_max_db,
            listeners: u32::try_from(zone.listeners.len()).unwrap_or(u32::MAX),
            microphones: plan
                .microphones
                .iter()
                .filter(|microphone| microphone.zone == index)
                .map(|microphone| device(&microphone.id, microphone.position))
                .collect(),
            loudspeakers: plan
                .loudspeakers
                .iter()
                .filter(|loudspeaker| loudspeaker.zone == index)
                .map(|loudspeaker| device(&loudspeaker.id, loudspeaker.position))
                .collect(),
        })
        .collect()
}

fn screens(plan: &Plan, floor: usize) -> Vec<LayoutScreen> {
    let here = plan.screens.iter().filter(|screen| screen.floor == floor);
    here.map(|screen| LayoutScreen {
        from_m: screen.from.map(to_centimetres),
        to_m: screen.to.map(to_centimetres),
        height_m: to_centimetres(screen.height_m),
    })
    .collect()
}

fn device(id: &str, position: Position) -> LayoutDevice {
    LayoutDevice {
        id: id.to_owned(),
        position_m: [position.x_m, position.y_m, position.z_m].map(to_centimetres),
    }
}

/// Corners of a closed ring, without the repeated first.
fn corners(ring: impl Iterator<Item = [f64; 2]>) -> Vec<[f64; 2]> {
    let mut corners: Vec<_> = ring.map(|at| at.map(to_centimetres)).collect();
    corners.pop();
    corners
}

fn to_centimetres(metres: f64) -> f64 {
    round_to(metres, 2)
}

fn kind(kind: Kind) -> ZoneKind {
    match kind {
        Kind::Focus => ZoneKind::Focus,
        Kind::Collaboration => ZoneKind::Collaboration,
        Kind::Meeting => ZoneKind::Meeting,
        Kind::Circulation => ZoneKind::Circulation,
        Kind::Social => ZoneKind::Social,
    }
}

#[cfg(test)]
mod tests {
    use std::{fmt::Write, path::Path};

    use habitat_events::{CloudEvent, Event, IdSource};
    use serde_json::json;

    use super::*;
    use crate::{health::Health, store::WhenFull};

    const TWO_FLOORS: &str = r#"
[[floor]]
id = "1"
outline = [[0,0],[12,0],[12,6],[0,6]]
height_m = 2.8
[[floor]]
id = "2"
outline = [[0,0],[6,0],[6,6],[0,6]]
height_m = 3.004
[[zone]]
id = "north"
floor = "1"
name = "Product team"
kind = "collaboration"
outline = [[0,0],[12,0],[12,6],[0,6]]
listeners = [[2,2],[4,2],[6,2]]
level_max_db = 45.0
[[zone]]
id = "quiet"
floor = "2"
kind = "focus"
outline = [[0,0],[6,0],[6,6],[0,6]]
[[microphone]]
id = "m1"
zone = "north"
position = [3.17159, 3, 2.7]
channel = 1
sensitivity_dbfs = -26.0
[[loudspeaker]]
id = "s1"
zone = "quiet"
position = [3, 3, 2.75]
channel = 1
output_db_spl = 94.0
[[screen]]
floor = "1"
from = [6,0]
to = [6,3]
height_m = 1.6
reduction_db = 18
"#;

    fn site(layout: &str, cloud: &str) -> Site {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("layout.toml"), layout).unwrap();
        let path = folder.path().join("habitat.toml");
        std::fs::write(&path, format!("[site]\nid = \"hq\"\n{cloud}")).unwrap();
        let loaded = habitat_config::load(&path);
        loaded.unwrap_or_else(|problems| panic!("{problems}")).site
    }

    /// What a daemon tells that starts with this site and this state folder.
    fn told(site: &Site, state: &Path) -> Vec<Event> {
        let (store, saved) = Store::open(state, Health::default()).unwrap();
        let ids = IdSource::Random;
        let dispatch = Dispatch::new(
            "/sites/hq/controllers/main".into(),
            ids,
            0,
            None,
            Some(store.clone()),
            WhenFull::Wait,
        );
        let mut heard = dispatch.listen();
        tell(site, &dispatch, &store, &saved, Timestamp::UNIX_EPOCH);
        store.flush_blocking();
        let mut events = Vec::new();
        while let Ok(event) = heard.try_recv() {
            events.push((*event).clone());
        }
        events
    }

    #[test]
    fn each_floor_is_an_event_that_holds_what_stands_there_and_nothing_else() {
        let state = tempfile::tempdir().unwrap();
        let events = told(&site(TWO_FLOORS, ""), state.path());
        let subjects: Vec<&str> = events.iter().map(|event| event.subject.as_str()).collect();
        assert_eq!(subjects, ["1", "2"]);
        let first = json!({
            "floor": "1", "floors": ["1", "2"], "outline_m": [[0.0, 0.0], [12.0, 0.0], [12.0, 6.0], [0.0, 6.0]], "height_m": 2.8,
            "zones": [{
                "zone": "north", "name": "Product team", "kind": "collaboration",
                "outline_m": [[0.0, 0.0], [12.0, 0.0], [12.0, 6.0], [0.0, 6.0]],
                "level_min_db": 40.0, "level_fixed_db": 43.0, "level_max_db": 45.0, "listeners": 3,
                "microphones": [{ "id": "m1", "position_m": [3.17, 3.0, 2.7] }], "loudspeakers": [],
            }],
            "screens": [{ "from_m": [6.0, 0.0], "to_m": [6.0, 3.0], "height_m": 1.6 }],
        });
        assert_eq!(serde_json::to_value(&events[0].data).unwrap(), first);
        let second = serde_json::to_value(&events[1].data).unwrap();
        assert_eq!((&second["height_m"], &second["screens"]), (&json!(3.0), &json!([])));
        assert_eq!(second["zones"][0]["loudspeakers"][0]["id"], "s1");
    }

    #[test]
    fn a_layout_is_told_once_and_again_when_it_or_the_tenant_is_another() {
        let state = tempfile::tempdir().unwrap();
        let tells = |layout: &str, cloud: &str| told(&site(layout, cloud), state.path()).len();
        assert_eq!(tells(TWO_FLOORS, ""), 2);
        assert_eq!(tells(TWO_FLOORS, ""), 0, "a restart repeats nothing");
        let moved = TWO_FLOORS.replace("[3, 3, 2.75]", "[3, 3.5, 2.75]");
        assert_eq!(tells(&moved, ""), 2);
        assert_eq!(tells(&moved, ""), 0);
        let by_a_hair = TWO_FLOORS.replace("[3, 3, 2.75]", "[3, 3.501, 2.75]");
        assert_eq!(tells(&by_a_hair, ""), 0, "a millimetre is not told");
        let cloud = "[cloud]\nurl = \"http://127.0.0.1:9\"\ntoken_file = \"token\"\n";
        assert_eq!(tells(&moved, cloud), 2, "a tenant that is new does not know it");
        assert_eq!(tells(&moved, cloud), 0);
    }

    /// As large as the tenant may take it: all zones of a very large site on one floor.
    #[test]
    fn a_floor_of_500_zones_fits_into_an_event() {
        const EVENT_BYTES: usize = 256 << 10;
        let mut layout =
            "[[floor]]\nid = \"ground-floor\"\noutline = [[0,0],[250,0],[250,200],[0,200]]\nheight_m = 2.8\n".to_owned();
        for zone in 0..500 {
            let (west, south) = (zone % 25 * 10, zone / 25 * 10);
            let (east, north) = (west + 10, south + 10);
            write!(
                layout,
                "[[zone]]\nid = \"building-a-zone-{zone}\"\nfloor = \"ground-floor\"\nname = \"Product team, desks {zone}\"\n\
                 kind = \"collaboration\"\noutline = [[{west},{south}],[{east},{south}],[{east},{north}],[{west},{north}]]\n\
                 [[microphone]]\nid = \"mic-{zone}\"\nzone = \"building-a-zone-{zone}\"\nposition = [{west}.25, {south}.25, 2.75]\n\
                 channel = {}\nsensitivity_dbfs = -26.0\n",
                zone + 1
            )
            .unwrap();
            for loudspeaker in 0..2 {
                write!(
                    layout,
                    "[[loudspeaker]]\nid = \"spk-{zone}-{loudspeaker}\"\nzone = \"building-a-zone-{zone}\"\n\
                     position = [{west}.{}5, {south}.75, 2.75]\nchannel = {}\noutput_db_spl = 94.0\n",
                    loudspeaker + 1,
                    2 * zone + loudspeaker + 1
                )
                .unwrap();
            }
        }
        let state = tempfile::tempdir().unwrap();
        let events = told(&site(&layout, ""), state.path());
        let event = serde_json::to_vec(&CloudEvent::other(&events[0]).unwrap()).unwrap();
        println!("{} bytes", event.len());
        assert_eq!(events.len(), 1);
        assert!(event.len() < EVENT_BYTES, "{} bytes", event.len());
    }
}
