//! The connection: brokers that come and go, hang, refuse, or speak another language.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
};

use crate::{
    client::Client,
    mosquitto::Mosquitto,
    site::{Site, plain, wait},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_broker_was_killed_commands_work_and_retained_state_is_right() {
    let mut broker = Mosquitto::start();
    let site = Site::start(broker.port());
    site.wait_until_up().await;
    site.measure([47.0, 45.0]);
    for round in 0..3 {
        broker.kill();
        site.wait_for_problem("broker").await;
        // What changes while it is away.
        site.measure([50.0 + f64::from(round), 45.0]);
        site.control.mute(None, round % 2 == 0, habitatd::control::Channel::Http);
        broker.restart();
        site.wait_until_up().await;
        // This broker remembers nothing, so all that is there is what was published again.
        let mut client = Client::connect(broker.port()).await;
        client.wait_for("status", "online").await;
        let mut late = Client::connect(broker.port()).await;
        assert_eq!(
            late.json_on("zone/north-east/state").await["laeq_db"],
            50.0 + f64::from(round)
        );
        let mut late = Client::connect(broker.port()).await;
        let muted = late.next_on("mute/state").await;
        assert_eq!(&muted.payload[..], if round % 2 == 0 { b"ON".as_slice() } else { b"OFF" });
        let offset_db = -1.0 - f64::from(round);
        client
            .send("zone/south-west/set", format!(r#"{{"offset_db":{offset_db}}}"#))
            .await;
        assert_eq!(
            client.json_on("zone/south-west/result").await["effective"]["offset_db"],
            offset_db
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_comes_later_is_found_and_until_then_the_problem_is_named() {
    let mut broker = Mosquitto::start();
    broker.kill();
    let site = Site::start(broker.port());
    let problem = site.wait_for_problem("cannot be reached").await;
    assert!(problem.contains(&format!("127.0.0.1:{}", broker.port())), "{problem}");
    broker.restart();
    site.wait_until_up().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_orderly_end_says_goodbye_rather_than_leaving_it_to_the_last_will() {
    let broker = Mosquitto::start();
    let site = Site::start(broker.port());
    site.wait_until_up().await;
    site.shutdown.cancel();
    site.task.await.unwrap();
    let log = wait(|| Some(broker.log()).filter(|log| log.contains("Received DISCONNECT from habitat-hq"))).await;
    assert!(!log.contains("Sending will"), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shutdown_does_not_wait_for_a_broker_that_is_away_or_hangs() {
    let mut broker = Mosquitto::start();
    let hanging = Site::start(broker.port());
    hanging.wait_until_up().await;
    broker.freeze();
    hanging.shutdown.cancel();
    hanging.task.await.unwrap();
    broker.thaw();
    broker.kill();
    let away = Site::start(broker.port());
    away.wait_for_problem("cannot be reached").await;
    away.shutdown.cancel();
    away.task.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_hangs_gets_the_newest_state_and_not_all_that_it_missed() {
    let broker = Mosquitto::start();
    let mut client = Client::connect(broker.port()).await;
    let site = Site::start(broker.port());
    client.wait_for("status", "online").await;
    broker.freeze();
    for n in 0..=1000 {
        site.control.mute(None, n % 2 == 0, habitatd::control::Channel::Http);
        tokio::time::sleep(Duration::from_micros(500)).await;
    }
    site.control.mute(Some(1), true, habitatd::control::Channel::Http);
    broker.thaw();
    // The last event marks the end; the mutes before it overflowed the queue of events.
    while client.json_on("event").await["data"]["zone"] != "south-west" {}
    assert!(site.counters.counts().lost_messages > 0);
    let mut late = Client::connect(broker.port()).await;
    late.wait_for("mute/state", "ON").await;
    let publishes = broker.log().matches("Received PUBLISH from habitat-hq").count();
    // Twenty on their way, three in the hand, 512 events that waited, and the newest state; not the thousand of each.
    assert!(publishes < 576, "{publishes}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_that_the_access_list_forbids_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("acl");
    std::fs::write(&list, "topic read habitat/#\ntopic write habitat/hq/status\n").unwrap();
    let broker = Mosquitto::with(folder, &format!("allow_anonymous true\nacl_file {}", list.display()));
    let site = Site::start(broker.port());
    wait(|| (site.counters.counts().refused_by_broker > 0).then_some(())).await;
    assert_eq!(site.problem().as_deref(), Some(""));
}

/// A broker that answers each packet that comes with the next of these and, after the last, closes the connection.
async fn scripted(answers: &'static [&'static [u8]]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            for answer in answers {
                let mut packet = [0; 4096];
                if socket.read(&mut packet).await.unwrap_or(0) == 0 || socket.write_all(answer).await.is_err() {
                    break;
                }
            }
            if answers.len() > 1 {
                tokio::time::sleep(Duration::from_secs(60)).await;
            }
        }
    });
    port
}

#[tokio::test]
async fn a_broker_that_wants_neither_version_is_named() {
    // MQTT 3.1.1, 3.2.2.3: CONNACK with return code 1, "unacceptable protocol version"; then it closes.
    let port = scripted(&[b"\x20\x02\x00\x01"]).await;
    let site = Site::start(port);
    site.wait_for_problem("neither MQTT 5 nor MQTT 3.1.1").await;
}

#[tokio::test]
async fn a_broker_that_is_none_is_named() {
    let port = scripted(&[b"HTTP/1.1 400 Bad Request\r\n\r\n"]).await;
    let site = Site::start(port);
    site.wait_for_problem("does not answer as MQTT does").await;
}

#[tokio::test]
async fn a_broker_that_refuses_the_subscription_is_named() {
    // MQTT 5, 3.2 and 3.9: CONNACK success, then SUBACK for packet 1 with "not authorized" for all filters.
    let port = scripted(&[b"\x20\x03\x00\x00\x00", b"\x90\x08\x00\x01\x00\x87\x87\x87\x87\x87"]).await;
    let site = Site::start(port);
    let problem = site.wait_for_problem("refuses the subscription").await;
    assert!(problem.contains("habitat/hq/mute/set"), "{problem}");
}

/// A broker of MQTT 5 that at first refuses the third of four subscriptions, and grants everything from then on. Tells how many topics
/// each subscription was for.
async fn granting_later() -> (u16, mpsc::UnboundedReceiver<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, asked) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut answers = [
            b"\x90\x07\x00\x01\x00\x01\x01\x97\x01".as_slice(),
            b"\x90\x04\x00\x00\x00\x01",
        ]
        .into_iter();
        let mut packet = [0; 65_536];
        while let Ok(length @ 1..) = socket.read(&mut packet).await {
            // A subscription is sent alone: after the connection, and when it is asked for again.
            match packet[0] >> 4 {
                1 => socket.write_all(b"\x20\x03\x00\x00\x00").await.unwrap(),
                8 => {
                    tell.send(packet[..length].windows(4).filter(|part| *part == b"/set").count())
                        .unwrap();
                    socket.write_all(answers.next().unwrap()).await.unwrap();
                }
                _ => {}
            }
        }
    });
    (port, asked)
}

#[tokio::test]
async fn a_subscription_that_is_refused_is_asked_for_again_alone() {
    let (port, mut asked) = granting_later().await;
    let site = Site::start(port);
    let problem = site.wait_for_problem("refuses the subscription").await;
    assert!(problem.contains("habitat/hq/group/+/set"), "{problem}");
    site.wait_until_up().await;
    assert_eq!((asked.recv().await, asked.try_recv()), (Some(4), Ok(1)));
}

#[tokio::test]
async fn a_broker_that_does_not_show_what_is_left_from_before_is_fine() {
    // Of seven filters the last is for what is left; the others are for commands and for a zone of another controller.
    let port = scripted(&[b"\x20\x03\x00\x00\x00", b"\x90\x0a\x00\x01\x00\x01\x01\x01\x01\x01\x01\x87"]).await;
    let site = Site::start(port);
    site.wait_until_up().await;
}

#[tokio::test]
async fn a_host_that_does_not_exist_is_named() {
    let site = Site::with(habitat_config::site::Mqtt {
        host: "no-such-host.invalid".into(),
        ..plain(1883)
    });
    let problem = site.wait_for_problem("cannot be reached").await;
    assert!(problem.contains("no-such-host.invalid"), "{problem}");
}
