//! What a page relies on in the drawing.

use geo::Polygon;

use super::*;
use crate::plan::{Floor, Microphone, Position, RemoteZone, Screen, Zone, ZoneKind};

fn plan() -> Plan {
    let rectangle = |west: f64, south: f64, east: f64, north: f64| {
        Polygon::new(
            vec![(west, south), (east, south), (east, north), (west, north)].into(),
            vec![],
        )
    };
    let floor = |id: &str| Floor {
        id: id.into(),
        outline: rectangle(0.0, 0.0, 20.0, 10.0),
        height_m: 2.8,
        absorption: Some(0.8),
        reverberation_s: None,
    };
    let zone = |id: &str, name: &str, floor, outline: Polygon<f64>| Zone {
        id: id.into(),
        name: name.into(),
        floor,
        kind: ZoneKind::Focus,
        listeners: crate::default_listeners(&outline),
        outline,
    };
    Plan {
        floors: vec![floor("3"), floor("4")],
        zones: vec![
            zone("north", "R&D <lab> \"x\" 'y'", 0, rectangle(0.0, 5.0, 10.0, 10.0)),
            zone("south", "Sales", 0, rectangle(0.0, 0.0, 10.0, 5.0)),
            zone("above", "Roof", 1, rectangle(0.0, 0.0, 10.0, 5.0)),
        ],
        remote_zones: vec![RemoteZone {
            site: "hq-4".into(),
            zone: "east".into(),
            floor: 0,
            listeners: vec![],
            microphones: vec![],
            outline: rectangle(10.0, 0.0, 20.0, 5.0),
        }],
        microphones: vec![Microphone {
            id: "m<1>".into(),
            zone: 0,
            position: Position {
                x_m: 5.0,
                y_m: 7.5,
                z_m: 2.7,
            },
            device: None,
            channel: 1,
            sensitivity_dbfs: -26.0,
        }],
        loudspeakers: vec![],
        screens: vec![
            Screen {
                floor: 0,
                from: [10.0, 0.0],
                to: [10.0, 5.0],
                height_m: 1.6,
                reduction_db: 18.0,
            },
            Screen {
                floor: 0,
                from: [10.0, 5.0],
                to: [10.0, 10.0],
                height_m: 2.8,
                reduction_db: 40.0,
            },
        ],
    }
}

#[test]
fn north_is_up_and_a_metre_is_a_unit() {
    let drawing = svg(&plan(), 0);
    assert!(drawing.contains(r#"viewBox="0 0 22.4 12.4""#), "{drawing}");
    // 5 m to 10 m north are the upper half: y from 1.2 (margin) to 6.2.
    assert!(
        drawing.contains(r#"data-zone="north" data-kind="focus" points="1.2,6.2 11.2,6.2 11.2,1.2 1.2,1.2""#),
        "{drawing}"
    );
}

#[test]
fn each_zone_has_a_polygon_and_a_name_and_other_floors_stay_away() {
    let drawing = svg(&plan(), 0);
    for id in ["north", "south"] {
        assert_eq!(
            drawing.matches(&format!(r#"<polygon class="zone" data-zone="{id}""#)).count(),
            1
        );
        assert_eq!(
            drawing
                .matches(&format!(r#"<text class="zone-name" data-zone="{id}""#))
                .count(),
            1
        );
    }
    assert!(!drawing.contains("above"));
    assert!(svg(&plan(), 1).contains("Roof"));
}

#[test]
fn names_cannot_break_out_of_the_picture() {
    let drawing = svg(&plan(), 0);
    assert!(
        drawing.contains("R&amp;D &lt;lab&gt; &quot;x&quot; &#39;y&#39;</text>"),
        "{drawing}"
    );
    assert!(drawing.contains(r#"data-id="m&lt;1&gt;""#));
    assert!(!drawing.contains("<lab>"));
    let mut control = plan();
    control.zones[0].name = "a\u{0}b\u{1b}c".into();
    assert!(svg(&control, 0).contains("a\u{fffd}b\u{fffd}c"));
}

#[test]
fn colours_stand_in_the_style_sheet_only_and_nothing_is_fetched() {
    let drawing = svg(&plan(), 0);
    let body = drawing.split("</style>").nth(1).expect("a style sheet");
    for word in ["fill=", "stroke=", "fill:", "stroke:", "href", "url(", "#"] {
        assert!(!body.replace("&#39;", "").contains(word), "{word} in {body}");
    }
    assert!(!drawing.replace("http://www.w3.org/2000/svg", "").contains("http"));
    assert!(
        drawing
            .lines()
            .filter(|line| line.contains('{'))
            .all(|rule| rule.starts_with(":where(.floor-plan"))
    );
}

#[test]
fn screens_and_walls_are_told_apart_by_class() {
    let drawing = svg(&plan(), 0);
    assert_eq!(drawing.matches(r#"<line class="screen" data-id="0""#).count(), 1);
    assert_eq!(drawing.matches(r#"<line class="screen wall" data-id="1""#).count(), 1);
}

#[test]
fn a_floor_that_is_not_there_gives_an_empty_picture() {
    let drawing = svg(&plan(), 9);
    assert!(drawing.starts_with("<svg ") && drawing.ends_with("</svg>\n") && !drawing.contains("<polygon"));
}

#[test]
fn a_heat_map_covers_its_cells_once_and_each_step_is_one_path() {
    let plan = plan();
    let grid = crate::prediction::Grid {
        corner: [0.0, 0.0],
        cell_m: 5.0,
        columns: 4,
        rows: 2,
        zones: vec![None; 8],
    };
    let steps = [Some(0), Some(0), Some(6), None, None, Some(6), Some(6), Some(0)];
    let cells = Some(Cells {
        grid: &grid,
        steps: &steps,
    });
    let drawing = svg_with(
        &plan,
        0,
        &Layers {
            cells,
            ..Layers::default()
        },
    );
    // The lower left: two cells of 5 m in the southern row, whose north edge is 5 m below that of the floor.
    assert!(
        drawing.contains(r#"<path class="s0" d="M1.2 6.2h10v5h-10zM16.2 1.2h5v5h-5z"/>"#),
        "{drawing}"
    );
    assert!(
        drawing.contains(r#"<path class="s6" d="M11.2 6.2h5v5h-5zM6.2 1.2h10v5h-10z"/>"#),
        "{drawing}"
    );
}

#[test]
fn live_levels_stand_under_the_names_of_their_zones() {
    let notes = ["43.2 dB(A)".to_owned(), String::new(), String::new()];
    let layers = Layers {
        notes: &notes,
        without_devices: true,
        ..Layers::default()
    };
    let drawing = svg_with(&plan(), 0, &layers);
    assert_eq!(drawing.matches(r#"class="zone-note""#).count(), 1);
    assert!(drawing.contains("43.2 dB(A)</text>"));
    assert!(!drawing.contains(r#"class="microphone""#));
}

#[test]
fn a_zone_of_another_controller_is_shown_whole_and_apart_from_ours() {
    let mut plan = plan();
    plan.remote_zones[0].outline = plan.floors[0].outline.clone();
    plan.floors[0].outline = plan.zones[0].outline.clone();
    let drawing = svg(&plan, 0);
    assert!(drawing.contains(r#"class="remote-zone" data-zone="hq-4/east""#));
    // It is larger than the floor, and there is a margin around it.
    assert!(drawing.contains(r#"viewBox="0 0 22.4 12.4""#), "{}", &drawing[..300]);
    assert!(!svg(&plan, 1).contains(r#"class="remote-zone""#));
}
