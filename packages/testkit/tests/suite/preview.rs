//! `Preview` shows exactly the fills that execution makes.

use perp_interface::market::{PreviewQuery, PreviewResponse, PreviewTaking, QueryMsg};
use perp_interface::params::{MarketParams, QueueParams};
use perp_interface::{Lots, Policy, Price, Quote, ScoreKind, Side};
use perp_testkit::{receipts, Chain};
use proptest::prelude::*;

use crate::random::policy;
use crate::situation::{cross, free_market, party, Party, ENTRY};

fn preview(chain: &Chain, lots: u64, need: i128, mark: u64, limit: u32) -> PreviewResponse {
    let query = PreviewQuery {
        market: 1,
        side: Side::Long,
        lots: Lots(lots),
        need: Quote(need),
        mark: Some(Price(mark)),
        account: None,
        policy: None,
        limit: Some(limit),
    };
    chain
        .query(&chain.addresses.market, &QueryMsg::Preview(query))
        .expect("previews")
}

/// What the events of an execution say was taken: account, pass, lots, money.
fn executed(events: &[cosmwasm_std::Event]) -> Vec<(u64, i128, i128, i128)> {
    let mut taken = Vec::new();
    for event in events {
        let one = std::slice::from_ref(event);
        for fill in receipts::of_kind(one, "adl_fill") {
            taken.push((
                fill.number("account") as u64,
                fill.number("pass"),
                fill.number("lots"),
                fill.number("charge"),
            ));
        }
        for cut in receipts::of_kind(one, "adl_haircut") {
            taken.push((
                cut.number("account") as u64,
                cut.number("pass"),
                0,
                cut.number("amount"),
            ));
        }
    }
    taken
}

fn bare(taking: &PreviewTaking) -> (u64, i128, i128, i128) {
    (
        taking.account,
        i128::from(taking.pass.number()),
        i128::from(taking.lots.0),
        taking.charge.0,
    )
}

/// A bankrupt long of 100 lots against winners with these deposits (in USDC) and lots, who have
/// entered this much lower. Every `hedged`th of them is as long in another market of the group.
fn situation(
    chain: &mut Chain,
    winners: &[(u128, u64)],
    lower: u64,
    hedged: Option<usize>,
) -> Party {
    for id in [1, 2] {
        let params = MarketParams {
            hedge_group: 7,
            ..free_market()
        };
        chain.list(id, ENTRY, params).expect("lists");
    }
    let long = party(chain, "long", 150_000_000);
    let whale = party(chain, "whale", 1_000_000_000_000);
    for (i, (deposit, lots)) in winners.iter().enumerate() {
        let is_hedged = hedged.is_some_and(|every| i % every == 0);
        let margin = if is_hedged { u128::from(*lots) } else { 0 };
        let winner = party(chain, &format!("w{i}"), (deposit + margin) * 1_000_000);
        if is_hedged {
            cross(chain, 2, (&winner, &whale), *lots, ENTRY);
        }
        let price = ENTRY - lower - 30_000 * i as u64;
        chain.set_price(1, price).expect("prices");
        cross(chain, 1, (&whale, &winner), *lots, price);
    }
    chain.set_price(1, ENTRY).expect("prices");
    cross(chain, 1, (&long, &whale), 100, ENTRY);
    long
}

/// Previews a loss, executes it, and holds the two against each other.
fn assert_same(
    winners: &[(u128, u64)],
    (policy, hedged): (Policy, Option<usize>),
    fall: u64,
    lower: u64,
) -> Vec<(u64, i128, i128, i128)> {
    let queue = QueueParams {
        default_policy: policy,
        ..QueueParams::default()
    };
    let mut chain = Chain::builder().queue(queue).check_every(1).build();
    let long = situation(&mut chain, winners, lower, hedged);
    let mark = ENTRY - fall;
    chain.set_price(1, mark).expect("prices");
    let deficit = i128::from(fall) * 100 - 150_000_000;
    assert!(deficit > 0, "the fall outweighs the margin");
    let shown = preview(&chain, 100, deficit, mark, 100);
    assert!(shown.complete);
    let keeper = chain.user("keeper");
    let mut events = chain.liquidate(&keeper, long.id).expect("liquidates");
    events.extend(chain.finish_jobs(100).expect("finishes").1);
    let taken = executed(&events);
    assert_eq!(shown.takings.iter().map(bare).collect::<Vec<_>>(), taken);
    let bad_debt: i128 = receipts::of_kind(&events, "bad_debt")
        .iter()
        .map(|e| e.number("amount"))
        .sum();
    assert_eq!(shown.bad_debt.0, bad_debt);
    assert_eq!(shown.raised.0 + bad_debt, deficit);
    taken
}

