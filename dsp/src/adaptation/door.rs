//! The only door to a level.
//!
//! What people hear in a zone is the sum of what its own loudspeakers and those of other zones make there. So the door steers
//! the *sum*. In each step it computes how far every zone's level may move (slew, level limits, neighbours), solves for the
//! drives of the loudspeakers that put every level where it should be, and takes back what would move any zone further than
//! allowed. The levels are linear in the drives, so a step that is checked this way cannot break a limit anywhere.

use crate::{
    setup::OwnSoundSetup,
    units::{db_to_power, power_to_db},
};

/// Solving passes when the door is built.
const INITIAL_PASSES: usize = 500;

/// Solving passes per step. The levels move by thousandths of a dB and each step begins where the last one ended.
const PASSES: usize = 4;

/// Rounds of taking back, zone by zone, what would break a limit; what is left after them is taken back everywhere.
const ROUNDS: usize = 3;

/// Goals keep this distance from the limits, and levels may miss their goals by it, dB: so much smaller than anything that can be
/// heard, and so much larger than what the solver leaves, that no zone stands still because another one is at its limit.
pub const TOLERANCE_DB: f64 = 0.002;

/// Share of a power that is rounding and no movement.
const ROUNDING: f64 = 1e-10;

/// Limits that hold for a zone's level at all times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelLimits {
    /// Never above, but for a level that is above already and comes down.
    pub max_db: f64,
}

/// Levels of all zones and the drives that make them.
#[derive(Clone, Debug)]
pub struct LevelDoor {
    /// Per zone of loudspeakers: the zones that they reach, and with how much power per unit of drive.
    reach: Vec<Vec<(usize, f64)>>,
    /// The same the other way round: per zone, the zones whose loudspeakers reach its listeners.
    sources: Vec<Vec<(usize, f64)>>,
    /// Per zone: power at its listeners per unit of its own drive; 0 without loudspeakers in reach.
    own: Vec<f64>,
    neighbours: Vec<Vec<usize>>,
    drive: Vec<f64>,
    power: Vec<f64>,
    lowest: Vec<f64>,
    highest: Vec<f64>,
    /// Change of each drive in this step, and of each power.
    drive_change: Vec<f64>,
    power_change: Vec<f64>,
    /// Share of a rising and of a falling drive that the zones in reach allow.
    allowed: Vec<(f64, f64)>,
    up_db_per_s: f64,
    down_db_per_s: f64,
    neighbour_max: f64,
}

impl LevelDoor {
    /// A door whose zones stand at the given levels, as far as the loudspeakers allow.
    ///
    /// `masking[i]` lists how loud each zone's loudspeakers are at the listeners of zone i.
    pub fn new(
        masking: &[&[OwnSoundSetup]],
        neighbours: Vec<Vec<usize>>,
        levels_db: &[f64],
        slew_db_per_min: (f64, f64),
        neighbour_max_db: f64,
    ) -> Self {
        let zones = masking.len();
        let mut reach = vec![Vec::new(); zones];
        let mut own = vec![0.0; zones];
        for (listener_zone, sources) in masking.iter().enumerate() {
            for source in *sources {
                reach[source.zone].push((listener_zone, source.power));
                if source.zone == listener_zone {
                    own[listener_zone] = source.power;
                }
            }
        }
        let mut door = LevelDoor {
            reach,
            sources: masking
                .iter()
                .map(|sources| sources.iter().map(|s| (s.zone, s.power)).collect())
                .collect(),
            own,
            neighbours,
            drive: vec![0.0; zones],
            power: vec![0.0; zones],
            lowest: vec![0.0; zones],
            highest: vec![0.0; zones],
            drive_change: vec![0.0; zones],
            power_change: vec![0.0; zones],
            allowed: vec![(1.0, 1.0); zones],
            up_db_per_s: slew_db_per_min.0 / 60.0,
            down_db_per_s: slew_db_per_min.1 / 60.0,
            neighbour_max: db_to_power(neighbour_max_db),
        };
        door.highest
            .iter_mut()
            .zip(levels_db)
            .for_each(|(wanted, level)| *wanted = db_to_power(*level));
        door.solve(INITIAL_PASSES, |door, zone| door.highest[zone]);
        door.take_step();
        door
    }

    /// Masking level at the listeners of a zone if every ramp is open, dB(A); −∞ where no loudspeaker reaches.
    pub fn level_db(&self, zone: usize) -> f64 {
        power_to_db(self.power[zone])
    }

    /// Drive of a zone's loudspeakers: the free-field power at 1 m re 0 dB(A).
    pub fn drive(&self, zone: usize) -> f64 {
        self.drive[zone]
    }

