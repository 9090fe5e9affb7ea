//! Names of sound devices as the layout writes them: `HOST:NAME`, such as `alsa:hw:CARD=USB,DEV=0`.
//!
//! A name has to mean the same device after a restart of the machine. ALSA numbers its cards in the order in which they were
//! found, so a card is named by its id, never by its number.

use std::{fmt, str::FromStr};

/// What gives access to devices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AudioHost {
    /// The kernel's sound cards, and what the configuration of ALSA adds.
    #[default]
    Alsa,
    /// A JACK server; PipeWire can be one.
    Jack,
    /// A PulseAudio server; PipeWire can be one.
    PulseAudio,
}

impl AudioHost {
    /// All of them, the default first.
    pub const ALL: [AudioHost; 3] = [AudioHost::Alsa, AudioHost::Jack, AudioHost::PulseAudio];

    /// As it stands before the colon of a name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Alsa => "alsa",
            Self::Jack => "jack",
            Self::PulseAudio => "pulseaudio",
        }
    }

    /// As people write it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Alsa => "ALSA",
            Self::Jack => "JACK",
            Self::PulseAudio => "PulseAudio",
        }
    }
}

/// Which device: a host and, unless it is the host's default, the device's name there.
///
/// Names that mean the same are equal: `hw:USB` is `alsa:hw:CARD=USB,DEV=0`, and `alsa:default` is `alsa`. The default of this
/// type is what holds where the layout names no device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct DeviceName {
    host: AudioHost,
    name: Option<String>,
}

impl DeviceName {
    /// The default device of a host.
    pub fn default_of(host: AudioHost) -> Self {
        DeviceName { host, name: None }
    }

    /// What gives access to it.
    pub fn host(&self) -> AudioHost {
        self.host
    }

    /// Its name at the host; `None`: the host's default device.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            None => f.write_str(self.host.word()),
            Some(name) => write!(f, "{}:{name}", self.host.word()),
        }
    }
}

/// Why a text names no device.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceNameError {
    /// Nothing follows the colon.
    #[error("no name follows `{}:`", .0.word())]
    NoName(AudioHost),
    /// A host in capital letters.
    #[error("a host is written in small letters")]
    Capitals(AudioHost),
    /// A JACK device with a name.
    #[error("JACK has no devices to name")]
    JackWithName,
    /// A card by its number.
    #[error("a card number does not survive a restart: ALSA numbers its cards in the order in which it finds them")]
    CardNumber {
        /// The name with `ID` in the place of the number.
        by_id: String,
    },
}

impl DeviceNameError {
    /// What would be right.
    pub fn help(&self) -> String {
        match self {
            Self::NoName(host) => format!(
                "write \"{}\" alone for the default device; `habitatd devices` lists the names",
                host.word()
            ),
            Self::Capitals(host) => format!("write \"{}\"", host.word()),
            Self::JackWithName => "write \"jack\" alone; which ports it is connected to is set in JACK".into(),
            Self::CardNumber { by_id } => {
                format!("write \"{by_id}\" with the card's id for ID; `habitatd devices` lists the names of this machine")
            }
        }
    }
}

impl FromStr for DeviceName {
    type Err = DeviceNameError;

    fn from_str(text: &str) -> Result<Self, DeviceNameError> {
        let (before, after) = text.split_once(':').map_or((text, None), |(host, name)| (host, Some(name)));
        let host = AudioHost::ALL
            .into_iter()
            .find(|host| before.eq_ignore_ascii_case(host.word()));
        // Names of ALSA have colons of their own: what begins with no host is one of them.
        let (host, name) = match host {
            None => (AudioHost::Alsa, Some(text)),
            Some(host) if before != host.word() => return Err(DeviceNameError::Capitals(host)),
            Some(host) => (host, after),
        };
        let name = match (host, name) {
            (_, None) => None,
            (_, Some("")) => return Err(DeviceNameError::NoName(host)),
            (AudioHost::Jack, Some(_)) => return Err(DeviceNameError::JackWithName),
            (AudioHost::Alsa, Some("default")) => None,
            (AudioHost::Alsa, Some(name)) => Some(alsa_name(name)?),
            (AudioHost::PulseAudio, Some(name)) => Some(name.to_owned()),
        };
        Ok(DeviceName { host, name })
    }
}

/// A name of ALSA in the form that ALSA lists; refused if it has the number of a card.
fn alsa_name(name: &str) -> Result<String, DeviceNameError> {
    // `plug:…` converts for the device that follows.
    let mut inner = name;
    while let Some(slave) = inner.strip_prefix("plug:") {
        inner = slave.strip_prefix("SLAVE=").unwrap_or(slave).trim_matches(['\'', '"']);
    }
    let Some((plugin, arguments)) = inner.split_once(':') else {
        return Ok(name.to_owned());
    };
    let arguments: Vec<&str> = arguments.split(',').map(str::trim).collect();
    let named = arguments.iter().find_map(|argument| argument.strip_prefix("CARD="));
    let first = arguments.first().filter(|first| has_a_card(plugin) && !first.contains('='));
    let card = named.or(first.copied());
    if card.is_some_and(|card| !card.is_empty() && card.chars().all(|c| c.is_ascii_digit())) {
        let usual = matches!(plugin, "hw" | "plughw").then_some("0");
        let device = value(&arguments, "DEV", 1).or(usual);
        let device = device.map(|device| format!(",DEV={device}")).unwrap_or_default();
        let by_id = format!("{plugin}:CARD=ID{device}");
        return Err(DeviceNameError::CardNumber { by_id });
    }
    match (plugin, card) {
        ("hw" | "plughw", Some(card)) if inner == name && arguments.len() <= 2 => {
            let device = value(&arguments, "DEV", 1).unwrap_or("0");
            Ok(format!("{plugin}:CARD={card},DEV={device}"))
        }
        _ => Ok(name.to_owned()),
    }
}

