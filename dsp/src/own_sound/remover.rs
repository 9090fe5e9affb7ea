//! Everything that takes our own sound out of one microphone's signal.
//!
//! Where capture and playback share a clock the waveform is cancelled, and what is left is estimated and subtracted as power.
//! Where they do not, the canceller cannot keep up: that shows in how little it removes although our own sound is plainly
//! there. Then its predicted power is subtracted, and from time to time it is looked whether the clocks agree by now.

use super::{
    canceller::{Canceller, Prior},
    coupling::MeasuredCoupling,
    leak::Leak,
    power::PowerModel,
    presence::Presence,
    references::References,
    tools::Tools,
    transform::{Spectrum, Tuning},
    worth::Worth,
};
use crate::{
    level::{FrequencyWeighting, WeightingFilters},
    report::Removal,
    setup::{CouplingSetup, EngineSetup, MicrophoneSetup},
    spectrum::{BAND_COUNT, Bands, a_weighting_db, band_centre_hz},
    units::{db_to_power, pressure_per_sample},
};

/// What the canceller leaves is known to this share of itself.
const LEFT_UNCERTAINTY: f64 = 0.6;

/// With clocks that differ by more than this, cancelling is not tried again. The filter can follow less.
const DRIFT_TOO_FAST_PPM: f64 = 20.0;

/// Blocks until it is tried again: two minutes.
const RETRY_BLOCKS: u32 = 600;

/// What was removed from one block.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Removed {
    /// How.
    pub removal: Removal,
    /// A-weighted energy of our own sound in the block, sum over its frames.
    pub own_energy: f64,
    /// A-weighted energy of our own sound that is still in the residual.
    pub left_energy: f64,
    /// Standard uncertainty of `own_energy`.
    pub uncertainty: f64,
}

/// The own sound at one microphone.
pub struct Remover {
    canceller: Canceller,
    leak: Leak,
    power: PowerModel,
    coupling: MeasuredCoupling,
    presence: Presence,
    /// Power of what each of its loudspeakers makes 1 m away re that of its samples.
    power_per_sample: Vec<f64>,
    /// Of what is heard and of the residual.
    weighting: WeightingFilters<2>,
    /// A-weighting of each bin, as power.
    weights: Vec<f32>,
    /// Band of each bin.
    bands: Bands<(usize, usize)>,
    block: usize,
    /// A-weighted power of the loudest loudspeaker re its drive.
    loudest: f64,
    aligned: bool,
    waveform: bool,
    allowed: bool,
    blocks: u32,
    worth: Worth,
}

impl Remover {
    /// Knows what the setup says.
    pub fn new(tuning: &Tuning, microphone: &MicrophoneSetup, site: &EngineSetup) -> Self {
        let mut loudest: Vec<_> = microphone.loudspeakers.iter().collect();
        let reach = |coupling: &&CouplingSetup| {
            (0..BAND_COUNT)
                .map(|b| {
                    let db = site.masking_spectrum_db[b] + f64::from(coupling.gain_db[b]) + a_weighting_db(band_centre_hz(b));
                    db_to_power(db)
                })
                .sum::<f64>()
        };
        loudest.sort_by(|a, b| reach(b).total_cmp(&reach(a)).then(a.loudspeaker.cmp(&b.loudspeaker)));
        loudest.truncate(site.removal.references);
        let bands: Bands<(usize, usize)> = core::array::from_fn(|band| tuning.bins_of_band(band));
        let output_db_spl = |coupling: &CouplingSetup| site.loudspeakers[coupling.loudspeaker].output_db_spl;
        let expected = |coupling: &&CouplingSetup| Prior::power(tuning, &bands, &coupling.gain_db, output_db_spl(coupling));
        let prior = Prior {
            power: loudest.iter().flat_map(expected).collect(),
            decay: Prior::decay(),
        };
        let loudspeakers: Vec<usize> = loudest.iter().map(|coupling| coupling.loudspeaker).collect();
        let weight = |k: usize| db_to_power(a_weighting_db(tuning.bin_hz(k))) as f32;
        let at_1_m = |l: &usize| pressure_per_sample(94.0 - site.loudspeakers[*l].output_db_spl).powi(2);
        Remover {
            power_per_sample: loudspeakers.iter().map(at_1_m).collect(),
            presence: Presence::default(),
            canceller: Canceller::new(tuning, &loudspeakers, prior),
            leak: Leak::new(tuning, loudspeakers.len()),
            power: PowerModel::new(microphone, &loudest, site),
            coupling: MeasuredCoupling::new(),
            weighting: WeightingFilters::new(FrequencyWeighting::A, tuning.sample_rate_hz),
            weights: (0..tuning.bin_count()).map(weight).collect(),
            bands,
            block: tuning.block,
            loudest: loudest.first().map_or(0.0, reach),
            aligned: false,
            waveform: false,
            allowed: site.removal.waveform && !loudspeakers.is_empty(),
            blocks: 0,
            worth: Worth::default(),
        }
    }

