//! From events of the outbox to the body of a request: a JSON array, compressed with Zstandard. Names zstd alone.

use std::io;

use crate::store::Pending;

/// Events of a full batch. A tenant takes at least as many; an hour of a site with eight zones is about one batch.
pub(super) const MAX_EVENTS: usize = 500;
/// A body is not larger than this before compression, unless a single event is.
const MAX_BYTES: usize = 1 << 20;
/// Zstandard's own default: three times smaller than the JSON at hundreds of megabytes per second.
const COMPRESSION_LEVEL: i32 = 3;

/// Keeps as many of the events as fit, at least one; the others wait for the next batch.
pub(super) fn cut_to_size(events: &mut Vec<Pending>) {
    let mut bytes = 0;
    let fitting = events.iter().take_while(|event| {
        bytes += event.json.len() + 1;
        bytes <= MAX_BYTES
    });
    let fitting = fitting.count();
    events.truncate(fitting.max(1));
}

/// The compressed body, media type `application/cloudevents-batch+json`.
pub(super) fn encode(events: &[Pending]) -> io::Result<Vec<u8>> {
    let documents: Vec<&str> = events.iter().map(|event| event.json.as_str()).collect();
    zstd::bulk::compress(format!("[{}]", documents.join(",")).as_bytes(), COMPRESSION_LEVEL)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(count: i64, bytes_each: usize) -> Vec<Pending> {
        let json = format!("\"{}\"", "x".repeat(bytes_each - 2));
        (0..count).map(|seq| Pending { seq, json: json.clone() }).collect()
    }

    #[test]
    fn a_body_decompresses_to_a_json_array_of_the_documents() {
        let events = events(3, 4);
        let json = zstd::decode_all(encode(&events).unwrap().as_slice()).unwrap();
        assert_eq!(json, br#"["xx","xx","xx"]"#);
    }

    #[test]
    fn a_batch_holds_at_most_a_megabyte_but_always_an_event() {
        let mut many = events(500, 10_000);
        cut_to_size(&mut many);
        // 104 × 10 001 bytes are 1 040 104; one more would exceed 1 048 576.
        assert_eq!(many.len(), 104);
        let mut huge = events(2, 3 << 20);
        cut_to_size(&mut huge);
        assert_eq!(huge.len(), 1);
        let mut few = events(500, 800);
        cut_to_size(&mut few);
        assert_eq!(few.len(), 500);
    }
}
