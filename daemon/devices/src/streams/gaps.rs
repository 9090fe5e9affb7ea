//! Whether a device that runs loses sound now and then.

use std::time::{Duration, Instant};

use habitat_engine::DeviceLink;

/// Whoever opens a device or begins to feed it is late for once.
const BEGINNING: Duration = Duration::from_secs(2);

/// So long after the last gap all is well again.
const WELL_AFTER: Duration = Duration::from_secs(60);

/// What a device has lost since the daemon began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    frames: u64,
    xruns: u64,
}

impl Lost {
    /// Up to now.
    pub fn by(link: &DeviceLink) -> Self {
        Lost {
            frames: link.lost_frames(),
            xruns: link.xruns(),
        }
    }
}

/// Gaps of one device since it was opened.
#[derive(Clone, Debug)]
pub struct Gaps {
    opened: Instant,
    lost: Lost,
    /// When the last gap was seen, and what there was to say of the first.
    row: Option<(Instant, String)>,
}

impl Gaps {
    /// None yet.
    pub fn new(lost: Lost, now: Instant) -> Self {
        Gaps {
            opened: now,
            lost,
            row: None,
        }
    }

    /// Looks once more. What there is to say, as long as there are gaps or were a minute ago.
    pub fn look(&mut self, lost: Lost, now: Instant) -> Option<String> {
        let before = std::mem::replace(&mut self.lost, lost);
        if lost != before && now.duration_since(self.opened) >= BEGINNING {
            let first = format!(
                "{} frames lost, {} xruns told at once",
                lost.frames - before.frames,
                lost.xruns - before.xruns
            );
            let said = self.row.take().map_or(first, |(_, said)| said);
            self.row = Some((now, said));
        }
        self.row.take_if(|(last, _)| now.duration_since(*last) >= WELL_AFTER);
        self.row.as_ref().map(|(_, said)| said.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_told_until_a_minute_has_passed_without_one() {
        let opened = Instant::now();
        let at = |seconds: u64| opened + Duration::from_secs(seconds);
        let lost = |frames: u64, xruns: u64| Lost { frames, xruns };
        let mut gaps = Gaps::new(lost(100, 0), opened);
        assert_eq!(gaps.look(lost(580, 1), at(1)), None, "it has only begun");
        assert_eq!(gaps.look(lost(580, 1), at(3)), None);
        let said = Some("480 frames lost, 0 xruns told at once".to_owned());
        assert_eq!(gaps.look(lost(1060, 1), at(10)), said);
        assert_eq!(gaps.look(lost(1060, 2), at(30)), said, "the first is nearest to the cause");
        assert_eq!(gaps.look(lost(1060, 2), at(89)), said);
        assert_eq!(gaps.look(lost(1060, 2), at(90)), None);
        let said = Some("0 frames lost, 2 xruns told at once".to_owned());
        assert_eq!(gaps.look(lost(1060, 4), at(100)), said);
    }
}