    /// Loudspeakers whose waveform is cancelled, loudest first.
    pub fn loudspeakers(&self) -> &[usize] {
        self.canceller.loudspeakers()
    }

    /// Whether the waveform is cancelled now.
    pub fn cancels(&self) -> bool {
        self.waveform
    }

    /// A-weighted power of the loudest of them here, re the others' of a site.
    pub fn loudest(&self) -> f64 {
        self.loudest
    }

    /// By how much the clocks differ, parts per million, to some 40 %; `None` while it does not show or the canceller follows it.
    pub fn drift_ppm(&self) -> Option<f64> {
        self.leak.drift_ppm().filter(|_| !self.waveform)
    }

    /// Whether our own sound is where the layout expects it; `None` while nobody knows how the loudspeakers are aligned.
    pub fn presence(&self) -> Option<Presence> {
        self.aligned.then_some(self.presence)
    }

    /// Power that is heard of one of its [`Self::loudspeakers`], which plays at a drive, re that of the others.
    pub fn heard_of(&self, arch: pulp::Arch, index: usize, drive: f64) -> f64 {
        if self.waveform {
            drive * f64::from(self.canceller.response_power(arch, index)) / self.power_per_sample[index]
        } else {
            f64::from(self.leak.share_of(index).max(0.0))
        }
    }

    /// Standard uncertainty of [`Self::heard_of`], for the loudspeakers of which little is heard.
    pub fn heard_uncertainty(&self) -> f64 {
        if self.waveform {
            0.0
        } else {
            self.leak.share_of_uncertainty()
        }
    }

    /// The references have been aligned anew, or (`false`) nobody knows how they are aligned.
    pub fn align(&mut self, aligned: bool) {
        self.aligned = aligned;
        self.switch(aligned && self.allowed);
    }

    /// Removes our own sound from one block, into the residual of the tools. `drives` are those of the zones at the time.
    pub fn process(&mut self, tools: &mut Tools, references: &References, drives: &[f64], heard: &[f32]) -> Removed {
        let by_layout = self.power.layout_bands(drives);
        let own_bands = self.power.corrected(&by_layout);
        let near_by_layout = self.power.near_layout_bands(drives);
        let near_bands = self.power.corrected(&near_by_layout);
        let transformed = references.transformed();
        if !self.aligned || transformed == 0 {
            tools.residual.copy_from_slice(heard);
            return self.by_power(&own_bands);
        }
        if transformed == 1 {
            self.leak.interrupt();
            // What was heard before a pause tells nothing of who is where now.
            if !self.waveform {
                self.presence = Presence::default();
            }
        }
        let cancelled = self
            .canceller
            .process(tools, references, &mut self.leak, &self.weights, heard, self.waveform);
        self.blocks = self.blocks.saturating_add(1);
        let frames = self.block as f64;
        if self.waveform {
            let [heard_energy, remaining] = self.weighting.energies([heard, &tools.residual]);
            let measured = self.leak.energy(remaining);
            let left = f64::from(cancelled.left_energy).max(measured).min(remaining);
            let beyond = self.power.a_weighted(&own_bands, FIRST_BEYOND..BAND_COUNT) * frames;
            let expected = self.power.a_weighted(&near_by_layout, 0..BAND_COUNT);
            self.presence
                .observe(heard_energy, frames * expected, heard_energy - remaining + left);
            self.follow(&tools.scratch.predicted, &near_bands, f64::from(cancelled.believed_share));
            let own = frames * self.power.a_weighted(&own_bands, 0..BAND_COUNT);
            self.worth.observe(heard_energy, own, heard_energy - remaining + left, left);
            if self.worth.is_given_up() {
                self.switch(false);
            }
            Removed {
                removal: Removal::Waveform,
                own_energy: heard_energy - remaining + left + beyond,
                left_energy: left,
                uncertainty: LEFT_UNCERTAINTY * left + self.power.uncertainty(&only_beyond(&own_bands)) * frames,
            }
        } else {
            if transformed > 1 {
                let expected = self.expected_shares(&tools.scratch.tapered_power, &near_by_layout);
                self.follow_agreement(&near_by_layout, &near_bands, &expected);
            }
            self.look_for_a_common_clock();
            self.by_power(&own_bands)
        }
    }

