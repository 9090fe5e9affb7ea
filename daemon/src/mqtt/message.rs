//! Messages as the rest of the module sees them, whatever library carries them.

/// What came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Received {
    /// Where it was sent to.
    pub topic: String,
    /// What it says.
    pub payload: Vec<u8>,
    /// Whether its sender asked the broker to keep it.
    pub retained: bool,
    /// Where its sender wants the answer, besides the result topic.
    pub reply: Option<Reply>,
}

/// Response topic and correlation data of MQTT 5.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    /// Where to.
    pub topic: String,
    /// Goes back with the answer, unread.
    pub correlation: Option<Vec<u8>>,
}

/// What goes out, always with "at least once".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// Where to.
    pub topic: String,
    /// What it says.
    pub payload: Vec<u8>,
    /// Whether the broker is to keep it.
    pub retain: bool,
    /// Correlation data of the question that it answers.
    pub correlation: Option<Vec<u8>>,
}

impl Message {
    /// What makes the broker, and whoever listens, forget a retained topic.
    pub fn removal(topic: String) -> Self {
        Message {
            topic,
            payload: Vec::new(),
            retain: true,
            correlation: None,
        }
    }
}
