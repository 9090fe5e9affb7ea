//! An office of six zones with everything that the console shows, and a server of the test's own.

use std::{net::SocketAddr, path::Path, sync::Arc};

use habitat_config::Site;
use habitat_dsp::{Engine, EngineSetup, RemovalSetup, ZoneSetup};
use habitat_engine::{Counters, Mode, Wiring, connect};
use habitat_events::{IdSource, Measurement, OwnSoundRemoval};
use habitatd::{
    clock::Clock,
    console::{self, Console},
    control::{self, Control},
    dispatch::Dispatch,
    health::Health,
    status::{MaskingBenefit, SiteStatus, StatusBoard, ZoneStatus},
    store::{Saved, Store, WhenFull},
};
use reqwest::{Method, Response};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

/// Ids of the zones, in the order of the layout.
pub const ZONES: [&str; 6] = ["north-west", "north", "north-east", "south-west", "south", "south-east"];
/// A name that would be a picture with a script if it were taken for markup.
pub const WICKED_NAME: &str = "<img src=x onerror=document.title='taken'>";
const NAMES: [&str; 6] = ["Finance", "Product team", "Support", "Library", WICKED_NAME, "Kitchen"];

/// The office and its server. Dropping it ends both.
pub struct Office {
    pub console: Console,
    pub store: Option<Store>,
    pub shutdown: CancellationToken,
    pub server: AbortOnDropHandle<()>,
    pub address: SocketAddr,
    _folder: TempDir,
}

impl Office {
    /// With a store.
    pub async fn open() -> Self {
        Self::with(true, "127.0.0.1:0", "Head office, floor 3").await
    }

    /// Without anything on the disk.
    pub async fn without_store() -> Self {
        Self::with(false, "127.0.0.1:0", "Head office, floor 3").await
    }

    /// With a store, an address and a name.
    pub async fn with(store: bool, address: &str, name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let site = Arc::new(site(folder.path(), name));
        let state_dir = folder.path().join("state");
        let health = Health::default();
        let store = store.then(|| {
            std::fs::create_dir(&state_dir).unwrap();
            Store::open(&state_dir, health.clone()).unwrap().0
        });
        let source = "/sites/hq/controllers/test".to_owned();
        let dispatch = Dispatch::new(source, IdSource::Random, ZONES.len(), None, store.clone(), WhenFull::Wait);
        let (writer, counters) = engine(&site);
        let control = Control::new(
            site,
            &Saved::default(),
            Clock::wall(48_000),
            dispatch.clone(),
            store.clone(),
            health.clone(),
            writer,
        );
        let state_dir = store.is_some().then_some(state_dir);
        let console = Console {
            control,
            status: StatusBoard::default(),
            dispatch,
            health,
            state_dir,
            counters,
            real_time: None,
        };
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let server = AbortOnDropHandle::new(tokio::spawn(console::serve(listener, console.clone(), shutdown.clone())));
        Office {
            console,
            store,
            shutdown,
            server,
            address,
            _folder: folder,
        }
    }

    /// The address of something here.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Asks for something.
    pub async fn get(&self, path: &str) -> Response {
        reqwest::get(self.url(path)).await.unwrap()
    }

