//! The engine of one site: one block of all microphones in, one block of all loudspeakers out.

use crate::{
    EngineSetup, MicrophoneFault, Parameters, Report, ReportSink, SetupError,
    adaptation::FluctuationSignature,
    control::Control,
    gather::CHANNELS_AT_ONCE,
    hearing::{Hearing, WORK_HOPS},
    interleave::interleave,
    level::LANES,
    masking::{NoiseGenerator, NoiseShape},
    microphone::HeardPeriod,
    sensor::{SensorSecond, SensorWatch},
    units::{db_to_amplitude, power_to_db},
    zone::{HOPS_PER_S, LevelPeriod, Zone},
};

/// One loudspeaker: its noise and how loud its zone plays it.
struct Loudspeaker {
    zone: usize,
    /// Amplitude for a drive of 0 dB(A) at 1 m.
    amplitude_per_drive: f64,
    generator: NoiseGenerator,
    /// Gain at the begin and the end of the current hop.
    gain: (f32, f32),
}

/// Measurement, adaptation and masking of one site.
///
/// [`Engine::new`] allocates everything; the other methods neither allocate nor block.
pub struct Engine {
    sample_rate_hz: u32,
    hop_frames: usize,
    hop_position: usize,
    frame: u64,
    shape: NoiseShape,
    hearing: Hearing,
    sensors: Vec<SensorWatch>,
    /// Microphones whose devices are there, and were there during the whole period.
    present: Vec<bool>,
    present_all_period: Vec<bool>,
    levels: Vec<LevelPeriod>,
    heard: Vec<HeardPeriod>,
    zones: Vec<Zone>,
    loudspeakers: Vec<Loudspeaker>,
    /// What some loudspeakers play in one part of a hop, one after the other.
    played: Vec<f32>,
    control: Control,
    /// A period that has ended, and the hops until the work on it is done.
    ended: Option<(u64, u32)>,
    reported_silent: bool,
    /// As it was told last.
    heard_after_frames: Option<u64>,
}

impl Engine {
    /// An engine at rest, about to ramp up.
    ///
    /// # Errors
    /// When the setup contradicts itself.
    pub fn new(setup: &EngineSetup, parameters: &Parameters) -> Result<Self, SetupError> {
        setup.check()?;
        let rate = f64::from(setup.sample_rate_hz);
        let mut shape = NoiseShape::new(rate, &setup.masking_spectrum_db);
        let loudspeakers = setup.loudspeakers.iter().enumerate().map(|(index, loudspeaker)| Loudspeaker {
            zone: loudspeaker.zone,
            amplitude_per_drive: db_to_amplitude(-loudspeaker.output_db_spl),
            generator: NoiseGenerator::new(setup.seed.wrapping_mul(0x1_0000).wrapping_add(index as u64), &mut shape),
            gain: (0.0, 0.0),
        });
        let loudspeakers = loudspeakers.collect();
        let mut alone = NoiseGenerator::new(setup.seed, &mut shape);
        let signature = FluctuationSignature::of(rate, |piece| alone.render(&mut shape, piece, (1e-3, 1e-3)));
        let zones = (0..setup.zones.len()).map(|zone| {
            Zone::new(
                setup
                    .microphones
                    .iter()
                    .enumerate()
                    .filter(|(_, m)| m.zone == zone)
                    .map(|(index, _)| index)
                    .collect(),
            )
        });
        Ok(Engine {
            sample_rate_hz: setup.sample_rate_hz,
            hop_frames: (setup.sample_rate_hz / HOPS_PER_S) as usize,
            hop_position: 0,
            frame: 0,
            shape,
            hearing: Hearing::new(setup),
            sensors: vec![SensorWatch::default(); setup.microphones.len()],
            present: vec![true; setup.microphones.len()],
            present_all_period: vec![true; setup.microphones.len()],
            levels: vec![LevelPeriod::default(); setup.microphones.len()],
            heard: vec![HeardPeriod::default(); setup.microphones.len()],
            zones: zones.collect(),
            loudspeakers,
            played: vec![0.0; CHANNELS_AT_ONCE * (setup.sample_rate_hz / HOPS_PER_S) as usize],
            control: Control::new(setup, parameters, signature),
            ended: None,
            reported_silent: false,
            heard_after_frames: None,
        })
    }

