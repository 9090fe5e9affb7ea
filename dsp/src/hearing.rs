//! All microphones of a site: what is heard, what of it is our own, and the work on it, spread over time.
//!
//! Levels follow every sample. The rest is done on blocks of a fifth of a second: a block that is full is worked on during the
//! hops that fill the next one, a few loudspeakers and microphones in each, so that no hop has to do it all.

use crate::{
    front_end::{FrontEnd, FrontPeriod},
    level::LANES,
    microphone::{HeardPeriod, Microphone},
    own_sound::{Alignment, References, Tools, Transform, Tuning},
    setup::EngineSetup,
    spectrum::{Decimator, DecimatorFilter},
    speech::SpeechTools,
    units::pressure_per_sample,
    whereabouts::Whereabouts,
};

/// Hops in which the loudspeakers' spectra are made, then those in which the microphones are worked on: together a block.
const LOUDSPEAKER_HOPS: usize = 1;
const MICROPHONE_HOPS: usize = 9;

/// Where the waveform is never cancelled, couplings are followed by listening to some blocks in a row every four seconds; the
/// loudspeakers are followed for so many blocks before.
const LISTENING_EVERY: u64 = 20;
const LISTENING_BLOCKS: u64 = 6;
const LISTENING_LEAD: u64 = 4;

/// Hops from the end of a block until the work on it is done.
pub const WORK_HOPS: u32 = (LOUDSPEAKER_HOPS + MICROPHONE_HOPS) as u32;

/// One loudspeaker's output on its way to the references.
struct Playback {
    decimator: Decimator,
    hop: Vec<f32>,
}

/// The microphones of a site.
pub struct Hearing {
    filter: DecimatorFilter,
    tuning: Tuning,
    hop_frames: usize,
    /// Whether the waveform may be cancelled.
    cancels: bool,
    fronts: Vec<FrontEnd>,
    microphones: Vec<Microphone>,
    /// Frames of the hop of input that is being filled, and blocks filled so far.
    input_at: usize,
    blocks: u64,
    playback: Vec<Playback>,
    output_at: usize,
    decimated: Vec<f32>,
    references: References,
    alignment: Alignment,
    whereabouts: Whereabouts,
    tools: Tools,
    speech_tools: SpeechTools,
    /// Sum of the zones' drives over the hops of the block that is being filled, and their mean over the one that is worked on.
    drives: Vec<f64>,
    drive_hops: u32,
    block_drives: Vec<f64>,
    /// Hops of work done on the full block; `None` when all is done.
    work: Option<usize>,
}

impl Hearing {
    /// Silence so far.
    pub fn new(setup: &EngineSetup) -> Self {
        let rate = f64::from(setup.sample_rate_hz);
        let filter = DecimatorFilter::new(setup.sample_rate_hz);
        let tuning = Tuning::new(filter.output_rate_hz(), setup.removal.tail_s);
        let hop_frames = filter.output_hop() * filter.factor();
        let scales: Vec<f64> = setup
            .microphones
            .iter()
            .map(|m| pressure_per_sample(m.sensitivity_dbfs))
            .collect();
        let fronts = scales.chunks(LANES).enumerate();
        let microphones: Vec<Microphone> = setup
            .microphones
            .iter()
            .map(|m| Microphone::new(m, setup, &filter, &tuning))
            .collect();
        let references = References::new(tuning, setup.loudspeakers.len());
        let mut hearing = Hearing {
            hop_frames,
            cancels: setup.removal.waveform,
            fronts: fronts
                .map(|(n, scales)| FrontEnd::new(rate, n * LANES, scales, hop_frames))
                .collect(),
            input_at: 0,
            blocks: 0,
            playback: (0..setup.loudspeakers.len())
                .map(|_| Playback {
                    decimator: Decimator::new(&filter),
                    hop: vec![0.0; hop_frames],
                })
                .collect(),
            output_at: 0,
            decimated: vec![0.0; filter.output_hop()],
            alignment: alignment(setup, &filter, &tuning, &references, &microphones),
            references,
            whereabouts: Whereabouts::new(setup, &tuning),
            tools: Tools {
                transform: Transform::new(&tuning),
                arch: pulp::Arch::new(),
            },
            speech_tools: SpeechTools::new(filter.output_rate_hz()),
            drives: vec![0.0; setup.zones.len()],
            drive_hops: 0,
            block_drives: vec![0.0; setup.zones.len()],
            work: None,
            microphones,
            filter,
            tuning,
        };
        hearing.align();
        hearing
    }

