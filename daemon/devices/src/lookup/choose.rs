//! The configuration in which a device is used.

use cpal::{Device, HostId, SupportedStreamConfig, SupportedStreamConfigRange, traits::DeviceTrait};
use habitat_layout::{AudioHost, DeviceName};

use super::{
    DeviceError, Direction,
    find::find,
    host,
    offer::{self, Need},
};

/// The most channels that a stream of PulseAudio can have.
const PULSEAUDIO_CHANNELS: u32 = 32;

/// The best of the device's configurations that has these channels and this rate.
///
/// # Errors
/// When the device does not say what it offers, or does not offer that; the error says what it does offer.
pub fn choose(device: &Device, direction: Direction, channels: u32, rate_hz: u32) -> Result<SupportedStreamConfig, DeviceError> {
    let offers = offers(device, direction)?;
    let (name, host) = (host::name_of(device), host_of(device));
    choose_from(&offers, host, channels, rate_hz).ok_or_else(|| DeviceError::Unsupported {
        direction,
        channels,
        rate_hz,
        offered: offer::summary(&offers),
        advice: advice(&name, host, &offers, channels, rate_hz),
        device: name,
    })
}

/// What the device offers and can really do without mixing or losing channels.
pub(super) fn offers(device: &Device, direction: Direction) -> Result<Vec<SupportedStreamConfigRange>, DeviceError> {
    let offers: Result<Vec<_>, cpal::Error> = match direction {
        Direction::Input => device.supported_input_configs().map(Iterator::collect),
        Direction::Output => device.supported_output_configs().map(Iterator::collect),
    };
    let name = host::name_of(device);
    let offers = offers.map_err(|error| DeviceError::refused(direction, name.as_str(), error))?;
    Ok(match host_of(device) {
        AudioHost::PulseAudio => match own_channels(device, direction) {
            Some(own) => with_exactly(offers, own),
            None => offers,
        },
        AudioHost::Alsa => match channels_of_hardware(&name, direction) {
            Some(most) => offers
                .into_iter()
                .filter(|offer| u32::from(offer.channels()) <= most)
                .collect(),
            None => offers,
        },
        AudioHost::Jack => offers,
    })
}

fn choose_from(
    offers: &[SupportedStreamConfigRange],
    host: AudioHost,
    channels: u32,
    rate_hz: u32,
) -> Option<SupportedStreamConfig> {
    // Where ALSA converts, one channel is the mean of all of the device; two or more are the device's first.
    let unmixed_from = if host == AudioHost::Alsa { 2 } else { 1 };
    let need = Need {
        channels,
        unmixed_from,
        rate_hz,
    };
    offer::pick(offers, need)
}

fn host_of(device: &Device) -> AudioHost {
    match device.id().map(|id| id.host()) {
        Ok(HostId::Jack) => AudioHost::Jack,
        Ok(HostId::PulseAudio) => AudioHost::PulseAudio,
        _ => AudioHost::Alsa,
    }
}

/// How many channels the device has at its server.
fn own_channels(device: &Device, direction: Direction) -> Option<u16> {
    let config = match direction {
        Direction::Input => device.default_input_config(),
        Direction::Output => device.default_output_config(),
    };
    config.ok().map(|config| config.channels())
}

/// PulseAudio takes any number of channels and mixes them to those of the device; only its own number arrives as it is. cpal
/// lists one less than the 32 that a device can have.
fn with_exactly(offers: Vec<SupportedStreamConfigRange>, own: u16) -> Vec<SupportedStreamConfigRange> {
    let listed = offer::most_channels(&offers);
    let exact = |offer: SupportedStreamConfigRange| {
        let channels = u32::from(offer.channels());
        let missing = u32::from(own) == PULSEAUDIO_CHANNELS && channels + 1 == PULSEAUDIO_CHANNELS && listed == Some(channels);
        let (low, high) = (offer.min_sample_rate(), offer.max_sample_rate());
        if missing {
            let size = *offer.buffer_size();
            let format = offer.sample_format();
            return Some(SupportedStreamConfigRange::new(own, low, high, size, format));
        }
        (offer.channels() == own).then_some(offer)
    };
    offers.into_iter().filter_map(exact).collect()
}

