//! Data stay where they may be kept. Time is paused.

use std::time::Duration;

use super::fixture::{Fixture, Given, Reply, all_accepted, answer, script};
use crate::health::{Condition, Part};

fn stating(region: &str) -> Reply {
    answer(200, serde_json::json!({ "site": "s", "tenant": "acme", "region": region }))
}

fn demanding(greetings: Vec<Reply>) -> Given {
    Given {
        region: Some("eu-north"),
        greetings,
        ..Given::waiting(0..3)
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_to_another_region_and_the_state_says_why_until_it_is_the_right_one() {
    let greetings = vec![stating("us-east"), stating("us-east"), stating("eu-north")];
    let mut sender = Fixture::with(demanding(greetings), all_accepted).await;
    sender.first_report().await;
    for part in ["us-east", "eu-north", "cloud.region", "tenant.example"] {
        assert!(sender.problem().contains(part), "{}", sender.problem());
    }
    let began = tokio::time::Instant::now();
    let post = sender.next_post().await;
    assert_eq!(post.numbers, [0, 1, 2]);
    // Two pauses.
    assert!(post.at - began >= Duration::from_secs(119), "{:?}", post.at - began);
    sender.drain().await;
    sender.shutdown.cancel();
    sender.task.await.unwrap();
    assert_eq!(sender.health.snapshot()[&Part::Cloud], Condition::Ok);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_states_nothing_gets_nothing_however_long_it_takes() {
    let greetings = vec![answer(404, serde_json::json!({ "error": "nothing here" })); 11];
    let mut sender = Fixture::with(demanding(greetings), all_accepted).await;
    sender.first_report().await;
    tokio::time::sleep(Duration::from_secs(9 * 60)).await;
    assert!(sender.posts.try_recv().is_err());
    assert!(sender.problem().contains("does not say where"), "{}", sender.problem());
    // Not at shutdown either.
    sender.shutdown.cancel();
    sender.task.await.unwrap();
    assert!(sender.posts.try_recv().is_err());
    assert_eq!(sender.store.backlog().await.unwrap().pending, 3);
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_the_tenant_is_asked_again_because_another_may_answer() {
    let greetings = vec![stating("eu-north"), stating("us-east"), stating("eu-north")];
    let unreachable = vec![Err("connection reset".to_owned())];
    let mut sender = Fixture::with(demanding(greetings), script(unreachable)).await;
    let (first, second) = (sender.next_post().await, sender.next_post().await);
    // The second answer of the tenant forbids it for a minute.
    assert!(second.at - first.at >= Duration::from_secs(60), "{:?}", second.at - first.at);
    assert_eq!(second.numbers, [0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn what_was_agreed_on_holds_for_an_hour() {
    let given = Given {
        interval_s: 600.0,
        ..demanding(vec![stating("eu-north"), stating("us-east")])
    };
    let mut sender = Fixture::with(given, all_accepted).await;
    sender.next_post().await;
    for number in 3..8 {
        sender.store.append(super::events(number..number + 1), super::WhenFull::Wait);
        sender.store.flush().await;
        sender.next_post().await;
    }
    sender.store.append(super::events(8..9), super::WhenFull::Wait);
    sender.store.flush().await;
    for _ in 0..7200 {
        if sender.health.snapshot().get(&Part::Cloud) != Some(&Condition::Ok) {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!(sender.problem().contains("us-east"), "{}", sender.problem());
    assert!(sender.posts.try_recv().is_err());
}
