//! The cheapest course of one zone's level, and its replay.

use crate::office_day::limits::{Limits, Steps, lift_neighbours};
use crate::office_day::policy::{Policy, ZoneHeard};

/// Cost of each level in each bin of time.
pub struct Cost {
    levels: usize,
    costs: Vec<f32>,
}

impl Cost {
    /// Nothing costs anything.
    pub fn new(bins: usize, levels: usize) -> Self {
        Self {
            levels,
            costs: vec![0.0; bins * levels],
        }
    }

    /// The costs of the levels in a bin.
    pub fn bin(&mut self, bin: usize) -> &mut [f32] {
        &mut self.costs[bin * self.levels..(bin + 1) * self.levels]
    }

    /// Adds what a level costs in every bin.
    pub fn add_everywhere(&mut self, cost: impl Fn(usize) -> f32) {
        for bin in self.costs.chunks_exact_mut(self.levels) {
            bin.iter_mut().enumerate().for_each(|(level, sum)| *sum += cost(level));
        }
    }

    /// Adds a cost by the distance from another zone's course.
    pub fn add_distance(&mut self, other: &[usize], penalty: &[f32]) {
        for (bin, other) in self.costs.chunks_exact_mut(self.levels).zip(other) {
            bin.iter_mut()
                .enumerate()
                .for_each(|(level, sum)| *sum += penalty[level.abs_diff(*other)]);
        }
    }

    fn bins(&self) -> impl DoubleEndedIterator<Item = &[f32]> + '_ {
        self.costs.chunks_exact(self.levels)
    }
}

/// Grid steps that a level may move from one bin to the next.
#[derive(Clone, Copy)]
pub struct Slew {
    /// Upwards.
    pub up: usize,
    /// Downwards.
    pub down: usize,
}

/// The cheapest course.
pub fn cheapest(cost: &Cost, slew: Slew) -> Vec<usize> {
    // From the end to the beginning: the least that the rest costs from a level on, and where one goes from there.
    let levels = cost.levels;
    let mut rest = vec![0.0f32; levels];
    let mut steps: Vec<Vec<u8>> = Vec::new();
    for bin in cost.bins().rev() {
        let (next, step): (Vec<f32>, Vec<u8>) = (0..levels)
            .map(|level| {
                let low = level.saturating_sub(slew.down);
                let high = (level + slew.up).min(levels - 1);
                let mut best = level;
                for to in low..=high {
                    if rest[to] < rest[best] {
                        best = to;
                    }
                }
                (bin[level] + rest[best], best as u8)
            })
            .unzip();
        rest = next;
        // Large sums would swallow small differences.
        let least = rest.iter().copied().fold(f32::INFINITY, f32::min);
        rest.iter_mut().for_each(|cost| *cost -= least);
        steps.push(step);
    }
    let mut level = (0..levels)
        .min_by(|one, other| rest[*one].total_cmp(&rest[*other]))
        .unwrap_or(0);
    let mut course = Vec::with_capacity(steps.len());
    for step in steps.iter().rev() {
        course.push(level);
        level = usize::from(step[level]);
    }
    course
}

/// Plays courses that were chosen before, within the limits.
#[derive(Clone, Debug)]
pub struct Replay {
    courses_db: Vec<Vec<f64>>,
    bin_s: usize,
    second: usize,
    steps: Steps,
    wishes_db: Vec<f64>,
}

impl Replay {
    /// One course per zone, one level per bin of so many seconds.
    pub fn new(neighbours: Vec<Vec<usize>>, limits: Limits, courses_db: Vec<Vec<f64>>, bin_s: usize) -> Self {
        let mut begin_db: Vec<f64> = courses_db.iter().map(|course| course[0]).collect();
        lift_neighbours(&mut begin_db, &neighbours, limits.neighbour_max_db);
        Self {
            courses_db,
            bin_s,
            second: 0,
            wishes_db: begin_db.clone(),
            steps: Steps::new(limits, neighbours, begin_db),
        }
    }
}

impl Policy for Replay {
    fn second(&mut self, _: &[ZoneHeard]) -> &[f64] {
        let middle = (self.second as f64 + 0.5) / self.bin_s as f64 - 0.5;
        let (bin, share) = (middle.max(0.0) as usize, middle.max(0.0).fract());
        for (wish_db, course_db) in self.wishes_db.iter_mut().zip(&self.courses_db) {
            let at = |bin: usize| course_db[bin.min(course_db.len() - 1)];
            *wish_db = at(bin) + share * (at(bin + 1) - at(bin));
        }
        self.second += 1;
        self.steps.step(&self.wishes_db)
    }
}
