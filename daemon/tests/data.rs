//! Handing over and erasing what is stored about a site.
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "support/habitatd.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod habitatd;
#[path = "support/pipe.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod pipe;
#[path = "support/room.rs"]
mod room;

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    process::Output,
};

use ::habitatd::{
    health::Health,
    store::{SettingsRecord, Store, kept},
};
use serde_json::{Value, json};
use zip::ZipArchive;

use crate::{
    habitatd::{Daemon, Site, run},
    pipe::encoded,
    room::{RATE_HZ, Room, layout},
};

fn site() -> Site {
    let habitat = format!(
        "state_dir = \"state\"\n[site]\nid = \"hq-3\"\n[audio]\nbackend = \"pipe\"\nsample_rate_hz = {RATE_HZ}\nblock_frames = 800\n\
         [audio.pipe]\nstart = \"2026-01-05T08:00:00Z\"\n[event_log]\npath = \"events.jsonl\"\n"
    );
    Site::new(&habitat, &layout(2))
}

/// A site that has run for some minutes, has a setting of its own, and is muted.
async fn lived_in() -> Site {
    let site = site();
    let mut room = Room::new(2);
    let sound: Vec<f32> = (0..200).flat_map(|_| room.listen(RATE_HZ)).collect();
    assert!(run(site.command("run"), &encoded(&sound)).status.success());
    let (store, _) = Store::open(&site.path("state"), Health::default()).unwrap();
    let record = SettingsRecord {
        zone: "zone-1".into(),
        settings_json: json!({"offset_db": -1.5}).to_string(),
        expires: None,
    };
    store.save_settings(record).await.unwrap();
    store.save_mute(None, true).await.unwrap();
    site
}

fn data(site: &Site, what: &str, arguments: &[&str]) -> Output {
    let mut command = habitatd::habitatd();
    command
        .args(["data", what, "--config"])
        .arg(site.path("habitat.toml"))
        .args(arguments);
    run(command, b"")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn an_export_holds_everything_that_is_stored() {
    let site = lived_in().await;
    let archive = site.path("hq-3.zip");
    let path = archive.display().to_string();
    let output = data(&site, "export", &["--output", &path]);
    assert!(output.status.success(), "{}", text(&output.stderr));

    let mut zip = ZipArchive::new(fs::File::open(&archive).unwrap()).unwrap();
    let mut files = BTreeMap::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        let mut content = String::new();
        file.read_to_string(&mut content).unwrap();
        files.insert(file.name().unwrap().into_owned(), content);
    }
    let events = text(&run(site.command("events"), b"").stdout);
    assert!(events.lines().count() > 8 && files["events.jsonl"] == events);
    let csv = files["events.csv"].lines().count();
    assert_eq!(
        (csv, files["events.csv"].lines().next()),
        (events.lines().count() + 1, Some("time,type,subject,data"))
    );
    for name in ["habitat.toml", "layout.toml"] {
        assert_eq!(files[name], fs::read_to_string(site.path(name)).unwrap());
    }
    let document = |name: &str| serde_json::from_str::<Value>(&files[name]).unwrap();
    let settings = document("settings.json");
    assert_eq!(settings["settings"][0]["zone"], "zone-1");
    assert_eq!(settings["settings"][0]["settings"]["offset_db"], -1.5);
    assert_eq!(settings["muted"], json!(["the whole site"]));
    assert!(settings["first_start"].is_string() && settings["places"].as_array().is_some_and(|places| places.len() == 2));
    assert_eq!(document("site.json")["events"], events.lines().count());
    // Every file is explained.
    let readme = &files["README.txt"];
    assert!(
        files.keys().all(|name| name == "README.txt" || readme.contains(name)),
        "{:?}",
        files.keys()
    );

    let again = data(&site, "export", &["--output", &path]);
    assert_eq!(again.status.code(), Some(69));
    assert!(text(&again.stderr).contains("cannot be made"), "{}", text(&again.stderr));
}

#[tokio::test]
async fn erasing_leaves_nothing_but_the_mute_and_a_receipt() {
    let site = lived_in().await;
    let state = site.path("state");
    fs::write(state.join("habitat.db.corrupt-20260105T060000.000Z"), "old").unwrap();
    let only_told = data(&site, "erase", &[]);
    assert_eq!(only_told.status.code(), Some(64));
    assert!(text(&only_told.stdout).contains("habitat.db") && text(&only_told.stdout).contains("events.jsonl"));
    assert!(state.join("habitat.db").exists() && site.path("events.jsonl").exists());

    let receipt_file = site.path("receipt.json").display().to_string();
    let output = data(&site, "erase", &["--yes", "--receipt", &receipt_file]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let receipt: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        receipt,
        serde_json::from_str::<Value>(&fs::read_to_string(&receipt_file).unwrap()).unwrap()
    );
    let names: Vec<&str> = receipt["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["path"].as_str().unwrap())
        .collect();
    for name in ["/habitat.db", ".000Z", "/events.jsonl"] {
        assert!(names.iter().any(|path| path.ends_with(name)), "{name}: {names:?}");
    }
    assert_eq!(receipt["kept"], json!(["the mute of the whole site"]));
    assert!(!site.path("events.jsonl").exists());
    let left = kept(&state).unwrap();
    assert_eq!(left.mutes, [None], "silence does not end because something is erased");
    assert!(left.settings.is_empty() && left.places.is_empty() && left.first_start.is_none());
    assert_eq!(text(&run(site.command("events"), b"").stdout), "");
    let files: Vec<_> = fs::read_dir(&state)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert!(
        files.iter().all(|name| !name.to_string_lossy().contains("corrupt")),
        "{files:?}"
    );
}

#[test]
fn nothing_is_erased_under_a_running_daemon() {
    let site = site();
    let mut daemon = Daemon::start(site.command("run"));
    let (mut stdin, stdout) = daemon.streams();
    stdin.write_all(&encoded(&Room::new(2).listen(RATE_HZ))).unwrap();
    let mut first = [0; 4];
    let mut stdout = stdout;
    stdout.read_exact(&mut first).unwrap();
    let refused = data(&site, "erase", &["--yes"]);
    assert_eq!(refused.status.code(), Some(69));
    assert!(
        text(&refused.stderr).contains("in use by another habitatd"),
        "{}",
        text(&refused.stderr)
    );
    assert!(site.path("state").join("habitat.db").exists());
}