/// `plughw:` takes any number of channels and drops those that the card does not have; the card itself says how many it has.
fn channels_of_hardware(name: &str, direction: Direction) -> Option<u32> {
    let card = name.strip_prefix("alsa:plughw:")?;
    let hardware: DeviceName = format!("alsa:hw:{card}").parse().ok()?;
    // A card that is in use does not say it.
    let device = find(&hardware, direction).ok()?;
    offer::most_channels(&offers(&device, direction).ok()?)
}

/// What would help, after a semicolon.
fn advice(name: &str, host: AudioHost, offers: &[SupportedStreamConfigRange], channels: u32, rate_hz: u32) -> String {
    let most = offer::most_channels(offers);
    match (host, name.strip_prefix("alsa:hw:")) {
        (AudioHost::Alsa, Some(card)) if most.is_none_or(|most| most >= channels) => {
            format!("; \"alsa:plughw:{card}\" converts rates and formats")
        }
        (AudioHost::Jack, _) if most.is_some_and(|most| most >= channels) => {
            let server = offers.first().map(SupportedStreamConfigRange::max_sample_rate);
            server.map_or(String::new(), |server| {
                format!(
                    "; the JACK server runs at {server} Hz: write sample_rate_hz = {server} in [audio], or start the server with -r {rate_hz}"
                )
            })
        }
        (AudioHost::PulseAudio, _) if most.is_some_and(|most| most < channels) => {
            "; PulseAudio would mix more channels to these: give the device a profile or module with as many as are used".into()
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use cpal::SampleFormat;

    use super::{super::offer::tests::offers, *};

    #[test]
    fn alsa_takes_two_channels_for_one_and_jack_takes_one() {
        let all = offers(1..=8, (48_000, 48_000), SampleFormat::F32);
        let channels = |host| choose_from(&all, host, 1, 48_000).unwrap().channels();
        assert_eq!(channels(AudioHost::Alsa), 2);
        assert_eq!(channels(AudioHost::Jack), 1);
    }

    #[test]
    fn pulseaudio_is_used_with_exactly_the_channels_of_the_device_and_all_of_32() {
        let all = offers(1..=31, (1, 384_000), SampleFormat::F32);
        let channels = |own| {
            with_exactly(all.clone(), own)
                .iter()
                .map(|offer| offer.channels())
                .collect::<Vec<_>>()
        };
        assert_eq!(channels(8), [8]);
        assert_eq!(channels(31), [31]);
        assert_eq!(channels(32), [32]);
        assert_eq!(channels(33), [0u16; 0]);
    }

    #[test]
    fn the_advice_is_what_would_help_here() {
        let of_card = offers([2, 4], (44_100, 44_100), SampleFormat::I16);
        let card = |channels| advice("alsa:hw:CARD=USB,DEV=0", AudioHost::Alsa, &of_card, channels, 48_000);
        assert_eq!(card(4), "; \"alsa:plughw:CARD=USB,DEV=0\" converts rates and formats");
        assert_eq!(card(5), "", "no conversion makes channels");
        let nothing = advice("alsa:hw:CARD=USB,DEV=0", AudioHost::Alsa, &[], 4, 48_000);
        assert!(nothing.contains("plughw"), "a packed format can be converted: {nothing}");

        let of_jack = offers(1..=64, (44_100, 44_100), SampleFormat::F32);
        let jack = advice("jack", AudioHost::Jack, &of_jack, 2, 48_000);
        assert!(jack.contains("sample_rate_hz = 44100") && jack.contains("-r 48000"), "{jack}");
        assert_eq!(advice("jack", AudioHost::Jack, &of_jack, 65, 48_000), "");

        let of_pulse = offers([2], (1, 384_000), SampleFormat::F32);
        let pulse = advice("pulseaudio:spk", AudioHost::PulseAudio, &of_pulse, 3, 48_000);
        assert!(pulse.contains("would mix"), "{pulse}");
    }
}