    /// Moves every level towards its goal by one step of the given length.
    pub fn step(&mut self, goals_db: &[f64], limits: &[LevelLimits], step_s: f64) {
        self.set_bounds(limits, step_s);
        self.solve(PASSES, |door, zone| {
            door.goal(zone, goals_db[zone]).clamp(door.lowest[zone], door.highest[zone])
        });
        for _ in 0..ROUNDS {
            self.take_back_locally();
        }
        self.take_back_everywhere();
        self.take_step();
    }

    /// A goal as a power; what is not a number asks for no change.
    fn goal(&self, zone: usize, goal_db: f64) -> f64 {
        if goal_db.is_finite() {
            db_to_power(goal_db)
        } else {
            self.power[zone]
        }
    }

    /// How far each zone's power may move in this step.
    fn set_bounds(&mut self, limits: &[LevelLimits], step_s: f64) {
        let (rise, fall) = (
            db_to_power(self.up_db_per_s * step_s),
            db_to_power(-self.down_db_per_s * step_s),
        );
        for (zone, limits) in limits.iter().enumerate() {
            let now = self.power[zone];
            let bordering = self.neighbours[zone]
                .iter()
                .filter(|n| self.own[**n] > 0.0)
                .map(|n| self.power[*n]);
            let (softest, loudest) = bordering.fold((f64::INFINITY, 0.0f64), |(low, high), p| (low.min(p), high.max(p)));
            // What leaks in from next door may lift a zone above its own goal, but not above its limits: the loudspeakers next
            // door wait then.
            let max_db = limits.max_db;
            // A limit that is not a number allows no rise.
            let max = if max_db.is_nan() { 0.0 } else { db_to_power(max_db) };
            let ceiling = (softest * self.neighbour_max).min(max);
            let floor = loudest / self.neighbour_max;
            // A zone that is beyond a limit already may only move towards it, and no faster than the slew allows.
            self.highest[zone] = (now * rise).min(ceiling.max(now));
            self.lowest[zone] = (now * fall).max(floor.min(now));
        }
    }

    /// Finds changes of the drives that bring every zone to its wanted power: projected Gauss-Seidel, drives never below zero.
    fn solve(&mut self, passes: usize, wanted: impl Fn(&Self, usize) -> f64) {
        self.drive_change.fill(0.0);
        self.power_change.fill(0.0);
        for _ in 0..passes {
            for zone in 0..self.drive.len() {
                if self.own[zone] <= 0.0 {
                    continue;
                }
                let missing = wanted(self, zone) - self.power[zone] - self.power_change[zone];
                let change = (missing / self.own[zone]).max(-self.drive[zone] - self.drive_change[zone]);
                self.drive_change[zone] += change;
                for &(reached, per_drive) in &self.reach[zone] {
                    self.power_change[reached] += per_drive * change;
                }
            }
        }
    }

    /// Scales down the changes that push some zone beyond its bounds, only those and only as far as that zone needs.
    fn take_back_locally(&mut self) {
        self.allowed.fill((1.0, 1.0));
        // Per zone: what rising and falling drives contribute.
        for (zone, sources) in self.sources.iter().enumerate() {
            let (room_up, room_down) = (self.highest[zone] - self.power[zone], self.lowest[zone] - self.power[zone]);
            let change = self.power_change[zone];
            let rounding = ROUNDING * self.power[zone];
            if change <= room_up + rounding && change >= room_down - rounding {
                continue;
            }
            let (rising, falling) = sources.iter().fold((0.0, 0.0), |(rising, falling), &(source, per_drive)| {
                let part = per_drive * self.drive_change[source];
                if part > 0.0 {
                    (rising + part, falling)
                } else {
                    (rising, falling + part)
                }
            });
            for &(source, _) in sources {
                let allowed = &mut self.allowed[source];
                if change > room_up {
                    allowed.0 = allowed.0.min(((room_up - falling) / rising).clamp(0.0, 1.0));
                } else {
                    allowed.1 = allowed.1.min(((room_down - rising) / falling).clamp(0.0, 1.0));
                }
            }
        }
        for (change, (up, down)) in self.drive_change.iter_mut().zip(&self.allowed) {
            *change *= if *change > 0.0 { *up } else { *down };
        }
        self.power_change.fill(0.0);
        for (change, reach) in self.drive_change.iter().zip(&self.reach) {
            for &(reached, per_drive) in reach {
                self.power_change[reached] += per_drive * change;
            }
        }
    }

