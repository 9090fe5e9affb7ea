//! The sound level meter: LAeq, highest LAF and LAF now of eight microphones in lock-step.
//!
//! The recursions of filters cannot be spread over time, so the lanes of the processor take one microphone each. What one lane
//! holds never touches another.

use super::{
    FrequencyWeighting, LANES, TimeWeighting,
    lanes::Lanes,
    section::Section,
    weighting::{ANTI_DENORMAL, Design},
};

/// What eight microphones collect over one period, each number per lane.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MeterPeriod {
    /// Frames that arrived.
    pub frames: u32,
    /// Sum of the A-weighted squares, in units of (20 µPa)².
    pub energy: [f64; LANES],
    /// Highest F-weighted, A-weighted power at any sample.
    pub highest: [f64; LANES],
}

impl MeterPeriod {
    /// Mean A-weighted power over the frames that arrived; 0 without any. 10 lg of it is LAeq.
    pub fn mean_power(&self) -> [f64; LANES] {
        self.energy.map(|energy| energy / f64::from(self.frames.max(1)))
    }
}

/// The meter of eight microphones.
#[derive(Clone, Debug)]
pub struct LevelMeter {
    design: Design,
    arch: pulp::Arch,
    fast_share: f64,
    state: State,
    energy: Lanes,
    highest: Lanes,
    frames: u32,
    settling: u32,
}

/// What goes from one frame to the next; kept together so that it stays in registers.
#[derive(Clone, Copy, Debug)]
struct State {
    sections: [[Lanes; 2]; 3],
    bias: f64,
    fast: Lanes,
}

impl LevelMeter {
    /// At rest, for the given sampling rate.
    pub fn new(sample_rate_hz: f64) -> Self {
        LevelMeter {
            design: Design::new(FrequencyWeighting::A, sample_rate_hz),
            arch: pulp::Arch::new(),
            fast_share: TimeWeighting::Fast.share(sample_rate_hz),
            state: State {
                sections: [[Lanes::default(); 2]; 3],
                bias: ANTI_DENORMAL,
                fast: Lanes::default(),
            },
            energy: Lanes::default(),
            highest: Lanes::default(),
            frames: 0,
            settling: TimeWeighting::Fast.settling_samples(sample_rate_hz),
        }
    }

    /// Takes sound pressures in units of 20 µPa. They have to be finite: a lane with anything else has no level until the
    /// period has ended, after which it begins at rest.
    pub fn process(&mut self, frames: &[[f32; LANES]]) {
        self.arch.dispatch(Measure { meter: self, frames });
    }

    /// F-weighted, A-weighted power now.
    pub fn fast_power(&self) -> [f64; LANES] {
        self.state.fast.0
    }

    /// Whether the F weighting has forgotten that it began at zero.
    pub fn settled(&self) -> bool {
        self.settling == 0
    }

    /// Ends the period and begins the next. The filters go on.
    pub fn end_period(&mut self) -> MeterPeriod {
        let period = MeterPeriod {
            frames: self.frames,
            energy: self.energy.0,
            highest: self.highest.0,
        };
        self.recover();
        (self.frames, self.energy, self.highest) = (0, Lanes::default(), Lanes::default());
        period
    }

    /// A recursion that has once seen something that is not a number never forgets it by itself. Whatever is in the sections
    /// reaches the average within the same frame.
    fn recover(&mut self) {
        let State { sections, fast, .. } = &mut self.state;
        for lane in 0..LANES {
            if !fast.0[lane].is_finite() {
                fast.0[lane] = 0.0;
                sections.iter_mut().flatten().for_each(|value| value.0[lane] = 0.0);
            }
        }
    }
}

/// What runs on the vector units.
struct Measure<'a> {
    meter: &'a mut LevelMeter,
    frames: &'a [[f32; LANES]],
}

impl pulp::WithSimd for Measure<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Measure { meter, frames } = self;
        let Design {
            gain,
            sections: [outer, inner, low_pass],
        } = meter.design;
        let share = meter.fast_share;
        let (mut state, mut energy, mut highest) = (meter.state, meter.energy, meter.highest);
        for frame in frames {
            state.bias = -state.bias;
            let mut x = Lanes::from_frame(frame) * gain + Lanes::splat(state.bias);
            x = high_pass(&outer, &mut state.sections[0], x);
            x = high_pass(&inner, &mut state.sections[1], x);
            x = any_pass(&low_pass, &mut state.sections[2], x);
            let squared = x * x;
            energy = energy + squared;
            state.fast = state.fast + (squared - state.fast) * share;
            highest = highest.max(state.fast);
        }
        (meter.state, meter.energy, meter.highest) = (state, energy, highest);
        let count = u32::try_from(frames.len()).unwrap_or(u32::MAX);
        meter.frames = meter.frames.saturating_add(count);
        meter.settling = meter.settling.saturating_sub(count);
    }
}

/// A section with a double zero at 0 Hz: b₁ = −2 and b₂ = 1 need no multiplication by them.
#[inline(always)]
fn high_pass(section: &Section, state: &mut [Lanes; 2], x: Lanes) -> Lanes {
    let y = x + state[0];
    state[0] = state[1] - (x + x) - y * section.a1;
    state[1] = x - y * section.a2;
    y
}

#[inline(always)]
fn any_pass(section: &Section, state: &mut [Lanes; 2], x: Lanes) -> Lanes {
    let y = x + state[0];
    state[0] = x * section.b1 + state[1] - y * section.a1;
    state[1] = x * section.b2 - y * section.a2;
    y
}

#[cfg(test)]
#[path = "meter_tests.rs"]
mod tests;
