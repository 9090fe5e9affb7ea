//! The multi-channel echo canceller of SpeexDSP, to compare with.
#![allow(
    unsafe_code,
    reason = "a C library has no other door; nothing but this benchmark goes through it"
)]

use core::ffi::{c_int, c_void};

use crate::echo_scene::Block;

/// Frames of a call: 20 ms at 16 kHz.
const FRAME: usize = 320;

/// Taps of the filter: 256 ms at 16 kHz.
const TAIL: c_int = 4096;

/// Units of 20 µPa per step of 16 bits: 46 dB is −34 dB re full scale, which leaves room for the peaks of loud speech and keeps
/// rounding 55 dB below the masking.
const PRESSURE_PER_STEP: f32 = 0.3;

/// The library takes constant offsets out of the microphone by a notch with this radius at 16 kHz (`filter_dc_notch16` of mdf.c),
/// which also turns the phase of low tones.
const NOTCH_RADIUS: f32 = 0.982;

/// `SPEEX_ECHO_SET_SAMPLING_RATE` of speex_echo.h.
const SET_SAMPLING_RATE: c_int = 24;

#[link(name = "speexdsp")]
unsafe extern "C" {
    fn speex_echo_state_init_mc(frame: c_int, tail: c_int, microphones: c_int, speakers: c_int) -> *mut c_void;
    fn speex_echo_state_destroy(state: *mut c_void);
    fn speex_echo_cancellation(state: *mut c_void, heard: *const i16, played: *const i16, out: *mut i16);
    fn speex_echo_ctl(state: *mut c_void, request: c_int, value: *mut c_void) -> c_int;
}

/// One canceller.
pub struct Speex {
    state: *mut c_void,
    loudspeakers: usize,
    own_notch: Notch,
    ambient_notch: Notch,
}

/// The library's notch, to know what it does to each part of what is heard.
#[derive(Default)]
struct Notch([f32; 2]);

impl Notch {
    fn filter(&mut self, samples: &[f32]) -> Vec<f32> {
        let denominator = NOTCH_RADIUS * NOTCH_RADIUS + 0.7 * (1.0 - NOTCH_RADIUS) * (1.0 - NOTCH_RADIUS);
        let step = |x: &f32| {
            let y = self.0[0] + x;
            self.0[0] = self.0[1] + 2.0 * (NOTCH_RADIUS * y - x);
            self.0[1] = x - denominator * y;
            NOTCH_RADIUS * y
        };
        samples.iter().map(step).collect()
    }
}

impl Speex {
    /// For one microphone and some loudspeakers.
    pub fn new(loudspeakers: usize) -> Self {
        let mut rate: c_int = 16_000;
        // SAFETY: plain numbers in, and a pointer that only the other three functions see.
        let state = unsafe { speex_echo_state_init_mc(FRAME as c_int, TAIL, 1, loudspeakers as c_int) };
        assert!(!state.is_null(), "the library has no memory");
        // SAFETY: the state was just made, and the request reads one integer.
        unsafe { speex_echo_ctl(state, SET_SAMPLING_RATE, (&raw mut rate).cast()) };
        Speex {
            state,
            loudspeakers,
            own_notch: Notch::default(),
            ambient_notch: Notch::default(),
        }
    }

    /// The block as it leaves the library's own notch: what the notch does to the ambient sound is no echo.
    pub fn behind_notch(&mut self, block: &Block) -> Block {
        Block {
            played: Vec::new(),
            own: self.own_notch.filter(&block.own),
            ambient: self.ambient_notch.filter(&block.ambient),
        }
    }

    /// What it leaves of what is heard while the loudspeakers play.
    pub fn remove(&mut self, played: &[Vec<f32>], heard: &[f32]) -> Vec<f32> {
        // Noise of −26 dB re full scale with peaks at −12 dB uses the range well.
        const STEPS_PER_SAMPLE: f32 = 32_767.0 * 2.0;
        let step = |x: f32| x.round().clamp(-32_768.0, 32_767.0) as i16;
        let mut left = Vec::with_capacity(heard.len());
        for (index, heard) in heard.chunks_exact(FRAME).enumerate() {
            let heard: Vec<i16> = heard.iter().map(|x| step(x / PRESSURE_PER_STEP)).collect();
            let begin = index * FRAME;
            let reference = |frame: usize| {
                played
                    .iter()
                    .map(move |played| step(played[begin + frame] * STEPS_PER_SAMPLE))
            };
            let reference: Vec<i16> = (0..FRAME).flat_map(reference).collect();
            debug_assert_eq!(reference.len(), FRAME * self.loudspeakers);
            let mut out = [0i16; FRAME];
            // SAFETY: one frame of one microphone, one of all loudspeakers interleaved, and room for one frame.
            unsafe { speex_echo_cancellation(self.state, heard.as_ptr(), reference.as_ptr(), out.as_mut_ptr()) };
            left.extend(out.iter().map(|x| f32::from(*x) * PRESSURE_PER_STEP));
        }
        left
    }
}

impl Drop for Speex {
    fn drop(&mut self) {
        // SAFETY: made by the library, and gone with this.
        unsafe { speex_echo_state_destroy(self.state) };
    }
}
