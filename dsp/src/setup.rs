//! What an engine is built from: the site as plain numbers.

use crate::{adaptation::PlaceMemory, spectrum::Bands};

/// Points of an STI curve: −30, −29, … +30 dB(A) speech-to-noise ratio.
pub const STI_CURVE_POINTS: usize = 61;

/// One microphone.
#[derive(Clone, Debug, PartialEq)]
pub struct MicrophoneSetup {
    /// Zone that it measures.
    pub zone: usize,
    /// AES17 dBFS at 94 dB SPL.
    pub sensitivity_dbfs: f64,
    /// It is captured, and the loudspeakers that it hears most are played, on one clock and with one delay for the whole site. Where
    /// not, their sound is subtracted by the power that the layout expects.
    pub common_clock: bool,
    /// Loudspeakers that reach it, in any order.
    pub loudspeakers: Vec<CouplingSetup>,
}

/// How one loudspeaker reaches one microphone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CouplingSetup {
    /// Loudspeaker.
    pub loudspeaker: usize,
    /// Level at the microphone re the loudspeaker's free-field level at 1 m, dB per third-octave band.
    pub gain_db: Bands<f32>,
}

/// How our own masking is removed from what the microphones hear.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RemovalSetup {
    /// Whether the waveform is cancelled at all; otherwise power is subtracted.
    pub waveform: bool,
    /// How many loudspeakers are cancelled per microphone: those that reach it most.
    pub references: usize,
    /// Length of the room's response that is cancelled, seconds.
    pub tail_s: f64,
    /// From a frame of output to the frame of input in which it is heard, without the room: known for a backend in
    /// lock-step, `None` where it has to be found.
    pub playback_delay_frames: Option<u32>,
}

impl Default for RemovalSetup {
    fn default() -> Self {
        RemovalSetup {
            waveform: true,
            references: 6,
            tail_s: 0.6,
            playback_delay_frames: None,
        }
    }
}

/// How loud the masking of one zone's loudspeakers is at some point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OwnSoundSetup {
    /// Zone of the loudspeakers.
    pub zone: usize,
    /// A-weighted power there, when each loudspeaker of the zone plays masking of 0 dB(A) at 1 m in the free field.
    pub power: f64,
}

/// One loudspeaker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoudspeakerSetup {
    /// Zone that it belongs to.
    pub zone: usize,
    /// Free-field SPL at 1 m of a 0 dBFS (AES17) signal.
    pub output_db_spl: f64,
}

/// How loud the talkers of another zone are here.
#[derive(Clone, Debug, PartialEq)]
pub struct HearingSetup {
    /// Zone of the talkers; those after the site's own zones are its remote zones.
    pub from_zone: usize,
    /// Level at the listeners here re the level at the microphones there, dB(A).
    pub to_listeners_db: f64,
    /// The same for every talker there and every listener here, in any order, re a voice there that the microphones measure as usual
    /// ([`ZoneSetup::normal_voice_db`]): the spread over seats. When empty, all seats are
    /// taken for the one that hears best.
    pub to_each_listener_db: Vec<f32>,
    /// Level at the microphones here re the level at the microphones there, dB(A); `None` without a microphone here.
    pub to_microphones_db: Option<f64>,
    /// STI against the A-weighted speech-to-noise ratio, −30 to +30 dB in steps of 1 dB; never falls.
    pub sti_curve: [f32; STI_CURVE_POINTS],
}

/// One zone.
#[derive(Clone, Debug, PartialEq)]
pub struct ZoneSetup {
    /// Commissioned level, dB(A) at the listeners.
    pub level_fixed_db: f64,
    /// Speech from elsewhere is to stay below this STI.
    pub sti_target: f64,
    /// People work here whom speech from elsewhere distracts; any other place is not masked for its own sake.
    pub has_workplaces: bool,
    /// Level of a normal voice of a talker here at the microphones here, dB(A); of no account without microphones.
    pub normal_voice_db: f64,
    /// How loud each zone's masking is at the listeners here, energy mean over them.
    pub masking: Vec<OwnSoundSetup>,
    /// What was learnt of the place before; `None`: nothing is to be learnt of it.
    pub place: Option<PlaceMemory>,
    /// Whose talkers are heard here.
    pub hearing: Vec<HearingSetup>,
    /// Zones that border on this one; symmetric.
    pub neighbours: Vec<usize>,
    /// Remote zones that border on this one.
    pub remote_neighbours: Vec<usize>,
}

/// A zone of another engine, which tells how loud people are there and how loud its masking is: see [`crate::RemoteZone`].
#[derive(Clone, Debug, PartialEq)]
pub struct RemoteZoneSetup {
    /// Commissioned level, dB(A) at the listeners there.
    pub level_fixed_db: f64,
    /// Level of a normal voice of a talker there at the microphones there, dB(A).
    pub normal_voice_db: f64,
    /// Whose talkers are heard there.
    pub hearing: Vec<HearingSetup>,
}