    fn by_power(&self, own_bands: &Bands<f32>) -> Removed {
        let frames = self.block as f64;
        let own = self.power.a_weighted(own_bands, 0..BAND_COUNT) * frames;
        Removed {
            removal: Removal::Power,
            own_energy: own,
            left_energy: own,
            uncertainty: self.power.uncertainty(own_bands) * frames,
        }
    }

    /// Couplings follow what the canceller removes.
    fn follow(&mut self, removed: &Spectrum, near_bands: &Bands<f32>, believed_share: f64) {
        /// With more than this of our own sound left, the canceller does not know the room well enough to teach.
        const TRUSTED_SHARE: f64 = 0.3;
        if believed_share > TRUSTED_SHARE {
            return;
        }
        for (band, &(begin, end)) in self.bands.iter().enumerate() {
            if end > begin {
                // Parseval for the half spectrum of two blocks, as a mean over their frames.
                let sum: f32 = removed.re[begin..end]
                    .iter()
                    .zip(&removed.im[begin..end])
                    .map(|(re, im)| re * re + im * im)
                    .sum();
                let measured = sum / (2 * self.block * self.block) as f32;
                self.power.track(band, measured, near_bands[band], Tuning::BLOCK_S as f32);
            }
        }
    }

    /// Share of our own sound in what is heard, as the layout expects it.
    fn expected_shares(&self, tapered_power: &[f32], near_by_layout: &Bands<f32>) -> Bands<f32> {
        core::array::from_fn(|band| {
            let (begin, end) = self.bands[band];
            // Tapering halves the power.
            let heard = 2.0 * tapered_power[begin..end].iter().sum::<f32>() / (self.block * self.block) as f32;
            if heard > 0.0 { near_by_layout[band] / heard } else { 0.0 }
        })
    }

    /// What consecutive blocks agree on, which differing clocks do not disturb, tells whether our own sound is there, and couplings
    /// follow it.
    fn follow_agreement(&mut self, near_by_layout: &Bands<f32>, near_bands: &Bands<f32>, expected: &Bands<f32>) {
        let measured = self.leak.shares_of_block();
        self.coupling.observe(measured, expected);
        let bins = |band: usize| f64::from((self.bands[band].1 - self.bands[band].0) as u32);
        let mean = |share: &dyn Fn(usize) -> f32| -> f64 {
            let sum: f64 = (0..BAND_COUNT).map(|band| bins(band) * f64::from(share(band))).sum();
            sum / (0..BAND_COUNT).map(bins).sum::<f64>().max(1.0)
        };
        let found = mean(&|band| measured[band].0);
        self.presence.observe(1.0, mean(&|band| expected[band].min(1.0)), found);
        for band in 0..BAND_COUNT {
            if let Some(ratio) = self.coupling.ratio(band, self.leak.share_uncertainty(band)) {
                let measured = ratio * near_by_layout[band];
                self.power.track(band, measured, near_bands[band], Tuning::BLOCK_S as f32);
            }
        }
    }

    /// Tries again when the clocks agree, or when nothing is known of them, after a while.
    fn look_for_a_common_clock(&mut self) {
        let listened = self.allowed && self.blocks > RETRY_BLOCKS;
        if listened && self.leak.drift_ppm().is_none_or(|ppm| ppm.abs() < DRIFT_TOO_FAST_PPM) {
            self.switch(true);
        }
    }

    fn switch(&mut self, waveform: bool) {
        self.waveform = waveform;
        self.blocks = 0;
        self.worth = Worth::default();
        self.weighting.reset();
        self.presence = Presence::default();
        self.canceller.reset();
        self.leak.forget();
        self.coupling = MeasuredCoupling::new();
    }
}

/// Bands from 8 kHz on are not cancelled.
const FIRST_BEYOND: usize = 25;

fn only_beyond(bands: &Bands<f32>) -> Bands<f32> {
    core::array::from_fn(|band| if band < FIRST_BEYOND { 0.0 } else { bands[band] })
}
