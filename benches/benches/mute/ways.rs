//! Ways to mute.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread::spawn,
};

use rumqttc::{
    NetworkOptions,
    v5::{Client, MqttOptions, mqttbytes::QoS},
};
use rustix::process::{Pid, Signal, kill_process};

use crate::daemon::{Daemon, SITE};

/// One of them.
pub enum Way {
    /// A message of a connected client.
    Mqtt(Client),
    /// A request on a new connection.
    Http,
    /// SIGUSR1.
    Signal,
}

/// An answer that is still to come.
pub struct Answer(Option<TcpStream>);

impl Way {
    /// A client that is connected; it waits until the daemon has subscribed.
    pub fn mqtt(port: u16, daemon: &Daemon) -> Self {
        let mut network = NetworkOptions::new();
        network.set_tcp_nodelay(true);
        let mut options = MqttOptions::new("bench", "127.0.0.1", port);
        options.set_network_options(network);
        let (client, mut connection) = Client::new(options, 10);
        spawn(move || while connection.iter().next().is_some_and(|event| event.is_ok()) {});
        daemon.wait_for_broker();
        Way::Mqtt(client)
    }

    /// Sends it without waiting for the answer.
    pub fn mute(&mut self, daemon: &Daemon) -> Answer {
        match self {
            Way::Mqtt(client) => {
                let topic = format!("habitat/{SITE}/mute/set");
                client.publish(topic, QoS::AtLeastOnce, false, "ON").unwrap();
                Answer(None)
            }
            Way::Http => Answer(Some(put_mute(daemon.console(), true))),
            Way::Signal => {
                let process = Pid::from_raw(daemon.id() as i32).unwrap();
                kill_process(process, Signal::USR1).unwrap();
                Answer(None)
            }
        }
    }
}

impl Answer {
    /// Waits for it, where there is one.
    pub fn wait(self) {
        if let Some(mut connection) = self.0 {
            let mut answer = String::new();
            connection.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
    }

    /// That of a release.
    pub fn of_release(port: u16) -> Self {
        Answer(Some(put_mute(port, false)))
    }
}

fn put_mute(port: u16, muted: bool) -> TcpStream {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).unwrap();
    connection.set_nodelay(true).unwrap();
    let body = format!("{{\"muted\":{muted}}}");
    let request = format!(
        "PUT /api/v1/mute HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(request.as_bytes()).unwrap();
    connection
}