/// An argument by its key, or by its position if it is written without.
fn value<'a>(arguments: &[&'a str], key: &str, position: usize) -> Option<&'a str> {
    let keyed = |argument: &&'a str| argument.strip_prefix(key).and_then(|rest| rest.strip_prefix('='));
    let positioned = || arguments.get(position).filter(|argument| !argument.contains('=')).copied();
    arguments.iter().find_map(keyed).or_else(positioned)
}

/// Whether the first argument of a plugin of ALSA is a card.
fn has_a_card(plugin: &str) -> bool {
    const PLUGINS: [&str; 14] = [
        "hw",
        "plughw",
        "sysdefault",
        "default",
        "front",
        "rear",
        "center_lfe",
        "side",
        "iec958",
        "spdif",
        "hdmi",
        "dmix",
        "dsnoop",
        "usbstream",
    ];
    PLUGINS.contains(&plugin) || plugin.starts_with("surround")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> DeviceName {
        text.parse().unwrap()
    }

    fn error(text: &str) -> DeviceNameError {
        text.parse::<DeviceName>().unwrap_err()
    }

    #[test]
    fn a_name_says_host_and_device_and_is_written_back_as_it_was() {
        for text in [
            "alsa:hw:CARD=USB,DEV=0",
            "alsa:plughw:CARD=USB,DEV=1",
            "alsa:sysdefault:CARD=USB",
            "alsa:front_of_house",
            "alsa:plug:'hw:USB,1'",
            "alsa:pipewire:NODE=42",
            "jack",
            "pulseaudio",
            "pulseaudio:mic.monitor",
        ] {
            assert_eq!(parsed(text).to_string(), text);
        }
        assert_eq!(parsed("pulseaudio:mic.monitor").host(), AudioHost::PulseAudio);
        assert_eq!(parsed("pulseaudio:mic.monitor").name(), Some("mic.monitor"));
    }

    #[test]
    fn names_that_mean_the_same_are_equal() {
        for (one, other) in [
            ("hw:CARD=USB,DEV=0", "alsa:hw:CARD=USB,DEV=0"),
            ("hw:USB", "alsa:hw:CARD=USB,DEV=0"),
            ("plughw:USB,2", "alsa:plughw:CARD=USB,DEV=2"),
            ("hw:CARD=USB", "hw:USB,0"),
            ("hw:DEV=1,CARD=USB", "hw:USB,1"),
            ("default", "alsa"),
            ("alsa:default", "alsa"),
        ] {
            assert_eq!(parsed(one), parsed(other), "{one} {other}");
        }
        assert_eq!(parsed("alsa"), DeviceName::default());
        assert_ne!(parsed("hw:USB"), parsed("plughw:USB"));
        assert_ne!(parsed("jack"), parsed("pulseaudio"));
    }

    #[test]
    fn card_numbers_are_refused_with_the_form_that_lasts() {
        for (text, by_id) in [
            ("hw:0", "hw:CARD=ID,DEV=0"),
            ("hw:0,3", "hw:CARD=ID,DEV=3"),
            ("plughw:1", "plughw:CARD=ID,DEV=0"),
            ("alsa:hw:1,0", "hw:CARD=ID,DEV=0"),
            ("hw:CARD=0", "hw:CARD=ID,DEV=0"),
            ("alsa:plughw:CARD=2,DEV=1", "plughw:CARD=ID,DEV=1"),
            ("hw:DEV=1,CARD=0", "hw:CARD=ID,DEV=1"),
            ("sysdefault:CARD=0", "sysdefault:CARD=ID"),
            ("surround51:0", "surround51:CARD=ID"),
            ("plug:hw:0", "hw:CARD=ID,DEV=0"),
            ("plug:SLAVE='hw:0,1'", "hw:CARD=ID,DEV=1"),
        ] {
            assert_eq!(error(text), DeviceNameError::CardNumber { by_id: by_id.into() }, "{text}");
        }
        // What only looks like one.
        for text in ["hw:CARD=C920", "pulseaudio:0", "mixer:0", "card0"] {
            assert!(text.parse::<DeviceName>().is_ok(), "{text}");
        }
    }

    #[test]
    fn half_a_name_is_refused() {
        assert_eq!(error("alsa:"), DeviceNameError::NoName(AudioHost::Alsa));
        assert_eq!(error("jack:"), DeviceNameError::NoName(AudioHost::Jack));
        assert_eq!(error("jack:input"), DeviceNameError::JackWithName);
        assert_eq!(error("JACK"), DeviceNameError::Capitals(AudioHost::Jack));
        assert_eq!(error("PulseAudio:mic"), DeviceNameError::Capitals(AudioHost::PulseAudio));
    }

    #[test]
    fn a_very_long_name_is_only_long() {
        assert!("plug:".repeat(200_000).parse::<DeviceName>().is_ok());
    }
}
