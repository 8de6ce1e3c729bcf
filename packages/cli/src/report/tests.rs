use super::*;
use crate::amount::Amount;
use crate::result::{Checks, LossRow, Params, Taken};
use crate::summary::sample;

fn empty() -> DemoResult {
    DemoResult::new(Params::default(), vec![], vec![], Checks::default()).unwrap()
}

/// Tags that are opened are closed, in order: enough of a parser for markup that is all ours.
fn assert_well_formed(html: &str) {
    const VOID: [&str; 4] = ["meta", "rect", "path", "!DOCTYPE"];
    let body = html.replace(STYLE, "");
    let mut open = Vec::new();
    for piece in body.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').unwrap();
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "at </{tag}>");
            continue;
        }
        let name = tag.split_whitespace().next().unwrap();
        if !VOID.contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn pages_of_every_size_are_well_formed() {
    for losses in [1, 20, 719] {
        let html = render(&sample::result(losses));
        assert_well_formed(&html);
        assert!(!html.contains("NaN") && !html.contains("inf\""));
    }
    assert_well_formed(&render(&empty()));
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    let html = render(&sample::result(20));
    for outside in ["<script", "<link", "<img", "src=", "@import", "url("] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert_eq!(
        html.matches("http").count(),
        1,
        "only the link to the source"
    );
}

#[test]
fn the_page_says_what_is_synthetic() {
    for result in [empty(), sample::result(3)] {
        let html = render(&result);
        assert!(html.contains("winners and marks are synthetic"));
        assert!(html.contains("MIT licence"));
        assert!(html.contains("prefers-color-scheme: dark"));
    }
}

#[test]
fn every_chart_has_a_title_and_a_description() {
    let html = render(&sample::result(20));
    let charts = html.matches(r#"role="img""#).count();
    assert!(charts > 20);
    assert_eq!(html.matches("<desc>").count(), charts);
    // One more title is the page's.
    assert_eq!(html.matches("<title>").count(), charts + 1);
}

#[test]
fn texts_of_a_result_are_escaped() {
    let evil = "<script>alert(1)</script>\"'&";
    let taken = Taken {
        pass: evil.to_string(),
        ..Taken::default()
    };
    let loss = LossRow {
        coin: evil.to_string(),
        needed: Amount(5),
        bad_debt: Amount(5),
        taken: vec![taken],
        ..LossRow::default()
    };
    let params = Params {
        wave: evil.to_string(),
        settings: [(evil.to_string(), evil.to_string())].into(),
        ..Params::default()
    };
    let html = render(&DemoResult::new(params, vec![loss], vec![], Checks::default()).unwrap());
    assert!(!html.contains("<script"));
    assert_well_formed(&html);
}

#[test]
fn a_defect_is_shown() {
    let checks = Checks {
        conservation_error: Amount(-3),
        rank_inversions: 2,
    };
    let mut result = sample::result(2);
    result.losses[0].fund_used.0 += 1;
    let broken = DemoResult::new(result.params, result.losses, result.solvent, checks).unwrap();
    let html = render(&broken);
    assert!(html.contains("DO NOT BALANCE"));
    assert_eq!(html.matches(r#"<li class="off">"#).count(), 3);
    assert!(!render(&sample::result(2)).contains(r#"class="off""#));
}

#[test]
fn a_page_of_the_fund_has_its_figures() {
    let result = crate::stress::tests::small();
    let html = render_stress(result);
    assert_well_formed(&html);
    assert!(!html.contains("NaN") && !html.contains("inf\""));
    let totals = &result.totals;
    for amount in [totals.fund_used, totals.adl_taken, totals.returned] {
        assert!(
            html.contains(&format!("{} USDC", amount.exact())),
            "{amount}"
        );
    }
    for sentence in crate::stress::sentences(result) {
        assert!(html.contains(&escaped(&sentence)), "{sentence}");
    }
    for wave in &result.waves {
        let price = crate::stress::price(wave.after.share_price_ppm);
        assert!(html.contains(&format!(r#"<td class="n">{price}</td>"#)));
    }
    let after = crate::stress::lapse(result.trigger[0].seconds);
    assert!(html.contains(&format!("stopped after {after}")));
    assert!(html.contains("winners, marks, stakers and fees are synthetic"));
    assert!(!html.contains(r#"class="off""#));
}

#[test]
fn a_defect_of_the_fund_is_shown() {
    let mut result = crate::stress::tests::small().clone();
    result.checks.unpromised = 1;
    result.checks.fund_solvent = false;
    let html = render_stress(&result);
    assert_eq!(html.matches(r#"<li class="off">"#).count(), 2);
    assert!(html.contains("THE CHECKS FAILED"));
}

#[test]
fn a_fund_without_waves_or_stakers_has_a_page() {
    let result = crate::stress::StressResult {
        waves: vec![],
        stakers: vec![],
        trigger: vec![],
        ..crate::stress::tests::small().clone()
    };
    let html = render_stress(&result);
    assert_well_formed(&html);
    assert!(html.contains("It did not fire") && html.contains("Nobody had staked"));
}

/// `cargo test -p perps-cli pages_to_look_at -- --ignored` writes pages to the temporary directory.
#[test]
#[ignore = "writes files, checks nothing"]
fn pages_to_look_at() {
    let directory = std::env::temp_dir().join("perps-report");
    std::fs::create_dir_all(&directory).unwrap();
    let large = LossRow {
        coin: "A-VERY-LONG-COIN-NAME-1234567890".to_string(),
        needed: Amount(1_234_567_890_123_456_789_012),
        bad_debt: Amount(1_234_567_890_123_456_789_012),
        ..LossRow::default()
    };
    let large = DemoResult::new(Params::default(), vec![large], vec![], Checks::default()).unwrap();
    for (name, result) in [
        ("one", sample::result(1)),
        ("twenty", sample::result(20)),
        ("all", sample::result(719)),
        ("empty", empty()),
        ("large", large),
    ] {
        std::fs::write(directory.join(format!("{name}.html")), render(&result)).unwrap();
        std::fs::write(
            directory.join(format!("{name}.txt")),
            crate::table::print_table(&result),
        )
        .unwrap();
    }
}
