//! Shipping over real connections, to a tenant that this test controls.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod real;
mod tenant;

use std::{net::TcpListener, path::Path};

use axum::http::header;
use habitat_config::site::Cloud;
use habitat_events::{CloudEvent, Data, Event, Mute};
use habitatd::{
    cloud,
    health::{Condition, Health, Part},
    store::{Store, WhenFull},
};
use jiff::Timestamp;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::tenant::{Authority, Fault, Server, localhost, lock};

const SITE: &str = "hq-3";

/// The daemon's side.
struct Shipping {
    store: Store,
    health: Health,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl Shipping {
    fn start(state_dir: &Path, cloud: Cloud) -> Self {
        let health = Health::default();
        let (store, _) = Store::open(state_dir, health.clone()).unwrap();
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(cloud::run(
            cloud,
            SITE.to_owned(),
            store.clone(),
            health.clone(),
            shutdown.clone(),
        ));
        Shipping {
            store,
            health,
            shutdown,
            task,
        }
    }

    async fn append(&self, numbers: std::ops::Range<u64>) {
        self.store.append(numbers.map(event).collect(), WhenFull::Wait);
        self.store.flush().await;
    }

    async fn until_empty(&self) {
        self.store.pending_count().wait_for(|events| *events == 0).await.unwrap();
    }

    async fn problem(&self) -> String {
        loop {
            if let Some(Condition::Degraded(problem)) = self.health.snapshot().get(&Part::Cloud) {
                return problem.clone();
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap();
    }
}

fn event(number: u64) -> CloudEvent {
    let data = Data::Mute(Mute {
        zone: None,
        muted: true,
        channel: "mqtt".into(),
        by: None,
    });
    let source = format!("/sites/{SITE}/controllers/1");
    let event = Event {
        id: id(number),
        source,
        subject: SITE.into(),
        time: Timestamp::UNIX_EPOCH,
        data,
    };
    CloudEvent::other(&event).unwrap()
}

fn id(number: u64) -> Uuid {
    Uuid::from_u128(number.into())
}

fn ids(numbers: std::ops::Range<u64>) -> Vec<Uuid> {
    numbers.map(id).collect()
}

/// Ships each tenth of a second.
fn cloud_at(url: String) -> Cloud {
    Cloud {
        outbox_mib: 4096.0,
        outbox_days: 90.0,
        url,
        tenant: None,
        token_file: None,
        ca_file: None,
        certificate_file: None,
        key_file: None,
        proxy: None,
        interval_s: 0.1,
        region: None,
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[tokio::test]
async fn whatever_happens_to_requests_and_answers_the_tenant_has_every_event_once_and_in_order() {
    let (server, folder) = (Server::plain(), folder());
    let shipping = Shipping::start(folder.path(), cloud_at(format!("http://{}", server.address)));
    let faults = [
        Fault::CutAfter,
        Fault::InternalError,
        Fault::CutBefore,
        Fault::LogInPage,
        Fault::Redirect,
    ];
    for (round, fault) in (0..).zip(faults) {
        server.fail(&[fault]);
        shipping.append(round * 300..(round + 1) * 300).await;
        shipping.until_empty().await;
        assert!(lock(&server.tenant).faults.is_empty());
    }
    assert_eq!(server.stored(), ids(0..1500));
    assert_eq!(shipping.store.backlog().await.unwrap().sent, 1500);
    shipping.stop().await;
}

#[tokio::test]
async fn events_whose_receipt_was_lost_before_a_restart_are_not_stored_twice() {
    let (server, folder) = (Server::plain(), folder());
    let cloud = cloud_at(format!("http://{}", server.address));
    // Shutdown may come before or after the attempt that follows a failure, so there are faults for both.
    server.fail(&[Fault::CutAfter, Fault::CutAfter]);
    let shipping = Shipping::start(folder.path(), cloud.clone());
    shipping.append(0..100).await;
    shipping.problem().await;
    shipping.stop().await;
    assert_eq!(server.stored(), ids(0..100));
    lock(&server.tenant).faults.clear();

    let shipping = Shipping::start(folder.path(), cloud);
    shipping.append(100..200).await;
    shipping.until_empty().await;
    assert_eq!(server.stored(), ids(0..200));
    shipping.stop().await;
}

#[tokio::test]
async fn requests_carry_what_the_contract_asks_for() {
    let (server, folder) = (Server::plain(), folder());
    let token_file = folder.path().join("token");
    std::fs::write(&token_file, "abc.def\n").unwrap();
    let cloud = Cloud {
        token_file: Some(token_file),
        ..cloud_at(format!("http://{}", server.address))
    };
    let shipping = Shipping::start(&folder.path().join("state"), cloud);
    shipping.append(0..1).await;
    shipping.until_empty().await;
    shipping.stop().await;
    let (uri, headers) = lock(&server.tenant).requests[0].clone();
    assert_eq!(uri.path(), "/v1/sites/hq-3/events");
    assert_eq!(headers[header::CONTENT_TYPE], "application/cloudevents-batch+json");
    assert_eq!(headers[header::CONTENT_ENCODING], "zstd");
    assert_eq!(headers[header::AUTHORIZATION], "Bearer abc.def");
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_token() {
    let (server, folder) = (Server::plain(), folder());
    server.fail(&[Fault::Redirect]);
    let shipping = Shipping::start(folder.path(), cloud_at(format!("http://{}", server.address)));
    shipping.append(0..1).await;
    shipping.until_empty().await;
    shipping.stop().await;
    let paths: Vec<String> = lock(&server.tenant)
        .requests
        .iter()
        .map(|(uri, _)| uri.path().to_owned())
        .collect();
    assert!(
        paths.len() >= 2 && paths.iter().all(|path| path == "/v1/sites/hq-3/events"),
        "{paths:?}"
    );
}

#[tokio::test]
async fn a_tenant_with_a_certificate_of_the_configured_authority_is_trusted() {
    let (authority, folder) = (Authority::new(), folder());
    let server = Server::encrypted(&authority);
    let url = format!("https://localhost:{}", server.address.port());
    let cloud = Cloud {
        ca_file: Some(authority.file_in(folder.path())),
        ..cloud_at(url)
    };
    let shipping = Shipping::start(&folder.path().join("state"), cloud);
    shipping.append(0..700).await;
    shipping.until_empty().await;
    assert_eq!(server.stored(), ids(0..700));
    shipping.stop().await;
}

#[tokio::test]
async fn a_tenant_with_a_certificate_of_another_authority_gets_nothing() {
    let folder = folder();
    let server = Server::encrypted(&Authority::new());
    let url = format!("https://localhost:{}", server.address.port());
    let cloud = Cloud {
        ca_file: Some(Authority::new().file_in(folder.path())),
        ..cloud_at(url)
    };
    let shipping = Shipping::start(&folder.path().join("state"), cloud);
    shipping.append(0..1).await;
    let problem = shipping.problem().await;
    assert!(problem.contains("certificate"), "{problem}");
    let store = shipping.store.clone();
    shipping.stop().await;
    assert!(lock(&server.tenant).requests.is_empty());
    assert_eq!(store.backlog().await.unwrap().pending, 1);
}

#[tokio::test]
async fn a_tenant_whose_certificate_is_over_or_of_another_name_gets_nothing() {
    let mut over = localhost();
    over.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let another_name = rcgen::CertificateParams::new(vec!["elsewhere.example".to_owned()]).unwrap();
    let mut not_yet = localhost();
    not_yet.not_before = rcgen::date_time_ymd(4000, 1, 1);
    for certificate in [over, another_name, not_yet] {
        let (authority, folder) = (Authority::new(), folder());
        let server = Server::with_certificate(&authority, certificate);
        let cloud = Cloud {
            ca_file: Some(authority.file_in(folder.path())),
            ..cloud_at(format!("https://localhost:{}", server.address.port()))
        };
        let shipping = Shipping::start(&folder.path().join("state"), cloud);
        shipping.append(0..1).await;
        let problem = shipping.problem().await;
        assert!(problem.contains("certificate"), "{problem}");
        let store = shipping.store.clone();
        shipping.stop().await;
        assert!(lock(&server.tenant).requests.is_empty());
        assert_eq!(store.backlog().await.unwrap().pending, 1);
    }
}

#[tokio::test]
async fn an_authority_that_cannot_be_read_is_named_and_does_not_keep_the_daemon_from_ending() {
    let folder = folder();
    std::fs::write(folder.path().join("empty.pem"), "nothing here").unwrap();
    for (file, expected) in [("missing.pem", "cannot be read"), ("empty.pem", "holds no certificate")] {
        let ca_file = Some(folder.path().join(file));
        let shipping = Shipping::start(
            &folder.path().join(file).with_extension("state"),
            Cloud {
                ca_file,
                ..cloud_at("https://localhost:1".into())
            },
        );
        shipping.append(0..1).await;
        let problem = shipping.problem().await;
        assert!(
            problem.contains(file) && problem.contains("cloud.ca_file") && problem.contains(expected),
            "{problem}"
        );
        shipping.stop().await;
    }
}

#[tokio::test]
async fn an_unreachable_tenant_is_told_with_its_address_and_the_cause() {
    let folder = folder();
    // Bound and dropped: nobody listens there.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let shipping = Shipping::start(folder.path(), cloud_at(format!("http://{address}")));
    shipping.append(0..1).await;
    let problem = shipping.problem().await;
    assert!(
        problem.contains(&address.to_string()) && problem.contains("refused"),
        "{problem}"
    );
    shipping.stop().await;
}

#[tokio::test]
async fn shutdown_delivers_what_was_appended_just_before() {
    let (server, folder) = (Server::plain(), folder());
    let cloud = Cloud {
        interval_s: 3600.0,
        ..cloud_at(format!("http://{}", server.address))
    };
    let shipping = Shipping::start(folder.path(), cloud);
    shipping.append(0..10).await;
    shipping.stop().await;
    assert_eq!(server.stored(), ids(0..10));
}

#[tokio::test]
async fn shutdown_does_not_wait_for_a_tenant_that_never_answers() {
    let (server, folder) = (Server::plain(), folder());
    server.fail(&[Fault::Silence; 3]);
    let shipping = Shipping::start(folder.path(), cloud_at(format!("http://{}", server.address)));
    shipping.append(0..10).await;
    while lock(&server.tenant).requests.is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let store = shipping.store.clone();
    // Ends because of the deadline for the last attempt; the request's own is a minute.
    tokio::time::timeout(std::time::Duration::from_secs(20), shipping.stop())
        .await
        .unwrap();
    assert_eq!(store.backlog().await.unwrap().pending, 10);
}
