//! A floor plan of any size.

use geo::Polygon;
use habitat_layout::{Floor, Loudspeaker, Microphone, Plan, Position, Screen, Zone, ZoneKind, default_listeners};

/// Side of a zone, metres.
const ZONE_M: f64 = 8.0;

/// A square office of zones of 8 m by 8 m with sixteen workplaces, a microphone, four loudspeakers and a screen each.
pub fn square_floor(zones: usize) -> Plan {
    let side = (zones as f64).sqrt().ceil() as usize;
    let rectangle = |west: f64, south: f64, east: f64, north: f64| {
        let corners = vec![(west, south), (east, south), (east, north), (west, north)];
        Polygon::new(corners.into(), vec![])
    };
    let mut plan = Plan::default();
    plan.floors.push(Floor {
        id: "1".into(),
        outline: rectangle(0.0, 0.0, ZONE_M * side as f64, ZONE_M * zones.div_ceil(side) as f64),
        height_m: 2.8,
        absorption: Some(0.8),
        reverberation_s: None,
    });
    for zone in 0..zones {
        let (west, south) = (ZONE_M * (zone % side) as f64, ZONE_M * (zone / side) as f64);
        let outline = rectangle(west, south, west + ZONE_M, south + ZONE_M);
        let at = |x: f64, y: f64, z_m: f64| Position {
            x_m: west + x,
            y_m: south + y,
            z_m,
        };
        plan.zones.push(Zone {
            id: format!("z{zone}"),
            name: format!("Team {zone}"),
            floor: 0,
            kind: ZoneKind::Focus,
            listeners: default_listeners(&outline),
            outline,
        });
        plan.microphones.push(Microphone {
            id: format!("m{zone}"),
            zone,
            position: at(4.0, 4.0, 2.7),
            device: None,
            channel: zone as u32 + 1,
            sensitivity_dbfs: -26.0,
        });
        for (x, y) in [(2.0, 2.0), (6.0, 2.0), (2.0, 6.0), (6.0, 6.0)] {
            let number = plan.loudspeakers.len() as u32 + 1;
            plan.loudspeakers.push(Loudspeaker {
                id: format!("s{number}"),
                zone,
                position: at(x, y, 2.75),
                device: None,
                channel: number,
                output_db_spl: 94.0,
            });
        }
        plan.screens.push(Screen {
            floor: 0,
            from: [west + 1.0, south],
            to: [west + 7.0, south],
            height_m: 1.6,
            reduction_db: 18.0,
        });
    }
    plan
}
