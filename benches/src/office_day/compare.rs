//! Controllers against fixed masking of the same energy mean.

use habitat_dsp::ZoneSetup;

use super::adaptation::Adaptation;
use super::day::Day;
use super::limits::Limits;
use super::plain_rule::PlainRule;
use super::policy::{Fixed, Policy};
use super::run::{Outcome, run};
use super::site::Site;

/// A controller that takes part.
#[derive(Clone, Copy)]
pub struct Contender {
    /// What the table calls it.
    pub name: &'static str,
    /// Makes one for an office, from nothing but what the floor plan says about it.
    pub build: fn(&[ZoneSetup], Limits) -> Box<dyn Policy>,
}

/// All controllers that take part.
pub const CONTENDERS: &[Contender] = &[
    Contender {
        name: "plain rule",
        build: |zones, limits| Box::new(PlainRule::new(zones, limits)),
    },
    Contender {
        name: "adaptation",
        build: |zones, limits| Box::new(Adaptation::new(zones, limits, PRICE_PER_DB)),
    },
];

/// Price of a dB of masking, as the product's default.
pub const PRICE_PER_DB: f64 = 0.04;

/// The days of an office: one to learn from and one to be judged on.
#[derive(Clone, Debug)]
pub struct Days {
    /// The first day, which counts for nothing.
    pub learned: Day,
    /// The second day.
    pub measured: Day,
}

impl Days {
    /// The first two days of an office.
    pub fn of(site: &Site) -> Self {
        Self {
            learned: site.day(0),
            measured: site.day(1),
        }
    }
}

/// A controller's day beside that of fixed masking with the same energy mean.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The controller's.
    pub adaptive: Outcome,
    /// That of fixed masking.
    pub fixed: Outcome,
}

impl Comparison {
    /// Share of the distracted listener-seconds that the controller saves.
    pub fn fewer(&self) -> f64 {
        self.adaptive.fewer_than(&self.fixed)
    }
}

/// Seed of the errors of measurement.
const ERRORS: u64 = 7;

/// Runs a controller through both days.
pub fn compare(site: &Site, days: &Days, policy: &mut dyn Policy) -> Comparison {
    run(site, &days.learned, policy, ERRORS);
    compare_measured(site, &days.measured, policy)
}

/// Runs a controller that does not learn through the day that counts.
pub fn compare_measured(site: &Site, day: &Day, policy: &mut dyn Policy) -> Comparison {
    let adaptive = run(site, day, policy, ERRORS + 1);
    let fixed = run_fixed(site, day, adaptive.mean_db);
    Comparison { adaptive, fixed }
}

/// Fixed masking at a level, dB(A).
pub fn run_fixed(site: &Site, day: &Day, level_db: f64) -> Outcome {
    run(site, day, &mut Fixed::new(site.zones.len(), level_db), ERRORS + 1)
}
