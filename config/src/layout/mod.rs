//! The layout file, table by table, to a [`Plan`] whose references are resolved.
//!
//! Items with something wrong in them stay out of the plan, together with what refers to them, so that checks of the
//! plan do not complain about values that nobody wrote. The site is refused anyway.

mod devices;
mod floors;
mod points;
mod register;
mod remote_zones;
mod screens;
mod zones;

use habitat_layout::{Item, Plan};

use crate::read::{Reading, Span, Table};
pub(crate) use register::Register;
pub(crate) use zones::ZoneWishes;

/// Where an item and its values stand.
#[derive(Clone)]
pub(crate) struct Places {
    /// The `[[header]]`.
    pub(crate) header: Span,
    values: Vec<(String, Span, Vec<Span>)>,
}

impl Places {
    fn of(table: &Table) -> Self {
        Self {
            header: table.span().clone(),
            values: table.value_spans(),
        }
    }

    /// Where the value of a key stands; where the item begins if it has no such key.
    pub(crate) fn of_key(&self, key: &str) -> &Span {
        self.values
            .iter()
            .find(|(name, ..)| name == key)
            .map_or(&self.header, |(_, span, _)| span)
    }

    /// Where an element of a list stands.
    pub(crate) fn of_element(&self, key: &str, index: usize) -> &Span {
        let list = self.values.iter().find(|(name, ..)| name == key);
        list.and_then(|(.., elements)| elements.get(index))
            .unwrap_or(self.of_key(key))
    }
}

/// The layout file as far as it can be understood without the site's.
pub(crate) struct DraftPlan {
    /// The items that are well.
    pub(crate) plan: Plan,
    /// What each zone of the plan wants for itself.
    pub(crate) wishes: Vec<ZoneWishes>,
    /// Commissioned level of each remote zone of the plan, where it is written.
    pub(crate) remote_levels: Vec<Option<f64>>,
    /// All zones of the file by name.
    pub(crate) zone_ids: Register,
    /// Places of the plan's floors.
    pub(crate) floors: Vec<Places>,
    /// Places of the plan's zones.
    pub(crate) zones: Vec<Places>,
    /// Places of the plan's remote zones.
    pub(crate) remote_zones: Vec<Places>,
    /// Places of the plan's microphones.
    pub(crate) microphones: Vec<Places>,
    /// Places of the plan's loudspeakers.
    pub(crate) loudspeakers: Vec<Places>,
    /// Places of the plan's screens.
    pub(crate) screens: Vec<Places>,
    /// Whether every zone and device of the file is in the plan, so that what is not there is really missing.
    pub(crate) complete: bool,
}

impl DraftPlan {
    /// Where an item of the plan stands; `None` for the plan as a whole.
    pub(crate) fn places(&self, item: Item) -> Option<&Places> {
        match item {
            Item::Plan => None,
            Item::Floor(index) => self.floors.get(index),
            Item::Zone(index) => self.zones.get(index),
            Item::RemoteZone(index) => self.remote_zones.get(index),
            Item::Microphone(index) => self.microphones.get(index),
            Item::Loudspeaker(index) => self.loudspeakers.get(index),
            Item::Screen(index) => self.screens.get(index),
        }
    }
}

/// Reads all tables.
pub(crate) fn read(root: &Table) -> DraftPlan {
    let notes = root.notes();
    let floors = floors::read(root);
    let zones = zones::read(root, &floors.ids);
    let remote_zones = remote_zones::read(root, &floors.ids);
    let microphones = devices::read_microphones(root, &zones.ids);
    let loudspeakers = devices::read_loudspeakers(root, &zones.ids);
    let screens = screens::read(root, &floors.ids);
    if root.lists_nothing("zone") && !notes.has_bad_syntax() {
        notes.file_error("the layout has no zones", "add at least one [[floor]] and one [[zone]]");
    }
    let complete = zones.complete && remote_zones.complete && microphones.complete && loudspeakers.complete;
    let (zone_items, wishes) = zones.items.into_iter().unzip();
    let (remote_items, levels): (Vec<_>, Vec<_>) = remote_zones.items.into_iter().unzip();
    DraftPlan {
        plan: Plan {
            floors: floors.items,
            zones: zone_items,
            remote_zones: remote_items,
            microphones: microphones.items,
            loudspeakers: loudspeakers.items,
            screens: screens.items,
        },
        wishes,
        remote_levels: levels.into_iter().map(Reading::written).collect(),
        zone_ids: zones.ids,
        floors: floors.places,
        zones: zones.places,
        remote_zones: remote_zones.places,
        microphones: microphones.places,
        loudspeakers: loudspeakers.places,
        screens: screens.places,
        complete,
    }
}

/// The items of one kind.
struct Items<T> {
    /// Those that are well.
    items: Vec<T>,
    /// Where each of them stands.
    places: Vec<Places>,
    /// All of them by name.
    ids: Register,
    /// Whether all of them are well.
    complete: bool,
}

impl<T> Items<T> {
    /// None so far; `kind` is the key of their list and how one is called in messages.
    fn new(kind: &'static str, root: &Table) -> Self {
        let unknown = root.notes().has_bad_syntax() || root.is_no_list(kind);
        Self {
            items: Vec::new(),
            places: Vec::new(),
            ids: Register::new(kind, unknown),
            complete: !unknown,
        }
    }

    /// Adds an item if it is well, and its name in any case.
    fn add(&mut self, item: Option<T>, id: &Reading<String>, table: &Table) {
        let is_new = self.ids.add(table.notes(), id, item.is_some().then_some(self.items.len()));
        match item {
            Some(item) if is_new => {
                self.items.push(item);
                self.places.push(Places::of(table));
            }
            _ => self.complete = false,
        }
    }
}