    /// Takes over changed parameters.
    pub fn set_parameters(&mut self, parameters: &Parameters) {
        self.control.set_parameters(parameters);
    }

    /// Whether a loudspeaker is to be silent since the parameters changed last, alone or with the site.
    pub fn is_muted(&self, loudspeaker: usize) -> bool {
        let zone = self.loudspeakers.get(loudspeaker).map(|loudspeaker| loudspeaker.zone);
        zone.is_some_and(|zone| self.control.is_muted(zone))
    }

    /// Says whether the device of a microphone is there. What [`Self::process`] is given for one that is not only fills its place: it
    /// is not measured, and tells nothing of the microphone.
    pub fn set_present(&mut self, microphone: usize, present: bool) {
        if let (Some(now), Some(all_period)) = (self.present.get_mut(microphone), self.present_all_period.get_mut(microphone)) {
            *now = present;
            *all_period &= present;
            self.hearing.set_present(microphone, present);
        }
    }

    /// Processes one block: measures `input`, adapts, and fills `output`.
    ///
    /// Both are interleaved, one channel per microphone and per loudspeaker. Without input (all devices are lost) the masking
    /// goes on and the periods concerned have no levels. Without output (the last part of a stream) it is only measured.
    pub fn process(&mut self, frames: usize, input: Option<&[f32]>, mut output: Option<&mut [f32]>, sink: &mut impl ReportSink) {
        let mut done = 0;
        while done < frames {
            let count = (self.hop_frames - self.hop_position).min(frames - done);
            self.hearing.work(count);
            if let Some(input) = input {
                self.hearing.hear(input, done, count);
            }
            let hop_begins_at = self.hop_position;
            self.hop_position += count;
            self.frame += count as u64;
            if let Some(output) = output.as_deref_mut() {
                self.render(output, done, count, hop_begins_at);
            }
            if self.hop_position == self.hop_frames {
                self.hop_position = 0;
                self.end_hop(sink);
            }
            done += count;
        }
    }

    /// Ends the run: what is going on is finished and recorded.
    pub fn finish(&mut self, sink: &mut impl ReportSink) {
        if let Some((end_frame, _)) = self.ended.take() {
            self.hearing.finish_work();
            self.report_period(end_frame, sink);
        }
        self.control.finish(self.frame, sink);
    }

    /// Frames processed so far.
    pub fn frame(&self) -> u64 {
        self.frame
    }

    fn render(&mut self, output: &mut [f32], begin: usize, count: usize, hop_begins_at: usize) {
        let channels = self.loudspeakers.len();
        let (hop_frames, longest) = (self.hop_frames, self.played.len() / CHANNELS_AT_ONCE);
        for (group, loudspeakers) in self.loudspeakers.chunks_mut(CHANNELS_AT_ONCE).enumerate() {
            let first = group * CHANNELS_AT_ONCE;
            for (index, (loudspeaker, played)) in loudspeakers.iter_mut().zip(self.played.chunks_mut(longest)).enumerate() {
                let (from, to) = loudspeaker.gain;
                let at = |position: usize| from + (to - from) * (position as f32 / hop_frames as f32);
                let gain = (at(hop_begins_at), at(hop_begins_at + count));
                let played = &mut played[..count];
                loudspeaker.generator.render(&mut self.shape, played, gain);
                self.hearing.play(first + index, played);
            }
            let rows = output.chunks_exact_mut(channels).skip(begin).take(count);
            interleave(&self.played, longest, first, loudspeakers.len(), rows);
        }
        self.hearing.played(count);
    }

