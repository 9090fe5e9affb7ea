//! Plans from and for other programs.

mod common;

use std::{fs, io::Write, path::Path};

use habitat_config::{
    Loaded,
    exchange::{ImportError, Imported, Origin, import, to_geojson},
};
use habitat_layout::{Plan, ZoneKind};
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;
use zip::{ZipWriter, write::SimpleFileOptions};

use common::{GOOD_LAYOUT, GOOD_SITE, SITE_FOR_LAYOUTS, load_texts};

fn import_bytes(name: &str, bytes: &[u8]) -> Result<Imported, ImportError> {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join(name);
    fs::write(&path, bytes).expect("writes the file");
    import(&path)
}

fn plan_of(imported: &Imported) -> Plan {
    assert!(!imported.problems.has_errors(), "{}\n{}", imported.layout, imported.problems);
    let loaded = load_texts(SITE_FOR_LAYOUTS, &imported.layout);
    loaded
        .unwrap_or_else(|problems| panic!("{}\n{problems}", imported.layout))
        .site
        .plan
}

fn good() -> Loaded {
    load_texts(GOOD_SITE, GOOD_LAYOUT).expect("a good site")
}

/// Whether two plans are the same to the millimetre.
fn assert_same(one: &Plan, other: &Plan) {
    let near = |one: f64, other: f64| (one - other).abs() <= 1.5e-3;
    let outlines = |plan: &Plan| -> Vec<_> {
        let floors = plan.floors.iter().map(|floor| floor.outline.clone());
        floors.chain(plan.zones.iter().map(|zone| zone.outline.clone())).collect()
    };
    for (one, other) in outlines(one).iter().zip(outlines(other)) {
        assert_eq!(one.exterior().0.len(), other.exterior().0.len());
        for (one, other) in one.exterior().coords().zip(other.exterior().coords()) {
            assert!(near(one.x, other.x) && near(one.y, other.y), "{one:?} {other:?}");
        }
    }
    let positions = |plan: &Plan| -> Vec<_> {
        let microphones = plan.microphones.iter().map(|device| device.position);
        let loudspeakers = plan.loudspeakers.iter().map(|device| device.position);
        let listeners = plan.zones.iter().flat_map(|zone| zone.listeners.clone());
        microphones.chain(loudspeakers).chain(listeners).collect()
    };
    assert_eq!(positions(one).len(), positions(other).len());
    for (one, other) in positions(one).iter().zip(positions(other)) {
        assert!(one.distance_m(other) < 2e-3, "{one:?} {other:?}");
    }
    assert_eq!(one.screens.len(), other.screens.len());
    for (one, other) in one.screens.iter().zip(&other.screens) {
        assert!((0..2).all(|axis| near(one.from[axis], other.from[axis]) && near(one.to[axis], other.to[axis])));
        assert_eq!(
            (one.floor, one.height_m, one.reduction_db),
            (other.floor, other.height_m, other.reduction_db)
        );
    }
    // Everything that is no coordinate is exactly the same.
    let words = |plan: &Plan| -> Vec<String> {
        let floors = plan
            .floors
            .iter()
            .map(|it| format!("{} {} {:?} {:?}", it.id, it.height_m, it.absorption, it.reverberation_s));
        let zones = plan
            .zones
            .iter()
            .map(|it| format!("{} {} {} {:?}", it.id, it.name, it.floor, it.kind));
        let microphones = plan.microphones.iter();
        let microphones =
            microphones.map(|it| format!("{} {} {:?} {} {}", it.id, it.zone, it.device, it.channel, it.sensitivity_dbfs));
        let loudspeakers = plan.loudspeakers.iter();
        let loudspeakers =
            loudspeakers.map(|it| format!("{} {} {:?} {} {}", it.id, it.zone, it.device, it.channel, it.output_db_spl));
        floors.chain(zones).chain(microphones).chain(loudspeakers).collect()
    };
    assert_eq!(words(one), words(other));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_plan_that_is_exported_and_imported_is_the_same_to_the_millimetre_anywhere_on_the_globe(
        longitude in -180.0..180.0f64, latitude in -75.0..75.0f64,
    ) {
        let site = good().site;
        let text = to_geojson(&site, Origin { longitude, latitude });
        let imported = import_bytes("plan.geojson", text.as_bytes()).expect("imports");
        prop_assert!(imported.remarks.is_empty(), "{:?}", imported.remarks);
        assert_same(&site.plan, &plan_of(&imported));
    }
}

