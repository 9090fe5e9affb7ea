//! Commands that change the settings of a zone: checked and carried out by [`Control`], one after the other, each answered.

use habitat_config::settings::SettingsRequest;
use serde::Deserialize;
use tokio::sync::mpsc;

use super::{
    answer::{Answers, Asker},
    inbox::Command,
    zones,
};
use crate::control::{Change, Channel, Control};

/// Works off commands until nobody can send any more.
pub(super) async fn serve(mut commands: mpsc::Receiver<Command>, control: Control, answers: Answers) {
    while let Some(command) = commands.recv().await {
        let result = carry_out(&command, &control).await;
        let Command { zone, message } = command;
        let asker = Asker::new(given_id(&message.payload), message.reply);
        match result {
            Ok(change) => answers.changed(&zone, asker, &change),
            Err(errors) => answers.command_refused(&zone, asker, &errors),
        }
    }
}

async fn carry_out(Command { zone, message }: &Command, control: &Control) -> Result<Change, Vec<String>> {
    let zone = zones::find(control, zone).map_err(|error| vec![error])?;
    if message.retained {
        let error = "a retained command is refused, because it would be carried out again after every restart; \
                     remove it with an empty retained message and send it without the retain flag";
        return Err(vec![error.to_owned()]);
    }
    let request = SettingsRequest::from_json(&message.payload)?;
    control.change(zone, &request, Channel::Mqtt).await
}

/// The id of a request, also of one that is refused, so that the answer finds its question.
fn given_id(json: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct WithId {
        id: Option<String>,
    }
    serde_json::from_slice::<WithId>(json).ok()?.id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_wrong_request_is_known_and_that_of_broken_json_is_not() {
        assert_eq!(given_id(br#"{"id":"abc","offset":1}"#).as_deref(), Some("abc"));
        for none in [
            "{}",
            r#"{"id":7}"#,
            r#"{"id":null}"#,
            r#"{"id":"abc""#,
            r#"{"id":"a","id":"b"}"#,
            "[]",
            "",
        ] {
            assert_eq!(given_id(none.as_bytes()), None, "{none}");
        }
    }
}