    /// Takes interleaved input.
    pub fn hear(&mut self, input: &[f32], begin: usize, count: usize) {
        let channels = self.microphones.len();
        if channels == 0 {
            return;
        }
        let mut done = 0;
        while done < count {
            let part = (self.hop_frames - self.input_at).min(count - done);
            for (front, microphones) in self.fronts.iter_mut().zip(self.microphones.chunks_mut(LANES)) {
                front.take(input, channels, begin + done, part);
                for (lane, microphone) in microphones.iter_mut().enumerate() {
                    microphone.take(self.input_at, front.pressure(lane), part);
                }
            }
            self.input_at += part;
            done += part;
            if self.input_at == self.hop_frames {
                self.input_at = 0;
                self.end_input_hop();
            }
        }
    }

    /// Takes what one loudspeaker plays: at most a hop.
    pub fn play(&mut self, loudspeaker: usize, samples: &[f32]) {
        let at = self.output_at;
        let Some(playback) = self.playback.get_mut(loudspeaker) else {
            return;
        };
        // The hops of the engine need not be those of the output.
        let (before, after) = samples.split_at((self.hop_frames - at).min(samples.len()));
        playback.hop[at..at + before.len()].copy_from_slice(before);
        if at + before.len() < self.hop_frames {
            return;
        }
        if self.cancels || (self.blocks + LISTENING_LEAD) % LISTENING_EVERY < LISTENING_BLOCKS + LISTENING_LEAD {
            let written = playback.decimator.process(&self.filter, &playback.hop, &mut self.decimated);
            self.references.play(loudspeaker, &self.decimated[..written]);
        } else {
            self.references.skip(loudspeaker, self.decimated.len());
        }
        playback.hop[..after.len()].copy_from_slice(after);
    }

    /// After all loudspeakers have played `count` frames.
    pub fn played(&mut self, count: usize) {
        self.output_at = (self.output_at + count) % self.hop_frames;
    }

    /// At the end of a hop of the engine, with the drives of the zones in it: does a part of the work.
    pub fn end_hop(&mut self, drives: &[f64]) {
        self.drives.iter_mut().zip(drives).for_each(|(sum, drive)| *sum += drive);
        self.drive_hops += 1;
        self.work_a_hop();
    }

    /// Does all the work there is.
    pub fn finish_work(&mut self) {
        while self.work.is_some() {
            self.work_a_hop();
        }
    }

    /// F-weighted power of a microphone now, and whether it has settled.
    pub fn fast_power(&self, microphone: usize) -> (f64, bool) {
        let front = &self.fronts[microphone / LANES];
        (front.fast_power()[microphone % LANES], front.settled())
    }

    /// Whether every sample of a microphone in the period so far was a number.
    pub fn only_numbers(&self, microphone: usize) -> bool {
        self.fronts[microphone / LANES].only_numbers(microphone % LANES)
    }

    /// Whether a microphone hears other loudspeakers than its own; `None` while that cannot be told.
    pub fn hears_others(&self, microphone: usize) -> Option<bool> {
        self.whereabouts.hears_others(microphone)
    }

    /// Front ends, each of [`LANES`] microphones.
    pub fn groups(&self) -> usize {
        self.fronts.len()
    }

    /// Ends the period of a front end: levels and samples of its microphones.
    pub fn end_front_period(&mut self, group: usize) -> FrontPeriod {
        self.fronts[group].end_period()
    }

    /// Ends the period of the blocks that are done.
    pub fn end_heard_periods(&mut self) -> impl Iterator<Item = HeardPeriod> {
        self.microphones.iter_mut().map(Microphone::end_period)
    }

