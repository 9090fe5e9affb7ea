//! Clients that show a certificate instead of a token.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    sync::Arc,
};

use habitat_tenant::{Limits, ServeOptions, Tls};
use rcgen::KeyPair;
use reqwest::{Certificate, Identity, StatusCode};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer},
    sign::{CertifiedKey, SingleCertAndKey},
};
use serde_json::{Value, json};

use crate::support::{
    Place, TOKEN, Tenant,
    admin::{admin, done, register},
    client::{Answer, BATCH, receipt, send},
    events::{body, minutes},
    on_both_stores,
};

on_both_stores![
    a_registered_certificate_opens_its_sites_until_it_is_revoked,
    a_certificate_of_which_nothing_is_known_opens_nothing_and_a_token_beside_it_counts,
    a_certificate_of_two_tenants_belongs_to_the_one_that_has_the_site,
    a_certificate_without_its_key_gets_no_connection,
];

/// A certificate with its key, as a controller has it.
struct Own {
    pem: PathBuf,
    identity: Identity,
    key: KeyPair,
    certificate: rcgen::Certificate,
}

fn own(place: &Place, name: &str) -> Own {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).expect("a certificate");
    let rcgen::CertifiedKey { cert, signing_key } = made;
    let pem = place.folder().join(format!("{name}.pem"));
    std::fs::write(&pem, cert.pem()).expect("written");
    let both = cert.pem() + &signing_key.serialize_pem();
    Own {
        pem,
        identity: Identity::from_pem(both.as_bytes()).expect("an identity"),
        key: signing_key,
        certificate: cert,
    }
}

/// A tenant on TLS, and its certificate.
async fn start(place: &Place) -> (Tenant, CertificateDer<'static>) {
    let server = own(place, "localhost");
    let key = place.folder().join("server.key");
    std::fs::write(&key, server.key.serialize_pem()).expect("written");
    let options = ServeOptions {
        tls: Some(Tls::read(&server.pem, &key).expect("well-formed")),
        ..ServeOptions::default()
    };
    let tenant = Tenant::start_as(place, Limits::default(), options, |router| router).await;
    (tenant, server.certificate.der().clone())
}

fn client(root: &CertificateDer<'static>, identity: Option<&Identity>) -> reqwest::Client {
    let root = Certificate::from_der(root).expect("a certificate");
    let builder = reqwest::Client::builder().no_proxy().tls_certs_only([root]);
    let builder = match identity {
        Some(identity) => builder.identity(identity.clone()),
        None => builder,
    };
    builder.build().expect("a client")
}

/// Delivers a minute.
async fn post(tenant: &Tenant, client: &reqwest::Client, site: &str, token: Option<&str>) -> Answer {
    let url = format!("https://localhost:{}/v1/sites/{site}/events", tenant.address.port());
    let request = client.post(url).header("content-type", BATCH).body(body(&minutes(1)));
    send(match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    })
    .await
}

async fn a_registered_certificate_opens_its_sites_until_it_is_revoked(place: Place) {
    let (tenant, root) = start(&place).await;
    register(&place, "acme", &["hq", "lab"]);
    let controller = own(&place, "controller");
    let pem = controller.pem.to_str().expect("text");
    let admit = ["token", "create", "acme", "--site", "hq", "--certificate", pem];
    let id = admin(&place, &admit).token();
    assert_eq!(id.len(), 12, "{id}");
    assert_eq!(admin(&place, &admit).code, Some(64), "it is there already");

    let client = client(&root, Some(&controller.identity));
    assert_eq!(post(&tenant, &client, "hq", None).await.json, receipt(1, 0));
    assert_eq!(post(&tenant, &client, "lab", None).await.status, StatusCode::FORBIDDEN);
    let statement = client.get(format!("https://localhost:{}/v1/sites/hq", tenant.address.port()));
    let statement = send(statement).await;
    assert_eq!(statement.json, json!({ "site": "hq", "tenant": "acme", "region": null }));

    done(&place, &["token", "revoke", "acme", &id]);
    let refused = post(&tenant, &client, "hq", None).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(refused.error().contains("revoked"), "{refused:?}");
}

