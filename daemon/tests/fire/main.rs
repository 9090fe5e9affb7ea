//! Exactly once under fire, from the microphones to the database: the daemon, two instances of the tenant and PostgreSQL as real
//! processes, killed at random on disks that are full at times, behind a line that breaks in the middle and loses answers after the
//! commit.
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "../support/console.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod console;
#[path = "../../../tenant/tests/support/disk.rs"]
mod disk;
#[path = "../support/feed.rs"]
mod feed;
#[path = "../../../tenant/tests/support/fire.rs"]
mod fire;
#[path = "../support/habitatd.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod habitatd;
#[path = "../../../tenant/tests/support/postgres.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod postgres;
#[path = "../../../tenant/tests/support/program.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod program;
#[path = "../../../tenant/tests/support/proxy.rs"]
#[allow(dead_code, reason = "other tests do more with it")]
mod proxy;
#[path = "../support/room.rs"]
mod room;

mod controller;
mod stored;
mod witness;

use std::{
    path::Path,
    process::Command,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant, SystemTime},
};

use crate::{
    controller::Controller,
    fire::{Fire, server_on_a_disk},
    postgres::Postgres,
    program::serve,
    proxy::{Instances, Line},
    stored::Stored,
};

/// The site of the controller, and what opens it.
const SITE: &str = "test";
const TOKEN: &str = "token-of-the-test";

#[test]
fn every_event_of_the_daemon_is_in_the_database_once_and_in_order() {
    stand_fire(Duration::from_secs(180));
}

#[test]
#[ignore = "takes as long as HABITAT_FIRE_S says, an hour otherwise: `make soak`"]
fn every_event_of_the_daemon_is_in_the_database_once_and_in_order_for_long() {
    let seconds = std::env::var("HABITAT_FIRE_S").ok().and_then(|text| text.parse().ok());
    stand_fire(Duration::from_secs(seconds.unwrap_or(3600)));
}

fn stand_fire(duration: Duration) {
    let seed = std::env::var("HABITAT_SEED").ok().map_or_else(
        || SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs(),
        |seed| seed.parse().unwrap(),
    );
    println!("HABITAT_SEED={seed}");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (server, disk) = server_on_a_disk();
    if disk.is_none() {
        println!("without the rights of an administrator the database's disk is never full");
    }
    let (instances, line) = (Instances::default(), Arc::new(Line::default()));
    let near = runtime.block_on(line.open(instances.clone(), seed));
    let mut controller = Controller::new(near, seed);
    let until = Instant::now() + duration;
    // A scope, so that nothing burns on when the controller has failed.
    let fire = std::thread::scope(|scope| {
        let server = server.clone();
        let burning = scope.spawn(move || Fire::new(server, disk, serve_on, instances).burn(until));
        while Instant::now() < until {
            controller.live();
        }
        burning.join().unwrap()
    });
    controller.deliver_the_rest();

    let stored = Stored::read(&server.lock().unwrap());
    println!("{controller}");
    println!("{line}\n{fire}");
    stored.assert_is(&controller.history());
    controller.witness().assert_confirms(&stored);
    let seconds = duration.as_secs();
    fire.assert_hot(seconds);
    controller.assert_hot(seconds);
    let lost = line.lost_after_commit.load(Ordering::Relaxed);
    assert!(lost > seconds / 20, "nothing came twice, so nothing was tested: {line}");
}

fn serve_on(server: &Postgres) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_habitatd")).with_file_name("habitat-tenant");
    assert!(
        program.exists(),
        "{} is missing: cargo build -p habitat-tenant",
        program.display()
    );
    let tokens = server.folder().join("tokens");
    // On the disk that may be full; once it is there it stays as it is.
    if !tokens.exists() {
        std::fs::write(&tokens, format!("{SITE} {TOKEN}\n")).unwrap();
    }
    serve(&program, &server.url(), &tokens)
}