/// Hedged winners are best ranked, and are asked only for what the others cannot give.
#[test]
fn a_hedge_is_broken_only_when_nobody_else_is_left() {
    let fall = 2_000_000;
    for policy in [
        Policy::default(),
        Policy::of_breadth(50),
        Policy {
            score: ScoreKind::Leverage,
            ..Policy::of_breadth(50)
        },
    ] {
        let hedged = [(31, 30), (60, 30), (31, 30), (60, 30)];
        let taken = assert_same(&hedged, (policy, Some(2)), fall, 0);
        let passes = |wanted: i128| -> i128 {
            let fills = taken.iter().filter(|(_, pass, ..)| *pass == wanted);
            fills.map(|(_, _, lots, _)| lots).sum()
        };
        // 60 lots of those without a hedge, in two parts where they share; 40 of hedges.
        assert_eq!(passes(1) + passes(6), 60, "{policy:?} {taken:?}");
        assert_eq!(passes(7), 40, "{policy:?} {taken:?}");
        let free = assert_same(&hedged, (policy, None), fall, 0);
        assert!(free.iter().all(|(_, pass, ..)| *pass == 1), "{free:?}");
    }
}

/// Kept profit that is asked for leaves an account less cash: it was still ranked with what it had.
#[test]
fn bug_preview_ranked_by_the_cash_before_kept_profit_was_asked() {
    let winners = [
        (22, 2),
        (2, 1),
        (2, 1),
        (2, 1),
        (2, 1),
        (2, 1),
        (22, 2),
        (14, 1),
        (19, 3),
        (17, 2),
        (2, 1),
        (28, 36),
        (8, 30),
        (20, 27),
        (19, 20),
        (18, 32),
    ];
    let winners = winners.map(|(lots, more)| (lots as u128 + more, lots));
    let policy = Policy::of_breadth(2);
    assert_same(&winners, (policy, None), 4_795_842, 1_261_579);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn shows_what_execution_takes(
        winners in prop::collection::vec((2u64..30, 1u128..40), 12..24),
        policy in policy(), hedged in prop::option::of(1usize..4),
        fall in 2_000_000u64..6_000_000,
        // Winners with little profit: needs beyond it are asked of whoever keeps an open position.
        lower in prop_oneof![Just(0u64), 1_000_000u64..1_500_000],
    ) {
        // Just above the initial margin of a lot, or comfortably so.
        let winners: Vec<_> = winners.iter().map(|(lots, more)| (u128::from(*lots) + more, *lots)).collect();
        prop_assume!(winners.iter().map(|(_, lots)| lots).sum::<u64>() >= 100);
        assert_same(&winners, (policy, hedged), fall, lower);
    }
}

#[test]
fn says_what_is_left_when_it_looked_at_too_few() {
    let mut chain = Chain::builder().check_every(1).build();
    situation(
        &mut chain,
        &[(40, 30), (40, 30), (40, 30), (40, 30)],
        0,
        None,
    );
    let shown = preview(&chain, 100, 50_000_000, ENTRY - 2_000_000, 2);
    assert!(!shown.complete);
    assert_eq!(shown.lots_left.0, 40);
    assert!(shown.need_left.0 > 0);
    let whole = preview(&chain, 100, 50_000_000, ENTRY - 2_000_000, 100);
    assert!(whole.complete);
    assert_eq!(
        whole.takings[..2],
        shown.takings[..2],
        "the head is the same"
    );
}

#[test]
fn one_account_sees_only_its_own_part() {
    let mut chain = Chain::builder().check_every(1).build();
    situation(&mut chain, &[(80, 60), (80, 60)], 0, None);
    let query = |account| PreviewQuery {
        market: 1,
        side: Side::Long,
        lots: Lots(100),
        need: Quote(40_000_000),
        mark: Some(Price(ENTRY - 2_000_000)),
        account,
        policy: None,
        limit: None,
    };
    let ask = |chain: &Chain, account| -> PreviewResponse {
        chain
            .query(&chain.addresses.market, &QueryMsg::Preview(query(account)))
            .expect("previews")
    };
    let all = ask(&chain, None);
    assert_eq!(all.takings.len(), 2);
    let own = ask(&chain, Some(all.takings[1].account));
    assert_eq!(own.takings, all.takings[1..]);
    assert_eq!(own.raised, all.raised, "sums are those of the whole");
}

#[test]
fn changes_nothing() {
    let mut chain = Chain::builder().check_every(1).build();
    situation(&mut chain, &[(80, 60), (80, 60)], 0, None);
    let before = chain.app.dump_wasm_raw(&chain.addresses.market);
    preview(&chain, 100, 50_000_000, ENTRY - 2_000_000, 100);
    assert_eq!(before, chain.app.dump_wasm_raw(&chain.addresses.market));
}
