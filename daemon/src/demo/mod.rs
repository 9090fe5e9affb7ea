//! `habitatd demo`: the whole system in one process on a machine with nothing else installed.
//!
//! The demonstration is a site like any other: its configuration is written to a folder and read back through the same checks.
//! Only the world around it is built in: the virtual office instead of devices, a broker, and a tenant, all on loopback.

pub mod broker;
mod office;
mod ports;
mod tenant;

use std::net::{Ipv4Addr, SocketAddr};

use tokio_util::sync::CancellationToken;

use self::{broker::EmbeddedBroker, office::Office, tenant::DemoTenant};
use crate::{app, exit_code::Failure, print::print_line};

/// Usual ports of the parts; when one is taken, any free one serves.
const BROKER_PORT: u16 = 1883;
const TENANT_PORT: u16 = 8490;

/// Runs the demonstration until `shutdown` is cancelled.
///
/// # Errors
/// When a port or the temporary folder is not available.
pub async fn run(console_port: u16, shutdown: CancellationToken) -> Result<(), Failure> {
    let folder = tempfile::Builder::new().prefix("habitat-demo-").tempdir();
    let folder = folder.map_err(|error| Failure::unavailable("the demonstration needs a temporary folder", error))?;
    let broker = start_broker().await?;
    let tenant = DemoTenant::start(folder.path(), ports::listen_near(TENANT_PORT)?)?;
    let console = SocketAddr::from((Ipv4Addr::LOCALHOST, console_port));
    let office = Office {
        console,
        broker: broker.address(),
        tenant: tenant.address(),
        token: tenant.token(),
    };
    let site = office.write_and_load(folder.path())?;

    let result = app::run(site, shutdown, || print_addresses(&office)).await;
    tenant.stop().await;
    broker.stop().await;
    result
}

async fn start_broker() -> Result<EmbeddedBroker, Failure> {
    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, BROKER_PORT));
    match broker::start(usual).await {
        Ok(broker) => Ok(broker),
        Err(_) => {
            let any = SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free_port()?));
            broker::start(any)
                .await
                .map_err(|error| Failure::unavailable("the embedded broker cannot start", error))
        }
    }
}

fn print_addresses(office: &Office) {
    let (console, broker, tenant) = (office.console, office.broker, office.tenant);
    let (host, port) = (broker.ip(), broker.port());
    let text = format!(
        r#"Habitat demonstration: six zones, talkers, ventilation and masking in a virtual office.

  console   http://{console}/
  zones     curl -s http://{console}/api/v1/zones
  MQTT      mosquitto_sub -h {host} -p {port} -t 'habitat/#' -v
            mosquitto_pub -h {host} -p {port} -t habitat/demo/zone/north/set -m '{{"offset_db":1.5,"id":"try"}}'
  tenant    curl -s -H 'Authorization: Bearer {}' 'http://{tenant}/v1/sites/demo/events?limit=10'

Masking moves faster here than a real site allows, so that you can watch it. Ctrl-C ends it."#,
        office.token
    );
    if let Err(failure) = print_line(text) {
        tracing::warn!("{failure}");
    }
}
