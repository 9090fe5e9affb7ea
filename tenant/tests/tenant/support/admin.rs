//! `habitat-tenant admin`, as somebody at a terminal uses it.

use std::process::{Command, Output};

use serde_json::Value;

use super::Place;

/// What the program said.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Said {
    /// Lines of JSON.
    pub fn entries(&self) -> Vec<Value> {
        assert_eq!(self.code, Some(0), "{self:?}");
        let lines = self.stdout.lines();
        lines.map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// The one line of a new token.
    pub fn token(&self) -> String {
        assert_eq!((self.code, self.stdout.lines().count()), (Some(0), 1), "{self:?}");
        self.stdout.trim().to_owned()
    }
}

pub fn admin(place: &Place, arguments: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_habitat-tenant"));
    command
        .args(["admin", "--database", &place.argument(), "--as", "test"])
        .args(arguments);
    let Output { status, stdout, stderr } = command.env_remove("RUST_LOG").output().expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Said {
        code: status.code(),
        stdout: text(stdout),
        stderr: text(stderr),
    }
}

pub fn done(place: &Place, arguments: &[&str]) {
    let said = admin(place, arguments);
    assert_eq!((said.code, said.stdout.as_str()), (Some(0), ""), "{said:?}");
}

/// Registers a tenant and its sites.
pub fn register(place: &Place, tenant: &str, sites: &[&str]) {
    done(
        place,
        &[
            "tenant",
            "add",
            tenant,
            "--company",
            "A company",
            "--time-zone",
            "Europe/Helsinki",
        ],
    );
    for site in sites {
        done(place, &["site", "add", tenant, site, "--name", "A site"]);
    }
}

/// The name of a token, by its place in the list.
pub fn id_of(place: &Place, tenant: &str, number: usize) -> String {
    let entries = admin(place, &["token", "list", tenant]).entries();
    entries[number]["token"].as_str().expect("a name").to_owned()
}