async fn a_certificate_of_which_nothing_is_known_opens_nothing_and_a_token_beside_it_counts(place: Place) {
    let (tenant, root) = start(&place).await;
    register(&place, "acme", &["hq"]);
    let (known, stranger) = (own(&place, "known"), own(&place, "stranger"));
    let pem = known.pem.to_str().expect("text");
    admin(&place, &["token", "create", "acme", "--every-site", "--certificate", pem]).token();

    let stranger = client(&root, Some(&stranger.identity));
    assert_eq!(post(&tenant, &stranger, "hq", None).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(post(&tenant, &stranger, "hq", Some(TOKEN)).await.json, receipt(1, 0));
    let nobody = client(&root, None);
    assert_eq!(post(&tenant, &nobody, "hq", None).await.status, StatusCode::UNAUTHORIZED);
    // The fingerprint is no secret and is not a token; and a wrong token is not made good by a certificate.
    let listed: Vec<Value> = admin(&place, &["token", "list", "acme"]).entries();
    let fingerprint = listed[0]["token"].as_str().expect("a name");
    assert_eq!(
        post(&tenant, &nobody, "hq", Some(fingerprint)).await.status,
        StatusCode::UNAUTHORIZED
    );
    let known = client(&root, Some(&known.identity));
    assert_eq!(
        post(&tenant, &known, "hq", Some("wrong")).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(post(&tenant, &known, "hq", None).await.status, StatusCode::OK);
}

async fn a_certificate_of_two_tenants_belongs_to_the_one_that_has_the_site(place: Place) {
    let (tenant, root) = start(&place).await;
    let controller = own(&place, "controller");
    for (name, site) in [("acme", "hq"), ("globex", "tower")] {
        register(&place, name, &[site]);
        let pem = controller.pem.to_str().expect("text");
        admin(&place, &["token", "create", name, "--every-site", "--certificate", pem]).token();
    }
    let client = client(&root, Some(&controller.identity));
    for (site, owner) in [("hq", "acme"), ("tower", "globex")] {
        let url = format!("https://localhost:{}/v1/sites/{site}", tenant.address.port());
        assert_eq!(send(client.get(url)).await.json["tenant"], owner);
    }
    assert_eq!(post(&tenant, &client, "depot", None).await.status, StatusCode::FORBIDDEN);
}

async fn a_certificate_without_its_key_gets_no_connection(place: Place) {
    let (tenant, root) = start(&place).await;
    register(&place, "acme", &["hq"]);
    let (known, thief) = (own(&place, "known"), own(&place, "thief"));
    let pem = known.pem.to_str().expect("text");
    admin(&place, &["token", "create", "acme", "--every-site", "--certificate", pem]).token();
    // Certificates are public: the thief shows the other's, and signs with another key. No client's library does that by itself.
    let answers = |signing: &KeyPair| {
        let config = showing(&root, &known.certificate, signing);
        let name = "localhost".try_into().expect("a name");
        let mut connection = ClientConnection::new(config, name).expect("a connection");
        let mut socket = TcpStream::connect(tenant.address).expect("somebody listens");
        let mut stream = rustls::Stream::new(&mut connection, &mut socket);
        let mut answer = String::new();
        let request = b"GET /v1/sites/hq HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream
            .write_all(request)
            .and_then(|()| stream.read_to_string(&mut answer))
            .map(|_| answer)
    };
    assert!(answers(&known.key).expect("an answer").starts_with("HTTP/1.1 200"));
    let refused = answers(&thief.key).expect_err("the key is not that of the certificate");
    assert!(refused.to_string().contains("DecryptError"), "{refused}");
}

/// A client that shows a certificate and signs with whatever key.
fn showing(root: &CertificateDer<'static>, certificate: &rcgen::Certificate, key: &KeyPair) -> Arc<ClientConfig> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).expect("a certificate");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let signing = provider.key_provider.load_private_key(key).expect("a key");
    let shown = CertifiedKey::new(vec![certificate.der().clone()], signing);
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().expect("versions");
    let builder = builder.with_root_certificates(roots);
    Arc::new(builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(shown))))
}
