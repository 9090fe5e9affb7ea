//! What the engine says about itself: small `Copy` values that can cross to another thread without a lock.

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
    /// Speech over its active part, dB(A); `None` when the ratio is below 0.5.
    pub speech_laeq_db: Option<f32>,
    /// Share of the period with speech.
    pub speech_ratio: f32,
    /// A talker is in this zone.
    pub talker: bool,
    /// Percentile levels of the last 60 s: L10, L50, L90, dB(A).
    pub percentiles_db: Option<[f32; 3]>,
    /// Highest STI here of speech from another zone.
    pub sti: Option<f32>,
    /// Masking at the listeners now, dB(A).
    pub masking_db: f32,
    /// dB-minutes of distraction in this period.
    pub distraction_db_min: f32,
}

/// Why the masking of a zone changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Speech from another zone was intelligible.
    Speech,
    /// It was not, any more.
    Quiet,
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
    /// A microphone delivered samples that are not numbers (`true`), or only numbers again (`false`).
    NotANumber {
        /// Index of the microphone.
        microphone: u32,
        /// Frames since the engine began.
        end_frame: u64,
        /// Whether the fault is there.
        faulty: bool,
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
