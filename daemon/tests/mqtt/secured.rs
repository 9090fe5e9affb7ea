//! TLS with an own authority, and passwords, on Mosquitto.

use std::{path::Path, process::Command};

use habitat_config::site::Mqtt;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use crate::{
    mosquitto::Mosquitto,
    site::{Site, plain, wait},
};

/// An authority `ca.pem`, and of it `server.pem` with `server.key` for localhost and `client.pem` with `client.key`.
fn write_certificates(folder: &Path) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // With the name that all certificates have here, those that it signs would look as if they had signed themselves.
    params.distinguished_name.push(DnType::CommonName, "authority");
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    std::fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    for (name, host) in [("server", "localhost"), ("client", "habitat-hq")] {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &authority).unwrap();
        std::fs::write(folder.join(format!("{name}.pem")), certificate.pem()).unwrap();
        std::fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
    }
}

/// A broker with TLS that knows one user, `habitat` with `right`.
fn secured() -> Mosquitto {
    let folder = tempfile::tempdir().unwrap();
    write_certificates(folder.path());
    let file = |name: &str| folder.path().join(name).display().to_string();
    let made = Command::new("mosquitto_passwd")
        .args(["-b", "-c", &file("users"), "habitat", "right"])
        .status()
        .unwrap();
    assert!(made.success());
    let lines = format!(
        "certfile {}\nkeyfile {}\nallow_anonymous false\npassword_file {}",
        file("server.pem"),
        file("server.key"),
        file("users")
    );
    Mosquitto::with(folder, &lines)
}

fn access(broker: &Mosquitto) -> Mqtt {
    Mqtt {
        host: "localhost".into(),
        tls: true,
        ca_file: Some(broker.path("ca.pem")),
        username: Some("habitat".into()),
        password_file: Some(broker.path("password")),
        ..plain(broker.port())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_is_named_and_a_right_one_counts_at_the_next_attempt() {
    let broker = secured();
    std::fs::write(broker.path("password"), "wrong\n").unwrap();
    let site = Site::with(access(&broker));
    let problem = site.wait_for_problem("password").await;
    assert!(
        problem.contains("\"habitat\"") && problem.contains("mqtt.password_file"),
        "{problem}"
    );
    assert!(!problem.contains("wrong"), "{problem}");
    std::fs::write(broker.path("password"), "right\n").unwrap();
    site.wait_until_up().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_password_file_the_file_is_named() {
    let broker = secured();
    let site = Site::with(access(&broker));
    site.wait_for_problem("cannot be read").await;
    std::fs::write(broker.path("password"), "right").unwrap();
    site.wait_until_up().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_any_user_the_broker_wants_one() {
    let broker = secured();
    let site = Site::with(Mqtt {
        username: None,
        password_file: None,
        ..access(&broker)
    });
    site.wait_for_problem("set `mqtt.username`").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_with_an_unknown_authority_is_not_trusted() {
    let broker = secured();
    std::fs::write(broker.path("password"), "right\n").unwrap();
    let others = tempfile::tempdir().unwrap();
    write_certificates(others.path());
    let site = Site::with(Mqtt {
        ca_file: Some(others.path().join("ca.pem")),
        ..access(&broker)
    });
    let problem = site.wait_for_problem("TLS").await;
    assert!(problem.contains("mqtt.ca_file"), "{problem}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_for_another_name_is_not_trusted() {
    let broker = secured();
    std::fs::write(broker.path("password"), "right\n").unwrap();
    let site = Site::with(Mqtt {
        host: "127.0.0.1".into(),
        ..access(&broker)
    });
    let problem = site.wait_for_problem("TLS").await;
    assert!(problem.contains("mqtt.host"), "{problem}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_that_expects_tls_is_named() {
    let broker = secured();
    let site = Site::start(broker.port());
    site.wait_for_problem("expect TLS").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_wants_a_certificate_is_shown_ours() {
    let folder = tempfile::tempdir().unwrap();
    write_certificates(folder.path());
    let file = |name: &str| folder.path().join(name).display().to_string();
    let lines = format!(
        "certfile {}\nkeyfile {}\ncafile {}\nrequire_certificate true\nallow_anonymous true",
        file("server.pem"),
        file("server.key"),
        file("ca.pem"),
    );
    let broker = Mosquitto::with(folder, &lines);
    let nobody = Mqtt {
        username: None,
        password_file: None,
        ..access(&broker)
    };
    let without = Site::with(nobody.clone());
    without.wait_for_problem("mqtt.certificate_file").await;
    let with = Site::with(Mqtt {
        certificate_file: Some(broker.path("client.pem")),
        key_file: Some(broker.path("client.key")),
        ..nobody
    });
    with.wait_until_up().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_password_may_be_a_credential_of_systemd() {
    let broker = secured();
    std::fs::create_dir(broker.path("credentials")).unwrap();
    std::fs::write(broker.path("credentials/mqtt.password_file"), "right\n").unwrap();
    let layout = "[[floor]]\nid = \"1\"\noutline = [[0,0],[8,0],[8,8],[0,8]]\nheight_m = 2.8\n[[zone]]\nid = \"room\"\nfloor = \"1\"\n\
                  kind = \"focus\"\noutline = [[0,0],[8,0],[8,8],[0,8]]\n";
    std::fs::write(broker.path("layout.toml"), layout).unwrap();
    let config = format!(
        "layout = \"layout.toml\"\nstate_dir = \"state\"\n[site]\nid = \"hq\"\n[audio]\nbackend = \"virtual\"\n\
         [mqtt]\nhost = \"localhost\"\nport = {}\ntls = true\nca_file = \"ca.pem\"\nusername = \"habitat\"\n",
        broker.port()
    );
    std::fs::write(broker.path("habitat.toml"), config).unwrap();
    let mut daemon = Command::new(env!("CARGO_BIN_EXE_habitatd"))
        .args(["run", "--config"])
        .arg(broker.path("habitat.toml"))
        .env("CREDENTIALS_DIRECTORY", broker.path("credentials"))
        .spawn()
        .unwrap();
    let connected = wait(|| Some(broker.log()).filter(|log| log.contains("as habitat-hq") && log.contains("u'habitat'"))).await;
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    assert!(!connected.contains("not authorised"), "{connected}");
}
