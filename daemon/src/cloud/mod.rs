//! Shipping: what waits in the outbox goes to the cloud tenant, every event once and in order.
//!
//! [`run`] is a state machine (`sender`) around one HTTPS client (`client`): one request at a time, so that the order
//! per source stays. An event leaves the outbox only after the tenant has confirmed or refused it; an answer that got
//! lost means that the same events are sent again, and the tenant knows them by source and id. "Should this be tried
//! again?" (`outcome`) and "when?" (`backoff`, `retry_after`) are
//! separate and know nothing of the network.

mod batch;
mod batch_size;
mod client;
mod handshake;
mod lanes;
mod outcome;
mod retry_after;
mod sender;
mod site;
mod token;

#[cfg(test)]
mod sender_tests;

use std::time::Duration;

use habitat_config::site::Cloud;
use tokio_util::sync::CancellationToken;

use self::{client::HttpTenant, sender::Sender, site::Site};
use crate::{backoff::Backoff, health::Health, store::Store};

/// The first wait after a failure is at most this: a hiccup should not be noticed.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// No wait is longer: after an outage the data is there within a minute.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// At shutdown, how long the last events may take. With the fade-out it stays within what people wait for Ctrl-C; what
/// does not make it waits in the outbox.
const LAST_ATTEMPT: Duration = Duration::from_secs(1);

/// Ships until shutdown. Whatever goes wrong is told to the health board and tried again.
///
/// Events that are appended before `shutdown` is cancelled still have their chance of one last attempt of 1 s.
pub async fn run(cloud: Cloud, site_id: String, store: Store, health: Health, shutdown: CancellationToken) {
    let backoff = Backoff::new(FIRST_WAIT, LONGEST_WAIT, fastrand::u64(..));
    let site = Site::new(&cloud);
    let tenant = HttpTenant::new(cloud, site_id);
    let sender = Sender::new(site, tenant, store, health, shutdown.clone(), backoff);
    let deadline = async {
        shutdown.cancelled().await;
        tokio::time::sleep(LAST_ATTEMPT).await;
    };
    tokio::select! {
        () = sender.run() => {}
        () = deadline => tracing::info!("the tenant did not answer in time; unsent events stay in the outbox"),
    }
}