/// One site.
#[derive(Clone, Debug, PartialEq)]
pub struct EngineSetup {
    /// Frames per second; a multiple of 50, so that a second is a whole number of analysis hops.
    pub sample_rate_hz: u32,
    /// Channel order of the input.
    pub microphones: Vec<MicrophoneSetup>,
    /// Channel order of the output.
    pub loudspeakers: Vec<LoudspeakerSetup>,
    /// Zones.
    pub zones: Vec<ZoneSetup>,
    /// Zones of other engines that are heard in these or border on them.
    pub remote_zones: Vec<RemoteZoneSetup>,
    /// How our own masking is removed from what the microphones hear.
    pub removal: RemovalSetup,
    /// Third-octave levels of the masking, relative; −∞ where it is silent.
    pub masking_spectrum_db: Bands<f64>,
    /// Fastest rise.
    pub slew_up_db_per_min: f64,
    /// Fastest fall.
    pub slew_down_db_per_min: f64,
    /// Largest difference between zones that border on each other.
    pub neighbour_max_db: f64,
    /// What a dB of masking is worth: the share of a zone's listeners, 0-1, who must no longer understand speech from elsewhere for
    /// it. Small for a site that wants to be private, large for one that wants to be quiet.
    pub price_per_db: f64,
    /// From silence to the fixed level.
    pub startup_ramp_s: f64,
    /// Seed of the noise; loudspeakers differ whatever it is.
    pub seed: u64,
}

/// Why an engine cannot be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetupError {
    /// The sampling rate is not a multiple of 50 Hz, or zero.
    SampleRate(u32),
    /// Something refers to a zone that does not exist.
    UnknownZone(usize),
    /// A zone borders on a remote zone that does not exist.
    UnknownRemoteZone(usize),
    /// A microphone refers to a loudspeaker that does not exist.
    UnknownLoudspeaker(usize),
    /// A number that must be finite is not, or a rate is negative.
    NotANumber(&'static str),
}

impl core::fmt::Display for SetupError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            SetupError::SampleRate(rate) => write!(f, "the sampling rate {rate} Hz is not a multiple of 50 Hz"),
            SetupError::UnknownZone(zone) => write!(f, "zone {zone} does not exist"),
            SetupError::UnknownRemoteZone(zone) => write!(f, "remote zone {zone} does not exist"),
            SetupError::UnknownLoudspeaker(index) => write!(f, "loudspeaker {index} does not exist"),
            SetupError::NotANumber(what) => write!(f, "{what} is not a usable number"),
        }
    }
}

impl core::error::Error for SetupError {}

impl EngineSetup {
    /// Checks what [`crate::Engine`] relies on.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn check(&self) -> Result<(), SetupError> {
        if self.sample_rate_hz == 0 || !self.sample_rate_hz.is_multiple_of(50) {
            return Err(SetupError::SampleRate(self.sample_rate_hz));
        }
        let microphones = self.microphones.iter().map(|m| m.zone);
        let loudspeakers = self.loudspeakers.iter().map(|l| l.zone);
        let zones = self.zones.iter().flat_map(|z| {
            let masking = z.masking.iter().map(|s| s.zone);
            masking.chain(z.neighbours.iter().copied())
        });
        if let Some(zone) = microphones
            .chain(loudspeakers)
            .chain(zones)
            .find(|zone| *zone >= self.zones.len())
        {
            return Err(SetupError::UnknownZone(zone));
        }
        let all = self.zones.len() + self.remote_zones.len();
        let heard_there = self.remote_zones.iter().flat_map(|z| &z.hearing);
        let mut hearing = self.zones.iter().flat_map(|z| &z.hearing).chain(heard_there);
        if let Some(path) = hearing.find(|path| path.from_zone >= all) {
            return Err(SetupError::UnknownZone(path.from_zone));
        }
        let mut remote = self.zones.iter().flat_map(|z| &z.remote_neighbours);
        if let Some(zone) = remote.find(|zone| **zone >= self.remote_zones.len()) {
            return Err(SetupError::UnknownRemoteZone(*zone));
        }
        let couplings = self.microphones.iter().flat_map(|m| &m.loudspeakers);
        if let Some(coupling) = couplings.into_iter().find(|c| c.loudspeaker >= self.loudspeakers.len()) {
            return Err(SetupError::UnknownLoudspeaker(coupling.loudspeaker));
        }
        let rates = [
            self.slew_up_db_per_min,
            self.slew_down_db_per_min,
            self.neighbour_max_db,
            self.price_per_db,
            self.startup_ramp_s,
        ];
        if rates.iter().any(|rate| !rate.is_finite() || *rate < 0.0) {
            return Err(SetupError::NotANumber("a rate, price, ramp or neighbour limit"));
        }
        if self
            .zones
            .iter()
            .any(|z| !z.level_fixed_db.is_finite() || !z.sti_target.is_finite() || !z.normal_voice_db.is_finite())
        {
            return Err(SetupError::NotANumber("a level or STI target"));
        }
        let is_usable = |z: &RemoteZoneSetup| z.level_fixed_db.is_finite() && z.normal_voice_db.is_finite();
        if !self.remote_zones.iter().all(is_usable) {
            return Err(SetupError::NotANumber("a level of a remote zone"));
        }
        Ok(())
    }
}
