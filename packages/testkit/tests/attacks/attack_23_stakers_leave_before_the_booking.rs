//! Stakers who see a loss coming leave before it is booked. Whoever asks now is in it for the cooldown;
//! whoever asked long ago cannot go while a loss is worked off, nor while the market has one that the fund
//! could not be told of.

use cosmwasm_std::Addr;
use perp_interface::fund::Tranche;
use perp_interface::market::{ExecuteMsg, ResumeLoss};
use perp_testkit::faulty::{self, Fault, Switches};
use perp_testkit::Chain;

use crate::situation::{
    claim, liquidate, list, loss, party, refused, request_all, shorts_of, stake_of, steps_of,
    tranche, withdraw_seed, Party, USDC,
};

const SHARED: Tranche = Tranche::Shared;
const COOLDOWN: u64 = 604_800;

/// Two stakers of 100 USDC over a seed of 10; the first one has asked for all of it a cooldown ago. A long
/// that lacks 80 USDC at a price of 8.
fn situation() -> (Chain, Switches, [Addr; 2], Party) {
    let (contracts, switches) = faulty::contracts();
    let mut chain = Chain::builder()
        .contracts(contracts)
        .queue(steps_of(1))
        .check_every(1)
        .build();
    list(&mut chain, &[1]);
    chain.contribute(10 * USDC).expect("contributes");
    let stakers = ["alice", "bob"].map(|name| {
        let staker = chain.user(name);
        chain.stake(&staker, SHARED, 100 * USDC).expect("stakes");
        staker
    });
    request_all(&mut chain, &stakers[0]).expect("asks");
    chain.advance(COOLDOWN, 100_000);
    chain.set_price(1, 10_000_000).expect("prices");
    let loser = party(&mut chain, "loser", 120);
    let shorts = [("a", 1_000, 30), ("b", 300, 40), ("c", 100, 30)];
    shorts_of(&mut chain, 1, &loser, &shorts);
    (chain, switches, stakers, loser)
}

/// Nobody has taken anything out of the shared tranche.
fn nobody_leaves(chain: &mut Chain, staker: &Addr, code: &str) {
    let before = tranche(chain, SHARED);
    refused(claim(chain, staker), code);
    refused(withdraw_seed(chain, SHARED, 1), code);
    assert_eq!(tranche(chain, SHARED), before);
}

/// Of 210 USDC the loss drew what the stop at 30 % of the peak left: 63, the seed first.
fn assert_borne(chain: &mut Chain, stakers: &[Addr; 2]) {
    assert_eq!(loss(chain, 1).fund_used.0, 63_000_000);
    let paid = claim(chain, &stakers[0]).expect("now it may");
    assert_eq!(paid, 73_500_000, "half of what 53 lost left of 200");
    assert_eq!(stake_of(chain, &stakers[1], SHARED).value.0, 73_500_000);
}

#[test]
fn nobody_leaves_between_two_steps_of_a_loss() {
    let (mut chain, _, stakers, loser) = situation();
    chain.set_price(1, 8_000_000).expect("prices");
    liquidate(&mut chain, &loser).expect("opens");
    let mut steps = 0;
    while !loss(&chain, 1).closed {
        nobody_leaves(&mut chain, &stakers[0], "loss_open");
        let anybody = chain.user("anybody");
        chain.step(&anybody, 1).expect("goes on");
        steps += 1;
    }
    assert!(steps >= 2, "several transactions, not {steps}");
    assert_borne(&mut chain, &stakers);
}

#[test]
fn nor_while_the_fund_could_not_be_told_of_it() {
    let (mut chain, switches, stakers, loser) = situation();
    chain.set_price(1, 8_000_000).expect("prices");
    switches.fund.set("cover_deficit", Fault::Fail);
    liquidate(&mut chain, &loser).expect("opens");
    assert_eq!(tranche(&chain, SHARED).open_losses, 0, "it does not know");
    nobody_leaves(&mut chain, &stakers[0], "loss_not_booked");
    // Waiting does not help before the emergency time is over: anybody can have the loss booked.
    chain.advance(86_400 - 60, 10_000);
    nobody_leaves(&mut chain, &stakers[0], "loss_not_booked");

    switches.fund.repair();
    chain.set_price(1, 8_000_000).expect("prices");
    let anybody = chain.user("anybody");
    let resume = ExecuteMsg::ResumeLoss(ResumeLoss { loss_id: 1 });
    chain.market(&anybody, resume).expect("tells it");
    nobody_leaves(&mut chain, &stakers[0], "loss_open");
    chain.finish_jobs(40).expect("ends");
    assert_borne(&mut chain, &stakers);
}

#[test]
fn whoever_asks_when_the_price_has_fallen_bears_the_loss() {
    let (mut chain, _, stakers, loser) = situation();
    chain.set_price(1, 8_000_000).expect("prices");
    request_all(&mut chain, &stakers[1]).expect("asks");
    refused(claim(&mut chain, &stakers[1]), "cooling_down");
    liquidate(&mut chain, &loser).expect("opens");
    chain.finish_jobs(40).expect("ends");
    chain.advance(COOLDOWN, 100_000);
    assert_eq!(
        claim(&mut chain, &stakers[1]).expect("a week later"),
        73_500_000
    );
}

/// The limit of the defence: a loss that nobody has opened yet holds nobody. It needs a request that was
/// made a cooldown ago and a block in which nobody liquidates.
#[test]
fn a_request_that_is_old_enough_may_be_claimed_until_somebody_liquidates() {
    let (mut chain, _, stakers, loser) = situation();
    chain.set_price(1, 8_000_000).expect("prices");
    assert_eq!(
        claim(&mut chain, &stakers[0]).expect("nothing is open"),
        100 * USDC
    );
    liquidate(&mut chain, &loser).expect("opens");
    chain.finish_jobs(40).expect("ends");
    assert_eq!(
        loss(&chain, 1).fund_used.0,
        33_000_000,
        "30 % of what is left"
    );
}
