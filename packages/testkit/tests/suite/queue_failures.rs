//! A queue that is broken: what opens fails, what lowers risk goes on, and a refresh repairs it.

use perp_interface::market::{self, AccountByIdQuery, ExecuteMsg, QueryMsg, ResumeLoss};
use perp_interface::params::{ExchangeParams, FundParams};
use perp_interface::{queue, AccountId, Side};
use perp_testkit::chain::Order;
use perp_testkit::faulty::{self, Fault, Switches};
use perp_testkit::scan::{self, Scan};
use perp_testkit::{invariants, receipts, Chain};

use crate::situation::{
    capital, crash, cross, jobs, loss, market, market_of, party, state, Crash, Party, BOTTOM,
    ENTRY, USDC,
};

fn broken_chain() -> (Chain, Switches) {
    let (contracts, switches) = faulty::contracts();
    let chain = Chain::builder()
        .contracts(contracts)
        .fund(FundParams::without_limits())
        .check_every(1)
        .build();
    (chain, switches)
}

fn is_dirty(chain: &Chain, account: AccountId) -> bool {
    let query = QueryMsg::IsDirty(AccountByIdQuery { account });
    chain
        .query(&chain.addresses.market, &query)
        .expect("the market answers")
}

fn refresh_on_market(chain: &mut Chain, accounts: &[AccountId]) {
    let sender = chain.user("anybody");
    let accounts = accounts.to_vec();
    let msg = ExecuteMsg::Refresh(market::Refresh { accounts });
    chain.market(&sender, msg).expect("refreshes");
}

fn refresh_on_queue(chain: &mut Chain, accounts: &[AccountId]) {
    let sender = chain.user("anybody");
    let accounts = accounts.to_vec();
    let msg = queue::ExecuteMsg::Refresh(queue::Refresh { accounts });
    chain.queue(&sender, msg).expect("refreshes");
}

fn resume(chain: &mut Chain, loss_id: u64) {
    let sender = chain.user("anybody");
    let msg = ExecuteMsg::ResumeLoss(ResumeLoss { loss_id });
    chain.market(&sender, msg).expect("resumes");
}

/// Two accounts, long and short 10 lots of market 1.
fn pair(chain: &mut Chain) -> (Party, Party) {
    market(chain, 1);
    let (long, short) = (
        party(chain, "x", 1_000 * USDC),
        party(chain, "y", 1_000 * USDC),
    );
    cross(chain, 1, (&long, &short), 10, ENTRY);
    (long, short)
}

#[test]
fn opening_fails_with_its_ranking_and_changes_nothing() {
    let (mut chain, switches) = broken_chain();
    let (long, short) = pair(&mut chain);
    chain
        .place(&short.user, Order::limit(1, Side::Short, 5, ENTRY))
        .expect("rests");
    switches.queue.set("update", Fault::Fail);
    let before = state(&chain);
    let refused = chain
        .place(&long.user, Order::ioc(1, Side::Long, 5, ENTRY))
        .expect_err("cannot be ranked");
    assert!(refused.has_code("injected"), "{refused}");
    assert_eq!(state(&chain), before);
}

#[test]
fn reducing_goes_on_and_a_refresh_of_the_market_repairs_the_ranking() {
    let (mut chain, switches) = broken_chain();
    let (long, short) = pair(&mut chain);
    chain
        .place(&short.user, Order::limit(1, Side::Long, 4, ENTRY))
        .expect("rests");
    switches.queue.set("update", Fault::Fail);
    let events = chain
        .place(&long.user, Order::ioc(1, Side::Short, 4, ENTRY))
        .expect("reduces");
    assert_eq!(receipts::of_kind(&events, "submessage_failed").len(), 1);
    assert_eq!((long.lots(&chain, 1), short.lots(&chain, 1)), (6, -6));
    assert!(is_dirty(&chain, long.id) && is_dirty(&chain, short.id));
    let sender = chain.user("anybody");
    let msg = ExecuteMsg::Refresh(market::Refresh {
        accounts: vec![long.id],
    });
    let refused = chain.market(&sender, msg).expect_err("still broken");
    assert!(refused.has_code("injected"), "{refused}");
    assert!(is_dirty(&chain, long.id));

    switches.queue.repair();
    refresh_on_market(&mut chain, &[long.id, short.id]);
    assert!(!is_dirty(&chain, long.id) && !is_dirty(&chain, short.id));
}

