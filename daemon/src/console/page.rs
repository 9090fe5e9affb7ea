//! The web page: a few files that are part of the program and need nothing from outside.

/// A file of the page.
pub(super) struct File {
    /// Name under `/assets/`.
    name: &'static str,
    /// Media type.
    pub content_type: &'static str,
    /// Content.
    pub text: &'static str,
}

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// What `/` answers.
pub(super) const INDEX: File = File {
    name: "index.html",
    content_type: "text/html; charset=utf-8",
    text: include_str!("page/index.html"),
};

const ASSETS: [File; 18] = [
    File {
        name: "style.css",
        content_type: STYLE,
        text: include_str!("page/style.css"),
    },
    File {
        name: "plan.css",
        content_type: STYLE,
        text: include_str!("page/plan.css"),
    },
    File {
        name: "table.css",
        content_type: STYLE,
        text: include_str!("page/table.css"),
    },
    File {
        name: "app.js",
        content_type: SCRIPT,
        text: include_str!("page/app.js"),
    },
    File {
        name: "confirm.js",
        content_type: SCRIPT,
        text: include_str!("page/confirm.js"),
    },
    File {
        name: "connection.js",
        content_type: SCRIPT,
        text: include_str!("page/connection.js"),
    },
    File {
        name: "dom.js",
        content_type: SCRIPT,
        text: include_str!("page/dom.js"),
    },
    File {
        name: "events.js",
        content_type: SCRIPT,
        text: include_str!("page/events.js"),
    },
    File {
        name: "health.js",
        content_type: SCRIPT,
        text: include_str!("page/health.js"),
    },
    File {
        name: "mute.js",
        content_type: SCRIPT,
        text: include_str!("page/mute.js"),
    },
    File {
        name: "place.js",
        content_type: SCRIPT,
        text: include_str!("page/place.js"),
    },
    File {
        name: "plan.js",
        content_type: SCRIPT,
        text: include_str!("page/plan.js"),
    },
    File {
        name: "sound-devices.js",
        content_type: SCRIPT,
        text: include_str!("page/sound-devices.js"),
    },
    File {
        name: "table.js",
        content_type: SCRIPT,
        text: include_str!("page/table.js"),
    },
    File {
        name: "trend.js",
        content_type: SCRIPT,
        text: include_str!("page/trend.js"),
    },
    File {
        name: "words.js",
        content_type: SCRIPT,
        text: include_str!("page/words.js"),
    },
    File {
        name: "zone.js",
        content_type: SCRIPT,
        text: include_str!("page/zone.js"),
    },
    File {
        name: "icon.svg",
        content_type: "image/svg+xml",
        text: include_str!("page/icon.svg"),
    },
];

/// A file under `/assets/`.
pub(super) fn asset(name: &str) -> Option<&'static File> {
    ASSETS.iter().find(|file| file.name == name)
}
