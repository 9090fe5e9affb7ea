//! What every request shares: the store, the tokens, the limits.

use std::{path::Path, sync::Arc, time::Duration};

use crate::{
    database::Database,
    ids::{SiteId, TenantId},
    places::{Place, Places},
    store::{Store, StoreError},
    tokens::Tokens,
};

/// How much one request, and all of them together, may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest batch in bytes, as sent and after decompression.
    pub body_bytes: usize,
    /// Most events in a batch.
    pub batch_events: usize,
    /// Largest single event in bytes.
    pub event_bytes: usize,
    /// Most batches that are received or stored at the same time.
    pub ingests: usize,
    /// How many of those may be of one site.
    pub site_ingests: usize,
    /// How long a batch may take to arrive.
    pub body_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            body_bytes: 4 << 20,
            batch_events: 1000,
            event_bytes: 256 << 10,
            ingests: 64,
            site_ingests: 8,
            body_timeout: Duration::from_secs(30),
        }
    }
}

/// The tenant without a network: cheap to clone, one store behind all clones.
#[derive(Clone, Debug)]
pub struct TenantService {
    store: Store,
    tokens: Arc<Tokens>,
    limits: Limits,
    region: Option<Arc<str>>,
    places: Arc<Places>,
}

impl TenantService {
    /// Opens or creates an SQLite file. Reads through an existing one to see that it is sound, hence blocks for a while.
    ///
    /// # Errors
    /// [`StoreError`], when the file cannot be opened, is damaged, or belongs to something else.
    pub fn open(file: &Path, tokens: Tokens, limits: Limits) -> Result<Self, StoreError> {
        Store::open_file(file).map(|store| Self::over(store, tokens, limits))
    }

    /// Opens the database, whichever it is, and brings it to today's shape.
    ///
    /// # Errors
    /// [`StoreError`], when it cannot be reached or opened, is damaged, or belongs to something else.
    pub async fn connect(database: &Database, tokens: Tokens, limits: Limits) -> Result<Self, StoreError> {
        Store::open(database).await.map(|store| Self::over(store, tokens, limits))
    }

    fn over(store: Store, tokens: Tokens, limits: Limits) -> Self {
        TenantService {
            store,
            tokens: Arc::new(tokens),
            limits,
            region: None,
            places: Places::new(limits.ingests, limits.site_ingests),
        }
    }

    /// The same, stating where its data are kept.
    #[must_use]
    pub fn in_region(self, region: Option<&str>) -> Self {
        TenantService {
            region: region.map(Arc::from),
            ..self
        }
    }

    /// Stores what has been accepted so far and closes the database. Requests that come later are refused.
    pub async fn close(&self) {
        self.store.close().await;
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    pub(crate) fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// A place among the batches in work; `None` when all are taken, or those of the site.
    pub(crate) fn admit(&self, tenant: TenantId, site: SiteId) -> Option<Place> {
        self.places.take(tenant, site)
    }
}