    fn end_input_hop(&mut self) {
        let mut full = false;
        for microphone in &mut self.microphones {
            full |= microphone.end_hop(&self.filter);
        }
        if full {
            // The block before is done by now, unless the input came in a rush after a pause.
            self.finish_work();
            self.blocks += 1;
            let hops = f64::from(self.drive_hops.max(1));
            for (mean, sum) in self.block_drives.iter_mut().zip(&mut self.drives) {
                *mean = core::mem::take(sum) / hops;
            }
            self.drive_hops = 0;
            let transformed = self.cancels || self.blocks % LISTENING_EVERY < LISTENING_BLOCKS;
            let first_frame = self.block_begin() - self.alignment.delay().unwrap_or(0) as i64;
            self.references.begin_block(first_frame, transformed);
            self.whereabouts.begin_block(&self.references);
            self.work = Some(0);
        }
    }

    /// First frame of the block that is worked on.
    fn block_begin(&self) -> i64 {
        (self.blocks as i64 - 1) * self.tuning.block as i64
    }

    fn work_a_hop(&mut self) {
        let Some(hop) = self.work else { return };
        if hop < LOUDSPEAKER_HOPS {
            let all = if self.references.transformed() > 0 {
                self.playback.len()
            } else {
                0
            };
            for loudspeaker in share(all, hop, LOUDSPEAKER_HOPS) {
                self.references.transform(loudspeaker, &mut self.tools.transform);
            }
        } else {
            let (part, drives) = (hop - LOUDSPEAKER_HOPS, &self.block_drives);
            for index in share(self.microphones.len(), part, MICROPHONE_HOPS) {
                let microphone = &mut self.microphones[index];
                microphone.work(&mut self.tools, &mut self.speech_tools, &self.references, drives);
                self.whereabouts.ask(index, &microphone.remover, self.tools.arch, drives);
            }
            let part = (part, MICROPHONE_HOPS);
            self.whereabouts
                .work(part, &mut self.tools, &self.references, &self.microphones, drives);
        }
        self.work = Some(hop + 1).filter(|hop| *hop < LOUDSPEAKER_HOPS + MICROPHONE_HOPS);
        if self.work.is_none() {
            self.listen_for_delay();
        }
    }

    fn listen_for_delay(&mut self) {
        let begin = self.block_begin();
        let lost = self.whereabouts.most_are_suspect();
        let suspect = self
            .alignment
            .microphone()
            .is_some_and(|index| self.whereabouts.is_suspect(index));
        self.alignment.pass_on(suspect && !lost, lost);
        let Some(microphone) = self.alignment.microphone().and_then(|index| self.microphones.get(index)) else {
            return;
        };
        let (transform, heard) = (&mut self.tools.transform, microphone.block());
        if self.alignment.listen(transform, &self.references, begin, heard) {
            self.align();
        }
    }

    fn align(&mut self) {
        let aligned = self.alignment.delay().is_some();
        self.whereabouts.interrupt();
        self.microphones
            .iter_mut()
            .for_each(|microphone| microphone.remover.align(aligned));
    }
}

/// The part of `count` things that is done in one of several hops.
fn share(count: usize, hop: usize, hops: usize) -> core::ops::Range<usize> {
    count * hop / hops..count * (hop + 1) / hops
}

/// Known, or found by the microphone that hears a loudspeaker best; by the next best when that one cannot.
fn alignment(
    setup: &EngineSetup,
    filter: &DecimatorFilter,
    tuning: &Tuning,
    references: &References,
    microphones: &[Microphone],
) -> Alignment {
    if let Some(frames) = setup.removal.playback_delay_frames {
        return Alignment::known(tuning, f64::from(frames) / filter.factor() as f64);
    }
    let mut best: Vec<usize> = (0..microphones.len()).collect();
    best.sort_by(|a, b| {
        let loudest = |index: &usize| microphones[*index].remover.loudest();
        loudest(b).total_cmp(&loudest(a))
    });
    let pair = |index: usize| Some((index, *microphones[index].remover.loudspeakers().first()?));
    let pairs: Vec<(usize, usize)> = best.into_iter().filter_map(pair).collect();
    if pairs.is_empty() {
        return Alignment::known(tuning, 0.0);
    }
    Alignment::to_be_found(tuning, references, pairs)
}
