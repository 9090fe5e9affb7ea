//! Which of the many names of a host a layout should use.

use habitat_layout::{AudioHost, DeviceName};

/// Devices of ALSA that are only ways to others, or that make nothing.
const WAYS: [&str; 14] = [
    "null",
    "jack",
    "oss",
    "pulse",
    "a52",
    "lavrate",
    "lavrate_best",
    "samplerate",
    "samplerate_best",
    "speex",
    "speexrate",
    "speexrate_best",
    "upmix",
    "vdownmix",
];

/// Of the names that ALSA has for a card, the card itself, with and without conversions; of the others those that lead anywhere.
pub(super) fn is_worth_using(name: &DeviceName) -> bool {
    let of_alsa = name.host() == AudioHost::Alsa;
    let way = |name: &str| WAYS.contains(&name) || name.contains(':');
    can_be_written(name) && (!of_alsa || is_card(name) || !name.name().is_some_and(way))
}

/// Whether a name of ALSA means a card itself, with or without conversions.
fn is_card(name: &DeviceName) -> bool {
    let begins = |prefix: &str| name.name().is_some_and(|name| name.starts_with(prefix));
    begins("hw:") || begins("plughw:")
}

/// Whether a name can stand in a layout, which is text in one line.
fn can_be_written(name: &DeviceName) -> bool {
    name.name().is_none_or(|name| !name.contains(char::is_control))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_names_of_alsa_only_those_of_cards_and_of_devices_of_ones_own_are_worth_using() {
        let worth = |text: &str| is_worth_using(&text.parse().unwrap());
        for name in [
            "hw:CARD=USB,DEV=0",
            "plughw:CARD=USB,DEV=0",
            "pipewire",
            "room",
            "pulseaudio:a:b",
        ] {
            assert!(worth(name), "{name}");
        }
        for name in [
            "front:CARD=USB,DEV=0",
            "surround51:CARD=USB,DEV=0",
            "null",
            "samplerate",
            "pulseaudio:a\nb",
        ] {
            assert!(!worth(name), "{name}");
        }
    }
}
