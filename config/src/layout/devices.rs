//! `[[microphone]]` and `[[loudspeaker]]`

use habitat_layout::{DeviceName, DeviceNameError, Loudspeaker, Microphone, Position};

use super::{
    Items, Register,
    floors::{ID_CHARACTERS, is_id},
    points::position,
};
use crate::{
    keys,
    read::{Item, NumberRule, Reading, Table, WholeRule, identifier, number, shown, text, whole},
};

const CHANNEL: WholeRule = WholeRule {
    min: 1,
    max: 1024,
    reason: "channels are counted from 1",
};

const SENSITIVITY: NumberRule = NumberRule {
    min: -80.0,
    max: 0.0,
    unit: " dBFS",
    reason: "what the microphone gives at 94 dB SPL, where a full-scale sine is 0 dBFS (AES17)",
};

const OUTPUT: NumberRule = NumberRule {
    min: 60.0,
    max: 130.0,
    unit: " dB",
    reason: "the sound pressure level at 1 m in the free field when a 0 dBFS (AES17) signal is played",
};

/// What both kinds have.
struct Device {
    id: String,
    zone: usize,
    position: Position,
    device: Option<DeviceName>,
    channel: u32,
}

/// Reads the microphones.
pub(super) fn read_microphones(root: &Table, zones: &Register) -> Items<Microphone> {
    let mut microphones = Items::new("microphone", root);
    for table in root.list("microphone", &keys::MICROPHONE) {
        let id = table.require("id", "\"m1\"", identifier(is_id, ID_CHARACTERS));
        let device = read_device(&table, &id, zones);
        let sensitivity = table.require("sensitivity_dbfs", "-26.0", number(&SENSITIVITY)).written();
        let microphone = device.zip(sensitivity).map(|(device, sensitivity_dbfs)| {
            let Device {
                id,
                zone,
                position,
                device,
                channel,
            } = device;
            Microphone {
                id,
                zone,
                position,
                device,
                channel,
                sensitivity_dbfs,
            }
        });
        microphones.add(microphone, &id, &table);
    }
    microphones
}

/// Reads the loudspeakers.
pub(super) fn read_loudspeakers(root: &Table, zones: &Register) -> Items<Loudspeaker> {
    let mut loudspeakers = Items::new("loudspeaker", root);
    for table in root.list("loudspeaker", &keys::LOUDSPEAKER) {
        let id = table.require("id", "\"s1\"", identifier(is_id, ID_CHARACTERS));
        let device = read_device(&table, &id, zones);
        let output = table.require("output_db_spl", "94.0", number(&OUTPUT)).written();
        let loudspeaker = device.zip(output).map(|(device, output_db_spl)| {
            let Device {
                id,
                zone,
                position,
                device,
                channel,
            } = device;
            Loudspeaker {
                id,
                zone,
                position,
                device,
                channel,
                output_db_spl,
            }
        });
        loudspeakers.add(loudspeaker, &id, &table);
    }
    loudspeakers
}

fn read_device(table: &Table, id: &Reading<String>, zones: &Register) -> Option<Device> {
    let zone = zones.resolve(table.notes(), &table.require("zone", "\"north-east\"", text));
    let position = table.require("position", "[20.0, 12.0, 2.7]", position).written();
    let device = table.read("device", device_name);
    let channel = table.require("channel", "1", channel).written();
    if device.is_wrong() {
        return None;
    }
    let [x_m, y_m, z_m] = position?;
    Some(Device {
        id: id.as_written()?.0.clone(),
        zone: zone?,
        position: Position { x_m, y_m, z_m },
        device: device.written(),
        channel: channel?,
    })
}

/// `HOST:NAME`; the cards of this machine are not asked, so that a layout can be checked anywhere.
fn device_name(item: &Item) -> Option<DeviceName> {
    let written = text(item)?;
    let parsed: Result<DeviceName, DeviceNameError> = written.parse();
    match parsed {
        Ok(name) => Some(name),
        Err(error) => item.wrong(format!("`device` cannot be {}: {error}", shown(&written)), error.help()),
    }
}

fn channel(item: &Item) -> Option<u32> {
    whole(&CHANNEL)(item).and_then(|channel| u32::try_from(channel).ok())
}
