//! What the engine says about itself: small `Copy` values that can cross to another thread without a lock.

use crate::adaptation::{Benefit, PlaceMemory};

/// One zone over one period of exactly one second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ZoneReport {
    /// Zone.
    pub zone: u32,
    /// Frames since the engine began, at the end of the period.
    pub end_frame: u64,
    /// All sound, dB(A); `None` without a working microphone.
    pub laeq_db: Option<f32>,
    /// Highest F-weighted level, dB(A).
    pub lafmax_db: Option<f32>,
    /// Own masking removed, dB(A).
    pub ambient_laeq_db: Option<f32>,
    /// Whether the ambient level is known to ±1 dB.
    pub ambient_resolved: bool,
    /// Standard uncertainty of the ambient level, dB; `None` where nothing is known of it.
    pub ambient_uncertainty_db: Option<f32>,
    /// How our own masking was removed.
    pub removal: Removal,
    /// Speech over its active part, dB(A); `None` when the ratio is below 0.5.
    pub speech_laeq_db: Option<f32>,
    /// Share of the period with speech.
    pub speech_ratio: f32,
    /// A talker is in this zone.
    pub talker: bool,
    /// Percentile levels of the last 60 s.
    pub percentiles: Option<PercentileLevels>,
    /// Highest STI here of speech from another zone.
    pub sti: Option<f32>,
    /// Masking at the listeners now, dB(A).
    pub masking_db: f32,
    /// What masking can do here now.
    pub benefit: Benefit,
    /// dB-minutes of distraction in this period.
    pub distraction_db_min: f32,
}

/// Levels exceeded 1, 5, 10, 50, 90, 95 and 99 % of the time, dB(A).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct PercentileLevels {
    pub l1_db: f32,
    pub l5_db: f32,
    pub l10_db: f32,
    pub l50_db: f32,
    pub l90_db: f32,
    pub l95_db: f32,
    pub l99_db: f32,
}

/// How our own masking is removed from what a zone's microphones hear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Removal {
    /// Its predicted power is subtracted: capture and playback have different clocks, or the canceller has not converged.
    #[default]
    Power,
    /// Its waveform is cancelled.
    Waveform,
}

/// What is wrong with a microphone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MicrophoneFault {
    /// Digital silence.
    Dead,
    /// One constant value.
    Stuck,
    /// A constant offset that no microphone has.
    Offset,
    /// At the end of its range.
    Clipped,
    /// Samples that are not numbers, or no possible sound.
    NotANumber,
    /// Quieter than any room.
    TooQuiet,
    /// Louder than any office.
    TooLoud,
    /// Hears other loudspeakers than those near it: channels are swapped.
    WrongLoudspeakers,
}

/// Why the masking of a zone changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Speech from another zone was intelligible.
    Speech,
    /// It was not, any more.
    Quiet,
    /// A schedule, or what is derived from the calendar, asks for another level.
    Schedule,
    /// A setting changed.
    Admin,
    /// A zone nearby changed, or the neighbour limit took hold.
    Neighbour,
    /// Muted.
    Mute,
    /// Mute released.
    Release,
    /// Start, or end, of the engine.
    Startup,
    /// No working microphone.
    Fault,
    /// A level limit took hold.
    Limit,
}

/// A glide of one zone's masking that has ended, or has gone on for a minute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdaptationReport {
    /// Zone.
    pub zone: u32,
    /// Frames since the engine began, at the end of the glide.
    pub end_frame: u64,
    /// Length of the glide, frames.
    pub frames: u64,
    /// Masking before, dB(A).
    pub from_db: f64,
    /// Masking after, dB(A).
    pub to_db: f64,
    /// Why.
    pub cause: Cause,
    /// STI that caused it, and the zone of the talker.
    pub evidence: Option<(f32, u32)>,
}

/// Anything the engine says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Report {
    /// A period of a zone has ended.
    Zone(ZoneReport),
    /// The masking of a zone has changed.
    Adaptation(AdaptationReport),
    /// A microphone has a fault, another one than before, or (`None`) none any more.
    Microphone {
        /// Index of the microphone.
        microphone: u32,
        /// Frames since the engine began.
        end_frame: u64,
        /// The fault.
        fault: Option<MicrophoneFault>,
    },
    /// Found by listening: so long after it was made our own sound is heard again, through devices and room.
    HeardAfter {
        /// Frames of the stream; near loudspeakers and microphones differ by a few milliseconds.
        frames: u64,
    },
    /// What a place has taught so far; from time to time, and at the end.
    Place {
        /// Zone.
        zone: u32,
        /// What is known.
        place: PlaceMemory,
        /// [`crate::ZoneParameters::places_forgotten`] that it has followed: whoever keeps it tells by this what was learnt before
        /// it was told to forget.
        places_forgotten: u32,
    },
    /// The sound has faded out after [`crate::Parameters::fade_out`].
    Silent,
}

/// Where reports go. An implementation must neither block nor allocate; what it cannot take it counts.
pub trait ReportSink {
    /// Takes one report.
    fn report(&mut self, report: Report);
}

impl ReportSink for Vec<Report> {
    fn report(&mut self, report: Report) {
        self.push(report);
    }
}
