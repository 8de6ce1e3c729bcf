//! Rounding in favour of the bankrupt side, a unit at a time. Sums are exact to the unit for every
//! awkward number, and the account ends at exactly zero.

use perp_testkit::Chain;

use crate::situation::{account, liquidate, list, loss, party, shorts_of};

#[test]
fn zero_sum_to_the_last_unit() {
    for (mark, breadth) in [
        (8_333_333, 1),
        (7_777_777, 3),
        (8_999_999, 7),
        (6_000_001, 2),
    ] {
        let mut chain = Chain::builder().check_every(1).build();
        list(&mut chain, &[1]);
        chain.contribute(1_234_567).expect("contributes");
        let governance = chain.governance.clone();
        let policy = perp_interface::queue::SetPolicy {
            market: 1,
            expected_version: None,
            policy: Some(perp_interface::Policy::of_breadth(breadth)),
        };
        chain
            .queue(
                &governance,
                perp_interface::queue::ExecuteMsg::SetPolicy(policy),
            )
            .expect("sets");
        let loser = party(&mut chain, "loser", 87);
        let shorts = [
            ("a", 97, 31),
            ("b", 89, 29),
            ("c", 83, 23),
            ("d", 7, 3),
            ("e", 5, 1),
        ];
        let shorts = shorts_of(&mut chain, 1, &loser, &shorts);
        chain.set_price(1, mark).expect("prices");
        let before: i128 = shorts
            .iter()
            .map(|s| crate::situation::equity(&chain, s))
            .sum();
        liquidate(&mut chain, &loser).expect("liquidates");
        let after: i128 = shorts
            .iter()
            .map(|s| crate::situation::equity(&chain, s))
            .sum();
        let loss = loss(&chain, 1);
        assert_eq!(before - after, loss.adl_taken.0 + loss.haircut.0);
        assert_eq!(
            loss.need.0,
            loss.fund_used.0 + loss.adl_taken.0 + loss.haircut.0
        );
        let left = account(&chain, &loser);
        assert_eq!(
            (left.cash.0, left.debts.len(), left.positions.len()),
            (0, 0, 0)
        );
    }
}