    fn end_hop(&mut self, sink: &mut impl ReportSink) {
        self.hearing.end_hop(self.control.audible_drives());
        for zone in &mut self.zones {
            let works = |microphone: usize| {
                self.present[microphone]
                    && can_be_measured(self.sensors[microphone].fault(), self.hearing.only_numbers(microphone))
            };
            zone.hop(&self.hearing, works);
        }
        if self.frame.is_multiple_of(u64::from(self.sample_rate_hz)) {
            self.end_period(sink);
        }
        match self.ended {
            Some((end_frame, 0)) => {
                self.ended = None;
                self.report_period(end_frame, sink);
            }
            Some((end_frame, hops)) => self.ended = Some((end_frame, hops - 1)),
            None => {}
        }
        self.control.step(self.frame, sink);
        for loudspeaker in &mut self.loudspeakers {
            let drive = self.control.audible_drives()[loudspeaker.zone];
            loudspeaker.gain = (loudspeaker.gain.1, (drive.sqrt() * loudspeaker.amplitude_per_drive) as f32);
        }
        if self.control.faded_out() && !self.reported_silent && self.loudspeakers.iter().all(|l| l.gain == (0.0, 0.0)) {
            self.reported_silent = true;
            sink.report(Report::Silent);
        }
    }

    /// A second is over: levels are final, and what needs work on whole blocks is reported when that is done.
    fn end_period(&mut self, sink: &mut impl ReportSink) {
        let least_frames = self.sample_rate_hz - self.sample_rate_hz / 10;
        for group in 0..self.hearing.groups() {
            let period = self.hearing.end_front_period(group);
            let lanes = self
                .levels
                .iter_mut()
                .zip(&mut self.sensors)
                .enumerate()
                .skip(group * LANES)
                .take(LANES);
            for (lane, (index, (level, sensor))) in lanes.enumerate() {
                let samples = period.samples[lane];
                let mean_power = period.levels.mean_power()[lane];
                if !core::mem::replace(&mut self.present_all_period[index], self.present[index]) {
                    *level = LevelPeriod::default();
                    continue;
                }
                let before = sensor.fault();
                let fault = sensor.second(&SensorSecond {
                    samples,
                    laeq_db: power_to_db(mean_power),
                    wrong_loudspeakers: self.hearing.hears_others(index),
                });
                if fault != before {
                    let (microphone, end_frame) = (index as u32, self.frame);
                    sink.report(Report::Microphone {
                        microphone,
                        end_frame,
                        fault,
                    });
                }
                *level = LevelPeriod {
                    mean_power,
                    highest_power: period.levels.highest[lane],
                    valid: can_be_measured(fault, samples.not_numbers == 0) && samples.frames >= least_frames,
                };
            }
        }
        self.report_delay(sink);
        self.zones.iter_mut().for_each(Zone::end_period);
        self.control.end_period();
        self.ended = Some((self.frame, WORK_HOPS));
    }

    fn report_delay(&mut self, sink: &mut impl ReportSink) {
        let found = self.hearing.heard_after_frames();
        if let Some(frames) = found.filter(|_| found != self.heard_after_frames) {
            sink.report(Report::HeardAfter { frames });
            self.heard_after_frames = found;
        }
    }

    fn report_period(&mut self, end_frame: u64, sink: &mut impl ReportSink) {
        for (slot, heard) in self.heard.iter_mut().zip(self.hearing.end_heard_periods()) {
            *slot = heard;
        }
        for (index, zone) in self.zones.iter_mut().enumerate() {
            let report = zone.report(index as u32, end_frame, &self.levels, &self.heard);
            self.control.take_period(index, report, zone.speech());
        }
        self.control.decide(sink);
    }
}

/// Whether a microphone has a level. Where all samples are numbers again they are as good as ever, although the fault is only
/// called over after a while.
fn can_be_measured(fault: Option<MicrophoneFault>, only_numbers: bool) -> bool {
    only_numbers && matches!(fault, None | Some(MicrophoneFault::NotANumber))
}
