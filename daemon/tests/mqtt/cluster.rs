//! Three NATS servers as one broker, of which one is killed.
//!
//! For some ten seconds after that NATS elects new leaders; meanwhile it answers late, refuses subscriptions, closes connections, also
//! those to the other servers, and acknowledges what is retained without keeping it. So what is to be kept is told again, as a zone
//! does each second.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use habitat_config::site::Mqtt;
use habitat_events::{Data, Event};
use habitatd::control::Channel;
use serde_json::{Value, json};
use tokio::{sync::broadcast, time::sleep};

use crate::{
    client::{Client, topic},
    commands::tool,
    nats::Nats,
    site::{Site, ZONES, plain},
};

/// A controller, which begins with the first server and may go to the second, and somebody who commands at the third.
struct Cluster {
    servers: [Nats; 3],
    site: Site,
    changes: broadcast::Receiver<Arc<Event>>,
    commander: Commander,
}

impl Cluster {
    /// Five commands have been carried out.
    async fn start() -> Self {
        let servers = tokio::task::spawn_blocking(Nats::cluster).await.unwrap();
        let (host, port) = (servers[2].host().to_owned(), servers[2].port());
        let mut client = Client::connect_to(&host, port).await;
        let site = Site::with(Mqtt {
            host: servers[0].host().to_owned(),
            other_hosts: vec![servers[1].host().to_owned()],
            ..plain(port)
        });
        let changes = site.dispatch.listen();
        client.wait_for("status", "online").await;
        site.measure([47.0, 45.0]);
        let mut commander = Commander {
            host,
            port,
            client,
            answered: 0,
        };
        commander.command(5).await;
        Cluster {
            servers,
            site,
            changes,
            commander,
        }
    }

    /// Which of the servers the controller is connected to.
    async fn in_use(&self) -> usize {
        for _ in 0..300 {
            for (index, server) in self.servers.iter().enumerate() {
                if server.has_client("habitat-hq").await {
                    return index;
                }
            }
            sleep(Duration::from_millis(100)).await;
        }
        panic!("no server knows the controller");
    }

    /// Commands that go on after a kill are answered, state is right for whoever comes, and a mute works.
    async fn works(mut self) {
        let killed = Instant::now();
        self.commander.command(1).await;
        println!("the first command was answered {:?} after the kill", killed.elapsed());
        self.commander.command(20).await;
        self.wait_until_retained(52, "OFF").await;
        self.site.control.mute(None, true, Channel::Http);
        self.wait_until_retained(53, "ON").await;
        self.release().await;
        self.wait_until_retained(54, "OFF").await;
        // Whatever was answered was carried out, once.
        let changes = std::iter::from_fn(|| self.changes.try_recv().ok());
        let changes = changes.filter(|event| matches!(event.data, Data::Preferences(_))).count();
        assert_eq!(changes, self.commander.answered);
        assert_eq!(self.site.settings(0).offset_db, self.commander.last_offset_db());
        println!("everything was right {:?} after the kill", killed.elapsed());
    }

    /// Releases the site by way of the third server, again and again until it is done: what comes during an election can be lost.
    async fn release(&self) {
        let (host, port) = (self.servers[2].host(), self.servers[2].port());
        for _ in 0..90 {
            let client = Client::connect_to(host, port).await;
            client.send("mute/set", "OFF").await;
            for _ in 0..20 {
                if !self.site.control.mutes().borrow().site {
                    return;
                }
                sleep(Duration::from_millis(50)).await;
            }
        }
        panic!("the site is not released");
    }

    /// Waits until whoever comes to the third server sees this. A server hears of what is retained a moment later.
    async fn wait_until_retained(&self, laeq_db: u32, muted: &str) {
        let server = &self.servers[2];
        let mut seen = String::new();
        for second in 1..30 {
            self.site.measure([f64::from(laeq_db) + f64::from(second) / 100.0, 45.0]);
            let arguments = ["-h", server.host(), "-V", "mqttv311", "-t", "habitat/#", "-W", "1", "-v"];
            let output = tool("mosquitto_sub", server.port(), &arguments).await;
            seen = String::from_utf8(output.stdout).unwrap();
            let is_there = |name: &str, part: &str| {
                let topic = topic(name) + " ";
                let mut of_topic = seen.lines().filter_map(|line| line.strip_prefix(&topic));
                of_topic.next_back().is_some_and(|payload| payload.contains(part))
            };
            let level = format!("\"laeq_db\":{laeq_db}.");
            if is_there("status", "online") && is_there("mute/state", muted) && is_there("zone/north-east/state", &level) {
                return;
            }
        }
        panic!("something is not right: {seen}");
    }
}

/// Somebody who connects again and sends a command again until it is answered, as programs do.
struct Commander {
    host: String,
    port: u16,
    client: Client,
    answered: usize,
}

impl Commander {
    async fn command(&mut self, count: usize) {
        for _ in 0..count {
            self.answered += 1;
            let command = json!({"offset_db": self.last_offset_db(), "id": self.answered.to_string()});
            let mut tries = 0..90;
            while !self.is_carried_out(&command).await {
                assert!(tries.next().is_some(), "{command} is not answered");
            }
        }
    }

    async fn is_carried_out(&mut self, command: &Value) -> bool {
        if self.client.is_lost() {
            self.client = Client::connect_to(&self.host, self.port).await;
        }
        let answer = self.client.try_command(ZONES[0], command, Duration::from_secs(1)).await;
        let Some(answer) = answer else { return false };
        assert_eq!(
            (&answer["ok"], &answer["effective"]["offset_db"]),
            (&json!(true), &command["offset_db"])
        );
        true
    }

    fn last_offset_db(&self) -> f64 {
        -(self.answered as f64) / 100.0
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_server_that_the_controller_uses_is_killed_it_goes_to_another() {
    let mut cluster = Cluster::start().await;
    let used = cluster.in_use().await;
    cluster.servers[used].kill();
    cluster.works().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_the_controller_does_not_use_may_be_killed() {
    let mut cluster = Cluster::start().await;
    let used = cluster.in_use().await;
    cluster.servers[1 - used].kill();
    cluster.works().await;
}
