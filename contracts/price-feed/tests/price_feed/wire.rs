use cosmwasm_std::WasmMsg;
use cw_multi_test::Executor;
use perp_interface::feed::{ExecuteMsg, InstantiateMsg, QueryMsg};
use serde_json::json;

use crate::suite::{price, Suite};

fn parse<T: serde::de::DeserializeOwned>(value: &serde_json::Value) -> bool {
    cosmwasm_std::from_json::<T>(value.to_string()).is_ok()
}

#[test]
fn a_misspelt_field_is_refused_by_the_contract() {
    let mut suite = Suite::new();
    let now = suite.now();
    suite.set(vec![price(1, 10, now)]);
    let before = suite.app.dump_wasm_raw(&suite.feed);
    let entry = json!({"market": 1, "price": "11", "publish_time": now, "publishtime": now});
    let msg = WasmMsg::Execute {
        contract_addr: suite.feed.to_string(),
        msg: json!({"set_prices": {"prices": [entry]}})
            .to_string()
            .into_bytes()
            .into(),
        funds: vec![],
    };
    let error = suite
        .app
        .execute(suite.feeder.clone(), msg.into())
        .expect_err("is refused");
    assert!(error.to_string().contains("publishtime"), "{error}");
    assert_eq!(suite.app.dump_wasm_raw(&suite.feed), before);
}

#[test]
fn every_message_refuses_a_field_that_it_does_not_know() {
    let params = json!({"max_future": 5, "max_age": 60});
    let execute = [
        json!({"set_prices": {"prices": []}}),
        json!({"set_feeder": {"feeder": "a", "allowed": true}}),
        json!({"govern": {"propose_authority": {"candidate": "a"}}}),
        json!({"apply_pending": {"market": null}}),
        json!({"update_params": {"expected_version": 1, "params": params}}),
    ];
    for msg in execute {
        assert!(parse::<ExecuteMsg>(&msg), "{msg}");
        assert!(!parse::<ExecuteMsg>(&with_extra(&msg)), "{msg}");
    }
    let query = [
        json!({"prices": {"markets": [1], "max_age": null}}),
        json!({"config": {}}),
        json!({"governance": {}}),
        json!({"pending_params": {"market": null}}),
        json!({"is_feeder": {"feeder": "a"}}),
    ];
    for msg in query {
        assert!(parse::<QueryMsg>(&msg), "{msg}");
        assert!(!parse::<QueryMsg>(&with_extra(&msg)), "{msg}");
    }
    let mut create = json!({"authority": "a", "notice": {"notice_seconds": 0, "step_seconds": 0}, "feeders": [], "params": params});
    assert!(parse::<InstantiateMsg>(&create));
    create["params"]["maxage"] = json!(1);
    assert!(!parse::<InstantiateMsg>(&create));
}

fn with_extra(msg: &serde_json::Value) -> serde_json::Value {
    let mut msg = msg.clone();
    for body in msg.as_object_mut().expect("object").values_mut() {
        body["misspelt"] = json!(1);
    }
    msg
}

#[test]
fn a_price_travels_as_a_string() {
    let entry = json!({"market": 1, "price": 11, "publish_time": 5});
    assert!(!parse::<ExecuteMsg>(
        &json!({"set_prices": {"prices": [entry]}})
    ));
}
