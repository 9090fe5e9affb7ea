//! The hosts and the devices that they know, by the names of the layout.

use cpal::{
    Device, Host, HostId,
    traits::{DeviceTrait, HostTrait},
};
use habitat_layout::{AudioHost, DeviceName};

use super::{DeviceError, cards, error::without_full_stop};

/// A device and its name in the layout.
pub(super) struct Named {
    pub(super) name: DeviceName,
    pub(super) device: Device,
}

/// Asks the host for its devices as they are now: cpal lists them only when a host is made.
pub(super) fn connect(host: AudioHost) -> Result<Host, DeviceError> {
    let id = match host {
        AudioHost::Alsa => HostId::Alsa,
        AudioHost::Jack => HostId::Jack,
        AudioHost::PulseAudio => HostId::PulseAudio,
    };
    if host == AudioHost::Alsa {
        quieten_alsa();
    }
    let no_host = |said| DeviceError::NoHost { host, said };
    let connected = cpal::host_from_id(id).map_err(|error| no_host(without_full_stop(&error)))?;
    // JACK has devices exactly when its server answers.
    if host == AudioHost::Jack && connected.devices().is_ok_and(|devices| devices.count() == 0) {
        return Err(no_host("nothing listens".into()));
    }
    Ok(connected)
}

/// Every device that the layout can name, without the defaults.
pub(super) fn named(host: AudioHost, connected: &Host) -> Result<Vec<Named>, DeviceError> {
    if host == AudioHost::Jack {
        return Ok(Vec::new());
    }
    let devices = connected.devices().map_err(|error| DeviceError::NoHost {
        host,
        said: without_full_stop(&error),
    })?;
    let ids = cards::ids();
    let mut all: Vec<Named> = Vec::new();
    for device in devices {
        let Ok(id) = device.id() else { continue };
        let written = match host {
            AudioHost::Alsa => cards::by_id(id.id(), &ids),
            _ => id.id().to_owned(),
        };
        let Ok(name) = format!("{}:{written}", host.word()).parse::<DeviceName>() else {
            continue;
        };
        if name.name().is_some() && all.iter().all(|other| other.name != name) {
            all.push(Named { name, device });
        }
    }
    Ok(all)
}

/// The name of a device in the layout; its own where the layout has none for it.
pub(super) fn name_of(device: &Device) -> String {
    let Ok(id) = device.id() else {
        return "without a name".into();
    };
    match id.host() {
        HostId::Jack => AudioHost::Jack.word().to_owned(),
        HostId::Alsa => cards::by_id(&id.to_string(), &cards::ids()),
        _ => id.to_string(),
    }
}

/// What the ALSA library has to say of devices that cannot be opened stays in a buffer instead of going to standard error: the
/// errors of the calls say it, too. Each call empties the buffer.
fn quieten_alsa() {
    // Where it fails, the library goes on writing, which is as well.
    let _ = alsa::Output::local_error_handler();
}
