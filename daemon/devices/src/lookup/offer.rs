//! What a device offers: picking from it, and saying it in few words.

use std::collections::BTreeSet;

use cpal::{SampleFormat, SupportedBufferSize, SupportedStreamConfig, SupportedStreamConfigRange};

/// Every format of samples that can be converted to and from, the best first: what the engine computes with, then by resolution.
/// One-bit streams (DSD) are no samples.
const FORMATS: [SampleFormat; 12] = [
    SampleFormat::F32,
    SampleFormat::F64,
    SampleFormat::I64,
    SampleFormat::U64,
    SampleFormat::I32,
    SampleFormat::U32,
    SampleFormat::I24,
    SampleFormat::U24,
    SampleFormat::I16,
    SampleFormat::U16,
    SampleFormat::I8,
    SampleFormat::U8,
];

/// Converters have no highest rate; no device has this.
const NO_RATE_HZ: u32 = 1_000_000;

/// More separate rates than this are said as a range.
const RATES_SHOWN: usize = 8;

/// What is needed of a device.
#[derive(Clone, Copy, Debug)]
pub(super) struct Need {
    /// The highest channel that is used.
    pub(super) channels: u32,
    /// As few channels as this are taken only if there are no more.
    pub(super) unmixed_from: u32,
    /// Frames per second.
    pub(super) rate_hz: u32,
}

/// The best format, and with it the least number of channels that suffices.
pub(super) fn pick(offers: &[SupportedStreamConfigRange], need: Need) -> Option<SupportedStreamConfig> {
    let channels = |offer: &SupportedStreamConfigRange| u32::from(offer.channels());
    let suffices = |offer: &&SupportedStreamConfigRange| channels(offer) >= need.channels && has_rate(offer, need.rate_hz);
    let rank = |offer: &SupportedStreamConfigRange| (channels(offer) < need.unmixed_from, channels(offer));
    let best = FORMATS.iter().find_map(|format| {
        let of_format = offers.iter().filter(|offer| offer.sample_format() == *format);
        of_format.filter(suffices).min_by_key(|offer| rank(offer))
    });
    best?.try_with_sample_rate(need.rate_hz)
}

fn has_rate(offer: &SupportedStreamConfigRange, rate_hz: u32) -> bool {
    (offer.min_sample_rate()..=offer.max_sample_rate()).contains(&rate_hz)
}

/// The most channels of any offer.
pub(super) fn most_channels(offers: &[SupportedStreamConfigRange]) -> Option<u32> {
    offers.iter().map(|offer| u32::from(offer.channels())).max()
}

/// Such as `1-8 ch, 44100-192000 Hz, i32 i16`.
pub(super) fn summary(offers: &[SupportedStreamConfigRange]) -> String {
    let formats: Vec<String> = FORMATS
        .iter()
        .filter(|format| offers.iter().any(|offer| offer.sample_format() == **format))
        .map(ToString::to_string)
        .collect();
    if formats.is_empty() {
        return "no format that can be read or written directly".into();
    }
    let channels: BTreeSet<u32> = offers.iter().map(|offer| u32::from(offer.channels())).collect();
    let rates: BTreeSet<(u32, u32)> = offers
        .iter()
        .map(|offer| (offer.min_sample_rate(), offer.max_sample_rate()))
        .collect();
    let period = period(offers).map_or(String::new(), |frames| format!(", periods of {frames} frames"));
    format!(
        "{} ch, {} Hz, {}{period}",
        runs(&channels),
        rate_list(&rates),
        formats.join(" ")
    )
}

/// The size of a period if there is only one, as at a JACK server.
fn period(offers: &[SupportedStreamConfigRange]) -> Option<u32> {
    let fixed = |offer: &SupportedStreamConfigRange| match offer.buffer_size() {
        SupportedBufferSize::Range { min, max } if min == max => Some(*min),
        _ => None,
    };
    let first = offers.first().and_then(fixed)?;
    offers.iter().all(|offer| fixed(offer) == Some(first)).then_some(first)
}

/// Such as `1-4, 8`.
fn runs(numbers: &BTreeSet<u32>) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => runs.push((number, number)),
        }
    }
    runs.into_iter().map(span).collect::<Vec<_>>().join(", ")
}

fn rate_list(rates: &BTreeSet<(u32, u32)>) -> String {
    if rates.len() <= RATES_SHOWN {
        return rates.iter().copied().map(span).collect::<Vec<_>>().join(", ");
    }
    let lowest = rates.iter().map(|(low, _)| *low).min().unwrap_or_default();
    let highest = rates.iter().map(|(_, high)| *high).max().unwrap_or_default();
    span((lowest, highest))
}

