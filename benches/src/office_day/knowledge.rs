//! What a controller knows of an office: its floor plan, and what the product derives from that.
//!
//! Nothing of the simulator's own acoustics gets through here. The derived numbers are wrong as they are wrong in real offices.

use geo::{LineString, Polygon};
use habitat_dsp::{HearingSetup, OwnSoundSetup, ZoneSetup, adaptation::PlaceMemory};
use habitat_layout::{
    Floor, Loudspeaker, Microphone, Plan, Position, Screen, Zone, ZoneKind,
    acoustics::{Acoustics, Coupling},
    spectrum::{a_weighted_sum_db, minus5_db},
};

use super::limits::Limits;
use super::office::{Office, Place, Use};
use super::room::{CEILING_M, SEATED_M};

/// Height of the rooms, metres.
const ROOM_HEIGHT_M: f64 = 2.8;

/// Speech from elsewhere is to stay below this at the listeners: what is counted here, and a setting of the product.
const STI_TARGET: f64 = 0.5;

/// The floor plan of an office, as its facilities staff would describe it.
pub fn plan(office: &Office) -> Plan {
    let size = office.size;
    let (width_m, depth_m) = (size.columns as f64 * size.zone_width_m, size.rows as f64 * size.zone_depth_m);
    let zone = |zone: usize| {
        let [x, y] = office.corner(zone);
        let seats = office.seats.iter().filter(|seat| seat.zone == zone);
        Zone {
            id: format!("z{zone}"),
            name: format!("Zone {zone}"),
            floor: 0,
            kind: match office.uses[zone] {
                Use::Desks => ZoneKind::Collaboration,
                Use::CoffeeCorner => ZoneKind::Social,
                Use::ProjectTables => ZoneKind::Meeting,
            },
            outline: rectangle([x, y], [x + size.zone_width_m, y + size.zone_depth_m]),
            listeners: seats.map(|seat| at(seat.place, SEATED_M)).collect(),
        }
    };
    let microphone = |(zone, place): (usize, &Place)| Microphone {
        id: format!("m{zone}"),
        zone,
        position: at(*place, CEILING_M),
        device: None,
        channel: zone as u32 + 1,
        sensitivity_dbfs: -26.0,
    };
    let loudspeaker = |(index, (zone, place)): (usize, &(usize, Place))| Loudspeaker {
        id: format!("s{index}"),
        zone: *zone,
        position: at(*place, CEILING_M),
        device: None,
        channel: index as u32 + 1,
        output_db_spl: 94.0,
    };
    let screen = |column: usize, height_m: f64| Screen {
        floor: 0,
        from: [column as f64 * size.zone_width_m, 0.0],
        to: [column as f64 * size.zone_width_m, depth_m],
        height_m,
        reduction_db: 25.0,
    };
    Plan {
        remote_zones: Vec::new(),
        floors: vec![Floor {
            id: "1".to_owned(),
            outline: rectangle([0.0, 0.0], [width_m, depth_m]),
            height_m: ROOM_HEIGHT_M,
            absorption: Some(office.room.ceiling_absorption),
            reverberation_s: Some(office.room.t60_s),
        }],
        zones: (0..size.zones()).map(zone).collect(),
        microphones: office.microphones.iter().enumerate().map(microphone).collect(),
        loudspeakers: office.loudspeakers.iter().enumerate().map(loudspeaker).collect(),
        screens: (1..size.columns)
            .filter_map(|column| Some(screen(column, office.room.screen_height_m?)))
            .collect(),
    }
}

/// What the engine is told of each zone of a plan: who hears whom, and whose masking is where.
pub fn zone_setups(plan: &Plan, limits: &Limits) -> Vec<ZoneSetup> {
    let acoustics = Acoustics::of(plan, &minus5_db());
    let zone = |zone: usize| ZoneSetup {
        level_fixed_db: limits.level_fixed_db,
        sti_target: STI_TARGET,
        has_workplaces: plan.zones[zone].kind.has_workplaces(),
        normal_voice_db: acoustics.normal_voice_db[zone].unwrap_or_default(),
        place: Some(PlaceMemory::default()),
        masking: own_sound(plan, &acoustics.loudspeaker_to_listener[zone]),
        hearing: acoustics.speech_paths[zone]
            .iter()
            .map(|path| HearingSetup {
                from_zone: path.from_zone,
                to_listeners_db: path.to_listeners_db,
                to_each_listener_db: path.to_each_listener_db.clone(),
                to_microphones_db: path.to_microphones_db,
                sti_curve: path.sti_curve,
            })
            .collect(),
        neighbours: acoustics.neighbours[zone].clone(),
        remote_neighbours: Vec::new(),
    };
    (0..plan.zones.len()).map(zone).collect()
}

/// Masking of each zone's loudspeakers at some points: the mean over the points, the sum over the loudspeakers.
fn own_sound(plan: &Plan, points: &[Vec<Coupling>]) -> Vec<OwnSoundSetup> {
    let masking_db = minus5_db();
    let mut by_zone = vec![0.0; plan.zones.len()];
    for coupling in points.iter().flatten() {
        let levels_db = core::array::from_fn(|band| masking_db[band] + coupling.gain_db[band]);
        let power = 10f64.powf(a_weighted_sum_db(&levels_db) / 10.0);
        by_zone[plan.loudspeakers[coupling.source].zone] += power / points.len() as f64;
    }
    let heard = by_zone.into_iter().enumerate().filter(|(_, power)| *power > 0.0);
    heard.map(|(zone, power)| OwnSoundSetup { zone, power }).collect()
}

fn at([x_m, y_m]: Place, z_m: f64) -> Position {
    Position { x_m, y_m, z_m }
}

fn rectangle([west, south]: Place, [east, north]: Place) -> Polygon<f64> {
    let corners = vec![(west, south), (east, south), (east, north), (west, north)];
    Polygon::new(LineString::from(corners), vec![])
}
