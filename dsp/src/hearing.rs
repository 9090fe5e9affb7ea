//! All microphones of a site: what is heard, what of it is our own, and the work on it, spread over time.
//!
//! Levels follow every sample. The rest is done on blocks of a fifth of a second: a block that is full is worked on while the
//! next one fills, a few loudspeakers and microphones at a time, so that no part of the input has to wait for all of it.

use crate::{
    front_end::{Frame, FrontEnd, FrontPeriod},
    gather::{CHANNELS_AT_ONCE, GROUPS, Gather},
    level::LANES,
    listening::Listening,
    microphone::{HeardPeriod, Microphone},
    own_sound::{Alignment, References, Tools, Tuning},
    playback::Playback,
    setup::EngineSetup,
    spectrum::DecimatorFilter,
    speech::SpeechTools,
    units::pressure_per_sample,
    whereabouts::Whereabouts,
    work::{Step, Work},
    zone::HOPS_PER_S,
};

/// Hops from the end of a block until the work on it is done: those that fill the next one.
pub const WORK_HOPS: u32 = (Tuning::BLOCK_S * HOPS_PER_S as f64) as u32;

/// The microphones of a site.
pub struct Hearing {
    filter: DecimatorFilter,
    tuning: Tuning,
    hop_frames: usize,
    gather: Gather,
    fronts: Vec<FrontEnd>,
    microphones: Vec<Microphone>,
    /// Frames of the hop of input that is being filled, and blocks filled so far.
    input_at: usize,
    blocks: u64,
    decimated: Vec<Frame>,
    listening: Listening,
    playback: Playback,
    references: References,
    alignment: Alignment,
    whereabouts: Whereabouts,
    tools: Tools,
    speech_tools: SpeechTools,
    /// Sum of the zones' drives over the hops of the block that is being filled, and their mean over the one that is worked on.
    drives: Vec<f64>,
    drive_hops: u32,
    block_drives: Vec<f64>,
    work: Work,
}

impl Hearing {
    /// Silence so far.
    pub fn new(setup: &EngineSetup) -> Self {
        let rate = f64::from(setup.sample_rate_hz);
        let filter = DecimatorFilter::new(setup.sample_rate_hz);
        // What is only compared is compared within one block.
        let tail_s = if setup.removal.waveform { setup.removal.tail_s } else { 0.0 };
        let tuning = Tuning::new(filter.output_rate_hz(), tail_s);
        let hop_frames = filter.output_hop() * filter.factor();
        let scales: Vec<f64> = setup
            .microphones
            .iter()
            .map(|m| pressure_per_sample(m.sensitivity_dbfs))
            .collect();
        let microphones: Vec<Microphone> = setup.microphones.iter().map(|m| Microphone::new(m, setup, &tuning)).collect();
        let references = References::new(tuning, setup.loudspeakers.len());
        let mut hearing = Hearing {
            hop_frames,
            gather: Gather::new(hop_frames),
            fronts: scales
                .chunks(LANES)
                .map(|scales| FrontEnd::new(rate, scales, &filter))
                .collect(),
            input_at: 0,
            blocks: 0,
            decimated: vec![[0.0; LANES]; filter.output_hop()],
            listening: Listening::new(setup.removal.waveform),
            playback: Playback::new(&filter, setup.loudspeakers.len()),
            alignment: alignment(setup, &filter, &tuning, &references, &microphones),
            references,
            whereabouts: Whereabouts::new(setup, &tuning),
            tools: Tools::new(&tuning),
            speech_tools: SpeechTools::new(filter.output_rate_hz()),
            drives: vec![0.0; setup.zones.len()],
            drive_hops: 0,
            block_drives: vec![0.0; setup.zones.len()],
            work: Work::new(WORK_HOPS as usize * hop_frames, setup.loudspeakers.len(), microphones.len()),
            microphones,
            filter,
            tuning,
        };
        hearing.align();
        hearing
    }

