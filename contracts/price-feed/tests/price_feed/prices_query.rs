use crate::suite::{price, Suite};

#[track_caller]
fn refused(suite: &Suite, markets: &[u16], max_age: Option<u64>, text: &str) {
    let error = suite
        .prices(markets, max_age)
        .expect_err("is refused")
        .to_string();
    assert!(error.contains(text), "{text} in: {error}");
}

#[test]
fn prices_come_in_the_order_asked() {
    let mut suite = Suite::new();
    let now = suite.now();
    suite.set(vec![
        price(1, 10, now),
        price(2, 20, now),
        price(9, 90, now),
    ]);
    let answer = suite.prices(&[9, 1, 9], Some(0)).expect("known");
    assert_eq!(
        answer.prices,
        [price(9, 90, now), price(1, 10, now), price(9, 90, now)]
    );
}

#[test]
fn asking_for_nothing_answers_nothing() {
    let answer = Suite::new().prices(&[], Some(0)).expect("answer");
    assert!(answer.prices.is_empty());
}

#[test]
fn one_unknown_market_refuses_the_answer_and_is_named() {
    let mut suite = Suite::new();
    let now = suite.now();
    suite.set(vec![price(1, 10, now)]);
    refused(
        &suite,
        &[1, 7],
        None,
        "unknown_market: market 7 has no price",
    );
}

#[test]
fn one_price_that_is_too_old_refuses_the_answer_and_is_named() {
    let mut suite = Suite::new();
    let now = suite.now();
    suite.set(vec![price(1, 10, now), price(2, 20, now - 1)]);
    suite.pass_seconds(60);
    suite.prices(&[1], Some(60)).expect("just young enough");
    refused(
        &suite,
        &[1, 2],
        Some(60),
        "stale_price: market 2 is 61 s old, at most 60 s allowed",
    );
}

#[test]
fn without_a_maximum_any_age_is_answered() {
    let mut suite = Suite::new();
    let now = suite.now();
    suite.set(vec![price(1, 10, now)]);
    suite.pass_seconds(1_000_000);
    assert_eq!(suite.price(1), price(1, 10, now));
}

#[test]
fn a_price_from_the_accepted_future_has_no_age() {
    let mut suite = Suite::new();
    let now = suite.now();
    suite.set(vec![price(1, 10, now + 5)]);
    suite.prices(&[1], Some(0)).expect("age 0");
}
