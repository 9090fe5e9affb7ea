//! The state machine against a tenant made of a closure, with paused time where waiting is the promise.

mod backlog;
mod fixture;
mod residency;

use std::time::Duration;

use self::fixture::{Fixture, Given, all_accepted, answer, events, script};
use super::outcome::Answer;
use crate::{
    health::{Condition, Part},
    store::WhenFull,
};

#[tokio::test]
async fn a_backlog_goes_out_in_full_batches_and_in_order() {
    let mut sender = Fixture::start(0..1234, all_accepted).await;
    let posts = sender.drain().await;
    assert_eq!(
        posts.iter().map(|post| post.numbers.len()).collect::<Vec<_>>(),
        [500, 500, 234]
    );
    assert_eq!(
        posts.iter().flat_map(|post| post.numbers.clone()).collect::<Vec<_>>(),
        (0..1234).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn an_idle_sender_ships_as_soon_as_a_full_batch_waits() {
    let mut sender = Fixture::start(0..1, all_accepted).await;
    sender.drain().await;
    // The interval is an hour: only the full batch can be the reason.
    sender.store.append(events(1..501), WhenFull::Wait);
    assert_eq!(sender.drain().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_few_events_wait_for_the_interval() {
    let mut sender = Fixture::start(0..1, all_accepted).await;
    let first = sender.next_post().await;
    sender.store.append(events(1..10), WhenFull::Wait);
    let second = sender.next_post().await;
    assert_eq!(second.numbers.len(), 9);
    assert!(
        second.at - first.at >= Duration::from_secs(3600),
        "{:?}",
        second.at - first.at
    );
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_asks_to_wait_is_left_alone_that_long() {
    let busy = |status, seconds: &str| {
        Ok(Answer {
            status,
            retry_after: Some(seconds.into()),
            ..Answer::default()
        })
    };
    let mut sender = Fixture::start(0..3, script(vec![busy(503, "120"), busy(429, "7")])).await;
    let (first, second, third) = (sender.next_post().await, sender.next_post().await, sender.next_post().await);
    let waits = [second.at - first.at, third.at - second.at];
    for (wait, asked_s) in waits.into_iter().zip([120, 7]) {
        let asked = Duration::from_secs(asked_s);
        assert!(
            wait >= asked && wait < asked + Duration::from_secs(1),
            "{wait:?} for {asked:?}"
        );
    }
    assert_eq!(third.numbers, [0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_tenant_is_tried_at_growing_intervals_and_the_state_says_why() {
    let unreachable = vec![Err("connection refused".to_owned()); 9];
    let mut sender = Fixture::start(0..3, script(unreachable)).await;
    let mut last = sender.next_post().await;
    for failure in 0..9 {
        assert!(sender.problem().contains("connection refused") && sender.problem().contains("tenant.example"));
        let next = sender.next_post().await;
        let limit_s = (0.5 * 2f64.powi(failure)).min(60.0);
        let wait_s = (next.at - last.at).as_secs_f64();
        assert!(wait_s >= 0.5 * limit_s && wait_s <= limit_s + 0.01, "{failure}: {wait_s} s");
        last = next;
    }
    assert_eq!(last.numbers, [0, 1, 2]);
    sender.drain().await;
    sender.shutdown.cancel();
    sender.task.await.unwrap();
    assert_eq!(sender.health.snapshot()[&Part::Cloud], Condition::Ok);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_not_accepted_pauses_for_a_minute_and_a_new_one_is_used_without_a_restart() {
    let given = Given {
        token: Some("old\n"),
        ..Given::waiting(0..3)
    };
    let mut sender = Fixture::with(given, script(vec![answer(401, serde_json::json!({}))])).await;
    let first = sender.next_post().await;
    std::fs::write(sender.folder.path().join("token"), "new\n").unwrap();
    let second = sender.next_post().await;
    assert_eq!((first.token.as_deref(), second.token.as_deref()), (Some("old"), Some("new")));
    assert!(second.at - first.at >= Duration::from_secs(60));
    assert_eq!(second.numbers, [0, 1, 2]);
}

#[tokio::test]
async fn a_refused_token_is_reported_with_the_file_to_check() {
    for status in [401, 403] {
        let given = Given {
            token: Some("secret\n"),
            ..Given::waiting(0..1)
        };
        let mut sender = Fixture::with(given, move |_| answer(status, serde_json::json!({}))).await;
        sender.next_post().await;
        sender.first_report().await;
        sender.shutdown.cancel();
        sender.task.await.unwrap();
        assert!(sender.posts.recv().await.is_none(), "a last attempt would be refused as well");
        let Condition::Degraded(problem) = sender.health.snapshot()[&Part::Cloud].clone() else {
            panic!("degraded")
        };
        assert!(
            problem.contains("token") && problem.contains(sender.folder.path().to_str().unwrap()),
            "{problem}"
        );
        assert!(!problem.contains("secret"), "{problem}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_readable_token_nothing_is_sent_until_there_is_one() {
    let given = Given {
        token: Some(""),
        ..Given::waiting(0..1)
    };
    let mut sender = Fixture::with(given, all_accepted).await;
    sender.first_report().await;
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert!(sender.posts.try_recv().is_err());
    assert!(sender.problem().contains("cloud.token_file"), "{}", sender.problem());
    std::fs::write(sender.folder.path().join("token"), "abc\n").unwrap();
    assert_eq!(sender.next_post().await.token.as_deref(), Some("abc"));
}

#[tokio::test(start_paused = true)]
async fn one_event_that_the_tenant_cannot_take_is_found_and_set_aside_and_all_others_arrive_in_order() {
    for (status, poison) in [(400, 0), (422, 377), (400, 999), (413, 501)] {
        let refuse = move |numbers: &[u64]| match numbers.contains(&poison) {
            true => answer(status, serde_json::json!({ "error": "no" })),
            false => all_accepted(numbers),
        };
        let mut sender = Fixture::start(0..1000, refuse).await;
        let posts = sender.drain().await;
        let arrived: Vec<u64> = posts
            .into_iter()
            .map(|post| post.numbers)
            .filter(|n| !n.contains(&poison))
            .flatten()
            .collect();
        assert_eq!(
            arrived,
            (0..1000).filter(|number| *number != poison).collect::<Vec<_>>(),
            "{status}"
        );
        let backlog = sender.store.backlog().await.unwrap();
        assert_eq!((backlog.pending, backlog.sent, backlog.set_aside), (0, 999, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_tenant_with_a_lower_limit_gets_batches_that_fit() {
    let limit = 60;
    let mut sender = Fixture::start(0..1000, move |numbers| match numbers.len() > limit {
        true => answer(413, serde_json::json!({})),
        false => all_accepted(numbers),
    })
    .await;
    let posts = sender.drain().await;
    let arrived: Vec<u64> = posts
        .into_iter()
        .map(|post| post.numbers)
        .filter(|n| n.len() <= limit)
        .flatten()
        .collect();
    assert_eq!(arrived, (0..1000).collect::<Vec<_>>());
    assert_eq!(sender.store.backlog().await.unwrap().set_aside, 0);
}

#[tokio::test(start_paused = true)]
async fn events_that_the_tenant_names_are_set_aside_and_the_others_count_as_sent_when_it_says_that_it_has_them() {
    let refuse = |numbers: &[u64]| {
        let rejected = [serde_json::json!({ "index": 2, "reason": "r" })];
        answer(
            422,
            serde_json::json!({ "accepted": numbers.len() - 1, "duplicates": 0, "rejected": rejected }),
        )
    };
    let mut sender = Fixture::start(0..5, refuse).await;
    assert_eq!(sender.drain().await.len(), 1);
    let backlog = sender.store.backlog().await.unwrap();
    assert_eq!((backlog.pending, backlog.sent, backlog.set_aside), (0, 4, 1));
}

#[tokio::test(start_paused = true)]
async fn events_beside_refused_ones_are_sent_again_when_the_tenant_does_not_say_that_it_has_them() {
    let refuse = answer(422, serde_json::json!({ "rejected": [{ "index": 2, "reason": "r" }] }));
    let mut sender = Fixture::start(0..5, script(vec![refuse])).await;
    let posts = sender.drain().await;
    assert_eq!(posts.last().unwrap().numbers, [0, 1, 3, 4]);
}

#[tokio::test]
async fn shutdown_makes_one_last_attempt_with_what_waits() {
    let mut sender = Fixture::start(0..1, all_accepted).await;
    sender.drain().await;
    sender.store.append(events(1..4), WhenFull::Wait);
    sender.shutdown.cancel();
    sender.task.await.unwrap();
    assert_eq!(sender.posts.recv().await.unwrap().numbers, [1, 2, 3]);
    assert_eq!(sender.store.backlog().await.unwrap().pending, 0);
}

#[tokio::test]
async fn shutdown_tries_an_unreachable_tenant_once_more_and_leaves_the_rest_in_the_outbox() {
    let mut sender = Fixture::start(0..3, |_| Err("connection refused".into())).await;
    sender.next_post().await;
    sender.shutdown.cancel();
    sender.task.await.unwrap();
    assert!(sender.posts.recv().await.is_some());
    assert_eq!(sender.store.backlog().await.unwrap().pending, 3);
}

#[tokio::test]
async fn shutdown_does_not_disturb_a_tenant_that_asked_to_wait() {
    let busy = || {
        Ok(Answer {
            status: 429,
            retry_after: Some("600".into()),
            ..Answer::default()
        })
    };
    let mut sender = Fixture::start(0..3, move |_| busy()).await;
    sender.next_post().await;
    sender.first_report().await;
    sender.shutdown.cancel();
    sender.task.await.unwrap();
    assert!(sender.posts.recv().await.is_none());
}
