//! Mute and release.

use std::time::Duration;

use habitat_config::settings::known_operator;
use habitat_events::{Data, Mute};
use tokio::sync::watch;

use super::{Control, Who};

/// How long an answer waits for the disk at most.
const KEEP: Duration = Duration::from_secs(1);

/// What is muted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MuteState {
    /// The whole site.
    pub site: bool,
    /// Each zone by itself, in the order of the layout.
    pub zones: Vec<bool>,
}

impl Control {
    /// Mutes or releases the site (`None`) or a zone: first the sound, then the record.
    pub fn mute<'a>(&self, zone: Option<usize>, muted: bool, who: impl Into<Who<'a>>) {
        let Who { channel, by } = who.into();
        let changed = self.0.mutes.send_if_modified(|mutes| {
            let slot = match zone {
                None => Some(&mut mutes.site),
                Some(zone) => mutes.zones.get_mut(zone),
            };
            slot.is_some_and(|slot| core::mem::replace(slot, muted) != muted)
        });
        if !changed {
            return;
        }
        self.hand_over();
        let zone = zone.map(|zone| self.0.site.plan.zones[zone].id.clone());
        tracing::info!(
            zone = zone.as_deref().unwrap_or("all"),
            muted,
            channel = channel.name(),
            by,
            "mute"
        );
        self.0.memory.remember(zone.clone(), muted);
        let subject = zone.clone().unwrap_or_else(|| self.0.site.id.clone());
        let mute = Mute {
            zone,
            muted,
            channel: channel.name().to_owned(),
            by: by.map(str::to_owned),
        };
        self.0.dispatch.emit(&subject, self.0.clock.now(), Data::Mute(mute));
    }

    /// Who mutes or releases, and what is wrong with the name that was given.
    ///
    /// # Errors
    /// A sentence, when the name is not that of an operator of the site. A mute has no such error: silence is never refused, so it is
    /// then nobody's.
    pub fn who_mutes(&self, muted: bool, by: Option<&str>) -> Result<(Option<&str>, Option<String>), String> {
        match known_operator(self.site(), by) {
            Ok(by) => Ok((by, None)),
            Err(wrong) if muted => Ok((None, Some(wrong))),
            Err(wrong) => Err(wrong),
        }
    }

    /// Waits until the mutes so far outlive a restart, as far as the disk lets them. Whoever answers somebody waits for it before.
    pub async fn mutes_kept(&self) {
        // The sound is muted already; a disk that hangs holds nobody up for long.
        if tokio::time::timeout(KEEP, self.0.memory.settled()).await.is_err() {
            tracing::warn!("the disk does not answer; a mute may not survive a restart");
        }
    }

    /// What is muted, and every change of it.
    pub fn mutes(&self) -> watch::Receiver<MuteState> {
        self.0.mutes.subscribe()
    }
}
