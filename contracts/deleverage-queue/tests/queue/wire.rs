use cosmwasm_std::WasmMsg;
use cw_multi_test::Executor;
use perp_interface::queue::{ExecuteMsg, InstantiateMsg, QueryMsg};
use serde_json::json;

use crate::suite::{Suite, PARAMS};

fn parse<T: serde::de::DeserializeOwned>(value: &serde_json::Value) -> bool {
    cosmwasm_std::from_json::<T>(value.to_string()).is_ok()
}

fn with_extra(msg: &serde_json::Value) -> serde_json::Value {
    let mut msg = msg.clone();
    for body in msg.as_object_mut().expect("object").values_mut() {
        body["misspelt"] = json!(1);
    }
    msg
}

#[test]
fn a_misspelt_field_is_refused_by_the_contract() {
    let mut suite = Suite::new(PARAMS);
    let before = suite.dump();
    let inputs = json!({"side": "long", "lots": "1", "entry": "5", "colateral": "1"});
    let change = json!({"account": 1, "market": 1, "position": inputs});
    let msg = json!({"update": {"changes": [change], "job": null}});
    let msg = WasmMsg::Execute {
        contract_addr: suite.queue.to_string(),
        msg: msg.to_string().into_bytes().into(),
        funds: vec![],
    };
    let market = suite.market.clone();
    let error = suite
        .app
        .execute(market, msg.into())
        .expect_err("is refused");
    assert!(error.to_string().contains("colateral"), "{error}");
    assert_eq!(suite.dump(), before);
}

#[test]
fn every_message_refuses_a_field_that_it_does_not_know() {
    let params = json!({"step_limit": 5, "default_policy": {"score": "leverage", "breadth": 5, "protect_principal": true, "min_fill": "1"}});
    let terms = json!({"loss_id": 1, "market": 1, "side": "long", "mark": "5", "index": "-1"});
    let shortfall = json!({"terms": terms, "lots": "1", "need": "1", "defer": false});
    let execute = [
        json!({"connect": {"market": "a", "fund": "b"}}),
        json!({"update": {"changes": [], "job": {"loss_id": 1, "pass": "at_mark"}}}),
        json!({"refresh": {"accounts": [1]}}),
        json!({"report_shortfall": shortfall}),
        json!({"continue_deleverage": {"loss_id": 1, "limit": null}}),
        json!({"publish_lights": {"market": 1, "side": "long"}}),
        json!({"set_policy": {"market": 1, "policy": {"score": "leverage", "breadth": 5, "protect_principal": true, "min_fill": "1"}}}),
        json!({"govern": {"propose_authority": {"candidate": "a"}}}),
        json!({"apply_pending": {"market": null}}),
        json!({"update_params": {"expected_version": 1, "params": params}}),
    ];
    for msg in execute {
        assert!(parse::<ExecuteMsg>(&msg), "{msg}");
        assert!(!parse::<ExecuteMsg>(&with_extra(&msg)), "{msg}");
    }
    let ranking = json!({"market": 1, "side": "short"});
    let query = [
        json!({"config": {}}),
        json!({"governance": {}}),
        json!({"pending_params": {"market": null}}),
        json!({"top": {"market": 1, "side": "long", "mark": "5", "index": "0", "score": "profit", "pass": "hedged", "limit": 3}}),
        json!({"key": {"account": 1, "market": 1}}),
        json!({"index": ranking}),
        json!({"classes": ranking}),
        json!({"histograms": ranking}),
        json!({"lights": ranking}),
        json!({"rank": {"account": 1, "market": 1}}),
        json!({"rank": {"account": 1, "market": 1, "mark": "5", "index": "-7"}}),
        json!({"audit": {"market": 1, "cursor": {"classes": {"side": "long"}}, "limit": 7}}),
        json!({"jobs": {}}),
        json!({"is_dirty": {"account": 1}}),
        json!({"policy": {"market": 1}}),
    ];
    for msg in query {
        assert!(parse::<QueryMsg>(&msg), "{msg}");
        assert!(!parse::<QueryMsg>(&with_extra(&msg)), "{msg}");
    }
    let mut create = json!({"authority": "a", "notice": {"notice_seconds": 0, "step_seconds": 0}, "params": params});
    assert!(parse::<InstantiateMsg>(&create));
    create["params"]["steplimit"] = json!(1);
    assert!(!parse::<InstantiateMsg>(&create));
}

#[test]
fn amounts_travel_as_strings() {
    let terms = json!({"loss_id": 1, "market": 1, "side": "long", "mark": "5", "index": "0"});
    for (lots, need, accepted) in [
        (json!("1"), json!("-1"), true),
        (json!(1), json!("1"), false),
        (json!("1"), json!(1), false),
        (json!("-1"), json!("1"), false),
    ] {
        let body = json!({"terms": terms, "lots": lots, "need": need, "defer": true});
        let msg = json!({"report_shortfall": body});
        assert_eq!(parse::<ExecuteMsg>(&msg), accepted, "{msg}");
    }
}
