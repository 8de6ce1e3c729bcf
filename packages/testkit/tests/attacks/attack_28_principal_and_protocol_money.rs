//! After a hack nobody could say which money was the stakers' and which the protocol's. Here they are layers
//! of their own from the first day: the seed is lost first, and no message of the authority takes a unit
//! of what stakers own.

use cosmwasm_std::Addr;
use perp_interface::fund::{
    ApproveCode, BookBounty, Connect, CoverDeficit, ExecuteMsg, Layer, LossClosed, PayOwed,
    RegisterMarket, RemoveMarket, RequestUnstake, ReturnCover, Tranche, UnstakeRequest,
    UpdateParams, WithdrawCapital,
};
use perp_interface::loss::LossTerms;
use perp_interface::params::{FundParams, SurplusRule};
use perp_interface::{Lots, PerLot, Price, Quote, Shares, Side};
use perp_testkit::Chain;

use crate::situation::{
    capital, claim, liquidate, list, party, request_all, shorts_of, stake_of, tranche,
    withdraw_seed, USDC,
};

const SHARED: Tranche = Tranche::Shared;
const OWN: Tranche = Tranche::Market(2);
const SEED: i128 = 70 * USDC as i128;

/// A seed of 70 and a stake of 100 in each of two tranches.
fn situation() -> (Chain, Addr) {
    let fund = FundParams::without_limits();
    let mut chain = Chain::builder().fund(fund).check_every(1).build();
    list(&mut chain, &[1, 2]);
    chain.register(register(2, true)).expect("isolates");
    let alice = chain.user("alice");
    for tranche in [SHARED, OWN] {
        chain
            .contribute_to(tranche, Layer::Seed, SEED as u128)
            .expect("gives");
        chain.stake(&alice, tranche, 100 * USDC).expect("stakes");
    }
    (chain, alice)
}

const fn register(market: u16, isolated: bool) -> RegisterMarket {
    RegisterMarket {
        market,
        isolated,
        window_cap: None,
        paid_in_cap: None,
    }
}

fn of_a_loss() -> CoverDeficit {
    CoverDeficit {
        terms: LossTerms {
            loss_id: 1,
            market: 1,
            side: Side::Long,
            mark: Price(10_000_000),
            index: PerLot(0),
        },
        lots: Lots(1),
        need: Quote(50 * USDC as i128),
        slippage_allowance: Quote(0),
        same_owner_lots: Lots(0),
        defer: false,
    }
}

/// Every message without coins that an authority could think of, with as much as it could ask for.
fn attempts(chain: &Chain) -> Vec<ExecuteMsg> {
    let me = chain.governance.to_string();
    let code_id = chain.code_of(&chain.addresses.market);
    let greedy = FundParams {
        target_floor: Quote(0),
        staker_share_bps: 0,
        cooldown_seconds: 86_400,
        claim_seconds: 86_400,
        emergency_seconds: 3_600,
        surplus: SurplusRule::Address {
            address: me.clone(),
        },
        ..FundParams::without_limits()
    };
    let mut all = vec![
        ExecuteMsg::UpdateParams(UpdateParams {
            expected_version: 1,
            params: greedy,
        }),
        ExecuteMsg::Connect(Connect {
            market: me.clone(),
            market_code_id: code_id,
            queue: me.clone(),
        }),
        ExecuteMsg::ApproveCode(ApproveCode { code_id }),
        ExecuteMsg::RegisterMarket(register(1, true)),
        ExecuteMsg::RegisterMarket(register(2, false)),
        ExecuteMsg::RegisterMarket(register(9, false)),
        ExecuteMsg::RemoveMarket(RemoveMarket { market: 2 }),
        ExecuteMsg::CoverDeficit(of_a_loss()),
        ExecuteMsg::ReturnCover(ReturnCover { loss_id: 1 }),
        ExecuteMsg::LossClosed(LossClosed { loss_id: 1 }),
        ExecuteMsg::BookBounty(BookBounty {
            loss_id: 1,
            market: 1,
            to: me.clone(),
            fills: 1,
            amount: Quote(USDC as i128),
        }),
        ExecuteMsg::PayOwed(PayOwed { to: me.clone() }),
    ];
    for tranche in [SHARED, OWN] {
        let unstake = UnstakeRequest {
            tranche,
            request: 0,
        };
        let shares = Shares(1);
        all.extend([
            ExecuteMsg::RequestUnstake(RequestUnstake { tranche, shares }),
            ExecuteMsg::CancelUnstake(unstake.clone()),
            ExecuteMsg::ClaimUnstake(unstake),
        ]);
        for amount in [SEED + 1, SEED, 100 * USDC as i128, 1, i128::MAX] {
            all.push(ExecuteMsg::WithdrawCapital(WithdrawCapital {
                tranche,
                amount: Quote(amount),
                to: me.clone(),
            }));
        }
    }
    all
}

#[test]
fn no_message_of_the_authority_takes_what_stakers_own() {
    let (mut chain, alice) = situation();
    request_all(&mut chain, &alice).expect("asks");
    chain.advance(604_800, 100_000);
    let governance = chain.governance.clone();
    let before = chain.balance(&governance);
    // Twice: what the first round has prepared, the second may use.
    for _ in 0..2 {
        for msg in attempts(&chain) {
            let _ = chain.fund(&governance, msg);
            for of in [SHARED, OWN] {
                assert_eq!(tranche(&chain, of).staked.0, 100 * USDC as i128);
            }
        }
        chain.advance(3_600, 600);
    }
    let taken = chain.balance(&governance) - before;
    assert_eq!(taken, 2 * SEED as u128, "its own, to the unit");
    let own = stake_of(&chain, &alice, OWN);
    assert_eq!(own.value.0, 100 * USDC as i128);
    // Whatever the parameters have become: the request keeps its own times.
    assert_eq!(claim(&mut chain, &alice).expect("is due"), 100 * USDC);
}

#[test]
fn a_gift_to_the_stakers_or_the_purse_cannot_be_taken_back() {
    let (mut chain, _) = situation();
    for layer in [Layer::Staked, Layer::Bounties] {
        chain
            .contribute_to(SHARED, layer, 10 * USDC)
            .expect("gives");
    }
    withdraw_seed(&mut chain, SHARED, SEED).expect("its own");
    crate::situation::refused(withdraw_seed(&mut chain, SHARED, 1), "amount_out_of_range");
    assert_eq!(capital(&chain).bounties.0, 10 * USDC as i128);
}

#[test]
fn after_a_loss_the_books_say_whose_money_it_took() {
    let (mut chain, alice) = situation();
    let loser = party(&mut chain, "loser", 120);
    shorts_of(&mut chain, 1, &loser, &[("a", 1_000, 60), ("b", 300, 40)]);
    chain.set_price(1, 8_000_000).expect("prices");
    liquidate(&mut chain, &loser).expect("liquidates");
    let after = tranche(&chain, SHARED);
    let million = USDC as i128;
    assert_eq!((after.seed.0, after.staked.0), (0, 90 * million));
    assert_eq!(
        (after.seed_hole.0, after.staked_hole.0),
        (70 * million, 10 * million)
    );
    assert_eq!(stake_of(&chain, &alice, SHARED).value.0, 90 * million);
    crate::situation::refused(withdraw_seed(&mut chain, SHARED, 1), "amount_out_of_range");
    // New seed is the protocol's again and pays nothing back by itself.
    chain.contribute(5 * USDC).expect("gives");
    withdraw_seed(&mut chain, SHARED, 5 * million).expect("its own");
    assert_eq!(tranche(&chain, SHARED).staked.0, 90 * million);
}
