//! The engine of one site: one block of all microphones in, one block of all loudspeakers out.

use crate::{
    EngineSetup, MicrophoneFault, Parameters, Report, ReportSink, SetupError,
    control::Control,
    masking::{NoiseGenerator, NoiseShape},
    microphone::{BandWeights, Microphone, Period},
    spectrum::Analyser,
    units::db_to_amplitude,
    zone::{HOPS_PER_S, Zone},
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
    analyser: Analyser,
    weights: BandWeights,
    shape: NoiseShape,
    microphones: Vec<Microphone>,
    faults: Vec<Option<MicrophoneFault>>,
    periods: Vec<Period>,
    zones: Vec<Zone>,
    loudspeakers: Vec<Loudspeaker>,
    control: Control,
    reported_silent: bool,
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
            analyser: Analyser::new(rate),
            weights: BandWeights::default(),
            shape,
            microphones: setup.microphones.iter().map(|m| Microphone::new(m, setup)).collect(),
            faults: vec![None; setup.microphones.len()],
            periods: vec![Period::default(); setup.microphones.len()],
            zones: zones.collect(),
            loudspeakers,
            control: Control::new(setup, parameters),
            reported_silent: false,
        })
    }

    /// Takes over changed parameters.
    pub fn set_parameters(&mut self, parameters: &Parameters) {
        self.control.set_parameters(parameters);
    }

    /// Processes one block: measures `input`, adapts, and fills `output`.
    ///
    /// Both are interleaved, one channel per microphone and per loudspeaker. Without input (a device is lost) the masking
    /// goes on and the periods concerned have no levels. Without output (the last part of a stream) it is only measured.
    pub fn process(&mut self, frames: usize, input: Option<&[f32]>, mut output: Option<&mut [f32]>, sink: &mut impl ReportSink) {
        let mut done = 0;
        while done < frames {
            let count = (self.hop_frames - self.hop_position).min(frames - done);
            self.measure(input, done, count);
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

    /// Ends the run: what is going on is recorded.
    pub fn finish(&mut self, sink: &mut impl ReportSink) {
        self.control.finish(self.frame, sink);
    }

    /// Frames processed so far.
    pub fn frame(&self) -> u64 {
        self.frame
    }

    fn measure(&mut self, input: Option<&[f32]>, begin: usize, count: usize) {
        let Some(input) = input else { return };
        let channels = self.microphones.len();
        for (channel, microphone) in self.microphones.iter_mut().enumerate() {
            let samples = input.iter().skip(begin * channels + channel).step_by(channels);
            microphone.take(samples.take(count).copied());
        }
    }

    fn render(&mut self, output: &mut [f32], begin: usize, count: usize, hop_begins_at: usize) {
        let channels = self.loudspeakers.len();
        for (channel, loudspeaker) in self.loudspeakers.iter_mut().enumerate() {
            let Some(slots) = output.get_mut(begin * channels + channel..) else {
                return;
            };
            let (from, to) = loudspeaker.gain;
            let at = |position: usize| from + (to - from) * (position as f32 / self.hop_frames as f32);
            let gain = (at(hop_begins_at), at(hop_begins_at + count));
            loudspeaker.generator.render(&mut self.shape, slots, channels, count, gain);
        }
    }

    fn end_hop(&mut self, sink: &mut impl ReportSink) {
        for microphone in &mut self.microphones {
            microphone.analyse(&mut self.analyser, &self.weights, self.control.audible_drives());
        }
        for zone in &mut self.zones {
            zone.hop(&self.microphones);
        }
        if self.frame.is_multiple_of(u64::from(self.sample_rate_hz)) {
            self.end_period(sink);
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

    fn end_period(&mut self, sink: &mut impl ReportSink) {
        for (index, (period, microphone)) in self.periods.iter_mut().zip(&mut self.microphones).enumerate() {
            *period = microphone.end_period();
            let fault = period.not_a_number().then_some(MicrophoneFault::NotANumber);
            if fault != self.faults[index] {
                self.faults[index] = fault;
                sink.report(Report::Microphone {
                    microphone: index as u32,
                    end_frame: self.frame,
                    fault,
                });
            }
        }
        for (index, zone) in self.zones.iter_mut().enumerate() {
            let report = zone.end_period(
                index as u32,
                self.frame,
                self.sample_rate_hz,
                &self.periods,
                &self.microphones,
            );
            self.control
                .take_period(index, report, zone.speech_db(), zone.known_background_power());
        }
        self.control.decide(sink);
    }
}