    /// Scales down the whole step until no zone is beyond its bounds: staying where we are never is.
    fn take_back_everywhere(&mut self) {
        let mut share = 1.0f64;
        for (zone, change) in self.power_change.iter().enumerate() {
            let room = if *change > 0.0 {
                self.highest[zone]
            } else {
                self.lowest[zone]
            } - self.power[zone];
            if change.abs() > room.abs() + ROUNDING * self.power[zone] {
                share = share.min(room.abs() / change.abs());
            }
        }
        self.drive_change.iter_mut().for_each(|change| *change *= share);
    }

    fn take_step(&mut self) {
        for (drive, change) in self.drive.iter_mut().zip(&self.drive_change) {
            *drive = (*drive + change).max(0.0);
        }
        self.sum_up();
    }

    /// Computes the levels from the drives, so that rounding does not add up over months.
    fn sum_up(&mut self) {
        self.power.fill(0.0);
        for (drive, reach) in self.drive.iter().zip(&self.reach) {
            for &(reached, per_drive) in reach {
                self.power[reached] += per_drive * drive;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STEP_S: f64 = 0.02;

    /// A row of zones; each zone's loudspeakers give half a unit of power there, those next door less.
    fn row(zones: usize) -> (Vec<Vec<OwnSoundSetup>>, Vec<Vec<usize>>) {
        let beside = |z: usize| [z.checked_sub(1), (z + 1 < zones).then_some(z + 1)].into_iter().flatten();
        let masking = (0..zones)
            .map(|z| {
                let leaks = beside(z).map(|zone| OwnSoundSetup { zone, power: 0.15 });
                [OwnSoundSetup { zone: z, power: 0.5 }].into_iter().chain(leaks).collect()
            })
            .collect();
        (masking, (0..zones).map(|z| beside(z).collect()).collect())
    }

    fn door(zones: usize, level_db: f64, slew: (f64, f64)) -> LevelDoor {
        let (masking, neighbours) = row(zones);
        let masking: Vec<&[OwnSoundSetup]> = masking.iter().map(Vec::as_slice).collect();
        LevelDoor::new(&masking, neighbours, &vec![level_db; zones], slew, 2.0)
    }

    fn levels(door: &LevelDoor) -> Vec<f64> {
        (0..door.power.len()).map(|zone| door.level_db(zone)).collect()
    }

    #[test]
    fn it_begins_at_the_given_levels_with_leaks_counted() {
        let door = door(31, 43.0, (0.2, 0.1));
        for level in levels(&door) {
            assert!((level - 43.0).abs() < 0.001, "{level}");
        }
        // Far from the ends of the row all drives are the same: 43 dB = drive · (0.5 + 2 · 0.15).
        assert!((power_to_db(door.drive(15)) - (43.0 - power_to_db(0.8))).abs() < 0.01);
    }

    #[test]
    fn one_zone_rises_at_the_slew_limit_while_its_neighbours_hold() {
        let mut door = door(5, 43.0, (0.2, 0.1));
        let limits = [LevelLimits { max_db: 46.0 }; 5];
        let goals = [43.0, 43.0, 44.5, 43.0, 43.0];
        for _ in 0..50 * 60 * 5 {
            door.step(&goals, &limits, STEP_S);
        }
        let after = levels(&door);
        assert!((after[2] - 44.0).abs() < 0.05, "5 minutes at 0.2 dB/min: {}", after[2]);
        for zone in [0, 1, 3, 4] {
            assert!((after[zone] - 43.0).abs() < 0.02, "zone {zone}: {}", after[zone]);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_goal_breaks_slew_maximum_or_neighbour_limit(
            zones in 1usize..8,
            changes in prop::collection::vec((prop::collection::vec(prop_oneof![30.0f64..60.0, Just(f64::NAN), Just(f64::INFINITY)], 8), 1u32..400), 1..6),
        ) {
            let mut door = door(zones, 43.0, (6.0, 3.0));
            let limits = vec![LevelLimits { max_db: 46.0 }; zones];
            for (goals, steps) in changes {
                for _ in 0..steps {
                    let before = levels(&door);
                    door.step(&goals[..zones], &limits, STEP_S);
                    let after = levels(&door);
                    for zone in 0..zones {
                        let moved = after[zone] - before[zone];
                        prop_assert!((-3.0 / 60.0 * STEP_S - 1e-9..=6.0 / 60.0 * STEP_S + 1e-9).contains(&moved), "slew: {moved}");
                        prop_assert!(after[zone] <= 46.0 + 1e-9);
                        for n in &door.neighbours[zone] {
                            // Both sides may move within one step.
                            prop_assert!(after[zone] - after[*n] <= 2.0 + 9.0 / 60.0 * STEP_S + 1e-9);
                        }
                    }
                }
            }
        }
    }
}