#[test]
fn closing_goes_on_and_a_refresh_of_the_queue_removes_the_keys() {
    let (mut chain, switches) = broken_chain();
    let (long, short) = pair(&mut chain);
    chain
        .place(&short.user, Order::limit(1, Side::Long, 10, ENTRY))
        .expect("rests");
    switches.queue.set("update", Fault::Fail);
    chain
        .place(&long.user, Order::ioc(1, Side::Short, 10, ENTRY))
        .expect("closes");
    assert_eq!(scan::index(&chain, 1, Side::Long).expect("scans").len(), 1);
    switches.queue.repair();
    refresh_on_queue(&mut chain, &[long.id, short.id]);
    assert!(!is_dirty(&chain, long.id) && !is_dirty(&chain, short.id));
    for side in [Side::Long, Side::Short] {
        assert!(scan::index(&chain, 1, side).expect("scans").is_empty());
    }
}

#[test]
fn deposits_and_withdrawals_go_on() {
    let (mut chain, switches) = broken_chain();
    let (long, short) = pair(&mut chain);
    switches.queue.set("update", Fault::Fail);
    chain.deposit(&long.user, 7 * USDC).expect("deposits");
    chain.withdraw(&short.user, 900_000_000).expect("withdraws");
    assert!(is_dirty(&chain, long.id) && is_dirty(&chain, short.id));
    switches.queue.repair();
    refresh_on_market(&mut chain, &[long.id]);
    refresh_on_queue(&mut chain, &[short.id]);
    assert!(!is_dirty(&chain, long.id) && !is_dirty(&chain, short.id));
}

#[test]
fn selling_down_goes_on() {
    let (mut chain, switches) = broken_chain();
    market(&mut chain, 1);
    let long = party(&mut chain, "x", 12 * USDC);
    let short = party(&mut chain, "y", 1_000 * USDC);
    cross(&mut chain, 1, (&long, &short), 10, ENTRY);
    chain.set_price(1, 9_200_000).expect("prices");
    chain
        .place(&short.user, Order::limit(1, Side::Long, 10, 9_200_000))
        .expect("rests");
    switches.queue.set("update", Fault::Fail);
    let keeper = chain.user("keeper");
    let events = chain.liquidate(&keeper, long.id).expect("liquidates");
    assert!(!receipts::of_kind(&events, "liquidation").is_empty());
    assert!(is_dirty(&chain, long.id));
    switches.queue.repair();
    refresh_on_market(&mut chain, &[long.id, short.id]);
    assert!(!is_dirty(&chain, long.id));
}

#[test]
fn a_bankruptcy_without_an_update_is_exact_and_repaired_later() {
    let (mut chain, switches) = broken_chain();
    let crash = crash(&mut chain);
    chain.set_price(1, BOTTOM).expect("prices");
    switches.queue.set("update", Fault::Fail);
    chain
        .liquidate(&crash.keeper, crash.long.id)
        .expect("liquidates");
    assert!(loss(&chain, 1).closed);
    switches.queue.repair();
    let all: Vec<_> = scan::accounts(&chain)
        .expect("scans")
        .iter()
        .map(|a| a.account)
        .collect();
    refresh_on_market(&mut chain, &all);
    assert!(all.iter().all(|account| !is_dirty(&chain, *account)));
}

#[test]
fn a_report_that_fails_leaves_the_payment_and_is_retried_without_paying_twice() {
    let (mut chain, switches) = broken_chain();
    let crash = crash(&mut chain);
    chain.contribute(30 * USDC).expect("contributes");
    chain.set_price(1, BOTTOM).expect("prices");
    switches.queue.set("report_shortfall", Fault::Fail);
    chain
        .liquidate(&crash.keeper, crash.long.id)
        .expect("liquidates");
    let paid = |chain: &Chain| {
        let open = loss(chain, 1);
        (
            open.fund_used.0,
            open.need_left.0,
            open.lots_left.0,
            capital(chain).paid.0,
        )
    };
    assert_eq!(paid(&chain), (30_000_000, 50_000_000, 100, 30_000_000));
    // More money in the fund is not for this loss any more.
    chain.contribute(500 * USDC).expect("contributes");
    resume(&mut chain, 1);
    assert_eq!(paid(&chain), (30_000_000, 50_000_000, 100, 30_000_000));
    switches.queue.repair();
    resume(&mut chain, 1);
    let closed = loss(&chain, 1);
    assert!(closed.closed);
    assert_eq!(
        (closed.fund_used.0, closed.adl_taken.0),
        (30_000_000, 50_000_000)
    );
    assert_eq!(capital(&chain).paid.0, 30_000_000);
}

/// One account with three losing markets; returns it.
fn three_markets(chain: &mut Chain) -> Party {
    let deep = party(chain, "deep", 300 * USDC);
    let other = party(chain, "other", 10_000 * USDC);
    let near = party(chain, "near", 400 * USDC);
    for id in 1..=3 {
        market(chain, id);
        cross(chain, id, (&deep, &other), 60, ENTRY);
        cross(chain, id, (&deep, &near), 30, ENTRY);
    }
    for id in 1..=3 {
        chain
            .set_price(id, 8_000_000 + u64::from(id) * 100_000)
            .expect("prices");
    }
    deep
}

