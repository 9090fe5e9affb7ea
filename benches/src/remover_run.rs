//! The canceller of one microphone on an [`crate::echo_scene::EchoScene`], set up as the engine sets it up.

use habitat_dsp::{
    CouplingSetup, EngineSetup, LoudspeakerSetup, MicrophoneSetup, RemovalSetup,
    own_sound::{References, Removed, Remover, Tools, Tuning},
    spectrum::BAND_COUNT,
};

use crate::echo_scene::{BLOCK, Block, MASKING_DB, RATE_HZ, minus5};

/// A remover with what it needs.
pub struct RemoverRun {
    tuning: Tuning,
    tools: Tools,
    references: References,
    /// The remover.
    pub remover: Remover,
    drives: [f64; 1],
    blocks: i64,
}

impl RemoverRun {
    /// Knows of the room what a layout says: that each loudspeaker makes its share of the masking.
    pub fn new(tail_s: f64) -> Self {
        let tuning = Tuning::new(RATE_HZ, tail_s);
        let removal = RemovalSetup {
            tail_s,
            ..RemovalSetup::default()
        };
        // One zone of six loudspeakers, each 7.8 dB below the masking at the microphone, calibrated so that the samples of the
        // scene, −26 dB re full scale, are a drive of 0.4 dB above that.
        let gain_db = -7.8;
        let played_db = 20.0 * 0.05f64.log10();
        let drive_db = MASKING_DB - gain_db - 10.0 * 6f64.log10();
        let setup = EngineSetup {
            sample_rate_hz: RATE_HZ as u32,
            microphones: vec![MicrophoneSetup {
                zone: 0,
                sensitivity_dbfs: -26.0,
                common_clock: true,
                loudspeakers: (0..6)
                    .map(|loudspeaker| CouplingSetup {
                        loudspeaker,
                        gain_db: [gain_db as f32; BAND_COUNT],
                    })
                    .collect(),
            }],
            loudspeakers: vec![
                LoudspeakerSetup {
                    zone: 0,
                    output_db_spl: drive_db - played_db,
                };
                6
            ],
            zones: Vec::new(),
            remote_zones: Vec::new(),
            removal,
            masking_spectrum_db: minus5(),
            slew_up_db_per_min: 0.2,
            slew_down_db_per_min: 0.1,
            neighbour_max_db: 2.0,
            price_per_db: 0.01,
            startup_ramp_s: 10.0,
            seed: 1,
        };
        let mut remover = Remover::new(&tuning, &setup.microphones[0], &setup);
        remover.align(true);
        RemoverRun {
            tools: Tools::new(&tuning),
            references: References::new(tuning, 6),
            tuning,
            remover,
            drives: [10f64.powf(drive_db / 10.0)],
            blocks: 0,
        }
    }

    /// Gives the references of a block; needed before [`Self::remove`].
    pub fn play(&mut self, block: &Block) {
        for (loudspeaker, played) in block.played.iter().enumerate() {
            self.references.play(loudspeaker, played);
        }
        self.references.begin_block(self.blocks * BLOCK as i64, true);
        for loudspeaker in 0..block.played.len() {
            self.references.transform(loudspeaker, &mut self.tools.transform);
        }
        self.blocks += 1;
    }

    /// Removes our own sound from what is heard.
    pub fn remove(&mut self, heard: &[f32], residual: &mut [f32]) -> Removed {
        debug_assert_eq!(heard.len(), self.tuning.block);
        let removed = self.remover.process(&mut self.tools, &self.references, &self.drives, heard);
        residual.copy_from_slice(&self.tools.residual);
        removed
    }

    /// Both.
    pub fn block(&mut self, block: &Block) -> (Vec<f32>, Removed) {
        self.play(block);
        let mut residual = vec![0.0; BLOCK];
        let removed = self.remove(&block.heard(), &mut residual);
        (residual, removed)
    }
}
