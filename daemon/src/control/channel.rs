//! The ways in.

/// The way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// A message of the broker.
    Mqtt,
    /// The console.
    Http,
    /// SIGUSR1.
    Signal,
    /// The time of a setting has run out.
    Expiry,
}

impl Channel {
    /// Its word in events.
    pub(super) fn name(self) -> &'static str {
        match self {
            Channel::Mqtt => "mqtt",
            Channel::Http => "http",
            Channel::Signal => "signal",
            Channel::Expiry => "expiry",
        }
    }
}