/// What a broken queue must end in: the accounts of an undisturbed liquidation.
fn undisturbed() -> Scan {
    let (mut chain, _) = broken_chain();
    let deep = three_markets(&mut chain);
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, deep.id).expect("liquidates");
    chain.finish_jobs(10).expect("ends");
    Scan::take(&chain).expect("scans")
}

fn three_losses_against(fail: impl Fn(&Switches)) {
    let (mut chain, switches) = broken_chain();
    let deep = three_markets(&mut chain);
    fail(&switches);
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, deep.id).expect("liquidates");
    let open: Vec<_> = (1..=3).filter(|id| !loss(&chain, *id).closed).collect();
    assert!(!open.is_empty(), "something was broken");
    assert!((1..=3).all(|id| market_of(&chain, id).deleveraging == Some(deep.id)));
    switches.queue.repair();
    switches.market.repair();
    for id in open {
        if !jobs(&chain).contains(&id) && !loss(&chain, id).closed {
            resume(&mut chain, id);
        }
    }
    chain.finish_jobs(20).expect("ends");
    let got = Scan::take(&chain).expect("scans");
    let expected = undisturbed();
    assert_eq!(got.accounts, expected.accounts);
    assert_eq!(got.markets, expected.markets);
}

#[test]
fn three_losses_with_a_queue_that_takes_no_report() {
    three_losses_against(|s| s.queue.set("report_shortfall", Fault::Fail));
}

#[test]
fn three_losses_with_a_queue_that_fails_after_the_first_report() {
    three_losses_against(|s| s.queue.set_after("report_shortfall", 1, Fault::Fail));
}

#[test]
fn three_losses_with_a_queue_that_does_not_continue() {
    three_losses_against(|s| s.queue.set("continue_deleverage", Fault::Fail));
}

#[test]
fn three_losses_with_a_queue_that_forgets_the_last_report() {
    three_losses_against(|s| s.queue.set_after("report_shortfall", 2, Fault::Swallow));
}

#[test]
fn three_losses_with_a_market_that_refuses_the_second_step() {
    three_losses_against(|s| s.market.set_after("deleverage", 1, Fault::Fail));
}

#[test]
fn a_missing_key_stops_the_third_pass_until_a_refresh_inserts_it() {
    // The lost message is unknown to everybody: invariants hold again after the refresh only.
    let (contracts, switches) = faulty::contracts();
    let mut chain = Chain::builder().contracts(contracts).build();
    market(&mut chain, 1);
    let long = party(&mut chain, "long", 120 * USDC);
    let [a, b, c] = [("a", 200), ("b", 300), ("c", 1_000)]
        .map(|(name, deposit)| party(&mut chain, name, deposit * USDC));
    cross(&mut chain, 1, (&long, &a), 40, ENTRY);
    cross(&mut chain, 1, (&long, &b), 40, ENTRY);
    switches.queue.set("update", Fault::Swallow);
    cross(&mut chain, 1, (&long, &c), 20, ENTRY);
    switches.queue.repair();
    refresh_on_market(&mut chain, &[long.id]);
    assert_eq!(scan::index(&chain, 1, Side::Short).expect("scans").len(), 2);
    chain.set_price(1, BOTTOM).expect("prices");
    let keeper = chain.user("keeper");
    let events = chain.liquidate(&keeper, long.id).expect("liquidates");
    assert_eq!(receipts::of_kind(&events, "ranking_incomplete").len(), 1);
    let open = loss(&chain, 1);
    assert_eq!((open.lots_left.0, open.need_left.0), (20, 16_000_000));
    // Stepping again does not help and costs nothing.
    let events = chain.step(&keeper, 1).expect("steps");
    assert_eq!(receipts::of_kind(&events, "ranking_incomplete").len(), 1);

    refresh_on_market(&mut chain, &[c.id]);
    let (_, events) = chain.finish_jobs(5).expect("ends");
    let fills = receipts::of_kind(&events, "adl_fill");
    assert_eq!(fills.len(), 1);
    assert_eq!(
        (
            fills[0].number("pass"),
            fills[0].number("account"),
            fills[0].number("charge")
        ),
        (3, c.id as i128, 0)
    );
    let kept = receipts::of_kind(&events, "adl_haircut");
    assert_eq!(
        (
            kept[0].number("pass"),
            kept[0].number("account"),
            kept[0].number("amount")
        ),
        (4, a.id as i128, 16_000_000),
        "profit that the first fills kept pays for what is left"
    );
    assert!(loss(&chain, 1).closed);
    invariants::assert_all(&chain);
    assert_eq!((long.cash(&chain), long.lots(&chain, 1)), (0, 0));
}

