//! The device that a name means.

use cpal::{
    Device,
    traits::{DeviceTrait, HostTrait},
};
use habitat_layout::DeviceName;

use super::{DeviceError, Direction, host, names::is_worth_using};

/// Names that a message lists at most.
const NAMES_SHOWN: usize = 12;

/// The device of this name as it is now, also when it was not there a moment ago.
///
/// # Errors
/// When the host does not answer, or has no such device for this direction.
pub fn find(name: &DeviceName, direction: Direction) -> Result<Device, DeviceError> {
    let audio_host = name.host();
    let connected = host::connect(audio_host)?;
    if name.name().is_none() {
        let device = match direction {
            Direction::Input => connected.default_input_device(),
            Direction::Output => connected.default_output_device(),
        };
        return device.ok_or(DeviceError::NoDefault {
            host: audio_host,
            direction,
        });
    }
    let mut named = host::named(audio_host, &connected)?;
    named.retain(|other| goes(&other.device, direction));
    match named.iter().position(|other| other.name == *name) {
        Some(at) => Ok(named.swap_remove(at).device),
        None => Err(DeviceError::NotThere {
            direction,
            name: name.clone(),
            there: worth_showing(named.into_iter().map(|other| other.name)),
        }),
    }
}

/// Whether a device has this direction at all, without opening it.
fn goes(device: &Device, direction: Direction) -> bool {
    match direction {
        Direction::Input => device.supports_input(),
        Direction::Output => device.supports_output(),
    }
}

/// Some names that the layout could have instead.
fn worth_showing(names: impl Iterator<Item = DeviceName>) -> Vec<String> {
    let worth = names.filter(is_worth_using).take(NAMES_SHOWN);
    worth.map(|name| name.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_lists_names_that_a_layout_should_use() {
        let names = ["front:CARD=USB,DEV=0", "hw:CARD=USB,DEV=0", "room", "dmix:CARD=USB,DEV=0"];
        let names = names.into_iter().map(|name| name.parse().unwrap());
        assert_eq!(worth_showing(names), ["alsa:hw:CARD=USB,DEV=0", "alsa:room"]);
    }

    #[test]
    fn a_device_that_is_not_there_is_an_error_with_its_name() {
        let name: DeviceName = "hw:CARD=NotThere,DEV=0".parse().unwrap();
        let error = find(&name, Direction::Input).err().unwrap().to_string();
        assert!(
            error.contains("there is no input device \"alsa:hw:CARD=NotThere,DEV=0\""),
            "{error}"
        );
    }
}
