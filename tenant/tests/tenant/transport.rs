//! HTTPS with certificates made here, and what is refused in its place.

use std::{net::TcpListener, path::PathBuf};

use habitat_tenant::{Limits, ServeError, ServeOptions, TenantService, Tls, TlsError, router, serve};
use rcgen::{CertifiedKey, KeyPair};
use reqwest::{Certificate, Method, StatusCode, Version};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::support::{
    client::{Client, receipt},
    events::minutes,
    folder, tokens,
};

/// A self-signed certificate for `localhost`, as PEM files in the folder.
fn certificate(folder: &TempDir, name: &str) -> (PathBuf, PathBuf, Certificate) {
    let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let (cert_path, key_path) = (
        folder.path().join(format!("{name}-cert.pem")),
        folder.path().join(format!("{name}-key.pem")),
    );
    std::fs::write(&cert_path, cert.pem()).expect("written");
    std::fs::write(&key_path, signing_key.serialize_pem()).expect("written");
    (
        cert_path,
        key_path,
        Certificate::from_pem(cert.pem().as_bytes()).expect("a certificate"),
    )
}

fn service(folder: &TempDir) -> TenantService {
    TenantService::open(&folder.path().join("tenant.db"), tokens(), Limits::default()).expect("the database opens")
}

fn trusting(root: Certificate) -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([root])
        .build()
        .expect("a client")
}

#[tokio::test]
async fn events_go_over_tls_to_clients_that_trust_the_certificate_and_to_no_others() {
    let folder = folder();
    let (cert, key, root) = certificate(&folder, "own");
    let (_, _, other_root) = certificate(&folder, "other");
    let tls = Tls::read(&cert, &key).expect("certificate and key are well-formed");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let (service, shutdown) = (service(&folder), CancellationToken::new());
    let options = ServeOptions {
        tls: Some(tls),
        ..ServeOptions::default()
    };
    let serving = tokio::spawn(serve(listener, router(service.clone()), options, shutdown.clone()));

    let base = format!("https://localhost:{port}");
    let client = Client::with(trusting(root.clone()), &base);
    assert_eq!(client.post(&minutes(3)).await.json, receipt(3, 0));
    assert_eq!(client.all("hq", "").await.len(), 3);
    let health = client.request(Method::GET, "/healthz").send().await.expect("an answer");
    assert_eq!((health.status(), health.version()), (StatusCode::OK, Version::HTTP_2));

    let distrustful = Client::with(trusting(other_root), &base);
    assert!(distrustful.batch(Vec::new()).send().await.is_err());
    let wrong_name = Client::with(trusting(root), &format!("https://127.0.0.1:{port}"));
    assert!(wrong_name.batch(Vec::new()).send().await.is_err());
    let plain = Client::new(&format!("http://localhost:{port}"));
    assert!(plain.batch(Vec::new()).send().await.is_err());

    assert_eq!(client.all("hq", "").await.len(), 3);
    shutdown.cancel();
    serving.await.expect("no panic").expect("the server ends in order");
    service.close().await;
}

#[tokio::test]
async fn plain_http_is_served_on_loopback_only() {
    let folder = folder();
    let listener = TcpListener::bind("0.0.0.0:0").expect("a free port");
    let result = serve(
        listener,
        router(service(&folder)),
        ServeOptions::default(),
        CancellationToken::new(),
    )
    .await;
    let error = result.expect_err("everybody could read the tokens");
    assert!(matches!(error, ServeError::PlainBeyondLoopback(_)));
    for word in ["0.0.0.0", "certificate", "127.0.0.1"] {
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn certificates_that_cannot_be_used_are_named() {
    let folder = folder();
    let (cert, key, _) = certificate(&folder, "own");
    let (_, other_key, _) = certificate(&folder, "other");
    let garbage = folder.path().join("garbage.pem");
    std::fs::write(&garbage, "not PEM").expect("written");
    let absent = folder.path().join("absent.pem");
    let ec_only = KeyPair::generate().expect("a key").serialize_pem();
    let key_as_cert = folder.path().join("key-as-cert.pem");
    std::fs::write(&key_as_cert, ec_only).expect("written");

    for (cert, key, named) in [
        (&absent, &key, "absent.pem"),
        (&garbage, &key, "garbage.pem"),
        (&key_as_cert, &key, "key-as-cert.pem"),
        (&cert, &absent, "absent.pem"),
        (&cert, &garbage, "garbage.pem"),
        (&cert, &cert, "own-cert.pem"),
    ] {
        let error = Tls::read(cert, key).expect_err("it cannot be used");
        assert!(matches!(error, TlsError::Pem { .. }), "{error}");
        assert!(error.to_string().contains(named), "{error}");
    }
    let error = Tls::read(&cert, &other_key).expect_err("the key is that of another certificate");
    assert!(matches!(error, TlsError::Unusable { .. }), "{error}");
}
