//! A loss that had been forced a part of the way was in another pass than its job. The market
//! refused every further step of the queue, and what could have been a haircut of open profit had
//! to become bad debt.

use perp_interface::market::{ExecuteMsg, ForceLoss};
use perp_interface::params::QueueParams;
use perp_testkit::Chain;

use crate::situation::{cross, jobs, liquidate, list, loss, lots, party, steps_of, ENTRY};

#[test]
fn the_queue_takes_over_where_force_has_stopped() {
    let mut chain = Chain::builder().check_every(1).queue(steps_of(1)).build();
    list(&mut chain, &[1]);
    let loser = party(&mut chain, "loser", 150);
    let winners = ["a", "b", "c"].map(|name| party(&mut chain, name, 100));
    for winner in &winners {
        cross(&mut chain, 1, (&loser, winner), 50, ENTRY);
    }
    chain.set_price(1, 5_000_000).expect("prices");
    liquidate(&mut chain, &loser).expect("opens a loss");
    assert_eq!(loss(&chain, 1).adl_lots.0, 50, "one step");

    chain.advance(3_600, 600);
    let anybody = chain.user("anybody");
    let force = ForceLoss {
        loss_id: 1,
        accounts: vec![winners[1].id],
    };
    chain
        .market(&anybody, ExecuteMsg::ForceLoss(force))
        .expect("one more closes at the mark");
    assert_eq!(loss(&chain, 1).adl_lots.0, 100);

    chain.finish_jobs(50).expect("the queue goes on");
    let loss = loss(&chain, 1);
    assert!(loss.closed && jobs(&chain).jobs.is_empty(), "{loss:?}");
    assert!(winners.iter().all(|w| lots(&chain, w, 1) == 0));
    assert!(
        loss.adl_taken.0 > 200_000_000,
        "kept profit was asked for: {loss:?}"
    );
}

/// Also when the job is still adding up its set, and has not asked the market for anything.
#[test]
fn the_next_loss_of_the_market_does_not_wait_for_the_forced_one() {
    for breadth in [1, 2] {
        let mut chain = Chain::builder()
            .check_every(1)
            .queue(QueueParams {
                step_limit: 1,
                default_policy: perp_interface::Policy::of_breadth(breadth),
            })
            .build();
        list(&mut chain, &[1]);
        let losers = ["first", "second"].map(|name| party(&mut chain, name, 100));
        let winners = ["a", "b", "c", "d"].map(|name| party(&mut chain, name, 100));
        for (i, winner) in winners.iter().enumerate() {
            cross(&mut chain, 1, (&losers[i / 2], winner), 50, ENTRY);
        }
        chain.set_price(1, 5_000_000).expect("prices");
        liquidate(&mut chain, &losers[0]).expect("opens a loss");
        chain.advance(3_600, 600);
        let anybody = chain.user("anybody");
        let accounts = winners.iter().map(|w| w.id).collect();
        let force = ExecuteMsg::ForceLoss(ForceLoss {
            loss_id: 1,
            accounts,
        });
        chain.market(&anybody, force).expect("closes");
        assert!(loss(&chain, 1).closed);

        chain.set_price(1, 5_000_000).expect("prices");
        liquidate(&mut chain, &losers[1]).expect("opens the next");
        chain.finish_jobs(20).expect("ends");
        assert!(loss(&chain, 2).closed, "{:?}", loss(&chain, 2));
    }
}
