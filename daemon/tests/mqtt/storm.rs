//! A broker that is killed again and again under commands.

use std::{collections::BTreeMap, time::Duration};

use habitat_events::Data;
use rumqttc::v5::{
    AsyncClient, Event, Incoming, MqttOptions,
    mqttbytes::{QoS, v5::Publish},
};
use serde_json::Value;
use tokio::sync::{broadcast::error::TryRecvError, mpsc};

use crate::{
    client::{Client, topic},
    mosquitto::Mosquitto,
    site::{Site, ZONES, wait},
};

const KILLS: usize = 50;
const COMMANDS_PER_S: u64 = 20;

/// Each of the two zones remembers 64 commands; on a busy machine more could wait.
const MOST_WAITING: usize = 120;

/// A client that sends a command again until it has its answer, through any number of connections.
struct Sender {
    client: AsyncClient,
    answers: mpsc::UnboundedReceiver<Publish>,
    task: tokio::task::JoinHandle<()>,
}

impl Sender {
    fn start(port: u16) -> Self {
        let mut options = MqttOptions::new("commander", "127.0.0.1", port);
        options.set_clean_start(true);
        let (client, mut event_loop) = AsyncClient::new(options, 1000);
        let (seen, answers) = mpsc::unbounded_channel();
        let subscriber = client.clone();
        let task = tokio::spawn(async move {
            loop {
                match event_loop.poll().await {
                    Ok(Event::Incoming(Incoming::ConnAck(_))) => {
                        let _ = subscriber.try_subscribe(topic("zone/+/result"), QoS::AtLeastOnce);
                    }
                    Ok(Event::Incoming(Incoming::Publish(publish))) => drop(seen.send(publish)),
                    Ok(_) => {}
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
        });
        Sender { client, answers, task }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_under_a_broker_that_is_killed_fifty_times_are_each_carried_out_once() {
    let mut broker = Mosquitto::start();
    let site = Site::start(broker.port());
    site.wait_until_up().await;
    let mut changes = site.dispatch.listen();
    let mut sender = Sender::start(broker.port());

    let mut waiting: BTreeMap<String, (usize, f64)> = BTreeMap::new();
    let (mut sent, mut kills) = (0u64, 0);
    let mut last = [0.0; ZONES.len()];
    // Every zone's newest command; the others may be overtaken when they are sent again.
    let mut carried_out: BTreeMap<(String, i64), usize> = BTreeMap::new();
    let begun = tokio::time::Instant::now();
    while kills < KILLS || !waiting.is_empty() {
        assert!(
            begun.elapsed() < Duration::from_secs(300),
            "{} commands have no answer",
            waiting.len()
        );
        let is_new = kills < KILLS && waiting.len() < MOST_WAITING;
        if is_new {
            let zone = (sent % ZONES.len() as u64) as usize;
            // A value of its own for each, so that it is known when it is carried out.
            let offset_db = -((sent / 2) as f64) / 1000.0;
            let id = format!("{sent}");
            waiting.insert(id, (zone, offset_db));
            last[zone] = offset_db;
            sent += 1;
        }
        for (id, (zone, offset_db)) in &waiting {
            let payload = format!(r#"{{"offset_db":{offset_db},"id":"{id}"}}"#);
            let to = topic(&format!("zone/{}/set", ZONES[*zone]));
            let _ = sender.client.try_publish(to, QoS::AtLeastOnce, false, payload);
        }
        tokio::time::sleep(Duration::from_millis(1000 / COMMANDS_PER_S)).await;
        while let Ok(publish) = sender.answers.try_recv() {
            let answer: Value = serde_json::from_slice(&publish.payload).unwrap();
            if answer["ok"] == true {
                waiting.remove(answer["id"].as_str().unwrap());
            }
        }
        loop {
            match changes.try_recv() {
                Ok(event) => {
                    if let Data::Preferences(change) = &event.data {
                        let key = (change.zone.clone(), (change.to.offset_db * 1000.0).round() as i64);
                        *carried_out.entry(key).or_default() += 1;
                    }
                }
                Err(TryRecvError::Empty) => break,
                Err(error) => panic!("{error}"),
            }
        }
        if is_new && sent.is_multiple_of(10) {
            broker.kill();
            broker.restart();
            kills += 1;
        }
    }
    println!(
        "{sent} commands, {kills} kills, {} changes in {:?}",
        carried_out.len(),
        begun.elapsed()
    );
    assert_eq!(
        carried_out.len(),
        sent as usize,
        "every command that was answered is in effect"
    );
    let twice: Vec<_> = carried_out.iter().filter(|(_, times)| **times != 1).collect();
    assert!(twice.is_empty(), "{twice:?}");

    // What a client that comes now sees is what holds.
    sender.task.abort();
    site.wait_until_up().await;
    site.measure([47.0, 45.0]);
    wait(|| (site.problem().as_deref() == Some("")).then_some(())).await;
    let mut late = Client::connect(broker.port()).await;
    for (index, zone) in ZONES.iter().enumerate() {
        let state = late.json_on(&format!("zone/{zone}/state")).await;
        assert_eq!(state["effective"]["offset_db"], site.settings(index).offset_db, "{state}");
    }
}
