//! Four microphones side by side, so that the compiler can use one instruction for several of them.

use core::ops::{Add, Mul, Sub};

/// Microphones that are measured together.
pub const LANES: usize = 4;

/// One number per microphone. No operation mixes lanes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Lanes(pub [f64; LANES]);

impl Lanes {
    pub fn splat(value: f64) -> Self {
        Lanes([value; LANES])
    }

    pub fn from_frame(frame: &[f32; LANES]) -> Self {
        Lanes(frame.map(f64::from))
    }

    /// The larger of the two, lane by lane; `self` where `other` is not a number.
    pub fn max(self, other: Self) -> Self {
        // A comparison is one instruction; `f64::max` treats NaN symmetrically, which costs three.
        self.with(other, |a, b| if b > a { b } else { a })
    }

    fn with(self, other: Self, operation: impl Fn(f64, f64) -> f64) -> Self {
        Lanes(core::array::from_fn(|lane| operation(self.0[lane], other.0[lane])))
    }
}

impl Add for Lanes {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.with(other, |a, b| a + b)
    }
}

impl Sub for Lanes {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.with(other, |a, b| a - b)
    }
}

impl Mul for Lanes {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        self.with(other, |a, b| a * b)
    }
}

impl Mul<f64> for Lanes {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        Lanes(self.0.map(|a| a * factor))
    }
}
