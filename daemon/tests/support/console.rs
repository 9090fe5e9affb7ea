//! A client for the console of a running daemon.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::habitatd::{Daemon, HANG};

/// Asks one question after the other.
pub struct Console {
    runtime: tokio::runtime::Runtime,
    client: reqwest::Client,
    base: String,
}

impl Console {
    /// Waits until the daemon's console listens on the port.
    pub fn of(daemon: &mut Daemon, port: u16) -> Self {
        let console = Console {
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
            client: reqwest::Client::builder()
                .no_proxy()
                .pool_max_idle_per_host(0)
                .build()
                .unwrap(),
            base: format!("http://127.0.0.1:{port}"),
        };
        let begun = Instant::now();
        while console.try_get("/healthz").is_none() {
            assert!(!daemon.has_ended(), "habitatd ended:\n{}", daemon.log());
            assert!(begun.elapsed() < HANG, "the console does not answer:\n{}", daemon.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        console
    }

    fn try_get(&self, path: &str) -> Option<Value> {
        let request = self.client.get(format!("{}{path}", self.base)).timeout(HANG);
        self.runtime.block_on(async { request.send().await.ok()?.json().await.ok() })
    }

    /// The answer to a question, as JSON.
    pub fn get(&self, path: &str) -> Value {
        self.try_get(path)
            .unwrap_or_else(|| panic!("{path} is not answered with JSON"))
    }

    /// Tries to change something, whatever the answer.
    pub fn try_change(&self, method: reqwest::Method, path: &str, body: &Value) {
        let request = self.client.request(method, format!("{}{path}", self.base));
        let request = request.timeout(HANG).json(body);
        let _ = self.runtime.block_on(async { request.send().await });
    }

    /// Changes something; the answer must be 200.
    pub fn change(&self, method: reqwest::Method, path: &str, body: &Value) -> Value {
        let request = self
            .client
            .request(method, format!("{}{path}", self.base))
            .timeout(HANG)
            .json(body);
        self.runtime.block_on(async {
            let response = request.send().await.unwrap();
            let (status, text) = (response.status(), response.text().await.unwrap());
            assert_eq!(status, 200, "{path}: {text}");
            serde_json::from_str(&text).unwrap()
        })
    }
}
