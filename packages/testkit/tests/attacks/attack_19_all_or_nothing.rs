//! A fund that pays all or nothing pays nothing when it matters. Here it pays what it has, to the
//! last unit, and the queue takes the rest.

use perp_interface::fund::Tranche;
use perp_interface::params::FundParams;
use perp_testkit::Chain;

use crate::situation::{capital, liquidate, list, loss, party, shorts_of, tranche};

#[test]
fn what_is_there_is_paid_and_the_rest_is_deleveraged() {
    for (contributed, used) in [
        (0u128, 0i128),
        (1, 1),
        (79_999_999, 79_999_999),
        (10 << 30, 80_000_000),
    ] {
        let fund = FundParams::without_limits();
        let mut chain = Chain::builder().check_every(1).fund(fund).build();
        list(&mut chain, &[1]);
        if contributed > 0 {
            chain.contribute(contributed).expect("contributes");
        }
        let loser = party(&mut chain, "loser", 120);
        shorts_of(&mut chain, 1, &loser, &[("a", 1_000, 60), ("b", 300, 40)]);
        chain.set_price(1, 8_000_000).expect("prices");
        liquidate(&mut chain, &loser).expect("liquidates");
        let loss = loss(&chain, 1);
        assert_eq!(
            (loss.fund_used.0, loss.adl_taken.0),
            (used, 80_000_000 - used)
        );
        assert_eq!(capital(&chain).capital.0, contributed as i128 - used);
    }
}

#[test]
fn a_part_of_every_layer_is_paid_to_its_last_unit() {
    // Seed, stakes, what the loss of 80 draws, and what is then left of either.
    for (seed, staked, used, left) in [
        (50_000_000, 20_000_000, 70_000_000, (0, 0)),
        (30_000_000, 60_000_000, 80_000_000, (0, 10_000_000)),
        (0, 79_999_999, 79_999_999, (0, 0)),
        (90_000_000, 20_000_000, 80_000_000, (10_000_000, 20_000_000)),
    ] {
        let fund = FundParams::without_limits();
        let mut chain = Chain::builder().check_every(1).fund(fund).build();
        list(&mut chain, &[1]);
        if seed > 0 {
            chain.contribute(seed).expect("contributes");
        }
        let alice = chain.user("alice");
        chain
            .stake(&alice, Tranche::Shared, staked)
            .expect("stakes");
        let loser = party(&mut chain, "loser", 120);
        shorts_of(&mut chain, 1, &loser, &[("a", 1_000, 60), ("b", 300, 40)]);
        chain.set_price(1, 8_000_000).expect("prices");
        liquidate(&mut chain, &loser).expect("liquidates");
        let loss = loss(&chain, 1);
        assert_eq!(
            (loss.fund_used.0, loss.adl_taken.0),
            (used, 80_000_000 - used)
        );
        let layers = tranche(&chain, Tranche::Shared);
        assert_eq!((layers.seed.0, layers.staked.0), left);
    }
}
