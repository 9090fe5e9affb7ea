//! `habitat-tenant certificate`: the key that signs certificates of destruction, and whether one is valid.

use std::{io::Write, path::PathBuf};

use clap::{Args, Subcommand};
use habitat_tenant::{CertificateKey, KeyError, PublicKey, verify};
use serde_json::Value;

use crate::failure::{Failure, internal, usage};

/// Arguments of the command.
#[derive(Args)]
#[command(after_help = "Examples:
  habitat-tenant certificate key certificate-key.pem > certificate-public.pem
  habitat-tenant certificate verify certificate.json --public-key certificate-public.pem")]
pub struct Certificate {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Draw a key into a new file, and print its public key, which is for everybody
    Key {
        /// A new file
        file: PathBuf,
    },
    /// Say whether a certificate is valid, and print what it says
    Verify {
        /// The certificate, as `/v1/certificates/{id}` gave it
        file: PathBuf,
        /// The operator's public key (PEM)
        #[arg(long, value_name = "FILE")]
        public_key: PathBuf,
    },
}

/// Does it.
pub fn run(arguments: &Certificate) -> Result<(), Failure> {
    match &arguments.what {
        What::Key { file } => {
            let key = CertificateKey::draw().map_err(internal)?;
            key.write(file).map_err(usage)?;
            write!(std::io::stdout(), "{}", key.public().to_pem()).map_err(internal)
        }
        What::Verify { file, public_key } => {
            let key = PublicKey::read(public_key).map_err(|error: KeyError| usage(error))?;
            let wrong = |error: &dyn std::fmt::Display| usage(format!("{}: {error}", file.display()));
            let text = std::fs::read_to_string(file).map_err(|error| wrong(&error))?;
            let certificate: Value = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
            let document = verify(&certificate, &key).map_err(|error| wrong(&error))?;
            writeln!(std::io::stdout(), "valid\n{document:#}").map_err(internal)
        }
    }
}
