//! What a screen takes from the direct sound.
//!
//! Maekawa's chart in the closed form of Kurze and Anderson (Applied Acoustics 4, 35 (1971)): with the Fresnel number
//! N = 2 d f / c, d the detour over the top edge, the loss is 5 + 20 lg(x / tanh x) dB with x = sqrt(2 pi N). Sound
//! that passes above the edge loses 5 + 20 lg(x / tan x), down to nothing at N = -0.2.

use std::sync::LazyLock;

use crate::acoustics::BAND_COUNT;
use crate::plan::Position;
use crate::propagation::SPEED_OF_SOUND_M_PER_S;
use crate::spectrum::{energy, exact_hz};

/// Share of the energy that gets past any real screen: measured losses stop at 24 dB (Kurze and Anderson 1971).
const MOST_TAKEN: f64 = 0.003_981_071_705_534_973;

/// Loss for sound that grazes the edge, dB.
const GRAZING_LOSS_DB: f64 = 5.0;

/// Above the edge by this Fresnel number and more, a screen takes nothing.
const CLEAR_FRESNEL: f64 = 0.2;

/// How much longer the way over an edge is than the straight way, metres; negative when the straight way is clear.
///
/// `share` is how far along the way the edge is crossed, 0..=1.
pub(super) fn detour_m(from: Position, to: Position, share: f64, edge_height_m: f64) -> f64 {
    let between = |start: f64, end: f64| start + share * (end - start);
    let straight_height_m = between(from.z_m, to.z_m);
    let edge = Position {
        x_m: between(from.x_m, to.x_m),
        y_m: between(from.y_m, to.y_m),
        z_m: edge_height_m,
    };
    let detour_m = from.distance_m(edge) + edge.distance_m(to) - from.distance_m(to);
    if straight_height_m <= edge_height_m {
        detour_m
    } else {
        -detour_m
    }
}

/// Shares of the energy that are left in each band after a detour, over a screen that lets some share through.
pub(super) fn transmissions(detour_m: f64, through: f64) -> [f64; BAND_COUNT] {
    let least = through.max(MOST_TAKEN);
    LOSSES.from(detour_m).map(|share| share.max(least))
}

/// Share of the energy that is left at a Fresnel number.
fn transmission(fresnel: f64) -> f64 {
    let grazing = energy(-GRAZING_LOSS_DB);
    let argument = (core::f64::consts::TAU * fresnel.abs()).sqrt();
    let share = if argument < 1e-6 {
        grazing
    } else if fresnel > 0.0 {
        grazing * (argument.tanh() / argument).powi(2)
    } else if fresnel > -CLEAR_FRESNEL {
        grazing * (argument.tan() / argument).powi(2)
    } else {
        1.0
    };
    share.min(1.0)
}

static LOSSES: LazyLock<Table> = LazyLock::new(Table::new);

/// [`transmission`] at Fresnel numbers in steps of a tenth of a band: the bands of one detour are ten steps apart, so
/// one logarithm serves them all. Straight lines between the steps are off by less than 0.01 dB.
struct Table {
    /// Behind the screen.
    shadow: Vec<f64>,
    /// Past it, in sight.
    sight: Vec<f64>,
    /// Fresnel number of the lowest band for a detour of 1 m.
    lowest_band_per_metre: f64,
}

impl Table {
    const STEPS_PER_DECADE: f64 = 100.0;
    const STEPS_PER_BAND: usize = 10;
    /// Decimal logarithms of the lowest and highest Fresnel number; outside, the loss is 5 dB or as high as it gets.
    const DECADES: (f64, f64) = (-8.0, 6.0);

    fn new() -> Self {
        let count = ((Self::DECADES.1 - Self::DECADES.0) * Self::STEPS_PER_DECADE) as usize;
        let at = |step: usize| 10f64.powf(Self::DECADES.0 + step as f64 / Self::STEPS_PER_DECADE);
        Self {
            shadow: (0..=count).map(|step| transmission(at(step))).collect(),
            sight: (0..=count).map(|step| transmission(-at(step))).collect(),
            lowest_band_per_metre: 2.0 * exact_hz(0) / SPEED_OF_SOUND_M_PER_S,
        }
    }

    /// The shares in all bands after a detour.
    fn from(&self, detour_m: f64) -> [f64; BAND_COUNT] {
        let table = if detour_m > 0.0 { &self.shadow } else { &self.sight };
        let fresnel = detour_m.abs() * self.lowest_band_per_metre;
        let last = table.len() - 2;
        let place = ((fresnel.log10() - Self::DECADES.0) * Self::STEPS_PER_DECADE).max(0.0);
        let (step, part) = (place as usize, place.fract());
        core::array::from_fn(|band| {
            let left = (step + band * Self::STEPS_PER_BAND).min(last);
            table[left] + part * (table[left + 1] - table[left])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::level_db;

    #[test]
    fn the_loss_follows_maekawas_chart() {
        // Tatge's fit of the chart (JASA 53, 1317 (1973); ISO 9613-2 with C2 = 40): 10 lg(3 + 20 N).
        for fresnel in [0.0f64, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0] {
            let expected_db = 10.0 * (3.0 + 20.0 * fresnel).log10();
            let found_db = -level_db(transmission(fresnel));
            assert!(
                (found_db - expected_db).abs() <= 0.7,
                "N = {fresnel}: {found_db:.1} for {expected_db:.1}"
            );
        }
        assert_eq!(transmission(-0.2), 1.0);
    }

    #[test]
    fn all_bands_of_a_detour_have_the_loss_of_their_fresnel_number() {
        for detour_m in [-2.0, -0.05, -0.01, -0.001, 0.0, 1e-9, 0.001, 0.0123, 0.1, 1.0] {
            for (band, found) in transmissions(detour_m, 0.0).into_iter().enumerate() {
                let exact = transmission(2.0 * detour_m * exact_hz(band) / 343.0).max(energy(-24.0));
                assert!(
                    (level_db(found) - level_db(exact)).abs() < 0.05,
                    "{detour_m} m, band {band}: {found} {exact}"
                );
            }
        }
    }

    #[test]
    fn the_loss_grows_steadily_with_the_detour_and_stops_at_the_screens_own() {
        let mut last = [1.0; BAND_COUNT];
        for step in -1000..3000 {
            let found = transmissions(f64::from(step) * 0.001, energy(-18.0));
            for (found, last) in found.iter().zip(last) {
                assert!(*found <= last + 1e-9 && *found >= energy(-18.0), "{step}: {found}");
            }
            last = found;
        }
        assert_eq!(last[28], energy(-18.0));
        assert!((transmissions(3.0, 0.0)[28] - energy(-24.0)).abs() < 1e-12);
    }

    #[test]
    fn the_detour_over_an_edge_is_that_of_pythagoras() {
        let from = Position {
            x_m: 0.0,
            y_m: 0.0,
            z_m: 1.2,
        };
        let to = Position {
            x_m: 4.0,
            y_m: 0.0,
            z_m: 1.2,
        };
        let expected_m = 2.0 * (4.0f64 + 0.16).sqrt() - 4.0;
        assert!((detour_m(from, to, 0.5, 1.6) - expected_m).abs() < 1e-12);
        assert!((detour_m(from, to, 0.5, 0.8) + expected_m).abs() < 1e-12);
    }
}
