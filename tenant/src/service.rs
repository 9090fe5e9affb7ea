//! What every request shares: the store, the tokens, the limits.

use std::{path::Path, sync::Arc, time::Duration};

use tokio::{
    runtime::Handle,
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    task::AbortHandle,
    time::timeout,
};

use crate::{
    certificate::CertificateKey,
    clock::Clock,
    dashboard::Refresher,
    database::Database,
    ids::{SiteId, TenantId},
    places::{Place, Places},
    register::{ERASURE_DAYS_DEFAULT, Register},
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
    /// Most archives that are made at the same time; each takes room on disk.
    pub exports: usize,
    /// Events that are erased at a time; those who store wait so long.
    pub erased_events: usize,
    /// Most questions of dashboards that are answered at the same time.
    pub questions: usize,
    /// How long one may take.
    pub question_timeout: Duration,
    /// How often the figures for dashboards follow the events when nobody asks for them.
    pub refresh_interval: Duration,
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
            exports: 1,
            erased_events: 1000,
            questions: 4,
            question_timeout: Duration::from_secs(10),
            refresh_interval: Duration::from_secs(60),
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
    exports: Arc<Semaphore>,
    clock: Clock,
    certificate_key: Option<CertificateKey>,
    erasure_days: u32,
    due_now: Arc<Notify>,
    questions: Arc<Semaphore>,
    refresher: Arc<Refresher>,
    refreshing: Option<AbortHandle>,
}

/// How long a question waits for its turn.
const TURN_WAIT: Duration = Duration::from_secs(2);

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
        let refresher = Arc::new(Refresher::default());
        // Without a runtime, as in a plain test, the figures follow the events when somebody asks for them.
        let runtime = Handle::try_current().ok();
        let keep = Arc::clone(&refresher).keep(store.clone(), limits.refresh_interval);
        let refreshing = runtime.map(|runtime| runtime.spawn(keep).abort_handle());
        TenantService {
            refresher,
            refreshing,
            questions: Arc::new(Semaphore::new(limits.questions)),
            store,
            tokens: Arc::new(tokens),
            limits,
            region: None,
            places: Places::new(limits.ingests, limits.site_ingests),
            exports: Arc::new(Semaphore::new(limits.exports)),
            clock: Clock::system(),
            certificate_key: None,
            erasure_days: ERASURE_DAYS_DEFAULT,
            due_now: Arc::new(Notify::new()),
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

    /// The same with another clock.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        TenantService { clock, ..self }
    }

    /// The same with a key that signs certificates of destruction.
    #[must_use]
    pub fn with_certificate_key(self, key: CertificateKey) -> Self {
        TenantService {
            certificate_key: Some(key),
            ..self
        }
    }

    /// The same with another number of days from a termination to the erasure.
    #[must_use]
    pub fn with_erasure_days(self, days: u32) -> Self {
        TenantService {
            erasure_days: days,
            ..self
        }
    }

    /// The register, changed by an actor.
    #[must_use]
    pub fn register(&self, actor: &str) -> Register {
        Register::over(self.store.clone(), actor, self.clock.clone())
    }

    /// Stores what has been accepted so far and closes the database. Requests that come later are refused.
    pub async fn close(&self) {
        if let Some(refreshing) = &self.refreshing {
            refreshing.abort();
        }
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

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn certificate_key(&self) -> Option<&CertificateKey> {
        self.certificate_key.as_ref()
    }

    pub(crate) fn erasure_days(&self) -> u32 {
        self.erasure_days
    }

    /// Wakes whoever keeps house in this instance.
    pub(crate) fn due_now(&self) -> &Notify {
        &self.due_now
    }

    /// A place among the archives in work; `None` when all are taken.
    pub(crate) fn admit_export(&self) -> Option<OwnedSemaphorePermit> {
        self.exports.clone().try_acquire_owned().ok()
    }

    pub(crate) fn refresher(&self) -> &Refresher {
        &self.refresher
    }

    /// A place among the questions in work; `None` when all stay taken.
    pub(crate) async fn admit_question(&self) -> Option<OwnedSemaphorePermit> {
        let place = timeout(TURN_WAIT, self.questions.clone().acquire_owned()).await;
        place.ok()?.ok()
    }

    /// A place among the batches in work; `None` when all are taken, or those of the site.
    pub(crate) fn admit(&self, tenant: TenantId, site: SiteId) -> Option<Place> {
        self.places.take(tenant, site)
    }
}
