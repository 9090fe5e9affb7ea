//! Every host and device, as lines to paste into a layout.

use cpal::{
    Device, Host,
    traits::{DeviceTrait, HostTrait},
};
use habitat_layout::{AudioHost, DeviceName};

use super::{
    DeviceError,
    describe::{describe, in_one_line},
    error::{how_to_start, not_running},
    host::{self, Named},
    names::is_worth_using,
};

/// The lines of one host: a headline, then `device = …` for each device, everything else in comments.
pub fn lines(host: AudioHost) -> Vec<String> {
    let connected = match host::connect(host) {
        Ok(connected) => connected,
        Err(error) => return vec![headline(host), not_there(host, &error)],
    };
    let named = host::named(host, &connected).unwrap_or_default();
    let mut lines = vec![headline(host)];
    lines.extend(default_lines(host, &connected));
    let written = named.iter().filter(|device| is_worth_using(&device.name));
    lines.extend(written.filter_map(|device| device_lines(host, device)).flatten());
    if lines.len() == 1 {
        lines.push(format!("# no device: {}", how_to_start(host)));
    }
    lines
}

fn headline(host: AudioHost) -> String {
    format!("# {}", host.title())
}

fn not_there(host: AudioHost, error: &DeviceError) -> String {
    match error {
        DeviceError::NoHost { .. } => in_one_line(&format!("# {}: {}", not_running(host), how_to_start(host))),
        error => in_one_line(&format!("# {error}")),
    }
}

/// The default device, if it can be opened.
fn default_lines(host: AudioHost, connected: &Host) -> Option<String> {
    let (input, output) = (connected.default_input_device(), connected.default_output_device());
    let described = describe(host, input.as_ref(), output.as_ref())?;
    let id = |device: &Device| device.id().ok().map(|id| id.id().to_owned());
    let remark = match host {
        AudioHost::Alsa => "the default, also without `device`; ".to_owned(),
        AudioHost::Jack => String::new(),
        AudioHost::PulseAudio => {
            let ids: Vec<String> = [&input, &output].into_iter().flatten().filter_map(id).collect();
            in_one_line(&format!("the default, now {}; ", ids.join(" and ")))
        }
    };
    Some(described.line(DeviceName::default_of(host), &remark))
}

/// What people call the device, and its line.
fn device_lines(host: AudioHost, named: &Named) -> Option<[String; 2]> {
    let device = &named.device;
    let described = describe(
        host,
        device.supports_input().then_some(device),
        device.supports_output().then_some(device),
    )?;
    let called = device.description().map(|said| said.name().to_owned()).unwrap_or_default();
    Some([in_one_line(&format!("# {called}")), described.line(&named.name, "")])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_does_not_answer_is_a_comment_that_says_how_to_start_it() {
        let error = DeviceError::NoHost {
            host: AudioHost::PulseAudio,
            said: "PulseAudio\nis not available".into(),
        };
        let line = not_there(AudioHost::PulseAudio, &error);
        assert!(line.starts_with("# no PulseAudio server answers: start one"), "{line}");
        assert!(!line.contains('\n'));
    }
}
