//! The way to the server: checked certificates, passwords that stand in no argument, and a log without them.

use std::{
    io::Read,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::PathBuf,
    process::Stdio,
};

use habitat_tenant::{Limits, TenantService};
use rcgen::CertifiedKey;

use crate::support::{
    Place,
    client::receipt,
    events::minutes,
    process::{Program, serve_command},
    tokens,
};

/// Puts down a file that only its owner, the user of the server, can read.
fn put(place: &Place, name: &str, text: &str) -> PathBuf {
    let path = place.folder().join(name);
    std::fs::write(&path, text).expect("written");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).expect("closed");
    let owner = std::fs::metadata(place.folder()).expect("a folder");
    chown(&path, Some(owner.uid()), Some(owner.gid())).expect("given away");
    path
}

/// A certificate for `localhost` and its key, as PEM.
fn certificate() -> (String, String) {
    let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    (cert.pem(), signing_key.serialize_pem())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_of_the_server_is_checked_when_the_url_says_so() {
    let place = Place::postgres();
    let (server, port) = (place.server(), place.server().port());
    let ((certificate_pem, key), (other_pem, _)) = (certificate(), certificate());
    let (cert, key) = (put(&place, "cert.pem", &certificate_pem), put(&place, "key.pem", &key));
    let other = put(&place, "other.pem", &other_pem);
    let open = async |host: &str, mode: &str, root: &PathBuf| {
        let url = format!(
            "postgres://habitat@{host}:{port}/postgres?sslmode={mode}&sslrootcert={}",
            root.display()
        );
        let database = url.parse().expect("a URL");
        TenantService::connect(&database, tokens(), Limits::default()).await
    };
    assert!(
        open("localhost", "verify-full", &cert).await.is_err(),
        "the server has no TLS yet"
    );

    server.sql(&format!("ALTER SYSTEM SET ssl_cert_file = '{}'", cert.display()));
    server.sql(&format!("ALTER SYSTEM SET ssl_key_file = '{}'", key.display()));
    server.sql("ALTER SYSTEM SET ssl = on");
    server.sql("SELECT pg_reload_conf()");
    let service = open("localhost", "verify-full", &cert).await.expect("the right certificate");
    let encrypted =
        "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'habitat-tenant'";
    assert_eq!(server.sql(encrypted), "t");
    service.close().await;
    assert!(open("localhost", "verify-full", &other).await.is_err(), "another certificate");
    assert!(open("127.0.0.1", "verify-full", &cert).await.is_err(), "another name");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_comes_from_a_file_or_the_environment_and_is_never_said() {
    let place = Place::postgres();
    let (server, port) = (place.server(), place.server().port());
    server.sql("ALTER ROLE habitat PASSWORD 'sesame'");
    std::fs::write(
        server.folder().join("data/pg_hba.conf"),
        "host all all 127.0.0.1/32 scram-sha-256\n",
    )
    .expect("written");
    let mut signal = std::process::Command::new("kill");
    assert!(
        signal
            .args(["-s", "HUP", &server.pid().to_string()])
            .status()
            .expect("kill runs")
            .success()
    );

    let pass_file = place.folder().join("pgpass");
    std::fs::write(&pass_file, format!("127.0.0.1:{port}:postgres:habitat:sesame\n")).expect("written");
    std::fs::set_permissions(&pass_file, PermissionsExt::from_mode(0o600)).expect("closed");
    let mut by_file = serve_command(&place);
    by_file.env("PGPASSFILE", &pass_file);
    let mut by_environment = serve_command(&place);
    by_environment.env("PGPASSWORD", "sesame");
    for (number, command) in [by_file, by_environment].into_iter().enumerate() {
        let program = Program::start(command);
        let events = minutes(1);
        assert_eq!(program.client().post(&events).await.json, receipt(1, 0), "case {number}");
    }

    let mut wrong = serve_command(&place);
    let mut child = wrong
        .env("PGPASSWORD", "mellon")
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut log = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut log).expect("text");
    assert_eq!(child.wait().expect("it ends").code(), Some(69));
    assert!(
        log.contains("password authentication failed") && !log.contains("mellon"),
        "{log}"
    );
}
