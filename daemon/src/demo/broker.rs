//! The MQTT broker of the demo: MQTT 3.1.1 and 5 on one port of this machine, anonymous, in memory. The only file that
//! names mqtt5.
//!
//! Not for offices: nothing in it survives a restart, and anyone on the machine may command.

use std::{fmt, io, net::SocketAddr, time::Duration};

use mqtt5::broker::{BrokerConfig, BrokerShutdownHandle, MqttBroker, StorageConfig};
use tokio::{net::TcpListener, time::timeout};
use tokio_util::task::AbortOnDropHandle;

/// Large enough for everything that we publish, and for tests of what is too large.
const LARGEST_PACKET_BYTES: usize = 4 << 20;
/// A demo has a handful.
const MOST_CLIENTS: usize = 100;
/// How long clients may take to say goodbye.
const STOP_PATIENCE: Duration = Duration::from_millis(500);

/// Why there is no broker.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The address can be reached from outside.
    #[error("the broker of the demo lets anyone in, so it only listens on this machine: use 127.0.0.1 or [::1] instead of {0}")]
    NotLoopback(SocketAddr),
    /// Somebody else has the port.
    #[error("port {} of {} is in use, perhaps by another MQTT broker; choose another port, or 0 for a free one", .0.port(), .0.ip())]
    InUse(SocketAddr),
    /// The address cannot be used.
    #[error("the broker of the demo cannot listen on {address}: {problem}")]
    Unusable {
        /// Which one.
        address: SocketAddr,
        /// What the system said.
        problem: String,
    },
}

/// A running broker. It ends with this value.
pub struct EmbeddedBroker {
    address: SocketAddr,
    shutdown: BrokerShutdownHandle,
    task: AbortOnDropHandle<()>,
}

impl fmt::Debug for EmbeddedBroker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EmbeddedBroker")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Starts a broker; port 0 takes a free one.
///
/// # Errors
/// When the address is not of this machine, in use, or unusable.
pub async fn start(listen: SocketAddr) -> Result<EmbeddedBroker, BrokerError> {
    if !listen.ip().is_loopback() {
        return Err(BrokerError::NotLoopback(listen));
    }
    let unusable = |problem: String| BrokerError::Unusable {
        address: listen,
        problem,
    };
    // The library tells "in use" from other errors only in its log.
    drop(TcpListener::bind(listen).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => BrokerError::InUse(listen),
        _ => unusable(error.to_string()),
    })?);
    let config = BrokerConfig::default()
        .with_bind_address(listen)
        .with_max_clients(MOST_CLIENTS)
        .with_max_packet_size(LARGEST_PACKET_BYTES)
        .with_sys_topics_enabled(false)
        .with_storage(StorageConfig::default().with_persistence(false));
    let mut broker = MqttBroker::with_config(config)
        .await
        .map_err(|error| unusable(error.to_string()))?;
    let address = broker.local_addr().ok_or_else(|| unusable("it has no address".to_owned()))?;
    let (shutdown, mut ready) = (broker.shutdown_handle(), broker.ready_receiver());
    let task = AbortOnDropHandle::new(tokio::spawn(async move {
        if let Err(error) = broker.run().await {
            tracing::error!(%error, "the broker of the demo has ended");
        }
    }));
    ready
        .wait_for(|ready| *ready)
        .await
        .map_err(|_| unusable("it ended at once".to_owned()))?;
    Ok(EmbeddedBroker { address, shutdown, task })
}

impl EmbeddedBroker {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends all connections and the broker.
    pub async fn stop(self) {
        self.shutdown.shutdown();
        // What does not end in time is ended by being dropped.
        let _ = timeout(STOP_PATIENCE, self.task).await;
    }
}
