//! The embedded broker with the tools that people use, and with what makes others fall over.

use std::{io::Write, net::TcpStream, process::Stdio};

use habitatd::demo::broker;

use crate::commands::{text, tool};

/// The embedded broker, as tests want one.
pub struct Embedded(broker::EmbeddedBroker);

impl Embedded {
    /// On a free port.
    pub async fn start() -> Self {
        Embedded(broker::start("127.0.0.1:0".parse().unwrap()).await.unwrap())
    }

    /// Where it listens on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.0.address().port()
    }
}

const VERSIONS: [&str; 2] = ["mqttv311", "mqttv5"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_versions_of_the_protocol_see_each_others_retained_messages() {
    let broker = broker::start("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let port = broker.address().port();
    for publisher in VERSIONS {
        let name = format!("t/{publisher}");
        text(
            &tool(
                "mosquitto_pub",
                port,
                &["-V", publisher, "-q", "1", "-r", "-t", &name, "-m", "kept"],
            )
            .await,
        );
        for subscriber in VERSIONS {
            let seen = tool("mosquitto_sub", port, &["-V", subscriber, "-C", "1", "-W", "20", "-t", &name]).await;
            assert_eq!(text(&seen), "kept", "{publisher} to {subscriber}");
        }
    }
    broker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn properties_of_version_5_do_not_hurt_version_3_1_1() {
    let broker = broker::start("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let port = broker.address().port();
    let properties = [
        ["-D", "publish", "user-property", "key", "value"].as_slice(),
        &["-D", "publish", "content-type", "text/plain"],
        &["-D", "publish", "response-topic", "answers"],
        &["-D", "publish", "correlation-data", "17"],
        &["-D", "publish", "message-expiry-interval", "1000"],
        &["-D", "publish", "payload-format-indicator", "1"],
    ];
    for (n, property) in properties.iter().enumerate() {
        let name = format!("t/{n}");
        let arguments = [&["-V", "mqttv5", "-r", "-q", "1", "-t", &name, "-m", "kept"], *property].concat();
        text(&tool("mosquitto_pub", port, &arguments).await);
        for subscriber in VERSIONS {
            let seen = tool("mosquitto_sub", port, &["-V", subscriber, "-C", "1", "-W", "20", "-t", &name]).await;
            assert_eq!(text(&seen), "kept", "{property:?} to {subscriber}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_will_of_either_version_reaches_both() {
    let broker = broker::start("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let port = broker.address().port();
    for version in VERSIONS {
        let name = format!("will/{version}");
        let arguments = format!(
            "-h 127.0.0.1 -p {port} -V {version} -t ready --will-topic {name} --will-payload gone --will-retain --will-qos 1"
        );
        let mut doomed = std::process::Command::new("mosquitto_sub")
            .args(arguments.split(' '))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // It is there once it has seen a retained message.
        text(&tool("mosquitto_pub", port, &["-r", "-t", "ready", "-m", "x"]).await);
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(doomed.stdout.take().unwrap()), &mut line).unwrap();
        doomed.kill().unwrap();
        doomed.wait().unwrap();
        for subscriber in VERSIONS {
            let seen = tool("mosquitto_sub", port, &["-V", subscriber, "-C", "1", "-W", "20", "-t", &name]).await;
            assert_eq!(text(&seen), "gone", "{version} to {subscriber}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_on_one_connection_leaves_the_others() {
    let broker = broker::start("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let port = broker.address().port();
    let garbage: [&[u8]; 4] = [b"GET / HTTP/1.1\r\n\r\n", &[0xff; 1000], b"\x10\xff\xff\xff\x7f", b"\x30\x00"];
    for bytes in garbage {
        let mut socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
        socket.write_all(bytes).unwrap();
    }
    text(&tool("mosquitto_pub", port, &["-q", "1", "-t", "t", "-m", "x"]).await);
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let error = broker::start(taken.local_addr().unwrap()).await.unwrap_err().to_string();
    assert!(
        error.contains(&taken.local_addr().unwrap().port().to_string()) && error.contains("in use"),
        "{error}"
    );
}

#[tokio::test]
async fn it_does_not_listen_beyond_this_machine() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:1883"] {
        let error = broker::start(address.parse().unwrap()).await.unwrap_err().to_string();
        assert!(error.contains("only listens on this machine"), "{error}");
    }
}

#[tokio::test]
async fn after_it_stopped_the_port_is_free() {
    let broker = broker::start("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = broker.address();
    broker.stop().await;
    broker::start(address).await.unwrap().stop().await;
}
