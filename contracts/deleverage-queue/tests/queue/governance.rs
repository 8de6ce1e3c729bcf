use cosmwasm_std::{Coin, Event};
use cw_multi_test::{App, Executor};
use perp_interface::params::QueueParams;
use perp_interface::queue::{
    ConfigResponse, Connect, ExecuteMsg, PolicyQuery, QueryMsg, SetPolicy, UpdateParams,
};
use perp_interface::{Lots, Policy, ScoreKind};

use crate::suite::{deploy, go_on, terms, Suite, PARAMS};

const OTHER: QueueParams = QueueParams {
    step_limit: 9,
    default_policy: Policy::of_breadth(90),
};

fn update_params(expected_version: u64, params: QueueParams) -> ExecuteMsg {
    ExecuteMsg::UpdateParams(UpdateParams {
        expected_version,
        params,
    })
}

fn set_policy(market: u16, policy: Option<Policy>) -> ExecuteMsg {
    ExecuteMsg::SetPolicy(SetPolicy {
        market,
        expected_version: None,
        policy,
    })
}

fn policy(suite: &Suite, market: u16) -> Policy {
    suite.ask(&QueryMsg::Policy(PolicyQuery { market }))
}

#[test]
fn a_new_queue_has_its_parameters_at_version_one_and_names_its_contract() {
    let suite = Suite::unconnected(PARAMS);
    let config: ConfigResponse = suite.ask(&QueryMsg::Config {});
    assert_eq!(config.authority, suite.authority.to_string());
    assert_eq!((config.market, config.fund), (None, None));
    assert_eq!((config.version, config.params), (1, PARAMS));
    let storage = suite.app.contract_storage(&suite.queue);
    let version = cw2::get_contract_version(&*storage).expect("set");
    assert_eq!(version.contract, "crate:deleverage-queue");
}

#[test]
fn a_queue_is_not_created_with_parameters_out_of_bounds_or_with_coins() {
    let mut app = App::default();
    let authority = app.api().addr_make("authority");
    let coins = vec![Coin::new(1u128, "uusdc")];
    app.init_modules(|router, _, storage| {
        let funds = coins.clone();
        router
            .bank
            .init_balance(storage, &authority, funds)
            .expect("balance");
    });
    let step_limit = 0;
    let params = QueueParams {
        step_limit,
        ..PARAMS
    };
    for (params, funds, code) in [
        (params, vec![], "param_out_of_bounds"),
        (PARAMS, coins, "no_funds_expected"),
    ] {
        let error = deploy(&mut app, &authority, params, &funds)
            .expect_err("is refused")
            .to_string();
        assert!(error.contains(code), "{error}");
    }
}

#[test]
fn the_authority_connects_once() {
    let mut suite = Suite::unconnected(PARAMS);
    let (authority, stranger) = (suite.authority.clone(), suite.stranger.clone());
    let connect = suite.connect();
    suite.refused(&stranger, &connect, "unauthorized");
    let nonsense = ExecuteMsg::Connect(Connect {
        market: "nobody".to_string(),
        fund: suite.fund.to_string(),
    });
    suite.refused(&authority, &nonsense, "std");
    suite.send(&authority, &connect).expect("connects");
    let config: ConfigResponse = suite.ask(&QueryMsg::Config {});
    assert_eq!(config.market, Some(suite.market.to_string()));
    assert_eq!(config.fund, Some(suite.fund.to_string()));
    suite.refused(&authority, &connect, "already_connected");
}

#[test]
fn nothing_runs_before_the_queue_is_connected() {
    let mut suite = Suite::unconnected(PARAMS);
    let report = suite.lose(&terms(1, 1), 5, 0);
    let (market, fund) = (suite.market.clone(), suite.fund.clone());
    let accounts = vec![1];
    let refresh = perp_interface::queue::Refresh { accounts };
    let update = perp_interface::queue::Update {
        changes: vec![],
        job: None,
    };
    for (sender, msg) in [
        (&market, ExecuteMsg::Update(update)),
        (&fund, ExecuteMsg::Refresh(refresh)),
        (&fund, ExecuteMsg::ReportShortfall(report)),
        (&fund, go_on(1, None)),
    ] {
        suite.refused(sender, &msg, "not_connected");
    }
}

#[test]
fn parameters_are_replaced_only_if_they_are_those_the_proposal_knew() {
    let mut suite = Suite::new(PARAMS);
    let (authority, stranger) = (suite.authority.clone(), suite.stranger.clone());
    let refusal = suite.refused(&stranger, &update_params(1, OTHER), "unauthorized");
    assert!(refusal.contains(stranger.as_str()) && refusal.contains(authority.as_str()));
    suite.refused(&authority, &update_params(2, OTHER), "version_mismatch");
    let default_policy = Policy::of_breadth(10_001);
    let params = QueueParams {
        default_policy,
        ..OTHER
    };
    suite.refused(&authority, &update_params(1, params), "param_out_of_bounds");

    let response = suite
        .send(&authority, &update_params(1, OTHER))
        .expect("replaces");
    response.assert_event(&Event::new("wasm-params_updated").add_attribute("version", "2"));
    let config: ConfigResponse = suite.ask(&QueryMsg::Config {});
    assert_eq!((config.version, config.params), (2, OTHER));
    suite.refused(&authority, &update_params(1, PARAMS), "version_mismatch");
}

#[test]
fn a_market_has_the_default_policy_or_its_own() {
    let mut suite = Suite::new(OTHER);
    let (authority, stranger) = (suite.authority.clone(), suite.stranger.clone());
    let own = Policy {
        score: ScoreKind::Leverage,
        breadth: 7,
        protect_principal: false,
        min_fill: Lots(5),
    };
    suite.refused(&stranger, &set_policy(3, Some(own)), "unauthorized");
    for bad in [
        Policy { breadth: 0, ..own },
        Policy {
            breadth: 10_001,
            ..own
        },
        Policy {
            min_fill: Lots(0),
            ..own
        },
        Policy {
            min_fill: Lots((1 << 40) + 1),
            ..own
        },
    ] {
        let msg = set_policy(3, Some(bad));
        suite.refused(&authority, &msg, "param_out_of_bounds");
    }
    for score in ScoreKind::ALL {
        let own = Policy { score, ..own };
        let response = suite
            .send(&authority, &set_policy(3, Some(own)))
            .expect("sets");
        let event = Event::new("wasm-policy_set")
            .add_attribute("market", "3")
            .add_attribute("is_default", "false")
            .add_attribute("score", score.name())
            .add_attribute("breadth", "7")
            .add_attribute("protect_principal", "false")
            .add_attribute("min_fill", "5");
        response.assert_event(&event);
        assert_eq!(policy(&suite, 3), own);
    }
    assert_eq!(policy(&suite, 4), Policy::of_breadth(90));
    let response = suite
        .send(&authority, &set_policy(3, None))
        .expect("resets");
    let event = Event::new("wasm-policy_set")
        .add_attribute("market", "3")
        .add_attribute("is_default", "true");
    assert!(response.has_event(&event));
    assert_eq!(policy(&suite, 3), Policy::of_breadth(90));
}

#[test]
fn no_message_takes_coins() {
    let mut suite = Suite::new(PARAMS);
    let authority = suite.authority.clone();
    let error = suite
        .app
        .execute_contract(
            authority,
            suite.queue.clone(),
            &set_policy(3, Some(Policy::default())),
            &[Coin::new(5u128, "uusdc")],
        )
        .expect_err("is refused")
        .to_string();
    assert!(error.contains("no_funds_expected: 5uusdc"), "{error}");
}
