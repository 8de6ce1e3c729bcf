//! The first staker makes a share so dear that the next one gets none, or a staker buys a wiped pool for
//! nothing. Gifts cost the giver more than they can take from others, coins without a message count nowhere,
//! and a wiped pool is closed.

use cosmwasm_std::{coin, Addr};
use cw_multi_test::Executor;
use perp_interface::fund::{ExecuteMsg, Layer, Stake, Tranche};
use perp_interface::params::FundParams;
use perp_interface::Shares;
use perp_testkit::chain::{ChainResult, DENOM};
use perp_testkit::Chain;

use crate::situation::{
    claim, liquidate, list, party, refused, request_all, shorts_of, stake_of, tranche, USDC,
};

const SHARED: Tranche = Tranche::Shared;
const COOLDOWN: u64 = 604_800;

/// Stakes of a single unit are taken: the defence is not the least stake.
fn chain() -> Chain {
    let fund = FundParams::without_limits();
    Chain::builder().fund(fund).check_every(1).build()
}

/// What both end with: the attacker, who put in 1 and the gift, and the victim, who staked.
fn after(gift: u128, stake: u128) -> Option<(u128, u128)> {
    let mut chain = chain();
    let [attacker, victim] = ["attacker", "victim"].map(|name| chain.user(name));
    chain.stake(&attacker, SHARED, 1).expect("the first");
    chain
        .contribute_to(SHARED, Layer::Staked, gift)
        .expect("gives");
    if let Err(refusal) = chain.stake(&victim, SHARED, stake) {
        assert!(refusal.has_code("stake_too_small"), "{refusal}");
        return None;
    }
    for user in [&attacker, &victim] {
        request_all(&mut chain, user).expect("asks");
    }
    chain.advance(COOLDOWN, 100_000);
    let first = claim(&mut chain, &attacker).expect("claims");
    Some((first, claim(&mut chain, &victim).expect("claims")))
}

#[test]
fn a_gift_costs_its_giver_more_than_the_victim() {
    let mut refusals = 0;
    for gift in [1, 999, 1_000, USDC, 1_000 * USDC, 1_000_000 * USDC] {
        for stake in [1, 2, 1_999, USDC, 999_999_999] {
            let Some((attacker, victim)) = after(gift, stake) else {
                refusals += 1;
                continue;
            };
            let spent = 1 + gift - attacker.min(1 + gift);
            let lost = stake - victim.min(stake);
            assert!(victim <= stake, "{gift} {stake}");
            assert!(
                spent > lost || (lost <= 1 && attacker <= 1 + gift),
                "{gift}, {stake}: the attacker spent {spent}, the victim lost {lost}"
            );
        }
    }
    assert!(refusals > 0, "who would get no share is refused");
}

#[test]
fn a_stake_worth_the_name_loses_next_to_nothing() {
    // A thousand virtual shares: a gift as large as the stake shifts less than a thousandth.
    let (attacker, victim) = after(1_000 * USDC, 1_000 * USDC).expect("gets shares");
    assert!(victim > 999 * USDC, "{victim}");
    assert!(
        attacker < 501 * USDC,
        "half of the gift is nobody's: {attacker}"
    );
}

fn stake_for(chain: &mut Chain, who: &Addr, amount: u128, min: u128) -> ChainResult<()> {
    chain.mint(who, amount);
    let to = chain.addresses.fund.clone();
    let msg = ExecuteMsg::Stake(Stake {
        tranche: SHARED,
        min_shares: Some(Shares(min)),
    });
    chain.send(who, &to, &msg, &[coin(amount, DENOM)])?;
    Ok(())
}

#[test]
fn a_victim_that_names_its_shares_cannot_be_run_ahead_of() {
    let mut chain = chain();
    let [attacker, victim] = ["attacker", "victim"].map(|name| chain.user(name));
    chain.stake(&attacker, SHARED, 1).expect("the first");
    // What the victim saw: a unit brings a thousand shares. Then the gift comes first.
    chain
        .contribute_to(SHARED, Layer::Staked, 1_000 * USDC)
        .expect("gives");
    let answer = stake_for(&mut chain, &victim, USDC, 1_000 * USDC);
    refused(answer, "too_few_shares");
}

#[test]
fn coins_without_a_message_move_no_price() {
    // Unchecked: the invariants, too, hold coins without a booking for a fault.
    let fund = FundParams::without_limits();
    let mut chain = Chain::builder().fund(fund).build();
    let [attacker, victim] = ["attacker", "victim"].map(|name| chain.user(name));
    chain.stake(&attacker, SHARED, 1).expect("the first");
    let before = tranche(&chain, SHARED);
    chain.mint(&attacker, 1_000 * USDC);
    let coins = [coin(1_000 * USDC, DENOM)];
    let fund = chain.addresses.fund.clone();
    chain
        .app
        .send_tokens(attacker, fund, &coins)
        .expect("sends");
    assert_eq!(tranche(&chain, SHARED), before);
    chain.stake(&victim, SHARED, USDC).expect("stakes");
    let own = stake_of(&chain, &victim, SHARED);
    assert_eq!((own.shares.0, own.value.0), (1_000 * USDC, USDC as i128));
}

#[test]
fn nobody_buys_a_wiped_pool() {
    let mut chain = chain();
    list(&mut chain, &[1]);
    let [alice, vulture] = ["alice", "vulture"].map(|name| chain.user(name));
    chain.stake(&alice, SHARED, 50 * USDC).expect("stakes");
    let loser = party(&mut chain, "loser", 120);
    shorts_of(&mut chain, 1, &loser, &[("a", 1_000, 60), ("b", 300, 40)]);
    chain.set_price(1, 8_000_000).expect("prices");
    liquidate(&mut chain, &loser).expect("liquidates");
    let wiped = tranche(&chain, SHARED);
    assert_eq!((wiped.staked.0, wiped.wiped), (0, true));
    // One unit would have bought all of what is yet to come.
    for amount in [1, USDC, 1_000 * USDC] {
        refused(chain.stake(&vulture, SHARED, amount), "pool_wiped");
    }
    chain
        .contribute_to(SHARED, Layer::Staked, 10 * USDC)
        .expect("gives");
    chain
        .stake(&vulture, SHARED, 10 * USDC)
        .expect("at a price");
    let value = |who| stake_of(&chain, who, SHARED).value.0;
    let ten = 10 * USDC as i128;
    assert!(
        (ten - 2..=ten).contains(&value(&alice)),
        "{}",
        value(&alice)
    );
    assert!((ten - 2..=ten).contains(&value(&vulture)));
}
