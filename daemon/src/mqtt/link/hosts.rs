//! A broker of several machines: they are tried in turn, and whoever works is kept.

use habitat_config::site::Mqtt;

/// Where the broker is, each machine as if it were the only one.
pub(super) struct Hosts {
    all: Vec<Mqtt>,
    now: usize,
    /// How many have been tried since the last wait.
    tried: usize,
}

impl Hosts {
    /// Begins with `host`.
    pub fn of(mqtt: &Mqtt) -> Self {
        let hosts = core::iter::once(&mqtt.host).chain(&mqtt.other_hosts);
        let only = |host: &String| Mqtt {
            host: host.clone(),
            ..mqtt.clone()
        };
        Hosts {
            all: hosts.map(only).collect(),
            now: 0,
            tried: 0,
        }
    }

    /// Which to connect to.
    pub fn now(&self) -> &Mqtt {
        &self.all[self.now]
    }

    /// One has worked for long: all may be tried again before the next wait.
    pub fn has_worked(&mut self) {
        self.tried = 0;
    }

    /// Turns to the next. `true`: each has been tried, so it is time to wait.
    pub fn turn(&mut self) -> bool {
        self.now = (self.now + 1) % self.all.len();
        self.tried += 1;
        let is_round = self.tried >= self.all.len();
        if is_round {
            self.tried = 0;
        }
        is_round
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mqtt::to_broker;

    #[test]
    fn each_is_tried_once_before_a_wait() {
        let mut hosts = Hosts::of(&Mqtt {
            other_hosts: vec!["b".into(), "c".into()],
            ..to_broker("a")
        });
        let mut tried = Vec::new();
        for _ in 0..7 {
            tried.push((hosts.now().host.clone(), hosts.turn()));
        }
        let expected = [
            ("a", false),
            ("b", false),
            ("c", true),
            ("a", false),
            ("b", false),
            ("c", true),
            ("a", false),
        ];
        assert_eq!(tried, expected.map(|(host, wait)| (host.to_owned(), wait)));
        hosts.has_worked();
        assert!(!hosts.turn() && !hosts.turn() && hosts.turn());
        let mut only = Hosts::of(&to_broker("a"));
        assert!(only.turn() && only.turn());
    }
}
