//! Everything that takes our own sound out of one microphone's signal.
//!
//! Where capture and playback share a clock the waveform is cancelled, and what is left is estimated and subtracted as power.
//! Where they do not, the canceller cannot keep up: that shows in how little it removes although our own sound is plainly
//! there. Then its predicted power is subtracted, and from time to time it is looked whether the clocks agree by now.

use super::{
    canceller::Canceller,
    leak::Leak,
    power::PowerModel,
    presence::Presence,
    references::References,
    tools::Tools,
    transform::{Spectrum, Tuning},
};
use crate::{
    level::{FrequencyWeighting, WeightingFilters},
    report::Removal,
    setup::{EngineSetup, MicrophoneSetup},
    spectrum::{BAND_COUNT, Bands, a_weighting_db, band_centre_hz},
    units::{db_to_power, pressure_per_sample},
};

/// The response is expected within this of what the layout says: its scatter over frequency, and the layout's error.
const PRIOR_MARGIN_DB: f64 = 6.0;

/// Decay of the expected response, dB per second: T60 0.8 s, an office on the lively side.
const PRIOR_DECAY_DB_PER_S: f64 = 75.0;

/// What the canceller leaves is known to this share of itself.
const LEFT_UNCERTAINTY: f64 = 0.6;

/// Cancelling is worth it when it removes this much, dB: less, and subtraction of a followed power is as good.
const WORTHWHILE_DB: f64 = 8.0;

/// Blocks in a row, with our own sound plainly audible, after which cancelling that is not worth it is given up: 25 s. After a
/// change of the room it takes less to be worth it again.
const PATIENCE_BLOCKS: u32 = 125;

/// Where the microphone is loud enough to hear our own sound, this share of what is expected has to be found.
const FOUND_SHARE: f64 = 0.25;

/// Our own sound is plainly audible when it should make this share of all sound.
const AUDIBLE_SHARE: f64 = 0.3;

/// Time constant of the averages of the watch, blocks.
const WATCH_BLOCKS: f64 = 25.0;

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
    /// Averages of what was removed, of what was left of it, and of what was expected.
    removed_energy: f64,
    remaining_energy: f64,
    expected_energy: f64,
    /// Blocks in a row in which cancelling was not worth it.
    poor_blocks: u32,
}

