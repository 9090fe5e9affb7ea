//! Maps: a talker in the middle of each zone, heard all over the floor.

use geo::{BoundingRect, Contains, Coord, Point, Rect};

use super::Coverage;
use super::law::Law;
use super::listeners::central;
use super::sound::{Noise, Voice};
use crate::acoustics::parallel;
use crate::nearby::Nearby;
use crate::plan::{Plan, Position, SEATED_HEIGHT_M};
use crate::propagation::{MAX_PATH_M, Room};
use crate::spectrum::{energy, level_db};
use crate::sti::Decay;

/// Edge of a cell, metres: as fine as the limit on cells allows.
const CELLS_M: [f64; 4] = [0.5, 1.0, 2.0, 4.0];

/// A floor has not many more cells than this.
const MOST_CELLS: f64 = 12_000.0;

/// Square cells over a floor, row by row from the south-west.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// South-west corner, metres.
    pub corner: [f64; 2],
    /// Edge of a cell, metres.
    pub cell_m: f64,
    /// Cells from west to east.
    pub columns: usize,
    /// Cells from south to north.
    pub rows: usize,
    /// Per cell: the zone of its middle, if it is in one.
    pub zones: Vec<Option<usize>>,
}

impl Grid {
    /// Middle of a cell at the height of seated people.
    pub fn place(&self, cell: usize) -> Position {
        let (row, column) = (cell / self.columns.max(1), cell % self.columns.max(1));
        Position {
            x_m: self.corner[0] + (column as f64 + 0.5) * self.cell_m,
            y_m: self.corner[1] + (row as f64 + 0.5) * self.cell_m,
            z_m: SEATED_HEIGHT_M,
        }
    }
}

/// One cell of a talker's map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heard {
    /// Index into the cells of the grid.
    pub cell: usize,
    /// A-weighted level of his speech, dB.
    pub speech_db: f32,
    /// STI, in the order of [`Masking::ALL`](super::Masking::ALL).
    pub sti: [f32; 3],
}

/// Where a talker in the middle of a zone is heard, and how well.
#[derive(Clone, Debug, PartialEq)]
pub struct TalkerMap {
    /// Where he sits; `None` in a zone without listeners, whose map is empty.
    pub talker: Option<Position>,
    /// Cells in zones within reach, by index.
    pub heard: Vec<Heard>,
}

/// One grid per floor.
pub(super) fn grids(plan: &Plan) -> Vec<Grid> {
    let areas = plan.zones.iter().enumerate();
    let areas = areas.filter_map(|(index, zone)| Some((zone.floor, index, zone.outline.bounding_rect()?)));
    let nearby = Nearby::of(plan.floors.len(), areas);
    let floors = plan.floors.iter().enumerate();
    floors
        .map(|(floor, item)| {
            let bounds = item.outline.bounding_rect();
            grid(
                plan,
                floor,
                bounds.unwrap_or(Rect::new(Coord::zero(), Coord::zero())),
                &nearby,
            )
        })
        .collect()
}

fn grid(plan: &Plan, floor: usize, bounds: Rect<f64>, nearby: &Nearby) -> Grid {
    let cells = |cell_m: &&f64| bounds.width() * bounds.height() / (*cell_m * *cell_m) <= MOST_CELLS;
    let fitting_m = (bounds.width() * bounds.height() / MOST_CELLS).sqrt();
    let cell_m = CELLS_M.iter().find(cells).copied().unwrap_or(fitting_m);
    let mut grid = Grid {
        corner: [bounds.min().x, bounds.min().y],
        cell_m,
        columns: (bounds.width() / cell_m).ceil() as usize,
        rows: (bounds.height() / cell_m).ceil() as usize,
        zones: Vec::new(),
    };
    let zone_of = |cell: usize| {
        let at = grid.place(cell);
        let point = Point::new(at.x_m, at.y_m);
        nearby
            .within(floor, point.bounding_rect(), 0.0)
            .filter(|zone| plan.zones[*zone].outline.contains(&point))
            .min()
    };
    grid.zones = parallel::map(grid.columns * grid.rows, zone_of);
    grid
}

/// A map per zone.
pub(super) fn talkers(
    plan: &Plan,
    rooms: &[Room],
    voice: &Voice,
    noise: &Noise,
    law: &Law,
    coverage: &Coverage,
    grids: &[Grid],
) -> Vec<TalkerMap> {
    let decays: Vec<Decay> = rooms.iter().map(|room| Decay::of(room.reverberation_s())).collect();
    parallel::map(plan.zones.len(), |index| {
        let zone = &plan.zones[index];
        let Some(talker) = central(&zone.listeners).map(|seat| zone.listeners[seat]) else {
            return TalkerMap {
                talker: None,
                heard: Vec::new(),
            };
        };
        let (room, grid) = (&rooms[zone.floor], &grids[zone.floor]);
        let cells = cells_around(grid, talker);
        let places = cells.iter().map(|(cell, _)| grid.place(*cell)).chain([talker]);
        let obstacles = room.obstacles().between(places);
        let heard = cells.into_iter().map(|(cell, there)| {
            let speech = voice.after(&room.all_energies(talker, grid.place(cell), &obstacles));
            let fixed_db = f64::from(coverage.on_grids_db[zone.floor][cell]);
            let share = energy(fixed_db - coverage.zones[there].mean_db);
            let share = if share.is_finite() { share } else { 0.0 };
            let masking = law.masking(index, there).map(|masking| masking * share);
            Heard {
                cell,
                speech_db: level_db(speech.a_weighted) as f32,
                sti: masking.map(|masking| noise.sti(&speech, masking, &decays[zone.floor]) as f32),
            }
        });
        TalkerMap {
            talker: Some(talker),
            heard: heard.collect(),
        }
    })
}

/// Cells in zones within reach of a talker, with their zones.
fn cells_around(grid: &Grid, talker: Position) -> Vec<(usize, usize)> {
    let reach = |at_m: f64, corner_m: f64, count: usize| {
        let low = ((at_m - MAX_PATH_M - corner_m) / grid.cell_m).floor().max(0.0) as usize;
        let high = ((at_m + MAX_PATH_M - corner_m) / grid.cell_m).ceil().max(0.0) as usize;
        low.min(count)..high.min(count)
    };
    let columns = reach(talker.x_m, grid.corner[0], grid.columns);
    let rows = reach(talker.y_m, grid.corner[1], grid.rows);
    rows.flat_map(|row| columns.clone().map(move |column| row * grid.columns + column))
        .filter(|cell| grid.place(*cell).distance_m(talker) <= MAX_PATH_M)
        .filter_map(|cell| grid.zones[cell].map(|zone| (cell, zone)))
        .collect()
}
