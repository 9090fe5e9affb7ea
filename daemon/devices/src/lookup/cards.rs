//! Ids of the sound cards by their numbers, as the kernel tells them.

use std::{collections::HashMap, fs};

const CARDS: &str = "/proc/asound/cards";

/// Ids of the cards of this machine; none where the kernel has no sound.
pub(super) fn ids() -> HashMap<u32, String> {
    fs::read_to_string(CARDS).map(|text| parse(&text)).unwrap_or_default()
}

/// Each card has two lines, the first of which is ` 1 [USB            ]: USB-Audio - Scarlett 18i20 USB`.
fn parse(text: &str) -> HashMap<u32, String> {
    let card = |line: &str| {
        let (number, rest) = line.split_once('[')?;
        let (id, _) = rest.split_once(']')?;
        Some((number.trim().parse().ok()?, id.trim().to_owned()))
    };
    text.lines().filter_map(card).collect()
}

/// A name of ALSA with the card's id where it has its number, if the number is known.
pub(super) fn by_id(name: &str, ids: &HashMap<u32, String>) -> String {
    let renamed = name.split_once("CARD=").and_then(|(before, rest)| {
        let end = rest.find(',').unwrap_or(rest.len());
        let id = ids.get(&rest[..end].parse().ok()?)?;
        Some(format!("{before}CARD={id}{}", &rest[end..]))
    });
    renamed.unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = " 0 [PCH            ]: HDA-Intel - HDA Intel PCH
                      HDA Intel PCH at 0xf7e10000 irq 31
 1 [USB            ]: USB-Audio - Scarlett 18i20 USB
                      Focusrite Scarlett 18i20 USB at usb-0000:00:14.0-1, high speed
";

    #[test]
    fn the_ids_of_the_kernel_are_read() {
        let expected = HashMap::from([(0, "PCH".to_owned()), (1, "USB".to_owned())]);
        assert_eq!(parse(TWO), expected);
        assert!(parse("--- no soundcards ---\n").is_empty());
    }

    #[test]
    fn a_number_gives_way_to_its_id() {
        let ids = parse(TWO);
        assert_eq!(by_id("hw:CARD=1,DEV=0", &ids), "hw:CARD=USB,DEV=0");
        assert_eq!(by_id("sysdefault:CARD=0", &ids), "sysdefault:CARD=PCH");
        for name in ["hw:CARD=USB,DEV=0", "hw:CARD=7,DEV=0", "default", "CARD="] {
            assert_eq!(by_id(name, &ids), name);
        }
    }
}
