//! Why a device of the layout cannot be used, and what would help.

use habitat_layout::{AudioHost, DeviceName};

use super::Direction;

/// Why there is no sound from or to a device.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// No server answers, or the kernel has no sound.
    #[error("{}: {said}; {}", not_running(*.host), how_to_start(*.host))]
    NoHost {
        /// Which one.
        host: AudioHost,
        /// What was said instead of an answer.
        said: String,
    },
    /// The host has no default device of this direction.
    #[error("{} has no default {direction} device; name one that `habitatd devices` lists", .host.title())]
    NoDefault {
        /// Of which host.
        host: AudioHost,
        /// Which default.
        direction: Direction,
    },
    /// The host does not know the name.
    #[error("there is no {direction} device \"{name}\"; {}", there_are(.there))]
    NotThere {
        /// For what it is needed.
        direction: Direction,
        /// The name that is not known.
        name: DeviceName,
        /// Names that are.
        there: Vec<String>,
    },
    /// The device does not offer what the site needs.
    #[error("the {direction} device \"{device}\" cannot do {channels} channels at {rate_hz} Hz; it offers {offered}{advice}")]
    Unsupported {
        /// For what it is needed.
        direction: Direction,
        /// Name of the device.
        device: String,
        /// How many channels the site needs.
        channels: u32,
        /// At which rate.
        rate_hz: u32,
        /// What there is.
        offered: String,
        /// What would help, after a semicolon; empty when only another device would.
        advice: String,
    },
    /// The device does not say what it offers.
    #[error("the {direction} device \"{device}\" cannot be opened: {said}{}", advice(.error.kind()))]
    Refused {
        /// For what it is needed.
        direction: Direction,
        /// Name of the device.
        device: String,
        /// What it said, as a part of a sentence.
        said: String,
        /// All of what it said.
        error: cpal::Error,
    },
}

impl DeviceError {
    /// A device that refused.
    pub fn refused(direction: Direction, device: impl Into<String>, error: cpal::Error) -> Self {
        DeviceError::Refused {
            direction,
            device: device.into(),
            said: without_full_stop(&error),
            error,
        }
    }
}

/// What an error says, as a part of a sentence.
pub(super) fn without_full_stop(error: &cpal::Error) -> String {
    error.to_string().trim_end_matches('.').to_owned()
}

/// That nothing answers.
pub(super) fn not_running(host: AudioHost) -> String {
    match host {
        AudioHost::Alsa => "ALSA does not answer".into(),
        host => format!("no {} server answers", host.title()),
    }
}

/// How to get an answer.
pub(super) fn how_to_start(host: AudioHost) -> &'static str {
    match host {
        AudioHost::Alsa => "connect a sound interface, and give the user the group audio",
        AudioHost::Jack => {
            "start one as the same user, such as `jackd -d alsa -d hw:CARD=ID -r 48000 -p 1024`; \
             JACK_DEFAULT_SERVER names it if it has a name"
        }
        AudioHost::PulseAudio => {
            "start one as the same user, such as `pulseaudio --start`; PULSE_SERVER=unix:/path/to/socket says where it listens"
        }
    }
}

fn there_are(names: &[String]) -> String {
    match names {
        [] => "nothing is connected; see `habitatd devices`".into(),
        names => format!("there are {}; see `habitatd devices`", names.join(", ")),
    }
}

fn advice(kind: cpal::ErrorKind) -> &'static str {
    match kind {
        cpal::ErrorKind::DeviceBusy => "; stop the program that uses it",
        cpal::ErrorKind::PermissionDenied => "; give the user of the daemon the group audio",
        cpal::ErrorKind::DeviceNotAvailable => "; connect it, and see `habitatd devices`",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_what_is_wrong_and_what_would_be_right() {
        let no_host = DeviceError::NoHost {
            host: AudioHost::Jack,
            said: "nothing listens".into(),
        };
        assert!(
            no_host
                .to_string()
                .starts_with("no JACK server answers: nothing listens; start one")
        );
        let not_there = DeviceError::NotThere {
            direction: Direction::Input,
            name: "hw:USB".parse().unwrap(),
            there: vec!["alsa:hw:CARD=PCH,DEV=0".into()],
        };
        assert_eq!(
            not_there.to_string(),
            "there is no input device \"alsa:hw:CARD=USB,DEV=0\"; there are alsa:hw:CARD=PCH,DEV=0; see `habitatd devices`"
        );
        let busy = cpal::Error::new(cpal::ErrorKind::DeviceBusy);
        let refused = DeviceError::refused(Direction::Output, "alsa:hw:CARD=USB,DEV=0", busy);
        let message = refused.to_string();
        assert!(
            message.ends_with("may be using it; stop the program that uses it"),
            "{message}"
        );
    }
}
