//! A broker that is away for long: what the log has of it.

use std::{
    io::Write,
    net::TcpListener,
    sync::{Arc, Mutex},
    time::Duration,
};

use tracing_subscriber::EnvFilter;

use crate::{mosquitto::Mosquitto, site::Site};

/// What this thread logs, as the daemon would.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// What is said of MQTT. A zone of another controller is not heard either meanwhile, which is said once, too.
    fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let of_others = |line: &&str| !line.contains("part=RemoteZones");
        text.lines().filter(of_others).map(str::to_owned).collect()
    }
}

/// Lets time pass without waiting for it.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::sleep(time).await;
    tokio::time::resume();
}

/// On one thread, so that all of it is in the log.
#[tokio::test]
async fn a_broker_that_is_away_for_a_day_costs_one_line_and_its_return_another() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(habitatd::logging::DEFAULT_FILTER))
        .with_ansi(false)
        .with_writer(move || writer.clone());
    let _heard = tracing::subscriber::set_default(subscriber.finish());

    let mut broker = Mosquitto::start();
    let site = Site::start(broker.port());
    site.wait_until_up().await;
    assert_eq!(log.lines(), [""; 0]);

    // Half a day nothing listens there, and then something that never answers.
    broker.kill();
    site.wait_for_problem("broker").await;
    pass(Duration::from_secs(12 * 3600)).await;
    let silent = TcpListener::bind(("127.0.0.1", broker.port())).unwrap();
    silent.set_nonblocking(true).unwrap();
    pass(Duration::from_secs(12 * 3600)).await;
    let attempts = std::iter::from_fn(|| silent.accept().ok()).count();
    assert!(attempts > 100, "only {attempts} attempts in half a day");
    drop(silent);
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(
        lines[0].contains("WARN") && lines[0].contains("the MQTT broker at 127.0.0.1"),
        "{lines:?}"
    );

    broker.restart();
    site.wait_until_up().await;
    let lines = log.lines();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines[1].contains("works again"), "{lines:?}");
}
