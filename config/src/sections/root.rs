//! The top of `habitat.toml`.

use std::path::{Path, PathBuf};

use super::{
    DraftAdaptation, DraftGroup, DraftScene, DraftSchedule, adaptation, audio, cloud, console, event_log, group, masking, mqtt,
    own_sound, schedule, site,
};
use crate::{
    read::{Reading, Table, file_path},
    site::{Audio, Cloud, Console, EventLog, Masking, Mqtt, OwnSound, Soundscape},
};

/// The layout stands beside the site's file.
const DEFAULT_LAYOUT: &str = "layout.toml";

/// `StateDirectory=` of the systemd unit.
const DEFAULT_STATE_DIR: &str = "/var/lib/habitat";

/// `habitat.toml` as far as it can be understood without the layout. Where something is wrong, and so noted, the
/// default stands in its place.
pub(crate) struct DraftSite {
    /// The layout file; `Wrong` when its name cannot be read.
    pub(crate) layout: Reading<PathBuf>,
    /// See [`crate::site::Site::state_dir`].
    pub(crate) state_dir: PathBuf,
    /// `[site]`
    pub(crate) names: site::Names,
    /// `[audio]`
    pub(crate) audio: Audio,
    /// `[adaptation]`
    pub(crate) adaptation: DraftAdaptation,
    /// `[masking]`
    pub(crate) masking: Masking,
    /// `soundscape` of `[masking]`, for zones without their own.
    pub(crate) soundscape: Reading<Soundscape>,
    /// `[own_sound]`
    pub(crate) own_sound: OwnSound,
    /// `[mqtt]`
    pub(crate) mqtt: Option<Mqtt>,
    /// `[cloud]`
    pub(crate) cloud: Option<Cloud>,
    /// `[console]`
    pub(crate) console: Option<Console>,
    /// `[event_log]`
    pub(crate) event_log: Option<EventLog>,
    /// `[[schedule]]`
    pub(crate) schedules: Vec<DraftSchedule>,
    /// `[[group]]`
    pub(crate) groups: Vec<DraftGroup>,
    /// `[[scene]]`
    pub(crate) scenes: Vec<DraftScene>,
}

/// Reads all tables; relative paths are taken from `folder`, the file's own.
pub(crate) fn read(root: &Table, folder: &Path) -> DraftSite {
    let names = site::read(root);
    let (masking, soundscape) = masking::read(root);
    DraftSite {
        layout: root.read("layout", file_path),
        state_dir: folder.join(root.read("state_dir", file_path).or(DEFAULT_STATE_DIR.into())),
        audio: audio::read(root),
        adaptation: adaptation::read(root),
        masking,
        soundscape,
        own_sound: own_sound::read(root),
        mqtt: mqtt::read(root, &names.id, folder),
        cloud: cloud::read(root, folder),
        console: console::read(root),
        event_log: event_log::read(root, folder),
        schedules: schedule::read(root),
        groups: group::read_groups(root),
        scenes: group::read_scenes(root),
        names,
    }
}

impl DraftSite {
    /// Path of the layout file.
    pub(crate) fn layout_path(&self, folder: &Path) -> Option<PathBuf> {
        self.layout.effective(DEFAULT_LAYOUT.into()).map(|layout| folder.join(layout))
    }
}
