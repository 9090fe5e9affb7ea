//! Commands that change the settings of zones: checked and carried out by [`Control`], one after the other, each answered.

use std::sync::Arc;

use habitat_config::settings::SettingsRequest;

use super::{
    answer::{Answers, Asker},
    fair_queue::FairQueue,
    inbox::{Addressee, Command},
    message::Received,
    names,
};
use crate::control::{Change, Channel, Control};

/// Works off commands for ever.
pub(super) async fn serve(commands: Arc<FairQueue<Command>>, control: Control, answers: Answers) {
    loop {
        let Command { to, message } = commands.next().await;
        let asker = Asker::of(&message);
        let done = match &to {
            Addressee::Zone(zone) => one(zone, &message, &control)
                .await
                .map(|change| answers.changed(zone, asker.clone(), &change)),
            Addressee::Group(_) | Addressee::Site => several(&to, &message, &control)
                .await
                .map(|changes| answers.all_changed(&to, asker.clone(), &changes)),
        };
        if let Err(errors) = done {
            answers.command_refused(&to, asker, &errors);
        }
    }
}

async fn one(zone: &str, message: &Received, control: &Control) -> Result<Change, Vec<String>> {
    let zone = names::zone(control, zone).map_err(|error| vec![error])?;
    control.change(zone, &request(message)?, Channel::Mqtt).await
}

async fn several(
    to: &Addressee,
    message: &Received,
    control: &Control,
) -> Result<Vec<(String, Result<Change, Vec<String>>)>, Vec<String>> {
    let all: Vec<usize>;
    let zones = match to {
        Addressee::Group(group) => names::group(control, group).map_err(|error| vec![error])?,
        _ => {
            all = (0..control.site().zones.len()).collect();
            &all
        }
    };
    let changes = control.change_all(zones, &request(message)?, Channel::Mqtt).await?;
    let name = |zone: usize| control.site().plan.zones[zone].id.clone();
    Ok(changes.into_iter().map(|(zone, result)| (name(zone), result)).collect())
}

fn request(message: &Received) -> Result<SettingsRequest, Vec<String>> {
    if message.retained {
        let error = "a retained command is refused, because it would be carried out again after every restart; \
                     remove it with an empty retained message and send it without the retain flag";
        return Err(vec![error.to_owned()]);
    }
    SettingsRequest::from_json(&message.payload)
}
