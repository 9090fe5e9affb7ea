//! What a faulty microphone or device means and what a person should do about it: one sentence per reason, for the console, the
//! log and the documentation.

use habitat_dsp::MicrophoneFault;
use habitat_events::{DeviceState, FaultReason};

/// What is wrong, and what would help.
pub fn advice(reason: FaultReason) -> &'static str {
    match reason {
        FaultReason::Dead => {
            "gives digital silence: check that it is plugged in and powered, and that `channel` names the input it is on"
        }
        FaultReason::Stuck => {
            "gives one constant value: unplug it and plug it in again, and replace the microphone or its interface if that does not help"
        }
        FaultReason::Offset => {
            "has a constant offset: check its power supply and the cable for a short circuit, and replace it if the offset stays"
        }
        FaultReason::Clipped => {
            "is at the end of its range: lower the gain of its input and enter the new `sensitivity_dbfs`, or replace it if the room is quiet"
        }
        FaultReason::NotANumber => {
            "gives samples that are not numbers or no possible sound: restart the sound device, and look for a faulty driver or whatever feeds the stream"
        }
        FaultReason::TooQuiet => {
            "is quieter than any room: see whether it is covered or its gain is turned down, and check `sensitivity_dbfs`"
        }
        FaultReason::TooLoud => {
            "is louder than any office: look for a hum or a loose plug, and check its gain and `sensitivity_dbfs`"
        }
        FaultReason::WrongLoudspeakers => {
            "hears other loudspeakers than those near it: channels are swapped, so compare `channel` and `position` of microphones and loudspeakers in the layout with the wiring"
        }
        FaultReason::Lost => {
            "is not there: check that it is plugged in and powered and that its sound server runs; it is tried again every second"
        }
        FaultReason::Stalled => {
            "gives no sign of life: its server or driver hangs, so restart that if it does not come back; it is opened again by itself"
        }
        FaultReason::Unsuitable => {
            "cannot do what the layout needs: compare its channels and rates in `habitatd devices` with `channel` in the layout and `sample_rate_hz`"
        }
        FaultReason::Gaps => {
            "has lost moments of sound within the last minute: see whether the engine has real time (`real_time`), and give the device more with `device_frames` or a longer period of its server"
        }
    }
}

/// The engine's fault as a reason in an event.
pub fn reason(fault: MicrophoneFault) -> FaultReason {
    match fault {
        MicrophoneFault::Dead => FaultReason::Dead,
        MicrophoneFault::Stuck => FaultReason::Stuck,
        MicrophoneFault::Offset => FaultReason::Offset,
        MicrophoneFault::Clipped => FaultReason::Clipped,
        MicrophoneFault::NotANumber => FaultReason::NotANumber,
        MicrophoneFault::TooQuiet => FaultReason::TooQuiet,
        MicrophoneFault::TooLoud => FaultReason::TooLoud,
        MicrophoneFault::WrongLoudspeakers => FaultReason::WrongLoudspeakers,
    }
}

/// What to tell when the fault of a microphone or device was `before` and is `now`: a fault that begins or gives way to another, or the one
/// that has ended; `None` when that has been told already.
pub fn news(before: Option<FaultReason>, now: Option<FaultReason>) -> Option<(DeviceState, FaultReason)> {
    match (before, now) {
        (before, Some(reason)) if before != now => Some((DeviceState::Fault, reason)),
        (Some(ended), None) => Some((DeviceState::Recovered, ended)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_is_told_once_and_a_recovery_names_what_ended() {
        let (dead, loud) = (FaultReason::Dead, FaultReason::TooLoud);
        assert_eq!(news(None, Some(dead)), Some((DeviceState::Fault, dead)));
        assert_eq!(news(Some(dead), Some(loud)), Some((DeviceState::Fault, loud)));
        assert_eq!(news(Some(loud), None), Some((DeviceState::Recovered, loud)));
        assert_eq!(news(Some(dead), Some(dead)), None);
        assert_eq!(news(None, None), None);
    }

    #[test]
    fn the_documentation_has_a_row_with_the_sentence_of_every_reason() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/console.md");
        let document = std::fs::read_to_string(path).unwrap();
        let chapter = document.split("## When a microphone is faulty").nth(1).unwrap();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/devices.md");
        let document = std::fs::read_to_string(path).unwrap();
        let devices = document.split("## When a device is lost").nth(1).unwrap();
        for reason in FaultReason::ALL {
            let row = format!("| `{}` | {} |", reason.word(), advice(reason));
            assert!(
                chapter.contains(&row) || devices.contains(&row),
                "the documentation lacks\n{row}"
            );
        }
    }
}
