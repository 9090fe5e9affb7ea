//! Who asks, and by which way.

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

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Who<'a> {
    /// The way in.
    pub channel: Channel,
    /// One of the operators of the site, where one was named.
    pub by: Option<&'a str>,
}

impl From<Channel> for Who<'_> {
    fn from(channel: Channel) -> Self {
        Who { channel, by: None }
    }
}
