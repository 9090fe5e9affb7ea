//! Eight microphones side by side, so that the compiler can use one instruction for several of them.

use core::ops::{Add, Mul, Sub};

/// Microphones that are measured together: recursions wait for their own results, and eight hardly take longer than one.
pub const LANES: usize = 8;

/// One number per microphone. No operation mixes lanes.
///
/// All of it is inlined, and none of it is a closure: neither a function of its own nor a closure would be compiled for the vector
/// units of the code that uses it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Lanes(pub [f64; LANES]);

impl Lanes {
    #[inline(always)]
    pub fn splat(value: f64) -> Self {
        Lanes([value; LANES])
    }

    #[inline(always)]
    pub fn from_frame(frame: &[f32; LANES]) -> Self {
        let mut lanes = Lanes::default();
        for (lane, sample) in lanes.0.iter_mut().zip(frame) {
            *lane = f64::from(*sample);
        }
        lanes
    }

    /// The larger of the two, lane by lane; `self` where `other` is not a number.
    #[inline(always)]
    pub fn max(mut self, other: Self) -> Self {
        for (a, b) in self.0.iter_mut().zip(other.0) {
            // A comparison is one instruction; `f64::max` treats NaN symmetrically, which costs three.
            *a = if b > *a { b } else { *a };
        }
        self
    }
}

impl Add for Lanes {
    type Output = Self;

    #[inline(always)]
    fn add(mut self, other: Self) -> Self {
        for (a, b) in self.0.iter_mut().zip(other.0) {
            *a += b;
        }
        self
    }
}

impl Sub for Lanes {
    type Output = Self;

    #[inline(always)]
    fn sub(mut self, other: Self) -> Self {
        for (a, b) in self.0.iter_mut().zip(other.0) {
            *a -= b;
        }
        self
    }
}

impl Mul for Lanes {
    type Output = Self;

    #[inline(always)]
    fn mul(mut self, other: Self) -> Self {
        for (a, b) in self.0.iter_mut().zip(other.0) {
            *a *= b;
        }
        self
    }
}

impl Mul<f64> for Lanes {
    type Output = Self;

    #[inline(always)]
    fn mul(mut self, factor: f64) -> Self {
        for a in &mut self.0 {
            *a *= factor;
        }
        self
    }
}
