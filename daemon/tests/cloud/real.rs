//! Shipping to the real tenant on TLS: what both agree on before, what is shown to get in, and the way through a proxy.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use habitat_config::site::Cloud;
use habitat_tenant::{Fingerprint, Limits, ServeOptions, TenantService, Tls, Tokens, router, serve};
use habitatd::health::{Condition, Part};
use rcgen::CertifiedKey;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::{SITE, Shipping, cloud_at, folder};

/// Writes a self-signed certificate for `localhost` and its key.
fn certificate(certificate: &Path, key: &Path) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let CertifiedKey { cert, signing_key } = made;
    fs::write(certificate, cert.pem()).unwrap();
    fs::write(key, signing_key.serialize_pem()).unwrap();
}

/// A tenant, a controller's certificate, and where everything is.
struct Real {
    folder: TempDir,
    address: SocketAddr,
    own: PathBuf,
    key: PathBuf,
}

impl Real {
    /// Knows the controller's certificate, and the token `secret`.
    fn start(region: Option<&str>) -> Self {
        let folder = folder();
        let file = |name: &str| folder.path().join(name);
        let (own, key) = (file("own.pem"), file("own.key"));
        certificate(&own, &key);
        certificate(&file("server.pem"), &file("server.key"));
        let tls = Tls::read(&file("server.pem"), &file("server.key")).unwrap();
        let known = format!("{SITE} {}\n{SITE} secret\n", Fingerprint::read(&own).unwrap());
        let tokens = Tokens::parse(&known).unwrap();
        let service = TenantService::open(&file("tenant.db"), tokens, Limits::default()).unwrap();
        let app = router(service.in_region(region));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let options = ServeOptions {
            tls: Some(tls),
            ..ServeOptions::default()
        };
        tokio::spawn(serve(listener, app, options, CancellationToken::new()));
        Real {
            folder,
            address,
            own,
            key,
        }
    }

    /// A link that shows the certificate.
    fn cloud(&self) -> Cloud {
        Cloud {
            ca_file: Some(self.folder.path().join("server.pem")),
            certificate_file: Some(self.own.clone()),
            key_file: Some(self.key.clone()),
            ..cloud_at(format!("https://localhost:{}", self.address.port()))
        }
    }

    fn ship(&self, cloud: Cloud) -> Shipping {
        Shipping::start(&self.folder.path().join("state"), cloud)
    }
}

#[tokio::test]
async fn a_certificate_lets_the_controller_in_and_new_files_are_used_without_a_restart() {
    let real = Real::start(None);
    let shipping = real.ship(real.cloud());
    shipping.append(0..10).await;
    shipping.until_empty().await;

    // The tenant does not know the new one, which shows that it is in use.
    certificate(&real.own, &real.key);
    shipping.append(10..20).await;
    let problem = shipping.problem().await;
    assert!(problem.contains("certificate") && problem.contains("own.pem"), "{problem}");
    assert_eq!(shipping.store.backlog().await.unwrap().pending, 10);
    shipping.stop().await;
}

#[tokio::test]
async fn a_key_that_is_not_that_of_the_certificate_is_named() {
    let real = Real::start(None);
    certificate(&real.folder.path().join("other.pem"), &real.key);
    let shipping = real.ship(real.cloud());
    shipping.append(0..1).await;
    let problem = shipping.problem().await;
    assert!(problem.contains("own.pem") && problem.contains("own.key"), "{problem}");
    shipping.stop().await;
}

#[tokio::test]
async fn data_go_only_to_a_tenant_that_states_the_region_of_the_configuration() {
    for (stated, sent) in [(Some("eu-north"), true), (Some("us-east"), false), (None, false)] {
        let real = Real::start(stated);
        let cloud = Cloud {
            region: Some("eu-north".into()),
            ..real.cloud()
        };
        let shipping = real.ship(cloud);
        shipping.append(0..10).await;
        if sent {
            shipping.until_empty().await;
        } else {
            let problem = shipping.problem().await;
            assert!(problem.contains("cloud.region") && problem.contains("eu-north"), "{problem}");
            assert!(problem.contains(stated.unwrap_or("does not say")), "{problem}");
            assert_eq!(shipping.store.backlog().await.unwrap().pending, 10);
        }
        shipping.stop().await;
    }
}

/// A real proxy; dropping it ends it.
struct Tinyproxy {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
}

impl Tinyproxy {
    fn start(folder: &Path, to: u16) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (settings, log) = (folder.join("proxy.conf"), folder.join("proxy.log"));
        let port = address.port();
        let text = format!(
            "Port {port}\nListen 127.0.0.1\nAllow 127.0.0.1\nConnectPort {to}\nLogFile \"{}\"\nLogLevel Connect\nTimeout 60\n",
            log.display()
        );
        fs::write(&settings, text).unwrap();
        let mut command = Command::new("tinyproxy");
        command
            .arg("-d")
            .arg("-c")
            .arg(&settings)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let child = command.spawn().expect("the package tinyproxy is installed");
        while TcpStream::connect(address).is_err() {
            std::thread::sleep(Duration::from_millis(10));
        }
        Tinyproxy { child, address, log }
    }
}

impl Drop for Tinyproxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_proxy_leads_to_the_tenant_and_sees_nothing_but_where_it_is() {
    let real = Real::start(None);
    let proxy = Tinyproxy::start(real.folder.path(), real.address.port());
    let token_file = real.folder.path().join("token");
    fs::write(&token_file, "secret\n").unwrap();
    let cloud = Cloud {
        proxy: Some(format!("http://{}", proxy.address)),
        token_file: Some(token_file),
        certificate_file: None,
        key_file: None,
        ..real.cloud()
    };
    let shipping = real.ship(cloud);
    shipping.append(0..10).await;
    shipping.until_empty().await;
    let log = fs::read_to_string(&proxy.log).unwrap();
    assert!(log.contains(&format!("CONNECT localhost:{}", real.address.port())), "{log}");
    assert!(!log.contains("/v1/sites"), "{log}");

    // Without the proxy there is no way, and the proxy is what is named.
    let address = proxy.address.to_string();
    drop(proxy);
    // The connection through it has ended with it.
    shipping.append(10..20).await;
    let problem = shipping.problem().await;
    assert!(
        problem.contains("refused") || problem.contains("proxy") || problem.contains(&address),
        "{problem}"
    );
    shipping.stop().await;
    assert_eq!(shipping_state(&real).await, Condition::Ok);
}

/// Straight to the tenant everything arrives, which shows that only the proxy was in the way.
async fn shipping_state(real: &Real) -> Condition {
    let shipping = real.ship(real.cloud());
    shipping.until_empty().await;
    while !shipping.health.snapshot().contains_key(&Part::Cloud) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let state = shipping.health.snapshot()[&Part::Cloud].clone();
    shipping.stop().await;
    state
}