#[test]
fn levels_of_zones_survive_the_round_trip() {
    let site = good().site;
    let imported = import_bytes("plan.geojson", to_geojson(&site, Origin::default()).as_bytes()).expect("imports");
    let again = load_texts(GOOD_SITE, &imported.layout).expect("a good site").site;
    assert_eq!(site.zones, again.zones);
}

/// A rectangle given in metres from a corner in Helsinki, as a ring in degrees.
fn ring(west: f64, south: f64, east: f64, north: f64) -> Value {
    let place = |x: f64, y: f64| json!([24.938 + x / 55_660.0, 60.17 + y / 111_412.0]);
    json!([[
        place(west, south),
        place(east, south),
        place(east, north),
        place(west, north),
        place(west, south)
    ]])
}

fn polygon(ring: Value, properties: Value) -> Value {
    json!({ "type": "Feature", "geometry": { "type": "Polygon", "coordinates": ring }, "properties": properties })
}

fn collection(features: &[Value]) -> String {
    json!({ "type": "FeatureCollection", "features": features }).to_string()
}

#[test]
fn anybodys_polygons_become_zones_and_lines_screens() {
    let line = json!({ "type": "Feature", "properties": { "floor": "2" }, "geometry": { "type": "LineString",
        "coordinates": [[24.938 + 8.0 / 55_660.0, 60.17], [24.938 + 8.0 / 55_660.0, 60.17 + 5.0 / 111_412.0]] } });
    let text = collection(&[
        polygon(ring(0.0, 0.0, 8.0, 6.0), json!({ "name": "Röntgen & \"Co\"", "floor": "2" })),
        polygon(
            ring(8.0, 0.0, 16.0, 6.0),
            json!({ "name": "Sales", "floor": "2", "kind": "collaboration" }),
        ),
        line,
    ]);
    let imported = import_bytes("office.geojson", text.as_bytes()).expect("imports");
    let plan = plan_of(&imported);
    assert_eq!((plan.floors.len(), plan.zones.len(), plan.screens.len()), (1, 2, 1));
    assert_eq!(plan.zones[0].id, "R-ntgen-Co");
    assert_eq!(plan.zones[0].name, "Röntgen & \"Co\"");
    assert_eq!(plan.zones[1].kind, ZoneKind::Collaboration);
    let east_m = plan.zones[1].outline.exterior().coords().map(|at| at.x).fold(0.0, f64::max);
    assert!((east_m - 16.0).abs() < 0.05, "{east_m}");
    assert!(imported.layout.contains("height_m = 2.8  # assumed"), "{}", imported.layout);
    assert!(
        imported.remarks.iter().any(|remark| remark.contains("height assumed")),
        "{:?}",
        imported.remarks
    );
}

/// An IMDF archive with an office, a meeting room, a lift and a wall on one level, in a folder as many tools write it.
fn imdf() -> Vec<u8> {
    let with = |mut feature: Value, id: &str, kind: &str| {
        feature["id"] = json!(id);
        feature["feature_type"] = json!(kind);
        feature
    };
    let unit = |ring: Value, id: &str, category: &str, name: Value| {
        let properties = json!({ "category": category, "level_id": "l3", "name": name, "restriction": null });
        with(polygon(ring, properties), id, "unit")
    };
    let level = polygon(
        ring(0.0, 0.0, 20.0, 10.0),
        json!({ "category": "unspecified", "ordinal": 3, "outdoor": false,
        "short_name": { "en": "3" }, "name": { "en": "Third floor" } }),
    );
    let roof = polygon(
        ring(0.0, 0.0, 20.0, 10.0),
        json!({ "ordinal": 4, "short_name": { "en": "R" } }),
    );
    let wall = polygon(ring(11.9, 0.0, 12.1, 10.0), json!({ "category": "wall", "level_id": "l3" }));
    let venue = polygon(
        ring(0.0, 0.0, 20.0, 10.0),
        json!({ "category": "businesscampus", "name": { "en": "HQ" } }),
    );
    let files = [
        ("manifest.json", json!({ "version": "1.0.0", "language": "en" }).to_string()),
        ("venue.geojson", collection(&[with(venue, "v", "venue")])),
        (
            "level.geojson",
            collection(&[with(level, "l3", "level"), with(roof, "l4", "level")]),
        ),
        (
            "unit.geojson",
            collection(&[
                unit(ring(0.0, 0.0, 12.0, 10.0), "u1", "office", json!({ "en": "Product team" })),
                unit(ring(12.0, 0.0, 18.0, 10.0), "u2", "conferenceroom", Value::Null),
                unit(ring(18.0, 0.0, 20.0, 10.0), "u3", "elevator", Value::Null),
            ]),
        ),
        ("fixture.geojson", collection(&[with(wall, "f1", "fixture")])),
    ];
    zipped(&files)
}

