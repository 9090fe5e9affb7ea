//! Every test that the threat model names is there.

use std::path::Path;

#[test]
fn every_test_that_the_threat_model_names_is_there() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let page = std::fs::read_to_string(docs.join("threat-model.md")).unwrap();
    let mut count = 0;
    for link in page.split("[`").skip(1) {
        let (name, rest) = link.split_once("`](").unwrap();
        let (file, _) = rest.split_once(')').unwrap();
        let text = std::fs::read_to_string(docs.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(text.contains(&format!("fn {name}(")), "{file} has no {name}");
        count += 1;
    }
    assert!(count > 40, "{count} tests");
}
