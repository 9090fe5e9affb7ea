//! After a long outage: what is new goes first, and neither it nor the backlog starves. Time is paused, each request takes ten seconds.

use std::{ops::Range, time::Duration};

use super::fixture::{Fixture, Given, Post, all_accepted, answer, events};
use crate::store::WhenFull;

const BACKLOG: u64 = 15_000;
const INTERVAL_S: u64 = 60;
const REQUEST: Duration = Duration::from_secs(10);

fn slow(waiting: Range<u64>) -> Given {
    Given {
        interval_s: INTERVAL_S as f64,
        takes: REQUEST,
        ..Given::waiting(waiting)
    }
}

async fn start(behaviour: impl FnMut(&[u64]) -> super::fixture::Reply + Send + 'static) -> Fixture {
    Fixture::with(slow(0..BACKLOG), behaviour).await
}

fn is_new(post: &Post) -> bool {
    post.numbers[0] >= BACKLOG
}

/// Events `per_post` come after each request, until the backlog is at the tenant and everything else, too.
async fn ship_beside(sender: &mut Fixture, per_post: u64) -> Vec<(Post, u64)> {
    let mut posts = Vec::new();
    let mut next = BACKLOG;
    while posts.iter().filter(|(post, _): &&(Post, u64)| !is_new(post)).count() < 30 {
        let post = sender.next_post().await;
        sender.store.append(events(next..next + per_post), WhenFull::Wait);
        sender.store.flush().await;
        next += per_post;
        posts.push((post, next));
    }
    posts
}

#[tokio::test(start_paused = true)]
async fn what_is_new_does_not_wait_behind_a_backlog() {
    let mut sender = start(all_accepted).await;
    let posts = ship_beside(&mut sender, 1).await;
    let new: Vec<_> = posts.iter().filter(|(post, _)| is_new(post)).collect();
    assert!(new.len() >= 2, "{}", new.len());
    for pair in new.windows(2) {
        let apart_s = (pair[1].0.at - pair[0].0.at).as_secs();
        assert!((INTERVAL_S..=INTERVAL_S + 20).contains(&apart_s), "{apart_s} s");
        // Everything that was there when the request before it ended.
        assert!(*pair[1].0.numbers.last().unwrap() + 3 >= pair[1].1, "{:?}", pair[1]);
    }
    let of = |new: bool| {
        posts
            .iter()
            .filter(move |(post, _)| is_new(post) == new)
            .flat_map(|(post, _)| &post.numbers)
    };
    assert!(of(false).copied().eq(0..BACKLOG), "the backlog in order, and each once");
    assert!(of(true).copied().eq(BACKLOG..BACKLOG + of(true).count() as u64));
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_what_is_new_leaves_the_backlog_every_second_request() {
    let mut sender = start(all_accepted).await;
    let posts = ship_beside(&mut sender, 200).await;
    let first_new = posts.iter().position(|(post, _)| is_new(post)).unwrap();
    for pair in posts[first_new..].windows(2) {
        assert!(!(is_new(&pair[0].0) && is_new(&pair[1].0)), "two of what is new in a row");
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_that_the_tenant_cannot_take_is_found_beside_a_backlog_too() {
    let poison = BACKLOG + 3;
    let mut sender = start(move |numbers| match numbers.contains(&poison) {
        true => answer(400, serde_json::json!({ "error": "no" })),
        false => all_accepted(numbers),
    })
    .await;
    let posts = ship_beside(&mut sender, 10).await;
    let arrived = posts
        .iter()
        .any(|(post, _)| post.numbers.contains(&(poison + 1)) && !post.numbers.contains(&poison));
    assert!(arrived, "what came after it is there before the backlog is done");
    assert_eq!(sender.store.backlog().await.unwrap().set_aside, 1);
}

#[tokio::test(start_paused = true)]
async fn a_few_that_wait_keep_their_order_whatever_comes() {
    let mut sender = Fixture::with(slow(0..2000), all_accepted).await;
    let mut arrived = Vec::new();
    for round in 0..8u64 {
        arrived.extend(sender.next_post().await.numbers);
        sender
            .store
            .append(events(2000 + round * 10..2010 + round * 10), WhenFull::Wait);
        sender.store.flush().await;
    }
    assert!(arrived.iter().copied().eq(0..arrived.len() as u64), "{arrived:?}");
}

#[tokio::test(start_paused = true)]
async fn at_shutdown_what_is_new_goes_first() {
    let mut sender = start(all_accepted).await;
    sender.next_post().await;
    sender.store.append(events(BACKLOG..BACKLOG + 1), WhenFull::Wait);
    sender.store.flush().await;
    sender.shutdown.cancel();
    // The request that was on its way, and the last ones.
    let (_, last) = (sender.next_post().await, sender.next_post().await);
    let posts = [last, sender.next_post().await];
    assert!(posts.iter().any(is_new), "{posts:?}");
}
