//! Everything the engine needs to know about the room, as plain numbers.
//!
//! The tables are sparse: an entry exists only where the level matters, so their size grows with neighbours and not
//! with zones squared.

mod derive;
mod loudspeakers;
pub(crate) mod neighbours;
pub(crate) mod parallel;
mod speech;
mod sti_curve;

pub use neighbours::Borders;

pub(crate) use derive::rooms;
pub(crate) use speech::{Reference, Seats, paths as speech_paths};
pub(crate) use sti_curve::StiCurves;

/// Third-octave bands with nominal centre frequencies 25 Hz-16 kHz (IEC 61260-1), lowest first.
pub const BAND_COUNT: usize = 29;

/// How loud one source is at one receiver.
#[derive(Clone, Debug, PartialEq)]
pub struct Coupling {
    /// Index of the source.
    pub source: usize,
    /// Level at the receiver re the source's free-field level at 1 m, dB, per third-octave band.
    pub gain_db: [f64; BAND_COUNT],
    /// Time of flight of the direct sound, seconds.
    pub delay_s: f64,
}

/// How loud a talker in another zone is at the listeners of this one.
#[derive(Clone, Debug, PartialEq)]
pub struct SpeechPath {
    /// Zone of the talker; those after the plan's zones are its remote zones.
    pub from_zone: usize,
    /// A-weighted speech level at the listeners here re the speech level measured by the microphones of the talker's zone,
    /// dB: the highest over the listeners of this zone, the energy mean over the talker positions of the other, which
    /// are its listeners' seats.
    pub to_listeners_db: f64,
    /// The same for every talker there and every listener here, in no order: the spread over seats. All of them re what the microphones
    /// measure of a voice there on average: who sits far from the microphone is no louder for that. −∞ for a pair that does not
    /// hear each other.
    pub to_each_listener_db: Vec<f32>,
    /// The same re, at the microphones of this zone (energy mean over them); `None` when this zone has no microphone.
    pub to_microphones_db: Option<f64>,
    /// STI at that listener as a function of the A-weighted speech-to-noise ratio, for [`STI_CURVE_DB`]: male speech
    /// with the spectrum in which it arrives, noise with the spectrum of the masking at [`STI_CURVE_NOISE_DB`].
    pub sti_curve: [f32; STI_CURVE_POINTS],
}

/// Number of points of an STI curve.
pub const STI_CURVE_POINTS: usize = 61;

/// Speech-to-noise ratios of the points of an STI curve: −30, −29, … +30 dB(A).
pub const STI_CURVE_DB: core::ops::RangeInclusive<i32> = -30..=30;

/// A-weighted level of the noise for which the STI curves are computed, dB re 20 µPa: the usual commissioned level.
/// From 38 to 48 dB the STI hardly depends on it (below 0.02).
pub const STI_CURVE_NOISE_DB: f64 = 43.0;

/// The derived numbers of a site.
#[derive(Clone, Debug, PartialEq)]
pub struct Acoustics {
    /// Per microphone: the loudspeakers that reach it.
    pub loudspeaker_to_microphone: Vec<Vec<Coupling>>,
    /// Per zone and listener of it: the loudspeakers that reach it.
    pub loudspeaker_to_listener: Vec<Vec<Vec<Coupling>>>,
    /// Per zone, and after them per remote zone: the other ones whose talkers can be heard here, sorted by zone, in the same count. Talkers
    /// of a zone without a microphone are missing: nobody measures them.
    pub speech_paths: Vec<Vec<SpeechPath>>,
    /// Per zone and remote zone: level of a normal voice (57.4 dB(A) at 1 m) of somebody in the zone at its microphones, dB(A), energy mean over seats
    /// and microphones; `None` without microphones.
    pub normal_voice_db: Vec<Option<f64>>,
    /// Per zone: zones that border on it in the open, sorted, symmetric, without itself.
    pub neighbours: Vec<Vec<usize>>,
    /// Per zone: remote zones that border on it in the open, by their own index, sorted.
    pub remote_neighbours: Vec<Vec<usize>>,
}