fn span((low, high): (u32, u32)) -> String {
    match high {
        NO_RATE_HZ.. => format!("from {low}"),
        high if high == low => low.to_string(),
        high => format!("{low}-{high}"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// One offer for each count of channels.
    pub(in crate::lookup) fn offers(
        channels: impl IntoIterator<Item = u16>,
        rates_hz: (u32, u32),
        format: SampleFormat,
    ) -> Vec<SupportedStreamConfigRange> {
        let range = SupportedBufferSize::Range { min: 16, max: 8192 };
        let one = |channels| SupportedStreamConfigRange::new(channels, rates_hz.0, rates_hz.1, range, format);
        channels.into_iter().map(one).collect()
    }

    fn need(channels: u32, rate_hz: u32) -> Need {
        Need {
            channels,
            unmixed_from: 2,
            rate_hz,
        }
    }

    fn picked(offers: &[SupportedStreamConfigRange], need: Need) -> Option<(u16, SampleFormat)> {
        pick(offers, need).map(|config| (config.channels(), config.sample_format()))
    }

    #[test]
    fn the_best_format_wins_over_fewer_channels_and_then_the_fewest_channels() {
        let mut all = offers([2, 4, 8], (44_100, 96_000), SampleFormat::I16);
        all.extend(offers([8, 10], (44_100, 48_000), SampleFormat::I32));
        assert_eq!(picked(&all, need(3, 48_000)), Some((8, SampleFormat::I32)));
        assert_eq!(picked(&all, need(3, 96_000)), Some((4, SampleFormat::I16)));
        assert_eq!(picked(&all, need(11, 48_000)), None);
        assert_eq!(picked(&all, need(1, 192_000)), None);
        assert_eq!(pick(&all, need(3, 48_000)).unwrap().sample_rate(), 48_000);
    }

    #[test]
    fn every_format_of_samples_is_taken_in_this_order_and_one_bit_streams_never() {
        let every: Vec<_> = FORMATS
            .iter()
            .rev()
            .flat_map(|format| offers([2], (48_000, 48_000), *format))
            .collect();
        for (index, format) in FORMATS.into_iter().enumerate() {
            let left = &every[..every.len() - index];
            assert_eq!(picked(left, need(2, 48_000)), Some((2, format)));
        }
        let resolution = |format: &SampleFormat| format.bits_per_sample();
        assert!(FORMATS[2..].is_sorted_by_key(|format| std::cmp::Reverse(resolution(format))));
        assert_eq!(
            picked(&offers([2], (48_000, 48_000), SampleFormat::DsdU32), need(2, 48_000)),
            None
        );
    }

    #[test]
    fn one_channel_is_taken_only_where_there_are_no_two() {
        let (one, both) = (
            offers([1], (48_000, 48_000), SampleFormat::I16),
            offers([1, 2, 8], (48_000, 48_000), SampleFormat::I16),
        );
        assert_eq!(picked(&one, need(1, 48_000)), Some((1, SampleFormat::I16)));
        assert_eq!(picked(&both, need(1, 48_000)), Some((2, SampleFormat::I16)));
    }

    #[test]
    fn an_offer_is_said_in_few_words() {
        let mut all = offers(1..=8, (44_100, 192_000), SampleFormat::I16);
        all.extend(offers(1..=8, (44_100, 192_000), SampleFormat::I32));
        assert_eq!(summary(&all), "1-8 ch, 44100-192000 Hz, i32 i16");
        let mut separate = offers([2, 18], (44_100, 44_100), SampleFormat::I32);
        separate.extend(offers([2, 18], (48_000, 48_000), SampleFormat::I32));
        assert_eq!(summary(&separate), "2, 18 ch, 44100, 48000 Hz, i32");
        let many: Vec<_> = (1..=20)
            .flat_map(|step| offers([2], (step * 4000, step * 4000), SampleFormat::F32))
            .collect();
        assert_eq!(summary(&many), "2 ch, 4000-80000 Hz, f32");
        let converter = offers([2], (4000, u32::MAX), SampleFormat::F32);
        assert_eq!(summary(&converter), "2 ch, from 4000 Hz, f32");
        let fixed = SupportedBufferSize::Range { min: 256, max: 256 };
        let jack = [SupportedStreamConfigRange::new(1, 48_000, 48_000, fixed, SampleFormat::F32)];
        assert_eq!(summary(&jack), "1 ch, 48000 Hz, f32, periods of 256 frames");
        assert_eq!(summary(&[]), "no format that can be read or written directly");
    }
}
