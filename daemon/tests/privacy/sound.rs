//! Looks for sound: any 48 samples in a row of what the microphones heard, as floating-point numbers or 16-bit samples in either byte
//! order, as they are, in hexadecimal or in base64.

use std::collections::{BTreeSet, HashMap};

use crate::captured::Captured;

/// A piece of sound of twice this length has one of the windows in it, wherever it begins.
const STEP: usize = 24;
/// Bytes by which a window is found.
const KEY: usize = 8;
/// Bytes by which it is told from chance.
const LENGTH: usize = 32;
/// Of 16 samples so many have to differ.
const DIFFERENT: usize = 8;
/// Shorter texts hold no window.
const ENCODED: usize = 60;

/// Windows of the input.
pub struct Sound {
    windows: HashMap<[u8; KEY], Vec<[u8; LENGTH]>>,
}

impl Sound {
    /// Of what one microphone heard.
    pub fn of(samples: &[f32]) -> Self {
        let mut sound = Sound { windows: HashMap::new() };
        for window in samples.windows(16).step_by(STEP) {
            let whole: Vec<i16> = window.iter().map(|sample| (sample * 32_768.0) as i16).collect();
            sound.add(window[..8].iter().flat_map(|sample| sample.to_le_bytes()));
            sound.add(window[..8].iter().flat_map(|sample| sample.to_be_bytes()));
            // What is nearly silent looks like anything in so few bits.
            if whole.iter().collect::<BTreeSet<_>>().len() >= DIFFERENT {
                sound.add(whole.iter().flat_map(|sample| sample.to_le_bytes()));
                sound.add(whole.iter().flat_map(|sample| sample.to_be_bytes()));
            }
        }
        sound
    }

    fn add(&mut self, bytes: impl Iterator<Item = u8>) {
        let window: Vec<u8> = bytes.collect();
        let window: [u8; LENGTH] = window.try_into().unwrap();
        let key = window[..KEY].try_into().unwrap();
        self.windows.entry(key).or_default().push(window);
    }

    /// Where there is sound.
    pub fn found_in(&self, captured: &Captured) -> Vec<String> {
        let found = |bytes: &[u8]| self.is_in(bytes);
        let pieces = captured.0.iter().filter_map(|piece| {
            let how = if found(&piece.bytes) {
                "as it is"
            } else if encoded(&piece.bytes, is_hex).any(|text| found(&from_hex(text)) || found(&from_hex(&text[1..]))) {
                "in hexadecimal"
            } else if encoded(&piece.bytes, is_base64).any(|text| (0..4).any(|begin| found(&from_base64(&text[begin..])))) {
                "in base64"
            } else {
                return None;
            };
            Some(format!("sound: {how} in {}", piece.place))
        });
        pieces.collect()
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        bytes.windows(LENGTH).any(|at| {
            let known = self.windows.get(&at[..KEY]);
            known.is_some_and(|windows| windows.iter().any(|window| window == at))
        })
    }
}

/// Runs of characters of a kind that are long enough for a window.
fn encoded(bytes: &[u8], is_kind: fn(u8) -> bool) -> impl Iterator<Item = &[u8]> {
    bytes.split(move |byte| !is_kind(*byte)).filter(|run| run.len() >= ENCODED)
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte)
}

fn from_hex(text: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| (byte as char).to_digit(16).unwrap_or(0) as u8;
    text.chunks_exact(2)
        .map(|pair| digit(pair[0]) << 4 | digit(pair[1]))
        .collect()
}

/// Either alphabet.
fn from_base64(text: &[u8]) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' | b'-' => 62,
        _ => 63,
    };
    let four = text.chunks_exact(4);
    four.flat_map(|four| {
        let bits = four.iter().fold(0, |bits, byte| bits << 6 | value(*byte));
        bits.to_be_bytes().into_iter().skip(1)
    })
    .collect()
}
