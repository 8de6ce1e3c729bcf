//! Winners that try to get their profit out of reach while a loss is open.

use perp_interface::params::QueueParams;
use perp_interface::Side;
use perp_testkit::chain::Order;
use perp_testkit::faulty::{self, Fault};
use perp_testkit::{receipts, Chain};

use crate::situation::{
    crash, cross, loss, market, party, state, Crash, Party, BOTTOM, ENTRY, USDC,
};

/// A chain whose jobs visit one candidate a call.
fn slow_chain() -> Chain {
    let params = QueueParams {
        step_limit: 1,
        ..QueueParams::default()
    };
    Chain::builder().queue(params).check_every(1).build()
}

/// The crash after the first fill of its job: the first short was closed and keeps 48 USDC.
fn half_way(chain: &mut Chain, crash: &Crash) {
    chain.set_price(1, BOTTOM).expect("prices");
    chain
        .liquidate(&crash.keeper, crash.long.id)
        .expect("liquidates");
    assert!(!loss(chain, 1).closed);
    let first = chain.account(&crash.shorts[0].user).expect("is there");
    assert!(
        first.positions.iter().all(|p| p.market != 1),
        "it was filled"
    );
    assert_eq!(first.held.0, 48_000_000);
}

#[test]
fn a_winner_with_an_open_position_can_neither_trade_it_nor_withdraw() {
    let mut chain = slow_chain();
    let crash = crash(&mut chain);
    half_way(&mut chain, &crash);
    let winner = &crash.shorts[1];
    let before = state(&chain);
    for order in [
        Order::ioc(1, Side::Long, 40, ENTRY),
        Order::limit(1, Side::Long, 40, ENTRY).reduce_only(),
        Order::limit(1, Side::Short, 1, ENTRY),
    ] {
        let refused = chain.place(&winner.user, order).expect_err("gated");
        assert!(refused.has_code("market_deleveraging"), "{refused}");
    }
    let refused = chain.withdraw(&winner.user, 1).expect_err("gated");
    assert!(refused.has_code("market_deleveraging"), "{refused}");
    assert_eq!(state(&chain), before);
}

#[test]
fn a_winner_that_was_closed_withdraws_all_but_what_its_fill_kept() {
    let mut chain = slow_chain();
    let crash = crash(&mut chain);
    half_way(&mut chain, &crash);
    let winner = &crash.shorts[0];
    assert_eq!(winner.cash(&chain), 248_000_000);
    let refused = chain
        .withdraw(&winner.user, 200_000_001)
        .expect_err("48 are held");
    assert!(refused.has_code("exceeds_withdrawable"), "{refused}");
    chain.withdraw(&winner.user, 200_000_000).expect("free");
    let refused = chain.withdraw(&winner.user, 1).expect_err("held");
    assert!(refused.has_code("exceeds_withdrawable"), "{refused}");
    chain.finish_jobs(20).expect("ends");
    chain
        .withdraw(&winner.user, 48_000_000)
        .expect("the loss is closed");
}

#[test]
fn held_profit_is_not_lost_to_a_second_wallet_by_opening() {
    let mut chain = slow_chain();
    let crash = crash(&mut chain);
    market(&mut chain, 2);
    let accomplice = party(&mut chain, "accomplice", 1_000 * USDC);
    half_way(&mut chain, &crash);
    let winner = &crash.shorts[0];
    chain.withdraw(&winner.user, 200_000_000).expect("free");
    // 4 lots bought at 20 USDC where the mark is 10: 40 of the 48 would change hands.
    chain
        .place(&accomplice.user, Order::limit(2, Side::Short, 4, 2 * ENTRY))
        .expect("rests");
    let refused = chain
        .place(&winner.user, Order::ioc(2, Side::Long, 4, 2 * ENTRY))
        .expect_err("held profit supports nothing");
    assert!(refused.has_code("insufficient_margin"), "{refused}");
    assert_eq!(winner.equity(&chain), 48_000_000);
    chain.finish_jobs(20).expect("ends");
    chain
        .place(&winner.user, Order::ioc(2, Side::Long, 2, 2 * ENTRY))
        .expect("its own after the close");
}

/// The crash with a first short that is also long 20 lots of market 2.
fn with_a_leg_elsewhere(chain: &mut Chain) -> (Crash, Party) {
    let crash = crash(chain);
    market(chain, 2);
    let accomplice = party(chain, "accomplice", 1_000 * USDC);
    cross(chain, 2, (&crash.shorts[0], &accomplice), 20, ENTRY);
    half_way(chain, &crash);
    // 248 of cash, 48 of them held, 20 of requirement.
    chain
        .withdraw(&crash.shorts[0].user, 180_000_000)
        .expect("free");
    (crash, accomplice)
}

#[test]
fn held_profit_is_not_lost_to_a_second_wallet_by_reducing() {
    let mut chain = slow_chain();
    let (crash, accomplice) = with_a_leg_elsewhere(&mut chain);
    let winner = &crash.shorts[0];
    // 20 lots sold 3 USDC under the mark: 60 of the 68 would change hands.
    let bid = Order::limit(2, Side::Long, 20, 7_000_000);
    chain.place(&accomplice.user, bid).expect("rests");
    let refused = chain
        .place(&winner.user, Order::ioc(2, Side::Short, 20, 7_000_000))
        .expect_err("48 are not its own yet");
    assert!(refused.has_code("worse_health"), "{refused}");
    assert_eq!(winner.equity(&chain), 68_000_000);
    // What is its own it may waste.
    let bid = Order::limit(2, Side::Long, 20, 9_000_000);
    chain.place(&accomplice.user, bid).expect("rests");
    chain
        .place(&winner.user, Order::ioc(2, Side::Short, 20, 9_000_000))
        .expect("20 are its own");
    assert_eq!(winner.cash(&chain), 48_000_000);
    let refused = chain.withdraw(&winner.user, 1).expect_err("held");
    assert!(refused.has_code("exceeds_withdrawable"), "{refused}");
}