fn zipped(files: &[(&str, String)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        archive
            .start_file(format!("HQ/{name}"), SimpleFileOptions::default())
            .expect("a file");
        archive.write_all(text.as_bytes()).expect("writes");
    }
    archive.finish().expect("an archive").into_inner()
}

#[test]
fn the_levels_of_an_imdf_archive_become_floors_and_the_units_in_which_people_sit_zones() {
    let imported = import_bytes("venue.imdf.zip", &imdf()).expect("imports");
    let plan = plan_of(&imported);
    assert_eq!(plan.floors.len(), 1);
    assert_eq!(plan.floors[0].id, "3");
    let zones: Vec<_> = plan
        .zones
        .iter()
        .map(|zone| (zone.id.as_str(), zone.name.as_str(), zone.kind))
        .collect();
    let expected = [
        ("Product-team", "Product team", ZoneKind::Focus),
        ("conferenceroom", "conferenceroom", ZoneKind::Meeting),
    ];
    assert_eq!(zones, expected);
    let wall = &plan.screens[0];
    assert!(
        (wall.from[0] - 12.0).abs() < 0.05 && (wall.to[0] - 12.0).abs() < 0.05,
        "{wall:?}"
    );
    assert!(
        (wall.from[1] - wall.to[1]).abs() > 9.9 && wall.is_wall(&plan.floors[0]),
        "{wall:?}"
    );
    let remarks = imported.remarks.join("\n");
    assert!(remarks.contains("elevator") && remarks.contains("level R"), "{remarks}");
}

#[test]
fn what_is_wrong_in_the_imported_plan_is_told_with_its_place_in_the_layout() {
    let text = collection(&[
        polygon(ring(0.0, 0.0, 8.0, 6.0), json!({ "name": "A" })),
        polygon(ring(6.0, 0.0, 14.0, 6.0), json!({ "name": "B" })),
    ]);
    let imported = import_bytes("office.geojson", text.as_bytes()).expect("imports");
    assert!(imported.problems.has_errors());
    let told = imported.problems.to_string();
    assert!(
        told.contains("overlaps zone \"A\"") && told.contains("layout.toml:"),
        "{told}"
    );
}

#[test]
fn failures_speak_to_a_person() {
    let refused = |name: &str, bytes: &[u8]| import_bytes(name, bytes).expect_err("no plan").to_string();
    let told = refused("plan.geojson", b"{\"type\": \"FeatureCollection\"");
    assert!(
        told.contains("is not GeoJSON") && told.contains("help: export the plan"),
        "{told}"
    );
    assert!(refused("plan.dwg", &[0x41, 0x43, 0xff, 0xfe]).contains("is not GeoJSON"));
    let metres = collection(&[polygon(json!([[[0, 0], [385_000, 0], [385_000, 10], [0, 0]]]), json!({}))]);
    let told = refused("plan.geojson", metres.as_bytes());
    assert!(
        told.contains("no longitude and latitude") && told.contains("ogr2ogr"),
        "{told}"
    );
    assert!(refused("plan.geojson", collection(&[]).as_bytes()).contains("no areas"));
    let told = refused("plan.zip", &zipped(&[("readme.txt", "hello".into())]));
    assert!(told.contains("not IMDF: it has no manifest.json"), "{told}");
    assert!(refused("plan.zip", b"PK\x03\x04 and nothing more").contains("damaged zip archive"));
    let told = import(Path::new("/nowhere/plan.geojson")).expect_err("no file").to_string();
    assert!(told.starts_with("/nowhere/plan.geojson cannot be read"), "{told}");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), is_zip in any::<bool>()) {
        let mut bytes = bytes;
        if is_zip {
            bytes.splice(0..0, *b"PK\x03\x04");
        }
        let _ = import_bytes("any", &bytes);
    }
}
