//! Sound that comes straight from the source.

/// Nearer than this the source is no longer a point, metres.
const NEAREST_M: f64 = 0.3;

/// Energy at a distance, re that at 1 m: the inverse square law.
pub(super) fn energy(distance_m: f64) -> f64 {
    distance_m.max(NEAREST_M).powi(-2)
}
