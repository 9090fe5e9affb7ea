//! One device as a line of the list.

use std::fmt::Display;

use cpal::Device;
use habitat_layout::AudioHost;

use super::{DeviceError, Direction, choose::offers, error::without_full_stop, offer};

/// What a device says of each direction that it has.
pub(super) struct Described {
    input: Option<String>,
    output: Option<String>,
}

/// Asks a device; for ALSA that means to open it for a moment. `None`: it has neither direction.
pub(super) fn describe(host: AudioHost, input: Option<&Device>, output: Option<&Device>) -> Option<Described> {
    let input = input.and_then(|device| one_way(host, device, Direction::Input));
    let output = output.and_then(|device| one_way(host, device, Direction::Output));
    (input.is_some() || output.is_some()).then_some(Described { input, output })
}

fn one_way(host: AudioHost, device: &Device, direction: Direction) -> Option<String> {
    match offers(device, direction) {
        Ok(offers) if host == AudioHost::PulseAudio && offers.is_empty() => None,
        Ok(offers) => Some(offer::summary(&offers)),
        // Only a device that is there can be busy or closed to the user; what else fails is not a device of this direction.
        Err(DeviceError::Refused { error, .. }) => match error.kind() {
            cpal::ErrorKind::DeviceBusy | cpal::ErrorKind::PermissionDenied => Some(without_full_stop(&error)),
            _ => None,
        },
        Err(_) => None,
    }
}

impl Described {
    /// `device = "…"   # in: …; out: …`
    pub(super) fn line(&self, name: impl Display, remark: &str) -> String {
        let way = |word: &str, said: &Option<String>| said.as_ref().map(|said| format!("{word}: {said}"));
        let parts = [way("in", &self.input), way("out", &self.output)];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        format!(
            "device = {}   # {remark}{}",
            quoted(&name.to_string()),
            in_one_line(&parts.join("; "))
        )
    }
}

/// A TOML string.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Without what would end a comment.
pub(super) fn in_one_line(text: &str) -> String {
    text.split(char::is_control).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use habitat_layout::DeviceName;

    use super::*;

    #[test]
    fn a_line_is_toml_whatever_the_device_is_called() {
        let described = Described {
            input: Some("2 ch\nbusy".into()),
            output: None,
        };
        let name: DeviceName = r#"pulseaudio:a"b\c"#.parse().unwrap();
        assert_eq!(
            described.line(&name, "the default; "),
            r#"device = "pulseaudio:a\"b\\c"   # the default; in: 2 ch busy"#
        );
    }
}
