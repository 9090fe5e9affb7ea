//! Compressed batches: each encoding, those that are broken, and those that unpack to too much.

use habitat_tenant::Limits;
use reqwest::StatusCode;

use crate::support::{
    Place, Tenant,
    client::{receipt, send},
    events::{body, gzip, minutes, zstd},
    on_both_stores,
};

on_both_stores![
    zstd_gzip_and_identity_give_the_same_events,
    unknown_encodings_are_refused_with_those_that_are_known,
    a_broken_compression_is_the_senders_fault_and_stores_nothing,
    a_bomb_is_too_large_whatever_it_hides_in,
    the_size_limit_is_that_of_the_decompressed_batch_to_the_byte,
];

async fn zstd_gzip_and_identity_give_the_same_events(place: Place) {
    let tenant = Tenant::start(&place).await;
    let events = minutes(40);
    let batches: Vec<_> = events.chunks(10).map(body).collect();
    let halves = [&batches[3][..1000], &batches[3][1000..]];
    let requests = [
        tenant.client().batch(zstd(&batches[0])).header("content-encoding", "zstd"),
        tenant.client().batch(gzip(&batches[1])).header("content-encoding", "gzip"),
        tenant
            .client()
            .batch(batches[2].clone())
            .header("content-encoding", "identity"),
        // RFC 8878 and RFC 1952 let a body be several frames.
        tenant
            .client()
            .batch([zstd(halves[0]), zstd(halves[1])].concat())
            .header("content-encoding", "zstd"),
    ];
    for request in requests {
        let answer = send(request).await;
        assert_eq!((answer.status, answer.json), (StatusCode::OK, receipt(10, 0)));
    }
    assert_eq!(tenant.client().all("hq", "").await, events);
}

async fn unknown_encodings_are_refused_with_those_that_are_known(place: Place) {
    let tenant = Tenant::start(&place).await;
    for encoding in ["br", "deflate", "GZIP", "gzip, zstd", "zstd,zstd", "", "aes\u{e4}"] {
        let value = reqwest::header::HeaderValue::from_bytes(encoding.as_bytes()).expect("a header value");
        let answer = send(tenant.client().batch(body(&minutes(1))).header("content-encoding", value)).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{encoding:?}");
        assert!(answer.error().contains("zstd, gzip, identity"), "{answer:?}");
        assert_eq!(answer.headers["accept-encoding"], "zstd, gzip, identity");
    }
    let twice = tenant.client().batch(gzip(&body(&minutes(1))));
    let answer = send(twice.header("content-encoding", "gzip").header("content-encoding", "gzip")).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(tenant.client().all("hq", "").await.is_empty());
}

async fn a_broken_compression_is_the_senders_fault_and_stores_nothing(place: Place) {
    let tenant = Tenant::start(&place).await;
    let plain = body(&minutes(20));
    let (zstd_whole, gzip_whole) = (zstd(&plain), gzip(&plain));
    let mut flipped = gzip_whole.clone();
    let checksum = flipped.len() - 6;
    flipped[checksum] ^= 1;
    let cases = [
        ("zstd", plain.clone()),
        ("gzip", plain.clone()),
        ("zstd", gzip_whole.clone()),
        ("gzip", zstd_whole.clone()),
        ("zstd", zstd_whole[..zstd_whole.len() / 2].to_vec()),
        ("gzip", gzip_whole[..gzip_whole.len() / 2].to_vec()),
        ("gzip", flipped),
        ("zstd", Vec::new()),
        ("gzip", Vec::new()),
        ("zstd", [zstd_whole, b"garbage".to_vec()].concat()),
    ];
    for (index, (encoding, bytes)) in cases.into_iter().enumerate() {
        let answer = send(tenant.client().batch(bytes).header("content-encoding", encoding)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "case {index}: {answer:?}");
        answer.error();
    }
    assert!(tenant.client().all("hq", "").await.is_empty());
}

async fn a_bomb_is_too_large_whatever_it_hides_in(place: Place) {
    let tenant = Tenant::start(&place).await;
    // An array that is valid JSON after 256 MiB of blanks: what is refused is the size, not the content.
    let mut plain = vec![b' '; 256 << 20];
    plain[0] = b'[';
    plain.push(b']');
    let bombs = [("zstd", zstd(&plain)), ("gzip", gzip(&plain))];
    for (encoding, bomb) in bombs {
        assert!(bomb.len() < 1 << 20, "{} bytes is no bomb", bomb.len());
        let answer = send(tenant.client().batch(bomb).header("content-encoding", encoding)).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{encoding}");
        assert!(answer.error().contains("split"), "{answer:?}");
    }
    let plain = plain[..20 << 20].to_vec();
    assert_eq!(send(tenant.client().batch(plain)).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(tenant.client().post(&minutes(1)).await.json, receipt(1, 0));
}

async fn the_size_limit_is_that_of_the_decompressed_batch_to_the_byte(place: Place) {
    let plain = body(&minutes(5));
    let exact = Limits {
        body_bytes: plain.len(),
        ..Limits::default()
    };
    let tenant = Tenant::start_with(&place, exact, |router| router).await;
    for (encoding, pack) in [
        ("identity", <[u8]>::to_vec as fn(&[u8]) -> Vec<u8>),
        ("zstd", zstd),
        ("gzip", gzip),
    ] {
        let fits = send(tenant.client().batch(pack(&plain)).header("content-encoding", encoding)).await;
        assert_eq!(fits.status, StatusCode::OK, "{encoding}: {fits:?}");
        let longer = [plain.as_slice(), b" "].concat();
        let exceeds = send(tenant.client().batch(pack(&longer)).header("content-encoding", encoding)).await;
        assert_eq!(exceeds.status, StatusCode::PAYLOAD_TOO_LARGE, "{encoding}: {exceeds:?}");
    }
}
