//! Every key that the two files know, in one place: what is not listed here is an unknown key, and what is listed
//! here is described in `docs/configuration.md` (a test compares them).

/// The keys of one table.
pub(crate) struct Section {
    /// How the table is called in messages and in the documentation.
    pub(crate) heading: &'static str,
    /// What it may have.
    pub(crate) keys: &'static [&'static str],
}

/// Top of `habitat.toml`.
pub(crate) const ROOT: Section = Section {
    heading: "the top of habitat.toml",
    keys: &[
        "layout",
        "state_dir",
        "site",
        "audio",
        "adaptation",
        "masking",
        "own_sound",
        "mqtt",
        "cloud",
        "console",
        "event_log",
        "schedule",
        "group",
        "scene",
    ],
};

/// `[site]`
pub(crate) const SITE: Section = Section {
    heading: "[site]",
    keys: &["id", "name", "time_zone", "operators"],
};

/// `[audio]`
pub(crate) const AUDIO: Section = Section {
    heading: "[audio]",
    keys: &[
        "backend",
        "sample_rate_hz",
        "block_frames",
        "device_frames",
        "engine_cpu",
        "pipe",
        "virtual",
    ],
};

/// `[audio.pipe]`
pub(crate) const AUDIO_PIPE: Section = Section {
    heading: "[audio.pipe]",
    keys: &["start"],
};

/// `[audio.virtual]`
pub(crate) const AUDIO_VIRTUAL: Section = Section {
    heading: "[audio.virtual]",
    keys: &["seed"],
};

/// `[adaptation]`
pub(crate) const ADAPTATION: Section = Section {
    heading: "[adaptation]",
    keys: &[
        "sti_target",
        "level_min_db",
        "level_fixed_db",
        "level_max_db",
        "acknowledge_loud",
        "slew_up_db_per_min",
        "slew_down_db_per_min",
        "acknowledge_noticeable",
        "neighbour_max_db",
        "startup_ramp_s",
        "speech_privacy",
        "place_memory",
        "acclimatisation_days",
        "acclimatisation_from_db",
        "learned_profile",
    ],
};

/// `[masking]`
pub(crate) const MASKING: Section = Section {
    heading: "[masking]",
    keys: &["spectrum", "soundscape"],
};

/// `[own_sound]`
pub(crate) const OWN_SOUND: Section = Section {
    heading: "[own_sound]",
    keys: &["method", "references", "tail_s"],
};

/// `[mqtt]`
pub(crate) const MQTT: Section = Section {
    heading: "[mqtt]",
    keys: &[
        "host",
        "other_hosts",
        "port",
        "tls",
        "ca_file",
        "certificate_file",
        "key_file",
        "username",
        "password_file",
        "client_id",
        "topic_prefix",
        "home_assistant",
        "home_assistant_prefix",
    ],
};

/// `[cloud]`
pub(crate) const CLOUD: Section = Section {
    heading: "[cloud]",
    keys: &[
        "url",
        "tenant",
        "token_file",
        "ca_file",
        "certificate_file",
        "key_file",
        "proxy",
        "interval_s",
        "region",
        "outbox_mib",
        "outbox_days",
    ],
};

/// `[console]`
pub(crate) const CONSOLE: Section = Section {
    heading: "[console]",
    keys: &["listen"],
};

/// `[event_log]`
pub(crate) const EVENT_LOG: Section = Section {
    heading: "[event_log]",
    keys: &["path"],
};

/// `[[schedule]]`
pub(crate) const SCHEDULE: Section = Section {
    heading: "[[schedule]]",
    keys: &["zones", "days", "from", "to", "level_db", "off", "holidays"],
};

/// `[[group]]`
pub(crate) const GROUP: Section = Section {
    heading: "[[group]]",
    keys: &["id", "zones"],
};

/// `[[scene]]`
pub(crate) const SCENE: Section = Section {
    heading: "[[scene]]",
    keys: &[
        "id",
        "zones",
        "enabled",
        "offset_db",
        "level_min_db",
        "level_max_db",
        "soundscape",
    ],
};

/// Top of the layout file.
pub(crate) const LAYOUT: Section = Section {
    heading: "the top of the layout file",
    keys: &["floor", "zone", "remote_zone", "microphone", "loudspeaker", "screen"],
};

/// `[[floor]]`
pub(crate) const FLOOR: Section = Section {
    heading: "[[floor]]",
    keys: &["id", "outline", "height_m", "absorption", "reverberation_s"],
};

/// `[[zone]]`
pub(crate) const ZONE: Section = Section {
    heading: "[[zone]]",
    keys: &[
        "id",
        "floor",
        "name",
        "kind",
        "outline",
        "listeners",
        "level_min_db",
        "level_fixed_db",
        "level_max_db",
        "sti_target",
        "soundscape",
    ],
};

/// `[[remote_zone]]`
pub(crate) const REMOTE_ZONE: Section = Section {
    heading: "[[remote_zone]]",
    keys: &[
        "site",
        "zone",
        "floor",
        "outline",
        "listeners",
        "microphones",
        "level_fixed_db",
    ],
};

/// `[[microphone]]`
pub(crate) const MICROPHONE: Section = Section {
    heading: "[[microphone]]",
    keys: &["id", "zone", "position", "device", "channel", "sensitivity_dbfs"],
};

/// `[[loudspeaker]]`
pub(crate) const LOUDSPEAKER: Section = Section {
    heading: "[[loudspeaker]]",
    keys: &["id", "zone", "position", "device", "channel", "output_db_spl"],
};

/// `[[screen]]`
pub(crate) const SCREEN: Section = Section {
    heading: "[[screen]]",
    keys: &["floor", "from", "to", "height_m", "reduction_db"],
};

/// Tables of `habitat.toml`.
pub(crate) const SITE_FILE: [&Section; 15] = [
    &ROOT,
    &SITE,
    &AUDIO,
    &AUDIO_PIPE,
    &AUDIO_VIRTUAL,
    &ADAPTATION,
    &MASKING,
    &OWN_SOUND,
    &MQTT,
    &CLOUD,
    &CONSOLE,
    &EVENT_LOG,
    &SCHEDULE,
    &GROUP,
    &SCENE,
];

/// Tables of the layout file.
pub(crate) const LAYOUT_FILE: [&Section; 7] = [&LAYOUT, &FLOOR, &ZONE, &REMOTE_ZONE, &MICROPHONE, &LOUDSPEAKER, &SCREEN];

/// Another table of the same file that has the key, for someone who wrote it in the wrong one.
pub(crate) fn home_of(section: &Section, key: &str) -> Option<&'static str> {
    let file: &[&Section] = if LAYOUT_FILE.iter().any(|own| own.heading == section.heading) {
        &LAYOUT_FILE
    } else {
        &SITE_FILE
    };
    file.iter().find(|other| other.keys.contains(&key)).map(|other| other.heading)
}
