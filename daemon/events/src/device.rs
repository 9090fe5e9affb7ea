//! What an event says of a device that failed or came back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What kind of device an event speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// A microphone of the layout.
    Microphone,
    /// A loudspeaker of the layout.
    Loudspeaker,
    /// A capture device.
    Input,
    /// A playback device.
    Output,
}

/// Whether the device works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// It does not.
    Fault,
    /// It does again.
    Recovered,
}

/// What is wrong with a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultReason {
    /// A microphone gives digital silence.
    Dead,
    /// A microphone gives one constant value.
    Stuck,
    /// A microphone has a constant offset that no microphone has.
    Offset,
    /// A microphone is at the end of its range.
    Clipped,
    /// A microphone gives samples that are not numbers, or no possible sound.
    NotANumber,
    /// A microphone is quieter than any room.
    TooQuiet,
    /// A microphone is louder than any office.
    TooLoud,
    /// A microphone hears other loudspeakers than those near it.
    WrongLoudspeakers,
    /// A capture or playback device is not there, or its server is not.
    Lost,
    /// A capture or playback device gives no sign of life.
    Stalled,
    /// A capture or playback device lacks channels or the rate.
    Unsuitable,
    /// A capture or playback device runs, but has lost moments of sound within the last minute.
    Gaps,
}

impl FaultReason {
    /// Every reason.
    pub const ALL: [FaultReason; 12] = [
        FaultReason::Dead,
        FaultReason::Stuck,
        FaultReason::Offset,
        FaultReason::Clipped,
        FaultReason::NotANumber,
        FaultReason::TooQuiet,
        FaultReason::TooLoud,
        FaultReason::WrongLoudspeakers,
        FaultReason::Lost,
        FaultReason::Stalled,
        FaultReason::Unsuitable,
        FaultReason::Gaps,
    ];

    /// Its word in documents.
    pub fn word(self) -> &'static str {
        match self {
            FaultReason::Dead => "dead",
            FaultReason::Stuck => "stuck",
            FaultReason::Offset => "offset",
            FaultReason::Clipped => "clipped",
            FaultReason::NotANumber => "not_a_number",
            FaultReason::TooQuiet => "too_quiet",
            FaultReason::TooLoud => "too_loud",
            FaultReason::WrongLoudspeakers => "wrong_loudspeakers",
            FaultReason::Lost => "lost",
            FaultReason::Stalled => "stalled",
            FaultReason::Unsuitable => "unsuitable",
            FaultReason::Gaps => "gaps",
        }
    }
}

/// A device failed, failed in another way, or came back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// Id of the layout, or device name.
    pub device: String,
    /// What it is.
    pub kind: DeviceKind,
    /// Whether it works.
    pub state: DeviceState,
    /// What is wrong with it, or was until it recovered.
    pub reason: FaultReason,
}