    /// The device of a microphone is lost, or there again. What is given for a lost one is not heard.
    pub fn set_present(&mut self, microphone: usize, present: bool) {
        if let Some(microphone) = self.microphones.get_mut(microphone) {
            microphone.set_present(present);
        }
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
            for (sixteen, fronts) in self.fronts.chunks_mut(GROUPS).enumerate() {
                let first = sixteen * CHANNELS_AT_ONCE;
                let groups = self.gather.take(input, channels, first, begin + done, part);
                for (front, samples) in fronts.iter_mut().zip(groups) {
                    front.take(&self.filter, self.input_at, &mut samples[..part]);
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
        self.playback.play(&self.filter, &mut self.references, loudspeaker, samples);
    }

    /// After all loudspeakers have played `count` frames.
    pub fn played(&mut self, count: usize) {
        self.playback.played(count);
    }

    /// At the end of a hop of the engine, with the drives of the zones in it.
    pub fn end_hop(&mut self, drives: &[f64]) {
        self.drives.iter_mut().zip(drives).for_each(|(sum, drive)| *sum += drive);
        self.drive_hops += 1;
    }

    /// Does the part of the work that is due when so many more frames have passed.
    pub fn work(&mut self, frames: usize) {
        self.work.pass(frames);
        self.work_on();
    }

    /// Does all the work there is.
    pub fn finish_work(&mut self) {
        self.work.hurry();
        self.work_on();
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
        for (front, microphones) in self.fronts.iter_mut().zip(self.microphones.chunks_mut(LANES)) {
            front.end_hop(&self.filter, &mut self.decimated);
            for (lane, microphone) in microphones.iter_mut().enumerate() {
                full |= microphone.take(self.decimated.iter().map(|frame| frame[lane]));
            }
        }
        if full {
            // The block before is done by now, unless the input came in a rush after a pause.
            self.finish_work();
            self.begin_block();
        }
    }

    fn begin_block(&mut self) {
        self.microphones.iter_mut().for_each(Microphone::begin_block);
        self.blocks += 1;
        let hops = f64::from(self.drive_hops.max(1));
        for (mean, sum) in self.block_drives.iter_mut().zip(&mut self.drives) {
            *mean = core::mem::take(sum) / hops;
        }
        self.drive_hops = 0;
        let first_frame = self.block_begin() - self.alignment.delay().unwrap_or(0) as i64;
        let transformed = self.listening.listens(self.blocks, self.whereabouts.wants_to_listen());
        self.references.begin_block(first_frame, transformed);
        self.whereabouts.begin_block(&self.references);
        self.work.begin(transformed, self.whereabouts.surveyed());
    }

    /// First frame of the block that is worked on.
    fn block_begin(&self) -> i64 {
        (self.blocks as i64 - 1) * self.tuning.block as i64
    }

    /// By how many frames what is heard lies behind what is played, way through the room included; `None` until it was found.
    pub fn heard_after_frames(&self) -> Option<u64> {
        self.alignment.found().map(|delay| (delay * self.filter.factor()) as u64)
    }

    fn work_on(&mut self) {
        while let Some(step) = self.work.next() {
            let drives = &self.block_drives;
            match step {
                Step::Loudspeaker(loudspeaker) => self.references.transform(loudspeaker, &mut self.tools.transform),
                Step::Microphone(index) => {
                    let microphone = &mut self.microphones[index];
                    if !microphone.is_heard() {
                        self.whereabouts.lose(index);
                        continue;
                    }
                    microphone.work(&mut self.tools, &mut self.speech_tools, &self.references, drives);
                    let listened = (self.tools.arch, self.references.transformed());
                    self.whereabouts.ask(index, &microphone.remover, listened, drives);
                }
                Step::Survey(part) => {
                    self.whereabouts
                        .work(part, &mut self.tools, &self.references, &self.microphones, drives);
                }
                Step::Last => self.listen_for_delay(),
            }
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
        let listening = self.alignment.microphone().and_then(|index| self.microphones.get(index));
        let Some(microphone) = listening.filter(|microphone| microphone.is_heard()) else {
            self.alignment.pass_on(true, lost);
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
        self.microphones.iter_mut().for_each(|microphone| microphone.align(aligned));
    }
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
    let mut best: Vec<usize> = (0..microphones.len())
        .filter(|index| microphones[*index].has_common_clock())
        .collect();
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
