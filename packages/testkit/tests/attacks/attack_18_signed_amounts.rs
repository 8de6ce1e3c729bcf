//! A negative amount where only a positive one makes sense once emptied a fund. Sizes and prices are
//! unsigned on the wire; where an amount is signed, less than one unit is refused.

use cosmwasm_std::from_json;
use perp_interface::fund::ExecuteMsg as FundMsg;
use perp_interface::market::ExecuteMsg;
use perp_interface::params::{ExchangeParams, FundParams, MarketParams, QueueParams};
use perp_interface::{queue, Quote};

use crate::situation::{capital, one_market, party, refused, shorts_of, USDC};

#[test]
fn the_wire_has_no_sign_for_sizes_and_prices() {
    let order = |lots: &str, price: &str| {
        format!(
            r#"{{"place_order":{{"subaccount":0,"market":1,"side":"long","lots":"{lots}","price":"{price}","kind":"ioc","reduce_only":false}}}}"#
        )
    };
    assert!(from_json::<ExecuteMsg>(order("1", "1")).is_ok());
    for (lots, price) in [
        ("-1", "1"),
        ("1", "-1"),
        ("1.5", "1"),
        ("0x1", "1"),
        ("", "1"),
    ] {
        assert!(
            from_json::<ExecuteMsg>(order(lots, price)).is_err(),
            "{lots} at {price}"
        );
    }
    let texts = [
        r#"{"cancel_order":{"subaccount":-1,"order_id":1}}"#,
        r#"{"liquidate":{"account":-1}}"#,
        r#"{"cover":{"loss_id":-1}}"#,
    ];
    assert!(texts
        .iter()
        .all(|text| from_json::<ExecuteMsg>(text).is_err()));
    let limit = r#"{"continue_deleverage":{"loss_id":1,"limit":-5}}"#;
    assert!(from_json::<queue::ExecuteMsg>(limit).is_err());
}

#[test]
fn signed_amounts_below_one_are_refused_everywhere() {
    let mut chain = one_market();
    chain.contribute(1_000 * USDC).expect("contributes");
    let user = party(&mut chain, "user", 100);
    shorts_of(&mut chain, 1, &user, &[("other", 100, 10)]);
    for amount in [0, -1, i128::MIN, 1 << 100, i128::MAX] {
        refused(chain.withdraw(&user.user, amount), "amount_out_of_range");
        let (governance, fund) = (chain.governance.clone(), chain.addresses.fund.clone());
        let msg = FundMsg::WithdrawCapital(perp_interface::fund::WithdrawCapital {
            tranche: perp_interface::fund::Tranche::Shared,
            amount: Quote(amount),
            to: user.user.to_string(),
        });
        refused(
            chain.send(&governance, &fund, &msg, &[]),
            "amount_out_of_range",
        );
    }
    assert_eq!(capital(&chain).capital.0, 1_000 * USDC as i128);
}

#[test]
fn only_the_market_moves_the_funds_money() {
    let mut chain = one_market();
    let thief = chain.user("thief");
    chain.mint(&thief, 100);
    let fund = chain.addresses.fund.clone();
    let terms = perp_interface::loss::LossTerms {
        loss_id: 1,
        market: 1,
        side: perp_interface::Side::Long,
        mark: perp_interface::Price(1),
        index: perp_interface::PerLot(0),
    };
    let draw = FundMsg::CoverDeficit(perp_interface::fund::CoverDeficit {
        terms,
        lots: perp_interface::Lots(1),
        need: Quote(-1),
        slippage_allowance: Quote(5),
        same_owner_lots: perp_interface::Lots(0),
        defer: false,
    });
    refused(chain.send(&thief, &fund, &draw, &[]), "unauthorized");
    let coins = [cosmwasm_std::coin(100, perp_testkit::chain::DENOM)];
    let revenue = FundMsg::Revenue(perp_interface::fund::Revenue {
        market: 1,
        open_interest: None,
    });
    refused(chain.send(&thief, &fund, &revenue, &coins), "unauthorized");
    let back = FundMsg::ReturnCover(perp_interface::fund::ReturnCover { loss_id: 1 });
    refused(chain.send(&thief, &fund, &back, &coins), "unauthorized");
    let cover = ExecuteMsg::Cover(perp_interface::market::Cover { loss_id: 1 });
    let market = chain.addresses.market.clone();
    refused(chain.send(&thief, &market, &cover, &coins), "unauthorized");
}

#[test]
fn parameters_cannot_turn_a_fee_around() {
    for (field, negative) in [("taker_fee_bps", "-1"), ("liquidation_fee_bps", "-50")] {
        let text = cosmwasm_std::to_json_string(&MarketParams::default()).expect("json");
        let start = text.find(field).expect("is there") + field.len() + 2;
        let end = start + text[start..].find([',', '}']).expect("ends");
        let text = format!("{}{negative}{}", &text[..start], &text[end..]);
        assert!(from_json::<MarketParams>(text).is_err(), "{field}");
    }
    let cap = FundParams {
        per_loss_cap: Quote(-1),
        ..FundParams::default()
    };
    assert!(cap.validate().is_err());
    let share = ExchangeParams {
        liquidator_share_bps: 10_001,
        ..ExchangeParams::default()
    };
    assert!(share.validate().is_err());
    assert!(QueueParams::default().validate().is_ok());
}