#[test]
fn a_step_whose_update_fails_is_not_undone_and_ends_the_same() {
    let params = ExchangeParams::default();
    let (contracts, switches) = faulty::contracts();
    let mut chain = Chain::builder()
        .contracts(contracts)
        .exchange(params)
        .queue(perp_interface::params::QueueParams {
            step_limit: 1,
            ..Default::default()
        })
        .check_every(1)
        .build();
    let Crash {
        long,
        shorts,
        keeper,
        ..
    } = crash(&mut chain);
    chain.set_price(1, BOTTOM).expect("prices");
    chain.liquidate(&keeper, long.id).expect("liquidates");
    switches.queue.set("update", Fault::Fail);
    chain.step(&keeper, 1).expect("steps");
    switches.queue.repair();
    chain.finish_jobs(20).expect("ends");
    let closed = loss(&chain, 1);
    assert!(closed.closed);
    assert_eq!((closed.adl_taken.0, closed.adl_lots.0), (80_000_000, 100));
    let all: Vec<_> = shorts.iter().map(|s| s.id).chain([long.id]).collect();
    refresh_on_queue(&mut chain, &all);
    assert!(all.iter().all(|account| !is_dirty(&chain, *account)));
}

/// A maker that flipped while the queue was broken: its key stands on the other side.
fn flipped_maker(chain: &mut Chain, switches: &Switches) -> Party {
    market(chain, 1);
    let flipped = party(chain, "flipped", 1_000 * USDC);
    let taker = party(chain, "taker", 1_000 * USDC);
    let rich = party(chain, "rich", 10_000 * USDC);
    cross(chain, 1, (&rich, &flipped), 10, ENTRY);
    cross(chain, 1, (&taker, &rich), 30, ENTRY);
    chain
        .place(&flipped.user, Order::limit(1, Side::Long, 30, ENTRY))
        .expect("rests");
    switches.queue.set("update", Fault::Fail);
    chain
        .place(&taker.user, Order::ioc(1, Side::Short, 30, ENTRY))
        .expect("only reduces");
    switches.queue.repair();
    assert_eq!(flipped.lots(chain, 1), 20);
    assert!(is_dirty(chain, flipped.id));
    flipped
}

#[test]
fn regression_a_key_on_the_other_side_stalled_the_third_pass_for_good() {
    let (mut chain, switches) = broken_chain();
    let flipped = flipped_maker(&mut chain, &switches);
    // `rich` is short 20 against `flipped` and passes them on to somebody who goes bankrupt.
    let rich = chain.user("rich");
    let rich = Party {
        id: chain.account(&rich).expect("is there").account,
        user: rich,
    };
    let short = party(&mut chain, "short", 25 * USDC);
    cross(&mut chain, 1, (&rich, &short), 20, ENTRY);
    chain.set_price(1, 12_000_000).expect("prices");
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, short.id).expect("liquidates");
    assert_eq!(
        loss(&chain, 1).lots_left.0,
        20,
        "its only counterparty has no key"
    );
    refresh_on_market(&mut chain, &[flipped.id]);
    chain.finish_jobs(5).expect("finds it now");
    let closed = loss(&chain, 1);
    assert!(closed.closed);
    assert_eq!((closed.adl_lots.0, closed.adl_taken.0), (20, 15_000_000));
    assert_eq!(flipped.lots(&chain, 1), 0);
}

#[test]
fn a_key_on_the_side_that_a_job_walks_stays_until_it_has_ended() {
    let (mut chain, switches) = broken_chain();
    let flipped = flipped_maker(&mut chain, &switches);
    // Now the longs are bankrupt: the job walks the shorts, where the old key still stands.
    let rich = chain.user("rich");
    let rich = Party {
        id: chain.account(&rich).expect("is there").account,
        user: rich,
    };
    let long = party(&mut chain, "long", 12 * USDC);
    cross(&mut chain, 1, (&long, &rich), 10, ENTRY);
    switches.queue.set("report_shortfall", Fault::Fail);
    chain.set_price(1, BOTTOM).expect("prices");
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, long.id).expect("liquidates");
    switches.queue.repair();
    resume(&mut chain, 1);
    refresh_on_market(&mut chain, &[flipped.id]);
    chain.finish_jobs(5).expect("ends");
    assert!(loss(&chain, 1).closed);
    refresh_on_queue(&mut chain, &[flipped.id]);
    let longs = scan::index(&chain, 1, Side::Long).expect("scans");
    assert!(longs.iter().any(|entry| entry.account == flipped.id));
}
