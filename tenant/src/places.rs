//! Places for batches in work: so many at once, because each takes memory, and only a part of them for one site, so that whoever has
//! its token cannot keep the others out.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::ids::{SiteId, TenantId};

type Key = (TenantId, SiteId);

/// All places of an instance.
#[derive(Debug)]
pub(crate) struct Places {
    most: usize,
    most_of_site: usize,
    taken: Mutex<HashMap<Key, usize>>,
}

/// One of them, free again when this goes.
#[derive(Debug)]
pub(crate) struct Place {
    of: Arc<Places>,
    key: Key,
}

impl Places {
    /// So many, and so many of them for a site.
    pub fn new(most: usize, most_of_site: usize) -> Arc<Self> {
        Arc::new(Places {
            most,
            most_of_site,
            taken: Mutex::default(),
        })
    }

    /// A place for a batch of a site, if there is one.
    pub fn take(self: &Arc<Self>, tenant: TenantId, site: SiteId) -> Option<Place> {
        let key = (tenant, site);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let of_site = taken.get(&key).copied().unwrap_or(0);
        // Few sites have one at the same time.
        if taken.values().sum::<usize>() >= self.most || of_site >= self.most_of_site {
            return None;
        }
        taken.insert(key.clone(), of_site + 1);
        drop(taken);
        Some(Place { of: self.clone(), key })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.of.taken.lock().unwrap_or_else(PoisonError::into_inner);
        match taken.get_mut(&self.key) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(taken.remove(&self.key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_has_its_part_and_all_have_the_whole() {
        let places = Places::new(3, 2);
        let take = |site: &str| places.take(TenantId::of_the_token_file(), SiteId::parse(site).expect("a site id"));
        let (first, second) = (take("a"), take("a"));
        assert!(first.is_some() && second.is_some() && take("a").is_none());
        let third = take("b");
        assert!(third.is_some() && take("c").is_none());
        drop(first);
        assert!(take("c").is_some(), "given back at once");
        drop((second, third));
        assert!(places.taken.lock().expect("not poisoned").is_empty());
    }
}