#[test]
fn held_profit_is_not_lost_to_a_second_wallet_by_a_resting_order() {
    let mut chain = slow_chain();
    let (crash, accomplice) = with_a_leg_elsewhere(&mut chain);
    let winner = &crash.shorts[0];
    let ask = Order::limit(2, Side::Short, 20, 7_000_000).reduce_only();
    chain.place(&winner.user, ask).expect("rests");
    let events = chain
        .place(&accomplice.user, Order::ioc(2, Side::Long, 20, 7_000_000))
        .expect("meets nobody");
    assert!(receipts::of_kind(&events, "trade").is_empty());
    assert_eq!(
        receipts::of_kind(&events, "order_removed")[0].text("reason"),
        "margin"
    );
    assert_eq!(winner.equity(&chain), 68_000_000);
}

#[test]
fn reducing_at_the_mark_elsewhere_is_possible_although_profit_is_held() {
    let mut chain = slow_chain();
    let (crash, accomplice) = with_a_leg_elsewhere(&mut chain);
    let winner = &crash.shorts[0];
    let bid = Order::limit(2, Side::Long, 20, ENTRY);
    chain.place(&accomplice.user, bid).expect("rests");
    chain
        .place(&winner.user, Order::ioc(2, Side::Short, 20, ENTRY))
        .expect("reduces");
    assert_eq!(winner.lots(&chain, 2), 0);
}

#[test]
fn gated_profit_pays_for_no_loss_to_a_second_wallet() {
    // The loss is open and nobody was filled: the winner's profit in the gated market is what
    // the loss will ask for.
    let (contracts, switches) = faulty::contracts();
    let mut chain = Chain::builder().contracts(contracts).check_every(1).build();
    market(&mut chain, 1);
    market(&mut chain, 2);
    let long = party(&mut chain, "long", 120 * USDC);
    let winner = party(&mut chain, "winner", 160 * USDC);
    let accomplice = party(&mut chain, "accomplice", 1_000 * USDC);
    cross(&mut chain, 1, (&long, &winner), 100, ENTRY);
    cross(&mut chain, 2, (&winner, &accomplice), 20, ENTRY);
    chain.set_price(1, BOTTOM).expect("prices");
    switches.fund.set("cover_deficit", Fault::Fail);
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, long.id).expect("liquidates");
    assert_eq!(winner.equity(&chain), 360_000_000);
    // 20 lots given away for nearly nothing: 190, more than there is cash.
    let bid = Order::limit(2, Side::Long, 20, 500_000);
    chain.place(&accomplice.user, bid).expect("rests");
    let refused = chain
        .place(&winner.user, Order::ioc(2, Side::Short, 20, 500_000))
        .expect_err("the profit is not its own yet");
    assert!(refused.has_code("worse_health"), "{refused}");
    // At the mark it may always reduce.
    chain
        .place(&accomplice.user, Order::limit(2, Side::Long, 20, ENTRY))
        .expect("rests");
    chain
        .place(&winner.user, Order::ioc(2, Side::Short, 20, ENTRY))
        .expect("reduces");
    assert_eq!(winner.equity(&chain), 360_000_000);
}

/// b is next in rank. Between two steps it opens the other leg in a market of the group.
#[test]
fn bug_a_winner_dodged_by_hedging_while_the_loss_was_open() {
    use crate::situation::free_market;
    use perp_interface::params::MarketParams;
    let left = |dodges: bool| {
        let mut chain = slow_chain();
        for id in [1, 2] {
            let params = MarketParams {
                hedge_group: 7,
                ..free_market()
            };
            chain.list(id, ENTRY, params).expect("lists");
        }
        let long = party(&mut chain, "long", 120 * USDC);
        let whale = party(&mut chain, "whale", 10_000 * USDC);
        let shorts = [("a", 200), ("b", 300), ("c", 1_000)]
            .map(|(name, deposit)| party(&mut chain, name, deposit * USDC));
        for short in &shorts {
            cross(&mut chain, 1, (&whale, short), 40, ENTRY);
        }
        cross(&mut chain, 1, (&long, &whale), 100, ENTRY);
        let keeper = chain.user("keeper");
        let other = party(&mut chain, "other", 1_000 * USDC);
        let b = shorts[1].user.clone();
        if dodges {
            // Rests from before the crash.
            let bid = Order::limit(2, Side::Long, 40, ENTRY);
            chain.place(&b, bid).expect("rests");
        }
        chain.set_price(1, BOTTOM).expect("prices");
        chain.liquidate(&keeper, long.id).expect("liquidates");
        assert_eq!(loss(&chain, 1).lots_left.0, 60, "a was closed");
        if dodges {
            // Neither by an order that rests, nor by a new one, nor by meeting another.
            let ask = Order::limit(2, Side::Short, 40, ENTRY);
            let events = chain.place(&other.user, ask).expect("rests");
            let removed = receipts::of_kind(&events, "order_removed");
            assert_eq!(removed[0].text("reason"), "deleveraging");
            for order in [
                Order::ioc(2, Side::Long, 40, ENTRY),
                Order::limit(2, Side::Long, 40, ENTRY / 2),
            ] {
                let refused = chain.place(&b, order).expect_err("opens a hedge");
                assert!(refused.has_code("market_deleveraging"), "{refused}");
            }
        }
        chain.finish_jobs(50).expect("ends");
        assert!(loss(&chain, 1).closed);
        shorts.map(|s| s.lots(&chain, 1))
    };
    assert_eq!(left(false), left(true));
}
