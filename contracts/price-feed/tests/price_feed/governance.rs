use cosmwasm_std::{Coin, Event};
use perp_interface::params::FeedParams;

use crate::suite::{deploy, price, set_feeder, set_prices, update_params, Suite, PARAMS};

const OTHER: FeedParams = FeedParams {
    max_future: 9,
    max_age: 90,
};

#[test]
fn a_new_feed_has_its_parameters_at_version_one_and_names_its_contract() {
    let suite = Suite::new();
    let config = suite.config();
    assert_eq!(config.authority, suite.authority.to_string());
    assert_eq!(config.version, 1);
    assert_eq!(config.params, PARAMS);
    assert!(suite.is_feeder(&suite.feeder));
    assert!(!suite.is_feeder(&suite.authority));
    let storage = suite.app.contract_storage(&suite.feed);
    let version = cw2::get_contract_version(&*storage).expect("set");
    assert_eq!(version.contract, "crate:price-feed");
}

#[test]
fn a_feed_is_not_created_with_parameters_out_of_bounds_or_with_coins() {
    let params = FeedParams {
        max_age: 0,
        ..PARAMS
    };
    for (params, funds, code) in [
        (params, vec![], "param_out_of_bounds"),
        (PARAMS, vec![Coin::new(1u128, "uusdc")], "no_funds_expected"),
    ] {
        let (_, feed, _) = deploy(params, &funds);
        let error = feed.expect_err("is refused").to_string();
        assert!(error.contains(code), "{error}");
    }
}

#[test]
fn the_authority_adds_and_removes_feeders() {
    let mut suite = Suite::new();
    let now = suite.now();
    let (authority, stranger) = (suite.authority.clone(), suite.stranger.clone());
    let msg = set_prices(vec![price(1, 10, now)]);

    suite
        .send(&authority, &set_feeder(&stranger, true), &[])
        .expect("adds");
    assert!(suite.is_feeder(&stranger));
    suite.send(&stranger, &msg, &[]).expect("feeds");

    for _ in 0..2 {
        suite
            .send(&authority, &set_feeder(&stranger, false), &[])
            .expect("removes, and removing again is no error");
        assert!(!suite.is_feeder(&stranger));
    }
    suite.refused(&stranger, &msg, &[], "unauthorized");
    assert_eq!(suite.price(1), price(1, 10, now), "its price stays");
}

#[test]
fn nobody_but_the_authority_changes_feeders() {
    let mut suite = Suite::new();
    for sender in [suite.stranger.clone(), suite.feeder.clone()] {
        let msg = set_feeder(&sender, true);
        suite.refused(&sender, &msg, &[], "unauthorized");
    }
}

#[test]
fn nobody_but_the_authority_changes_parameters() {
    let mut suite = Suite::new();
    for sender in [suite.stranger.clone(), suite.feeder.clone()] {
        suite.refused(&sender, &update_params(1, OTHER), &[], "unauthorized");
    }
}

#[test]
fn parameters_are_replaced_as_a_whole_and_the_version_counts() {
    let mut suite = Suite::new();
    let authority = suite.authority.clone();
    let response = suite
        .send(&authority, &update_params(1, OTHER), &[])
        .expect("updates");
    response.assert_event(&Event::new("wasm-params_updated").add_attribute("version", "2"));
    assert_eq!(suite.config().version, 2);
    assert_eq!(suite.config().params, OTHER);
    assert!(suite.is_feeder(&suite.feeder), "feeders stay");
}

#[test]
fn a_proposal_against_another_version_is_refused() {
    let mut suite = Suite::new();
    let authority = suite.authority.clone();
    for version in [0, 2] {
        let msg = update_params(version, OTHER);
        suite.refused(&authority, &msg, &[], "version_mismatch");
    }
    let msg = update_params(1, OTHER);
    suite.send(&authority, &msg, &[]).expect("updates");
    suite.refused(&authority, &msg, &[], "version_mismatch");
}

#[test]
fn parameters_out_of_bounds_are_refused() {
    let mut suite = Suite::new();
    let authority = suite.authority.clone();
    for (max_future, max_age) in [(61, 60), (5, 0), (5, 3_601)] {
        let params = FeedParams {
            max_future,
            max_age,
        };
        let msg = update_params(1, params);
        suite.refused(&authority, &msg, &[], "param_out_of_bounds");
    }
}

#[test]
fn governance_messages_take_no_coins() {
    let mut suite = Suite::new();
    let authority = suite.authority.clone();
    let funds = [Coin::new(5u128, "uusdc")];
    for msg in [set_feeder(&authority, true), update_params(1, OTHER)] {
        suite.refused(&authority, &msg, &funds, "no_funds_expected");
    }
}