    /// Asks for a JSON document.
    pub async fn json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }

    /// Sends a body as JSON; gives the status and the answer.
    pub async fn send(&self, method: Method, path: &str, body: impl Into<reqwest::Body>) -> (u16, Value) {
        let request = reqwest::Client::new()
            .request(method, self.url(path))
            .header("Content-Type", "application/json");
        let response = request.body(body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// Publishes a second in which the zone number `n` has `laeq_db` + n and so on.
    pub fn publish(&self, time: &str, laeq_db: f64, masking_db: f64) {
        let zones = (0..ZONES.len()).map(|index| ZoneStatus {
            measurement: measurement(index, laeq_db, masking_db),
            effective: self.console.control.settings(index).unwrap(),
            base_level_db: Some(40.0),
            muted: false,
            // Whoever is next to the talker cannot be helped.
            masking_benefit: if index == 1 {
                MaskingBenefit::NotMaskable
            } else {
                MaskingBenefit::Quiet
            },
        });
        let zones = zones.collect();
        self.console.status.publish(SiteStatus {
            time: Some(time.parse().unwrap()),
            zones,
        });
    }

    /// Waits for everything to be on the disk.
    pub async fn flush(&self) {
        self.store.as_ref().unwrap().flush().await;
    }
}

/// What zone number `index` has when the first has these levels: somebody talks in the third and is heard in the second.
pub fn measurement(index: usize, laeq_db: f64, masking_db: f64) -> Measurement {
    let step = index as f64;
    let talker = index == 2;
    Measurement {
        zone: ZONES[index].into(),
        period_s: 1.0,
        laeq_db: (index != 5).then_some(laeq_db + step),
        lafmax_db: Some(laeq_db + step + 4.0),
        ambient_laeq_db: Some(laeq_db + step - 5.0),
        ambient_resolved: index != 3,
        ambient_uncertainty_db: (index != 3).then_some(0.4),
        own_sound_removal: if index == 4 {
            OwnSoundRemoval::Power
        } else {
            OwnSoundRemoval::Waveform
        },
        speech_laeq_db: talker.then_some(58.3),
        speech_ratio: if talker { 0.9 } else { 0.0 },
        talker,
        la10_db: Some(50.0),
        la50_db: Some(46.0),
        la90_db: Some(44.0),
        sti: (index == 1).then_some(0.47),
        masking_db: masking_db + step / 10.0,
        distraction_db_min: 0.0,
    }
}

fn engine(site: &Site) -> (habitat_engine::ParameterWriter, Arc<Counters>) {
    let zones = site.zones.iter().map(|levels| ZoneSetup {
        level_fixed_db: levels.level_fixed_db,
        sti_target: levels.sti_target,
        has_workplaces: true,
        normal_voice_db: 50.0,
        place: Some(habitat_dsp::adaptation::PlaceMemory::default()),
        masking: Vec::new(),
        hearing: Vec::new(),
        neighbours: Vec::new(),
        remote_neighbours: Vec::new(),
    });
    let setup = EngineSetup {
        sample_rate_hz: 48_000,
        microphones: Vec::new(),
        loudspeakers: Vec::new(),
        zones: zones.collect(),
        remote_zones: Vec::new(),
        removal: RemovalSetup::default(),
        masking_spectrum_db: site.masking.spectrum_db,
        slew_up_db_per_min: 0.2,
        slew_down_db_per_min: 0.1,
        neighbour_max_db: 2.0,
        price_per_db: 0.05,
        startup_ramp_s: 10.0,
        seed: 1,
    };
    let (parameters, _) = control::initial(site, &Saved::default(), jiff::Timestamp::UNIX_EPOCH);
    let engine = Engine::new(&setup, &parameters).unwrap();
    let (_, ends) = connect(engine, &parameters, &Wiring::single(0, 0, 1024, 48_000), Mode::LockStep);
    (ends.parameters, ends.counters)
}

fn site(folder: &Path, site_name: &str) -> Site {
    let mut layout = "[[floor]]\nid = \"3\"\noutline = [[0,0],[30,0],[30,18],[0,18]]\nheight_m = 2.8\n\
                      [[floor]]\nid = \"4\"\noutline = [[0,0],[10,0],[10,8],[0,8]]\nheight_m = 2.8\n\
                      [[screen]]\nfloor = \"3\"\nfrom = [10,9]\nto = [10,18]\nheight_m = 1.6\nreduction_db = 18\n"
        .to_owned();
    for (index, (id, name)) in ZONES.iter().zip(NAMES).enumerate() {
        let (west, south) = (index % 3 * 10, if index < 3 { 9 } else { 0 });
        let (east, north, channel) = (west + 10, south + 9, index + 1);
        let (x, y) = (west + 5, south + 4);
        layout += &format!(
            "[[zone]]\nid = \"{id}\"\nfloor = \"3\"\nname = \"{name}\"\nkind = \"focus\"\n\
             outline = [[{west},{south}],[{east},{south}],[{east},{north}],[{west},{north}]]\n\
             [[microphone]]\nid = \"m{channel}\"\nzone = \"{id}\"\nposition = [{x}, {y}, 2.7]\nchannel = {channel}\nsensitivity_dbfs = -26.0\n\
             [[loudspeaker]]\nid = \"s{channel}\"\nzone = \"{id}\"\nposition = [{x}, {y}.5, 2.75]\nchannel = {channel}\noutput_db_spl = 94.0\n"
        );
    }
    std::fs::write(folder.join("layout.toml"), layout).unwrap();
    let path = folder.join("habitat.toml");
    let levels = "[adaptation]\nlevel_min_db = 40.0\nlevel_fixed_db = 43.0\nlevel_max_db = 46.0\n";
    let site =
        format!("[site]\nid = \"hq\"\nname = \"{site_name}\"\ntime_zone = \"Europe/Helsinki\"\noperators = [\"front-desk\"]\n");
    std::fs::write(
        &path,
        format!("layout = \"layout.toml\"\n{site}{levels}[audio]\nbackend = \"virtual\"\n"),
    )
    .unwrap();
    habitat_config::load(&path)
        .unwrap_or_else(|problems| panic!("{problems}"))
        .site
}
