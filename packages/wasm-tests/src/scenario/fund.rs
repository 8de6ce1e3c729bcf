//! What the fund does besides paying for losses: stakers, layers, bounties, registrations.

use perp_interface::fund::{
    ApproveCode, ExecuteMsg, Layer, PayOwed, RegisterMarket, RemoveMarket, RequestUnstake, Tranche,
    UnstakeRequest,
};
use perp_interface::market;
use perp_interface::params::{FundParams, PaidInCap};
use perp_interface::{Quote, Shares};

use super::{cross, list, party, ENTRY};
use crate::stage::{Code, Stage};

const SHARED: Tranche = Tranche::Shared;

/// Stakers come, bear a loss with the seed, are made whole by revenue, and leave; keepers are paid.
pub fn fund(code: Code) -> Stage {
    let params = FundParams {
        trip_bps: 10_000,
        ..FundParams::default()
    };
    let mut stage = Stage::new(code, |builder| builder.fund(params));
    list(&mut stage.chain, 1).expect("lists");
    capital(&mut stage);
    loss(&mut stage);
    leave(&mut stage);
    governance(&mut stage);
    stage
}

fn capital(stage: &mut Stage) {
    for (name, layer, amount) in [
        ("contribute_seed", Layer::Seed, 20_000_000),
        ("contribute_bounties", Layer::Bounties, 1_000_000),
    ] {
        stage.step(name, |chain| chain.contribute_to(SHARED, layer, amount));
    }
    let [first, second] = ["staker 1", "staker 2"].map(|name| stage.chain.user(name));
    stage.step("stake", |chain| chain.stake(&first, SHARED, 30_000_000));
    stage.step("stake", |chain| chain.stake(&second, SHARED, 10_000_000));
    for shares in [4_000_000_000, 1_000_000_000] {
        let message = ExecuteMsg::RequestUnstake(RequestUnstake {
            tranche: SHARED,
            shares: Shares(shares),
        });
        stage.step("request_unstake", |chain| chain.fund(&first, message));
    }
    stage.step("cancel_unstake", |chain| {
        chain.fund(&first, ExecuteMsg::CancelUnstake(of(1)))
    });
}

const fn of(request: u64) -> UnstakeRequest {
    UnstakeRequest {
        tranche: SHARED,
        request,
    }
}

/// A deficit of about 10 USDC: the seed bears it. The default market's fees bring a bounty.
fn loss(stage: &mut Stage) {
    let chain = &mut stage.chain;
    let [long, short] = [("long", 121_000_000), ("short", 1_000_000_000)]
        .map(|(name, amount)| party(chain, name, amount));
    cross(chain, &long, &short, (100, ENTRY));
    chain.set_price(1, 8_700_000).expect("prices");
    let keeper = chain.user("keeper");
    stage.step("liquidate_with_bounty", |chain| {
        chain.liquidate(&keeper, long.id)
    });
    stage.step("pay_owed", |chain| {
        chain.fund(
            &keeper,
            ExecuteMsg::PayOwed(PayOwed {
                to: keeper.to_string(),
            }),
        )
    });
    stage.step("collect_fees_to_stakers", |chain| {
        let message = market::CollectFees { market: 1 };
        chain.market(&keeper, market::ExecuteMsg::CollectFees(message))
    });
}

fn leave(stage: &mut Stage) {
    stage.chain.advance(604_800, 1_000);
    let first = stage.chain.user("staker 1");
    stage.step("claim_unstake", |chain| {
        chain.fund(&first, ExecuteMsg::ClaimUnstake(of(0)))
    });
}

fn governance(stage: &mut Stage) {
    let authority = stage.chain.governance.clone();
    let market = stage.chain.addresses.market.clone();
    let code_id = stage.chain.code_of(&market);
    stage.step("approve_code", |chain| {
        chain.fund(&authority, ExecuteMsg::ApproveCode(ApproveCode { code_id }))
    });
    stage.step("register_market_isolated", |chain| {
        chain.register(RegisterMarket {
            market: 1,
            isolated: true,
            window_cap: Some(Quote(5_000_000)),
            paid_in_cap: Some(PaidInCap {
                base: Quote(0),
                bps: 10_000,
            }),
        })
    });
    stage.step("remove_market", |chain| {
        chain.fund(
            &authority,
            ExecuteMsg::RemoveMarket(RemoveMarket { market: 1 }),
        )
    });
}
