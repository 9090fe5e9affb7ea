//! What works and what does not, in words, for the console, the metrics and the log.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use habitat_engine::DeviceLink;
use habitat_events::FaultReason;
use serde::Serialize;

use crate::{device_fault::advice, latency::Latency};

/// A part of the daemon that can fail without stopping the sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Sound devices.
    Audio,
    /// The microphones of the layout.
    Microphones,
    /// The engine thread.
    Engine,
    /// The event log file.
    EventLog,
    /// The database with outbox and settings.
    Store,
    /// The connection to the MQTT broker.
    Mqtt,
    /// Zones of other controllers.
    RemoteZones,
    /// The connection to the cloud tenant.
    Cloud,
}

/// How a part is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", content = "problem", rename_all = "snake_case")]
pub enum Condition {
    /// It does its work.
    Ok,
    /// It does not, or not fully; the sentence says what is wrong and what would help.
    Degraded(String),
}

/// The current condition of every part, shared by all of them.
#[derive(Clone, Debug, Default)]
pub struct Health {
    parts: Arc<Mutex<BTreeMap<Part, Condition>>>,
    /// Microphones that have a fault now, by id.
    microphones: Arc<Mutex<BTreeMap<String, FaultReason>>>,
    /// Sound devices, by direction and name.
    devices: Arc<Mutex<BTreeMap<DeviceKey, DeviceHealth>>>,
    /// How long sound is under way.
    pub latency: Latency,
}

/// A direction ("input" or "output") of a sound device, and its name.
pub type DeviceKey = (&'static str, String);

/// What is known of one direction of a sound device.
#[derive(Clone, Debug)]
pub struct DeviceHealth {
    /// What is wrong with it now, and what it said.
    pub fault: Option<(FaultReason, String)>,
    /// What it moves.
    pub link: DeviceLink,
}

impl Health {
    /// Records that a part works, and logs it when it did not before.
    pub fn ok(&self, part: Part) {
        if let Some(Condition::Degraded(_)) = self.replace(part, Condition::Ok) {
            tracing::info!(?part, "works again");
        }
    }

    /// Records what is wrong with a part, and logs it when that is news.
    pub fn degraded(&self, part: Part, problem: impl Into<String>) {
        let condition = Condition::Degraded(problem.into());
        if self.replace(part, condition.clone()) != Some(condition.clone())
            && let Condition::Degraded(problem) = condition
        {
            tracing::warn!(?part, problem, "degraded");
        }
    }

    /// Records what is wrong with a microphone, or that nothing is any more, and gives what was recorded before.
    pub fn microphone(&self, id: &str, fault: Option<FaultReason>) -> Option<FaultReason> {
        let (before, faults) = {
            let mut faults = self.microphones.lock().unwrap_or_else(PoisonError::into_inner);
            let before = match fault {
                Some(reason) => faults.insert(id.to_owned(), reason),
                None => faults.remove(id),
            };
            (before, faults.clone())
        };
        if faults.is_empty() {
            self.ok(Part::Microphones);
        } else {
            let sentences = faults.iter().map(|(id, reason)| format!("{id} {}", advice(*reason)));
            self.degraded(Part::Microphones, sentences.collect::<Vec<_>>().join("; "));
        }
        before
    }

    /// Microphones that have a fault now, by id.
    pub fn microphone_faults(&self) -> BTreeMap<String, FaultReason> {
        self.microphones.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes a sound device known.
    pub fn add_device(&self, direction: &'static str, name: &str, link: DeviceLink) {
        let mut devices = self.devices.lock().unwrap_or_else(PoisonError::into_inner);
        devices.insert((direction, name.to_owned()), DeviceHealth { fault: None, link });
    }

    /// Records what is wrong with a sound device and what it said, or that nothing is any more, and gives what was recorded before.
    pub fn device(&self, direction: &'static str, name: &str, fault: Option<(FaultReason, String)>) -> Option<FaultReason> {
        let (before, devices) = {
            let mut devices = self.devices.lock().unwrap_or_else(PoisonError::into_inner);
            let known = devices.get_mut(&(direction, name.to_owned()));
            let before = known.and_then(|device| std::mem::replace(&mut device.fault, fault));
            (before.map(|(reason, _)| reason), devices.clone())
        };
        let sentences: Vec<String> = devices
            .iter()
            .filter_map(|((direction, name), device)| {
                let (reason, said) = device.fault.as_ref()?;
                Some(format!("the {direction} device {name} {} ({said})", advice(*reason)))
            })
            .collect();
        if sentences.is_empty() {
            self.ok(Part::Audio);
        } else {
            self.degraded(Part::Audio, sentences.join("; "));
        }
        before
    }

    /// The sound devices of the site.
    pub fn devices(&self) -> BTreeMap<DeviceKey, DeviceHealth> {
        self.devices.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Every part that has reported so far.
    pub fn snapshot(&self) -> BTreeMap<Part, Condition> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, part: Part, condition: Condition) -> Option<Condition> {
        self.parts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(part, condition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faulty_microphones_are_named_with_what_to_do_until_the_last_has_recovered() {
        let health = Health::default();
        let problem = || match health.snapshot().remove(&Part::Microphones) {
            Some(Condition::Degraded(problem)) => problem,
            _ => String::new(),
        };
        assert_eq!(health.microphone("m3", Some(FaultReason::Dead)), None);
        assert_eq!(health.microphone("m5", Some(FaultReason::TooLoud)), None);
        let both = problem();
        assert!(
            both.contains("m3 gives digital silence: check") && both.contains("; m5 is louder"),
            "{both}"
        );
        assert_eq!(health.microphone("m3", Some(FaultReason::Clipped)), Some(FaultReason::Dead));
        assert_eq!(
            health.microphone_faults(),
            [
                ("m3".to_owned(), FaultReason::Clipped),
                ("m5".to_owned(), FaultReason::TooLoud)
            ]
            .into()
        );
        assert_eq!(health.microphone("m3", None), Some(FaultReason::Clipped));
        assert!(!problem().contains("m3"), "{}", problem());
        health.microphone("m5", None);
        assert_eq!(health.snapshot()[&Part::Microphones], Condition::Ok);
    }
}
