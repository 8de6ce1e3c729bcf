//! Creation, `Connect`, `UpdateParams`.

use cosmwasm_std::Event;
use cw_multi_test::App;
use perp_interface::params::FundParams;
use perp_interface::Quote;

use crate::suite::{give, instantiate, params, update_params, usdc, Suite, DENOM};

fn other() -> FundParams {
    FundParams {
        per_loss_cap: Quote(5),
        report_gas_limit: 1_000_000,
        ..FundParams::without_limits()
    }
}

#[test]
fn a_new_fund_is_empty_and_unconnected_and_names_its_contract() {
    let suite = Suite::unconnected();
    let config = suite.config();
    assert_eq!(config.authority, suite.authority.to_string());
    assert_eq!(config.denom, DENOM);
    assert_eq!((config.market, config.queue), (None, None));
    assert_eq!((config.version, config.params), (1, params()));
    assert_eq!(suite.capital().capital, Quote(0));
    let storage = suite.app.contract_storage(&suite.fund);
    let version = cw2::get_contract_version(&*storage).expect("set");
    assert_eq!(version.contract, "crate:insurance-fund");
}

#[test]
fn a_fund_is_not_created_with_a_bad_parameter_or_denom_or_with_coins() {
    let bad = FundParams {
        report_gas_limit: 999_999,
        ..params()
    };
    let mut app = App::default();
    let authority = app.api().addr_make("authority");
    give(&mut app, &authority);
    for (denom, params, funds, code) in [
        (DENOM, bad, vec![], "param_out_of_bounds"),
        ("u", params(), vec![], "invalid_denom"),
        (DENOM, params(), usdc(1), "no_funds_expected"),
    ] {
        let error = instantiate(&mut app, &authority, denom, params, &funds)
            .expect_err("is refused")
            .to_string();
        assert!(error.contains(code), "{error}");
    }
}

#[test]
fn market_and_queue_are_named_once() {
    let mut suite = Suite::new();
    let config = suite.config();
    assert_eq!(config.market, Some(suite.market.to_string()));
    assert_eq!(config.queue, Some(suite.queue.to_string()));
    let (authority, msg) = (suite.authority.clone(), suite.connect_msg());
    suite.refused(&authority, &msg, &[], "already_connected");
}

#[test]
fn nobody_but_the_authority_connects() {
    let mut suite = Suite::unconnected();
    let msg = suite.connect_msg();
    for sender in [suite.stranger.clone(), suite.market.clone()] {
        suite.refused(&sender, &msg, &[], "unauthorized");
    }
}

#[test]
fn parameters_are_replaced_as_a_whole_and_the_version_counts() {
    let mut suite = Suite::new();
    let authority = suite.authority.clone();
    let response = suite
        .send(&authority, &update_params(1, other()), &[])
        .expect("updates");
    response.assert_event(&Event::new("wasm-params_updated").add_attribute("version", "2"));
    let config = suite.config();
    assert_eq!((config.version, config.params), (2, other()));
    assert_eq!(config.market, Some(suite.market.to_string()), "stays");
}

#[test]
fn a_proposal_against_another_version_is_refused() {
    let mut suite = Suite::new();
    let authority = suite.authority.clone();
    for version in [0, 2] {
        let msg = update_params(version, other());
        suite.refused(&authority, &msg, &[], "version_mismatch");
    }
    let msg = update_params(1, other());
    suite.send(&authority, &msg, &[]).expect("updates");
    suite.refused(&authority, &msg, &[], "version_mismatch");
}

#[test]
fn parameters_out_of_bounds_are_refused() {
    let mut suite = Suite::new();
    let authority = suite.authority.clone();
    for (cap, report_gas_limit) in [
        (-1, 1_000_000),
        ((1 << 100) + 1, 1_000_000),
        (0, 999_999),
        (0, 1_000_000_001),
    ] {
        let params = FundParams {
            per_loss_cap: Quote(cap),
            report_gas_limit,
            ..params()
        };
        let msg = update_params(1, params);
        suite.refused(&authority, &msg, &[], "param_out_of_bounds");
    }
}

#[test]
fn limits_out_of_bounds_are_refused() {
    let mut suite = Suite::new();
    let authority = suite.authority.clone();
    let over = Quote((1 << 100) + 1);
    let table = [
        FundParams {
            per_block_cap: Quote(-1),
            ..params()
        },
        FundParams {
            per_block_cap: over,
            ..params()
        },
        FundParams {
            window_cap: Quote(-1),
            ..params()
        },
        FundParams {
            window_cap: over,
            ..params()
        },
        FundParams {
            market_window_cap: Quote(-1),
            ..params()
        },
        FundParams {
            market_window_cap: over,
            ..params()
        },
        FundParams {
            window_seconds: 59,
            ..params()
        },
        FundParams {
            window_seconds: 604_801,
            ..params()
        },
        FundParams {
            trip_bps: 99,
            ..params()
        },
        FundParams {
            trip_bps: 10_001,
            ..params()
        },
        FundParams {
            trip_bps: 3_000,
            resume_bps: 2_901,
            ..params()
        },
    ];
    for params in table {
        let msg = update_params(1, params);
        suite.refused(&authority, &msg, &[], "param_out_of_bounds");
    }
}

#[test]
fn nobody_but_the_authority_changes_parameters() {
    let mut suite = Suite::new();
    for sender in [suite.stranger.clone(), suite.market.clone()] {
        suite.refused(&sender, &update_params(1, other()), &[], "unauthorized");
    }
}
