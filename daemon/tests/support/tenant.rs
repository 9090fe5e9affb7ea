//! The real tenant, served by the test on a runtime of its own, so that it can end as suddenly as a power cut.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
};

use axum::Router;
use habitat_tenant::{Limits, ServeOptions, TenantService, Tokens, router, serve};
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

/// The site that the tenant knows, and its token.
pub const SITE: &str = "test";
/// See [`SITE`].
pub const TOKEN: &str = "token-of-the-test";

/// A tenant; dropping it cuts every connection.
pub struct Tenant {
    runtime: Runtime,
    address: SocketAddr,
}

impl Tenant {
    /// On the database of a folder, with layers around the API. An address that was used before can be used again.
    pub fn start(folder: &Path, listen: SocketAddr, wrap: impl FnOnce(Router) -> Router) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = TcpListener::bind(listen).unwrap();
        let address = listener.local_addr().unwrap();
        let tokens = Tokens::parse(&format!("{SITE} {TOKEN}\n")).unwrap();
        let service = TenantService::open(&folder.join("tenant.db"), tokens, Limits::default()).unwrap();
        let app = wrap(router(service));
        let serving = serve(listener, app, ServeOptions::default(), CancellationToken::new());
        runtime.spawn(async { serving.await.unwrap() });
        Tenant { runtime, address }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every event of the site in the order in which they arrived.
    pub fn events(&self) -> Vec<Value> {
        self.runtime.block_on(async {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let (mut events, mut after) = (Vec::new(), "0".to_owned());
            loop {
                let url = format!("http://{}/v1/sites/{SITE}/events?limit=1000&after={after}", self.address);
                let page: Value = client.get(url).bearer_auth(TOKEN).send().await.unwrap().json().await.unwrap();
                events.extend(page["events"].as_array().unwrap().iter().cloned());
                match page["next"].as_str() {
                    Some(next) => after = next.to_owned(),
                    None => return events,
                }
            }
        })
    }
}