impl Remover {
    /// Knows what the setup says.
    pub fn new(tuning: &Tuning, microphone: &MicrophoneSetup, site: &EngineSetup) -> Self {
        let power = PowerModel::new(microphone, site);
        let mut loudest: Vec<_> = microphone.loudspeakers.iter().collect();
        let reach = |coupling: &&crate::CouplingSetup| {
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
        let prior: Vec<Vec<f32>> = loudest
            .iter()
            .map(|coupling| {
                prior_power(
                    tuning,
                    &bands,
                    &coupling.gain_db,
                    site.loudspeakers[coupling.loudspeaker].output_db_spl,
                )
            })
            .collect();
        let loudspeakers: Vec<usize> = loudest.iter().map(|coupling| coupling.loudspeaker).collect();
        let decay = db_to_power(-PRIOR_DECAY_DB_PER_S * Tuning::BLOCK_S) as f32;
        let weight = |k: usize| db_to_power(a_weighting_db(tuning.bin_hz(k))) as f32;
        let at_1_m = |l: &usize| pressure_per_sample(94.0 - site.loudspeakers[*l].output_db_spl).powi(2);
        Remover {
            power_per_sample: loudspeakers.iter().map(at_1_m).collect(),
            presence: Presence::default(),
            canceller: Canceller::new(tuning, &loudspeakers, &prior, decay),
            leak: Leak::new(tuning, loudspeakers.len()),
            power,
            weighting: WeightingFilters::new(FrequencyWeighting::A, tuning.sample_rate_hz),
            weights: (0..tuning.bin_count()).map(weight).collect(),
            bands,
            block: tuning.block,
            loudest: loudest.first().map_or(0.0, reach),
            aligned: false,
            waveform: false,
            allowed: site.removal.waveform && !loudspeakers.is_empty(),
            blocks: 0,
            removed_energy: 0.0,
            remaining_energy: 0.0,
            expected_energy: 0.0,
            poor_blocks: 0,
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

    /// The references have been aligned anew, or (`false`) nobody knows how they are aligned.
    pub fn align(&mut self, aligned: bool) {
        self.aligned = aligned;
        self.switch(aligned && self.allowed);
    }

    /// Removes our own sound from one block, into the residual of the tools. `drives` are those of the zones at the time.
    pub fn process(&mut self, tools: &mut Tools, references: &References, drives: &[f64], heard: &[f32]) -> Removed {
        let by_layout = self.power.layout_bands(drives);
        let own_bands = self.power.corrected(&by_layout);
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
            let measured = f64::from(self.leak.share().max(0.0)) * remaining;
            let left = f64::from(cancelled.left_energy).max(measured).min(remaining);
            let beyond = self.power.a_weighted(&own_bands, FIRST_BEYOND..BAND_COUNT) * frames;
            let expected = self.power.a_weighted(&by_layout, 0..BAND_COUNT);
            self.presence
                .observe(heard_energy, frames * expected, heard_energy - remaining + left);
            self.follow(&tools.scratch.predicted, &own_bands, f64::from(cancelled.believed_share));
            self.watch(
                heard_energy,
                remaining,
                left,
                frames * self.power.a_weighted(&own_bands, 0..BAND_COUNT),
            );
            Removed {
                removal: Removal::Waveform,
                own_energy: heard_energy - remaining + left + beyond,
                left_energy: left,
                uncertainty: LEFT_UNCERTAINTY * left + self.power.uncertainty(&only_beyond(&own_bands)) * frames,
            }
        } else {
            if transformed > 1 {
                let expected_share = self.expected_share(&tools.scratch.smoothed, &by_layout);
                self.presence
                    .observe(1.0, expected_share, f64::from(self.leak.share_of_block()));
            }
            self.follow_agreement(&tools.scratch.smoothed, &own_bands);
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
    fn follow(&mut self, removed: &Spectrum, own_bands: &Bands<f32>, believed_share: f64) {
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
                self.power.track(band, measured, own_bands[band], Tuning::BLOCK_S as f32);
            }
        }
    }

    /// Share of our own sound in what is heard, as the layout expects it: mean over the bins, as [`Leak`] measures it.
    fn expected_share(&self, smoothed: &[f32], by_layout: &Bands<f32>) -> f64 {
        let (mut share, mut bins) = (0.0, 0);
        for (expected, &(begin, end)) in by_layout.iter().zip(&self.bands) {
            let heard = smoothed[begin..end].iter().sum::<f32>() / (self.block * self.block) as f32;
            if heard > 0.0 {
                share += (expected / heard).min(1.0) * (end - begin) as f32;
            }
            bins += end - begin;
        }
        f64::from(share) / bins.max(1) as f64
    }

    /// Couplings follow what consecutive blocks agree on, which differing clocks do not disturb.
    fn follow_agreement(&mut self, smoothed: &[f32], own_bands: &Bands<f32>) {
        /// Less than this cannot be told from chance.
        const LEAST_SHARE: f32 = 0.15;
        for (band, &(begin, end)) in self.bands.iter().enumerate() {
            if let Some(share) = self.leak.band_share(band).filter(|share| *share > LEAST_SHARE) {
                let sum: f32 = smoothed[begin..end].iter().sum();
                let measured = share * sum / (self.block * self.block) as f32;
                self.power.track(band, measured, own_bands[band], Tuning::BLOCK_S as f32);
            }
        }
    }

    /// Gives up cancelling where it does not remove enough although there is something to remove.
    fn watch(&mut self, heard: f64, remaining: f64, left: f64, expected_own: f64) {
        // A microphone that is much quieter than our own sound should be does not hear it, and has nothing to cancel.
        if expected_own < AUDIBLE_SHARE * heard || heard < 0.5 * expected_own {
            return;
        }
        let average = |mean: &mut f64, value: f64| *mean += (value - *mean) / WATCH_BLOCKS;
        average(&mut self.removed_energy, heard - remaining + left);
        average(&mut self.remaining_energy, left);
        average(&mut self.expected_energy, expected_own);
        let worthwhile = self.removed_energy > db_to_power(WORTHWHILE_DB) * self.remaining_energy
            && self.removed_energy > FOUND_SHARE * self.expected_energy;
        self.poor_blocks = if worthwhile { 0 } else { self.poor_blocks + 1 };
        if self.poor_blocks > PATIENCE_BLOCKS {
            self.switch(false);
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
        (self.removed_energy, self.remaining_energy, self.expected_energy) = (0.0, 0.0, 0.0);
        self.poor_blocks = 0;
        self.weighting.reset();
        self.presence = Presence::default();
        self.canceller.reset();
        self.leak.forget();
    }
}

/// Bands from 8 kHz on are not cancelled.
const FIRST_BEYOND: usize = 25;

fn only_beyond(bands: &Bands<f32>) -> Bands<f32> {
    core::array::from_fn(|band| if band < FIRST_BEYOND { 0.0 } else { bands[band] })
}

/// Expected squared magnitude of the response from a sample of output to a pressure in units of 20 µPa, per bin.
fn prior_power(tuning: &Tuning, bands: &Bands<(usize, usize)>, gain_db: &Bands<f32>, output_db_spl: f64) -> Vec<f32> {
    let mut power = vec![0.0; tuning.bin_count()];
    for (&(begin, end), gain_db) in bands.iter().zip(gain_db) {
        let expected = pressure_per_sample(94.0 - output_db_spl).powi(2) * db_to_power(f64::from(*gain_db) + PRIOR_MARGIN_DB);
        power[begin..end].fill(expected as f32);
    }
    power
}
