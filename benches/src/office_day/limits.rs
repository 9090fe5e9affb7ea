//! The limits that every controller keeps, and a plain way to keep them.

/// Limits of levels and of their changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// What the table calls them.
    pub name: &'static str,
    /// Lowest level, dB(A).
    pub level_min_db: f64,
    /// Commissioned level, dB(A).
    pub level_fixed_db: f64,
    /// Highest level, dB(A).
    pub level_max_db: f64,
    /// Most that zones side by side may differ, dB.
    pub neighbour_max_db: f64,
    /// Fastest rise.
    pub slew_up_db_per_min: f64,
    /// Fastest fall.
    pub slew_down_db_per_min: f64,
}

/// What a site gets without asking.
pub const DEFAULT: Limits = Limits {
    name: "default",
    level_min_db: 40.0,
    level_fixed_db: 43.0,
    level_max_db: 46.0,
    neighbour_max_db: 2.0,
    slew_up_db_per_min: 0.2,
    slew_down_db_per_min: 0.1,
};

/// What a site may have that acknowledges noticeable changes.
pub const BRISK: Limits = Limits {
    name: "brisk",
    slew_up_db_per_min: 3.0,
    slew_down_db_per_min: 3.0,
    ..DEFAULT
};

/// Moves levels towards wishes within the limits.
#[derive(Clone, Debug)]
pub struct Steps {
    limits: Limits,
    neighbours: Vec<Vec<usize>>,
    levels_db: Vec<f64>,
}

impl Steps {
    /// Levels that begin at the given ones.
    pub fn new(limits: Limits, neighbours: Vec<Vec<usize>>, levels_db: Vec<f64>) -> Self {
        Self {
            limits,
            neighbours,
            levels_db,
        }
    }

    /// The levels now.
    pub fn levels_db(&self) -> &[f64] {
        &self.levels_db
    }

    /// One second: every level goes towards its wish; what would part neighbours too far does not happen.
    pub fn step(&mut self, wishes_db: &[f64]) -> &[f64] {
        let limits = self.limits;
        let (up_db, down_db) = (limits.slew_up_db_per_min / 60.0, limits.slew_down_db_per_min / 60.0);
        let before_db = self.levels_db.clone();
        for (level_db, wish_db) in self.levels_db.iter_mut().zip(wishes_db) {
            let wish_db = wish_db.clamp(limits.level_min_db, limits.level_max_db);
            *level_db += (wish_db - *level_db).clamp(-down_db, up_db);
        }
        // Taking back goes towards levels that fitted each other, so it ends.
        loop {
            let mut fits = true;
            for zone in 0..before_db.len() {
                for other in &self.neighbours[zone] {
                    let excess_db = self.levels_db[zone] - self.levels_db[*other] - limits.neighbour_max_db;
                    if excess_db > 1e-9 {
                        let risen_db = (self.levels_db[zone] - before_db[zone]).max(0.0);
                        let fallen_db = (before_db[*other] - self.levels_db[*other]).max(0.0);
                        if risen_db + fallen_db > 1e-12 {
                            self.levels_db[zone] -= excess_db.min(risen_db);
                            self.levels_db[*other] += (excess_db - excess_db.min(risen_db)).min(fallen_db);
                            fits = false;
                        }
                    }
                }
            }
            if fits {
                return &self.levels_db;
            }
        }
    }
}

/// Lifts wishes so that none is more than the neighbour limit below that of a zone beside it.
pub fn lift_neighbours(wishes_db: &mut [f64], neighbours: &[Vec<usize>], neighbour_max_db: f64) {
    loop {
        let mut fits = true;
        for zone in 0..wishes_db.len() {
            let highest_db = neighbours[zone]
                .iter()
                .map(|other| wishes_db[*other])
                .fold(f64::MIN, f64::max);
            if highest_db - neighbour_max_db > wishes_db[zone] + 1e-9 {
                wishes_db[zone] = highest_db - neighbour_max_db;
                fits = false;
            }
        }
        if fits {
            return;
        }
    }
}
