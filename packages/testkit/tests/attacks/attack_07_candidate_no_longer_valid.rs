//! A winner changes its position between the ranking and the execution, by a little or altogether,
//! so that the deleveraging reverts. The market clamps to what is there, and goes on without.

use perp_interface::Side;
use perp_testkit::chain::Order;

use crate::deaf_queue::{chain_with_deaf_queue, set_deaf};
use crate::situation::{liquidate, list, loss, lots, party, rest, shorts_of};

#[test]
fn a_stale_key_is_clamped_or_skipped() {
    for given_up in [2, 50] {
        let mut chain = chain_with_deaf_queue();
        list(&mut chain, &[1]);
        let loser = party(&mut chain, "loser", 120);
        let shorts = [("dodger", 60, 50), ("b", 600, 50), ("c", 6_000, 50)];
        let shorts = shorts_of(&mut chain, 1, &loser, &shorts[..2])
            .into_iter()
            .chain([party(&mut chain, "c", 6_000)])
            .collect::<Vec<_>>();
        chain.set_price(1, 8_000_000).expect("prices");
        // The queue does not hear of it: the dodger's key still tells of 50 lots.
        set_deaf(true);
        rest(
            &mut chain,
            &shorts[2],
            Order::limit(1, Side::Short, given_up, 8_000_000),
        );
        let buy = Order::ioc(1, Side::Long, given_up, 8_000_000).reduce_only();
        chain.place(&shorts[0].user, buy).expect("reduces");
        set_deaf(false);
        let refresh = perp_interface::queue::Refresh {
            accounts: vec![shorts[2].id],
        };
        let anybody = chain.user("anybody");
        chain
            .queue(
                &anybody,
                perp_interface::queue::ExecuteMsg::Refresh(refresh),
            )
            .expect("refreshes the one who took over");

        liquidate(&mut chain, &loser).expect("liquidates");
        chain.finish_jobs(10).expect("ends");
        let loss = loss(&chain, 1);
        assert!(loss.closed && loss.adl_lots.0 == 100, "{loss:?}");
        assert!(shorts.iter().all(|s| lots(&chain, s, 1) == 0));
    }
}
