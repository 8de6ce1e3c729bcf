use cosmwasm_std::WasmMsg;
use cw_multi_test::Executor;
use perp_interface::fund::{ExecuteMsg, InstantiateMsg, QueryMsg};
use serde_json::{json, Value};

use crate::suite::Suite;

fn parse<T: serde::de::DeserializeOwned>(value: &Value) -> bool {
    cosmwasm_std::from_json::<T>(value.to_string()).is_ok()
}

fn with_extra(msg: &Value) -> Value {
    let mut msg = msg.clone();
    for body in msg.as_object_mut().expect("object").values_mut() {
        body["misspelt"] = json!(1);
    }
    msg
}

#[test]
fn a_misspelt_field_is_refused_by_the_contract() {
    let suite = &mut Suite::with_capital(1_000);
    let before = suite.everything();
    let to = suite.authority.to_string();
    let msg = WasmMsg::Execute {
        contract_addr: suite.fund.to_string(),
        msg: json!({"withdraw_capital": {"amount": "5", "to": to, "ammount": "6"}})
            .to_string()
            .into_bytes()
            .into(),
        funds: vec![],
    };
    let error = suite
        .app
        .execute(suite.authority.clone(), msg.into())
        .expect_err("is refused");
    assert!(error.to_string().contains("unknown field"), "{error}");
    assert_eq!(suite.everything(), before);
}

#[test]
fn every_message_refuses_a_field_that_it_does_not_know() {
    let params = json!({"per_loss_cap": "5", "per_block_cap": "5", "window_cap": "5",
        "market_window_cap": "5", "window_seconds": 60, "trip_bps": 3_000, "resume_bps": 2_000,
        "report_gas_limit": 1_000_000});
    let terms = json!({"loss_id": 1, "market": 1, "side": "long", "mark": "7", "index": "-7"});
    let cover = json!({"terms": terms, "lots": "1", "need": "1", "slippage_allowance": "0",
        "defer": false});
    let execute = [
        json!({"connect": {"market": "a", "queue": "b"}}),
        json!({"contribute": {}}),
        json!({"withdraw_capital": {"amount": "5", "to": "a"}}),
        json!({"cover_deficit": cover}),
        json!({"return_cover": {"loss_id": 1}}),
        json!({"loss_closed": {"loss_id": 1}}),
        json!({"revenue": {"market": 1}}),
        json!({"update_params": {"expected_version": 1, "params": params}}),
    ];
    for msg in execute {
        assert!(parse::<ExecuteMsg>(&msg), "{msg}");
        assert!(!parse::<ExecuteMsg>(&with_extra(&msg)), "{msg}");
    }
    let query = [
        json!({"config": {}}),
        json!({"capital": {}}),
        json!({"loss": {"loss_id": 1}}),
        json!({"losses": {"start_after": null, "limit": 5}}),
        json!({"headroom": {"market": 1}}),
    ];
    for msg in query {
        assert!(parse::<QueryMsg>(&msg), "{msg}");
        assert!(!parse::<QueryMsg>(&with_extra(&msg)), "{msg}");
    }
    let mut create = json!({"authority": "a", "denom": "uusdc", "params": params});
    assert!(parse::<InstantiateMsg>(&create));
    create["params"]["perlosscap"] = json!("1");
    assert!(!parse::<InstantiateMsg>(&create));
}
