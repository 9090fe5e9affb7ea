//! Channels of devices: each used once, and devices named only where there are any.

use std::collections::HashMap;

use habitat_layout::DeviceName;

use crate::{
    layout::{DraftPlan, Places},
    problem::Notes,
    read::shown,
    site::Backend,
};

/// One channel that an item uses.
struct Use<'a> {
    id: &'a str,
    device: Option<&'a DeviceName>,
    channel: u32,
    places: &'a Places,
}

/// Checks microphones and loudspeakers, each direction for itself.
pub(super) fn check(backend: &Backend, plan: &DraftPlan, notes: &Notes) {
    let microphones: Vec<Use> = plan
        .plan
        .microphones
        .iter()
        .zip(&plan.microphones)
        .map(|(item, places)| Use {
            id: &item.id,
            device: item.device.as_ref(),
            channel: item.channel,
            places,
        })
        .collect();
    let loudspeakers: Vec<Use> = plan
        .plan
        .loudspeakers
        .iter()
        .zip(&plan.loudspeakers)
        .map(|(item, places)| Use {
            id: &item.id,
            device: item.device.as_ref(),
            channel: item.channel,
            places,
        })
        .collect();
    for uses in [&microphones, &loudspeakers] {
        note_devices(backend, uses, notes);
        note_twice(uses, notes);
    }
    if matches!(backend, Backend::Pipe { .. }) && plan.complete && microphones.is_empty() {
        let message = "backend \"pipe\" needs at least one microphone: a stream without channels has no length";
        notes.file_error(message, "add a [[microphone]] for each channel of the stream");
    }
}

/// Device names that the backend does not know.
fn note_devices(backend: &Backend, uses: &[Use], notes: &Notes) {
    let name = match backend {
        Backend::Cpal => return,
        Backend::Pipe { .. } => "pipe",
        Backend::Virtual { .. } => "virtual",
    };
    for device in uses.iter().filter(|device| device.device.is_some()) {
        let message = format!("`device` has no meaning for backend \"{name}\", which has no devices");
        notes.error(
            device.places.of_key("device"),
            message,
            "remove it, or use backend = \"cpal\" in habitat.toml",
        );
    }
}

/// Channels that two items use.
fn note_twice(uses: &[Use], notes: &Notes) {
    let mut first_uses: HashMap<(DeviceName, u32), &Use> = HashMap::new();
    for second in uses {
        // The default device may be written or not.
        let used = (second.device.cloned().unwrap_or_default(), second.channel);
        let Some(first) = first_uses.get(&used) else {
            first_uses.insert(used, second);
            continue;
        };
        let of_device = second
            .device
            .map(|name| format!(" of device {}", shown(&name.to_string())))
            .unwrap_or_default();
        let line = notes.line(first.places.of_key("channel").start);
        let message = format!("channel {}{of_device} is used twice", second.channel);
        let help = format!(
            "{} uses it in line {line}; give {} another channel",
            shown(first.id),
            shown(second.id)
        );
        notes.error(second.places.of_key("channel"), message, help);
    }
}
