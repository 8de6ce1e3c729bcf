//! The figures in the README are those of `gas.json`.

use std::path::Path;

use wasm_tests::figures::committed;

/// As the README writes a number: groups of three, parted by a space.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[test]
fn costs_in_the_readme_are_the_measured_ones() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let figures = committed().unwrap();
    for key in [
        "top20@1000",
        "top20@1000000",
        "top20@10000/64_classes",
        "top20@10000/all_classes",
        "rank@1000",
        "rank@1000000",
        "rank@10000/64_classes",
        "rank@10000/all_classes",
        "move@1000000",
        "move@1000000/lights_published",
        "move@1000/4_positions",
        "publish_lights@1000000",
        "adl_per_fill",
        "adl_per_fill/4_positions",
        "adl_per_fill/64_classes",
        "adl_per_fill/breadth_10",
        "adl_per_fill/loss_stays_open",
        "tx/place_order_one_fill",
        "tx/place_order_one_fill/unpinned",
        "tx/liquidate_cascade_20_fills",
        "tx/liquidate_with_bounty",
        "tx/stake",
        "tx/request_unstake",
        "tx/claim_unstake",
    ] {
        let figure = grouped(figures[key]);
        assert!(
            readme.contains(&figure),
            "README does not say {figure} for {key}"
        );
    }
    let blocks = format!("{} blocks of 100 M", figures["burst_blocks"]);
    assert!(readme.contains(&blocks), "README does not say {blocks}");
    for contract in ["market", "queue", "lens", "fund", "feed"] {
        let key = match contract {
            "market" => "size/perp-market",
            "queue" => "size/deleverage-queue",
            "lens" => "size/perp-lens",
            "fund" => "size/insurance-fund",
            _ => "size/price-feed",
        };
        let size = format!("{contract} {} KiB", figures[key].div_ceil(1024));
        assert!(readme.contains(&size), "README does not say {size}");
    }
}
