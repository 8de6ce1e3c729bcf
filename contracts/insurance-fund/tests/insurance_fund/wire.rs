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
        msg: json!({"withdraw_capital":
            {"tranche": "shared", "amount": "5", "to": to, "ammount": "6"}})
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
        "report_gas_limit": 1_000_000, "cooldown_seconds": 3_600, "claim_seconds": 86_400,
        "emergency_seconds": 3_600, "max_requests": 5, "min_stake": "1",
        "bounty_per_loss_cap": "0", "bounty_reserve": "0",
        "target": {"open_interest": {"bps": 5}}, "target_floor": "0", "staker_share_bps": 0,
        "surplus": {"address": {"address": "a"}}});
    let terms = json!({"loss_id": 1, "market": 1, "side": "long", "mark": "7", "index": "-7"});
    let cover = json!({"terms": terms, "lots": "1", "need": "1", "slippage_allowance": "0",
        "same_owner_lots": "0", "defer": false});
    let execute = [
        json!({"connect": {"market": "a", "market_code_id": 1, "queue": "b"}}),
        json!({"approve_code": {"code_id": 1}}),
        json!({"register_market": {"market": 1, "isolated": false, "window_cap": null,
            "paid_in_cap": {"base": "0", "bps": 0}}}),
        json!({"remove_market": {"market": 1}}),
        json!({"contribute": {"tranche": "shared", "layer": "bounties"}}),
        json!({"withdraw_capital": {"tranche": {"market": 3}, "amount": "5", "to": "a"}}),
        json!({"stake": {"tranche": "shared", "min_shares": null}}),
        json!({"request_unstake": {"tranche": "shared", "shares": "5"}}),
        json!({"cancel_unstake": {"tranche": "shared", "request": 5}}),
        json!({"claim_unstake": {"tranche": "shared", "request": 5}}),
        json!({"pay_owed": {"to": "a"}}),
        json!({"book_bounty": {"loss_id": 1, "market": 1, "to": "a", "fills": 1, "amount": "1"}}),
        json!({"cover_deficit": cover}),
        json!({"return_cover": {"loss_id": 1}}),
        json!({"loss_closed": {"loss_id": 1}}),
        json!({"revenue": {"market": 1, "open_interest": "5"}}),
        json!({"govern": {"propose_authority": {"candidate": "a"}}}),
        json!({"apply_pending": {"market": null}}),
        json!({"set_pause": {"operation": "staking", "paused": true}}),
        json!({"update_params": {"expected_version": 1, "params": params}}),
    ];
    for msg in execute {
        assert!(parse::<ExecuteMsg>(&msg), "{msg}");
        assert!(!parse::<ExecuteMsg>(&with_extra(&msg)), "{msg}");
    }
    let query = [
        json!({"config": {}}),
        json!({"governance": {}}),
        json!({"pending_params": {"market": null}}),
        json!({"capital": {}}),
        json!({"tranche": {"tranche": {"market": 1}}}),
        json!({"tranches": {"start_after": "shared", "limit": 5}}),
        json!({"stake": {"tranche": "shared", "staker": "a"}}),
        json!({"registration": {"market": 1}}),
        json!({"registrations": {"start_after": 1, "limit": 5}}),
        json!({"coverage": {"market": 1, "move_bps": 1_000}}),
        json!({"owed": {"to": "a"}}),
        json!({"solvency": {}}),
        json!({"loss": {"loss_id": 1}}),
        json!({"losses": {"start_after": null, "limit": 5}}),
        json!({"headroom": {"market": 1}}),
    ];
    for msg in query {
        assert!(parse::<QueryMsg>(&msg), "{msg}");
        assert!(!parse::<QueryMsg>(&with_extra(&msg)), "{msg}");
    }
    // A parameter with fields of its own refuses unknown ones there too.
    for place in ["target", "surplus"] {
        let mut nested = params.clone();
        for body in nested[place].as_object_mut().expect("object").values_mut() {
            body["misspelt"] = json!(1);
        }
        let msg = json!({"update_params": {"expected_version": 1, "params": nested}});
        assert!(!parse::<ExecuteMsg>(&msg), "{msg}");
    }
    let mut create = json!({"authority": "a", "notice": {"notice_seconds": 0, "step_seconds": 0}, "denom": "uusdc", "params": params});
    assert!(parse::<InstantiateMsg>(&create));
    create["params"]["perlosscap"] = json!("1");
    assert!(!parse::<InstantiateMsg>(&create));
}
