//! What the documents show is what the contracts read.

use cosmwasm_std::from_json;
use perp_interface::{fund, lens, market, queue};

/// Every line of every block of JSON in a document.
fn examples(document: &str) -> Vec<String> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in document.lines() {
        match line {
            "```json" => inside = true,
            "```" => inside = false,
            _ if inside => found.push(line.to_owned()),
            _ => {}
        }
    }
    found
}

#[test]
fn every_message_of_the_documents_parses() {
    for (name, document, at_least) in [
        ("README.md", include_str!("../../../../README.md"), 3),
        (
            "docs/traders.md",
            include_str!("../../../../docs/traders.md"),
            8,
        ),
        (
            "docs/governance.md",
            include_str!("../../../../docs/governance.md"),
            6,
        ),
        ("docs/fund.md", include_str!("../../../../docs/fund.md"), 4),
    ] {
        let examples = examples(document);
        assert!(examples.len() >= at_least, "{name}: {examples:?}");
        for example in examples {
            let parses = [
                from_json::<queue::QueryMsg>(&example).is_ok(),
                from_json::<market::QueryMsg>(&example).is_ok(),
                from_json::<lens::QueryMsg>(&example).is_ok(),
                from_json::<fund::QueryMsg>(&example).is_ok(),
                from_json::<fund::ExecuteMsg>(&example).is_ok(),
                from_json::<market::ExecuteMsg>(&example).is_ok(),
            ];
            assert!(parses.contains(&true), "{name}: {example}");
        }
    }
}
