//! Which devices a site has, and what is on their channels.

use habitat_config::Site;
use habitat_engine::{DeviceWiring, Wiring};
use habitat_layout::{AudioHost, DeviceName};

use crate::lookup::Direction;

/// One direction of one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The device.
    pub device: DeviceName,
    /// Which way.
    pub direction: Direction,
    /// Channels that are used, counted from 1.
    pub channels: Vec<u32>,
    /// Microphone or loudspeaker of each of them.
    pub members: Vec<usize>,
}

impl Group {
    /// Its name, for people, topics and events.
    pub fn name(&self) -> String {
        self.device.to_string()
    }

    /// Whether it carries microphones.
    pub fn is_input(&self) -> bool {
        self.direction == Direction::Input
    }

    /// What has one clock has the same word here: one card of ALSA, all of a JACK server, one device of PulseAudio with what can be
    /// recorded of it.
    fn clock(&self) -> String {
        let name = self.device.name().unwrap_or("default");
        match self.device.host() {
            AudioHost::Jack => "jack".into(),
            AudioHost::PulseAudio => format!("pulseaudio:{}", name.trim_end_matches(".monitor")),
            AudioHost::Alsa => {
                let card = name
                    .split_once("CARD=")
                    .map(|(_, card)| card.split(',').next().unwrap_or(card));
                format!("alsa:{}", card.unwrap_or(name))
            }
        }
    }
}

/// The devices of a site, in the order in which the layout first names them; inputs first.
pub fn groups(site: &Site) -> Vec<Group> {
    let mut groups = Vec::new();
    let microphones = site.plan.microphones.iter().map(|m| (&m.device, m.channel));
    collect(&mut groups, Direction::Input, microphones);
    let loudspeakers = site.plan.loudspeakers.iter().map(|l| (&l.device, l.channel));
    collect(&mut groups, Direction::Output, loudspeakers);
    groups
}

fn collect<'a>(groups: &mut Vec<Group>, direction: Direction, items: impl Iterator<Item = (&'a Option<DeviceName>, u32)>) {
    let first = groups.len();
    for (member, (device, channel)) in items.enumerate() {
        // The default may be written or not.
        let device = device.clone().unwrap_or_default();
        let of_this = groups.iter().skip(first).position(|group| group.device == device);
        let at = of_this.map_or(groups.len(), |at| first + at);
        if at == groups.len() {
            groups.push(Group {
                device,
                direction,
                channels: Vec::new(),
                members: Vec::new(),
            });
        }
        if let Some(group) = groups.get_mut(at) {
            group.channels.push(channel);
            group.members.push(member);
        }
    }
}

/// How the rings have to be for these devices.
pub fn wiring(site: &Site, groups: &[Group]) -> Wiring {
    let mut clocks: Vec<String> = Vec::new();
    let mut devices = |direction: Direction| -> Vec<DeviceWiring> {
        let of_direction = groups.iter().filter(|group| group.direction == direction);
        of_direction
            .map(|group| {
                let clock = group.clock();
                let number = clocks.iter().position(|known| *known == clock).unwrap_or(clocks.len());
                if number == clocks.len() {
                    clocks.push(clock);
                }
                DeviceWiring {
                    channels: group.members.clone(),
                    clock: number,
                }
            })
            .collect()
    };
    // The engine follows the first output.
    let playbacks = devices(Direction::Output);
    let captures = devices(Direction::Input);
    Wiring {
        microphones: site.plan.microphones.len(),
        loudspeakers: site.plan.loudspeakers.len(),
        block_frames: site.audio.block_frames as usize,
        sample_rate_hz: site.audio.sample_rate_hz,
        captures,
        playbacks,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(device: &str) -> Group {
        Group {
            device: device.parse().unwrap(),
            direction: Direction::Input,
            channels: vec![1],
            members: vec![0],
        }
    }

    #[test]
    fn what_shares_a_clock_is_known_by_its_name() {
        let same = |one: &str, other: &str| group(one).clock() == group(other).clock();
        assert!(same("alsa:hw:CARD=USB,DEV=0", "plughw:CARD=USB,DEV=1"));
        assert!(!same("alsa:hw:CARD=USB,DEV=0", "alsa:hw:CARD=PCH,DEV=0"));
        assert!(same("pulseaudio:room.monitor", "pulseaudio:room"));
        assert!(!same("pulseaudio:room", "pulseaudio:hall"));
        assert!(same("jack", "jack") && !same("jack", "pulseaudio"));
    }

    #[test]
    fn channels_are_collected_by_device_in_the_order_of_the_layout() {
        let devices = [Some("jack".parse().unwrap()), None, Some("jack".parse().unwrap())];
        let mut groups = Vec::new();
        collect(&mut groups, Direction::Output, devices.iter().zip([7, 1, 3]));
        let [jack, default] = &groups[..] else { panic!("{groups:?}") };
        assert_eq!(
            (jack.name().as_str(), &jack.channels, &jack.members),
            ("jack", &vec![7, 3], &vec![0, 2])
        );
        assert_eq!((default.name().as_str(), &default.members), ("alsa", &vec![1]));
    }
}
