use cosmwasm_std::{Coin, Event};
use perp_interface::event::PriceSet;
use perp_interface::params::FeedParams;
use perp_interface::Price;

use crate::suite::{price, set_prices, update_params, Suite};

#[test]
fn a_feeder_sets_several_prices_and_each_has_an_event() {
    let mut suite = Suite::new();
    let now = suite.now();
    let response = suite.set(vec![price(2, 20, now), price(1, 10, now - 3)]);
    assert_eq!(suite.price(1), price(1, 10, now - 3));
    assert_eq!(suite.price(2), price(2, 20, now));
    for (market, price, publish_time) in [(1, 10, now - 3), (2, 20, now)] {
        let event = Event::from(PriceSet {
            market,
            price: Price(price),
            publish_time,
        });
        let mut on_chain = Event::new("wasm-price_set");
        on_chain.attributes = event.attributes;
        response.assert_event(&on_chain);
    }
}

#[test]
fn nobody_but_a_feeder_sets_prices() {
    let mut suite = Suite::new();
    let now = suite.now();
    for sender in [suite.stranger.clone(), suite.authority.clone()] {
        let msg = set_prices(vec![price(1, 10, now)]);
        suite.refused(&sender, &msg, &[], "unauthorized");
    }
}

#[test]
fn coins_are_refused() {
    let mut suite = Suite::new();
    let now = suite.now();
    let feeder = suite.feeder.clone();
    let msg = set_prices(vec![price(1, 10, now)]);
    let funds = [Coin::new(5u128, "uusdc")];
    suite.refused(&feeder, &msg, &funds, "no_funds_expected");
}

#[test]
fn an_empty_list_is_refused() {
    Suite::new().prices_refused(vec![], "no_prices");
}

#[test]
fn five_hundred_prices_pass_and_one_more_does_not() {
    let mut suite = Suite::new();
    let now = suite.now();
    let many = |count: u16| (0..count).map(|market| price(market, 10, now)).collect();
    suite.prices_refused(many(501), "too_many_prices");
    suite.set(many(500));
    assert_eq!(suite.price(499), price(499, 10, now));
}

#[test]
fn a_market_twice_in_one_message_is_refused() {
    let mut suite = Suite::new();
    let now = suite.now();
    suite.set(vec![price(1, 10, now)]);
    suite.prices_refused(
        vec![price(1, 11, now), price(2, 20, now), price(1, 11, now)],
        "duplicate_market",
    );
}

#[test]
fn a_price_outside_of_its_range_is_refused() {
    let mut suite = Suite::new();
    let now = suite.now();
    suite.prices_refused(vec![price(1, 0, now)], "price_out_of_range");
    suite.prices_refused(vec![price(1, 1 << 40, now)], "price_out_of_range");
    suite.set(vec![price(1, (1 << 40) - 1, now)]);
}

#[test]
fn a_publish_time_too_far_ahead_is_refused() {
    let mut suite = Suite::new();
    let now = suite.now();
    suite.prices_refused(vec![price(1, 10, now + 6)], "price_from_future");
    suite.set(vec![price(1, 10, now + 5)]);
}

#[test]
fn a_publish_time_too_long_ago_is_refused() {
    let mut suite = Suite::new();
    let now = suite.now();
    suite.prices_refused(vec![price(1, 10, now - 61)], "price_too_old");
    suite.set(vec![price(1, 10, now - 60)]);
}

#[test]
fn a_publish_time_before_the_stored_one_is_refused() {
    let mut suite = Suite::new();
    let now = suite.now();
    suite.set(vec![price(1, 10, now)]);
    suite.prices_refused(vec![price(1, 11, now - 1)], "price_out_of_order");
    assert_eq!(suite.price(1), price(1, 10, now));
    suite.set(vec![price(2, 20, now - 1)]);
}

#[test]
fn the_last_write_of_a_second_wins() {
    let mut suite = Suite::new();
    let now = suite.now();
    suite.set(vec![price(1, 10, now)]);
    suite.set(vec![price(1, 11, now)]);
    assert_eq!(suite.price(1), price(1, 11, now));
}

#[test]
fn one_bad_price_refuses_the_good_ones_before_it() {
    let mut suite = Suite::new();
    let now = suite.now();
    suite.set(vec![price(1, 10, now)]);
    suite.pass_seconds(1);
    suite.prices_refused(
        vec![price(1, 11, now + 1), price(2, 0, now + 1)],
        "price_out_of_range",
    );
    assert_eq!(suite.price(1), price(1, 10, now));
}

#[test]
fn the_window_follows_the_parameters() {
    let mut suite = Suite::new();
    let now = suite.now();
    let authority = suite.authority.clone();
    let params = FeedParams {
        max_future: 0,
        max_age: 1,
    };
    let msg = update_params(1, params);
    suite.send(&authority, &msg, &[]).expect("updates");
    suite.prices_refused(vec![price(1, 10, now + 1)], "price_from_future");
    suite.prices_refused(vec![price(1, 10, now - 2)], "price_too_old");
    suite.set(vec![price(1, 10, now - 1)]);
}
