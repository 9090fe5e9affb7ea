//! STI read off the curves of the setup.

use crate::STI_CURVE_POINTS;

/// Speech-to-noise ratio of the first point of an STI curve, dB(A).
pub const STI_CURVE_FROM_DB: f64 = -30.0;

/// STI at a speech-to-noise ratio, read off a curve by linear interpolation.
pub fn sti_at(curve: &[f32; STI_CURVE_POINTS], ratio_db: f64) -> f64 {
    let position = (ratio_db - STI_CURVE_FROM_DB).clamp(0.0, (STI_CURVE_POINTS - 1) as f64);
    let index = (position as usize).min(STI_CURVE_POINTS - 2);
    let share = position - index as f64;
    f64::from(curve[index]) * (1.0 - share) + f64::from(curve[index + 1]) * share
}

/// Speech-to-noise ratio at which a curve reaches an STI; the ends of the curve if it never does.
pub fn ratio_at(curve: &[f32; STI_CURVE_POINTS], sti: f64) -> f64 {
    let above = curve
        .iter()
        .position(|point| f64::from(*point) >= sti)
        .unwrap_or(STI_CURVE_POINTS - 1);
    if above == 0 {
        return STI_CURVE_FROM_DB;
    }
    let (low, high) = (f64::from(curve[above - 1]), f64::from(curve[above]));
    let share = if high > low {
        ((sti - low) / (high - low)).clamp(0.0, 1.0)
    } else {
        1.0
    };
    STI_CURVE_FROM_DB + (above - 1) as f64 + share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_and_its_inverse_agree() {
        let curve = core::array::from_fn(|n| ((n as f32 - 30.0 + 15.0) / 30.0).clamp(0.0, 1.0));
        for sti in [0.2, 0.45, 0.5, 0.8] {
            assert!((sti_at(&curve, ratio_at(&curve, sti)) - sti).abs() < 1e-6);
        }
    }
}
