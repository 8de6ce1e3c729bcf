//! A loss is worked off at the mark it was frozen at, wherever the price has gone since.

use perp_interface::market::{ExecuteMsg, ResumeLoss};
use perp_interface::params::QueueParams;
use perp_interface::Side;
use perp_testkit::chain::Order;
use perp_testkit::faulty::{self, Fault};
use perp_testkit::{receipts, Chain};

use crate::situation::{cross, loss, market, party, Party, ENTRY, USDC};

/// A long of 100 lots that is bankrupt by 80 USDC at 8 USDC a lot, against two winners.
fn crash(chain: &mut Chain) -> Party {
    market(chain, 1);
    let long = party(chain, "long", 120 * USDC);
    for name in ["a", "b"] {
        let short = party(chain, name, 300 * USDC);
        cross(chain, 1, (&long, &short), 50, ENTRY);
    }
    chain.set_price(1, 8_000_000).expect("prices");
    long
}

#[test]
fn steps_judge_equity_at_the_frozen_mark() {
    let queue = QueueParams {
        step_limit: 1,
        ..QueueParams::default()
    };
    let mut chain = Chain::builder().queue(queue).check_every(1).build();
    let long = crash(&mut chain);
    let keeper = chain.user("keeper");
    let mut events = chain.liquidate(&keeper, long.id).expect("liquidates");
    // At this price the winners would have lost everything.
    chain.set_price(1, 40_000_000).expect("prices");
    events.extend(chain.finish_jobs(20).expect("ends").1);
    let fills = receipts::of_kind(&events, "adl_fill");
    let taken: Vec<_> = fills
        .iter()
        .map(|f| (f.number("pass"), f.number("lots"), f.number("charge")))
        .collect();
    assert_eq!(taken, [(1, 50, 40_000_000), (1, 50, 40_000_000)]);
    assert_eq!(loss(&chain, 1).bad_debt.0, 0);
}

#[test]
fn a_late_payment_closes_on_the_book_at_the_frozen_mark() {
    let (contracts, switches) = faulty::contracts();
    let mut chain = Chain::builder().contracts(contracts).check_every(1).build();
    chain.contribute(1_000 * USDC).expect("contributes");
    let long = crash(&mut chain);
    let maker = party(&mut chain, "maker", 100 * USDC);
    let bid = Order::limit(1, Side::Long, 100, 8_000_000);
    chain.place(&maker.user, bid).expect("rests");
    switches.fund.set("cover_deficit", Fault::Fail);
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, long.id).expect("liquidates");
    assert!(!loss(&chain, 1).closed);
    switches.fund.repair();
    // At this price the maker could not bear its fill.
    chain.set_price(1, 5_000_000).expect("prices");
    let resume = ExecuteMsg::ResumeLoss(ResumeLoss { loss_id: 1 });
    chain.market(&keeper, resume).expect("resumes");
    let loss = loss(&chain, 1);
    assert_eq!((loss.book_lots.0, loss.adl_lots.0), (100, 0));
    assert_eq!((loss.fund_used.0, loss.closed), (80_000_000, true));
}
