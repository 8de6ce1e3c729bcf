//! One draw per loss, whatever is repeated: the resumption of a loss, its steps, its payment.

use perp_interface::fund::{Layer, RegisterMarket, RemoveMarket, Tranche};
use perp_interface::market::{ExecuteMsg, ResumeLoss};
use perp_testkit::Chain;

use crate::situation::{
    capital, capped, liquidate, list, loss, party, refused, shorts_of, steps_of, USDC,
};

#[test]
fn a_loss_is_paid_once() {
    let mut chain = Chain::builder()
        .check_every(1)
        .fund(capped(10 * USDC as i128))
        .queue(steps_of(1))
        .build();
    list(&mut chain, &[1]);
    chain.contribute(1_000 * USDC).expect("contributes");
    let loser = party(&mut chain, "loser", 120);
    shorts_of(
        &mut chain,
        1,
        &loser,
        &[("a", 1_000, 30), ("b", 300, 40), ("c", 100, 30)],
    );
    chain.set_price(1, 8_000_000).expect("prices");
    liquidate(&mut chain, &loser).expect("liquidates");
    refused(liquidate(&mut chain, &loser), "account_locked");
    let anybody = chain.user("anybody");
    let resume = ExecuteMsg::ResumeLoss(ResumeLoss { loss_id: 1 });
    for _ in 0..2 {
        assert!(!loss(&chain, 1).closed);
        chain.market(&anybody, resume.clone()).expect("goes on");
        assert_eq!(capital(&chain).paid.0, 10 * USDC as i128);
    }
    chain.finish_jobs(20).expect("ends");
    let loss = loss(&chain, 1);
    assert_eq!(
        (loss.fund_used.0, loss.adl_taken.0),
        (10_000_000, 70_000_000)
    );
    // Of a closed loss the fund is told once more that it is closed, and pays nothing.
    let before = capital(&chain);
    chain.market(&anybody, resume).expect("says it again");
    assert_eq!(capital(&chain), before);
    refused(chain.step(&anybody, 1), "unknown_job");
    assert_eq!(capital(&chain).open_losses, 0);
}

/// A loss that was paid is not paid again by another tranche, nor one that was refused after its market has
/// been registered.
#[test]
fn a_new_registration_pays_no_old_loss() {
    for (registered, paid) in [(true, 10_000_000), (false, 0)] {
        let mut chain = Chain::builder()
            .check_every(1)
            .fund(capped(10 * USDC as i128))
            .queue(steps_of(1))
            .build();
        list(&mut chain, &[1]);
        chain.contribute(1_000 * USDC).expect("contributes");
        let governance = chain.governance.clone();
        if !registered {
            let remove = perp_interface::fund::ExecuteMsg::RemoveMarket(RemoveMarket { market: 1 });
            chain.fund(&governance, remove).expect("removes");
        }
        let loser = party(&mut chain, "loser", 120);
        let shorts = [("a", 1_000, 30), ("b", 300, 40), ("c", 100, 30)];
        shorts_of(&mut chain, 1, &loser, &shorts);
        chain.set_price(1, 8_000_000).expect("prices");
        liquidate(&mut chain, &loser).expect("liquidates");
        assert!(!loss(&chain, 1).closed);

        let isolated = RegisterMarket {
            market: 1,
            isolated: true,
            window_cap: None,
            paid_in_cap: None,
        };
        chain.register(isolated).expect("registers");
        chain
            .contribute_to(Tranche::Market(1), Layer::Seed, 1_000 * USDC)
            .expect("contributes");
        let resume = ExecuteMsg::ResumeLoss(ResumeLoss { loss_id: 1 });
        chain.market(&governance, resume).expect("goes on");
        chain.finish_jobs(20).expect("ends");
        assert_eq!(loss(&chain, 1).fund_used.0, paid);
        assert_eq!(capital(&chain).paid.0, paid);
    }
}
