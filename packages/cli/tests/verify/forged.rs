//! Every kind of forged receipt is named.

use cosmwasm_std::{Attribute, Event};
use perp_interface::AccountId;
use perp_testkit::Chain;
use perps_cli::verify::{Deviation, Kind};
use proptest::prelude::*;

use crate::course::{all_jobs, check, liquidate, try_check, Recorded};
use crate::random::situation;
use crate::situation::{crash, cross, market, party, Crash, BOTTOM, ENTRY, USDC};

/// The crash: three fills of the first pass, in the order of the shorts.
fn fills() -> (Vec<Recorded>, Crash) {
    let mut chain = Chain::builder().build();
    let crash = crash(&mut chain);
    chain.set_price(1, BOTTOM).expect("prices");
    let job = liquidate(&mut chain, crash.long.id, |_| {});
    assert!(check(&job).is_clean());
    (job, crash)
}

/// A winner that is closed whole and keeps 48, others without profit, and money left: all parts
/// of the fourth pass, and bad debt.
fn haircuts() -> (Vec<Recorded>, [AccountId; 3]) {
    let mut chain = Chain::builder().build();
    market(&mut chain, 1);
    let long = party(&mut chain, "long", 120 * USDC);
    let winners = [
        party(&mut chain, "winner", 60 * USDC),
        party(&mut chain, "other", 70 * USDC),
    ];
    let rich = party(&mut chain, "rich", 10_000 * USDC);
    let late = party(&mut chain, "late", 1_000 * USDC);
    cross(&mut chain, 1, (&rich, &late), 40, 5_900_000);
    cross(&mut chain, 1, (&long, &rich), 40, ENTRY);
    for winner in &winners {
        cross(&mut chain, 1, (&long, winner), 30, ENTRY);
    }
    chain.set_price(1, 6_000_000).expect("prices");
    let job = liquidate(&mut chain, long.id, |_| {});
    assert!(check(&job).is_clean());
    (job, [winners[0].id, winners[1].id, late.id])
}

/// A debt without lots: it is cut from open profit, one after the other.
fn open_profit() -> (Vec<Recorded>, [AccountId; 2]) {
    let mut chain = Chain::builder().build();
    market(&mut chain, 1);
    market(&mut chain, 2);
    let long = party(&mut chain, "long", 110 * USDC);
    let sunk = party(&mut chain, "sunk", 400 * USDC);
    let rich = party(&mut chain, "rich", 10_000 * USDC);
    let deeper = party(&mut chain, "deeper", 60 * USDC);
    let winners = [("first", 30), ("second", 90)]
        .map(|(name, deposit)| party(&mut chain, name, deposit * USDC));
    cross(&mut chain, 1, (&long, &sunk), 100, ENTRY);
    cross(&mut chain, 2, (&sunk, &rich), 200, ENTRY);
    chain.set_price(1, 12_000_000).expect("prices");
    for winner in &winners {
        cross(&mut chain, 1, (&deeper, winner), 15, 12_000_000);
    }
    chain.set_price(1, BOTTOM).expect("prices");
    chain.set_price(2, 6_000_000).expect("prices");
    liquidate(&mut chain, sunk.id, |_| {});
    let job = liquidate(&mut chain, long.id, |_| {});
    assert!(check(&job).is_clean());
    (job, winners.map(|winner| winner.id))
}

fn value<'a>(event: &'a Event, key: &str) -> &'a str {
    let found = event.attributes.iter().find(|a| a.key == key);
    found.map_or("", |a| a.value.as_str())
}

fn set(event: &mut Event, key: &str, value: impl ToString) {
    for attribute in event.attributes.iter_mut().filter(|a| a.key == key) {
        attribute.value = value.to_string();
    }
}

fn add(event: &mut Event, key: &str, more: i128) {
    let old: i128 = value(event, key).parse().expect("a number");
    set(event, key, old + more);
}

/// Places of the events of a kind in the last transaction.
fn places(job: &[Recorded], kind: &str) -> Vec<usize> {
    let events = &job.last().expect("one").events;
    let kind = format!("wasm-{kind}");
    let found = events.iter().enumerate().filter(|(_, e)| e.ty == kind);
    found.map(|(i, _)| i).collect()
}

/// Forges the last transaction and tells what is found.
fn forged(mut job: Vec<Recorded>, change: impl FnOnce(&mut Vec<Event>)) -> Vec<Deviation> {
    change(&mut job.last_mut().expect("one").events);
    check(&job).deviations
}

/// Forges the event number `n` of a kind.
fn forged_event(
    job: Vec<Recorded>,
    (kind, n): (&str, usize),
    change: impl FnOnce(&mut Event),
) -> Vec<Deviation> {
    let place = places(&job, kind)[n];
    forged(job, |events| change(&mut events[place]))
}

/// The first deviation has this kind and names this account.
#[track_caller]
fn assert_first(found: &[Deviation], kind: Kind, account: impl Into<Option<AccountId>>) {
    let first = found.first().expect("named");
    assert_eq!(
        (first.kind, first.account),
        (kind, account.into()),
        "{found:?}"
    );
}

#[track_caller]
fn assert_named(found: &[Deviation], kind: Kind, account: AccountId) {
    let names = |d: &Deviation| (d.kind, d.account) == (kind, Some(account));
    assert!(found.iter().any(names), "{found:?}");
}

#[test]
fn a_swapped_order() {
    let (job, crash) = fills();
    let at = places(&job, "adl_fill");
    let found = forged(job, |events| events.swap(at[0], at[1]));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].kind, Kind::Order);
    let pair = [crash.shorts[0].id, crash.shorts[1].id];
    assert!(pair.contains(&found[0].account.expect("named")));
}

#[test]
fn a_skipped_better_candidate() {
    // As if the queue had left the first out: the others move up by one rank and one number.
    let (job, crash) = fills();
    let at = places(&job, "adl_fill");
    let found = forged(job, |events| {
        for fill in &at[1..] {
            add(&mut events[*fill], "rank", -1);
            add(&mut events[*fill], "seq", -1);
        }
        events.remove(at[0]);
    });
    assert_named(&found, Kind::Missing, crash.shorts[0].id);
    let missing = found.iter().find(|d| d.kind == Kind::Missing);
    let why = &missing.expect("named").why;
    assert!(why.contains("before account"), "{why}");
    assert_named(&found, Kind::Rank, crash.shorts[1].id);
}

#[test]
fn one_lot_more_or_less() {
    for more in [1, -1] {
        let (job, crash) = fills();
        let found = forged_event(job, ("adl_fill", 1), |fill| add(fill, "lots", more));
        assert_first(&found, Kind::Lots, crash.shorts[1].id);
        assert_eq!((found[0].expected.as_str(), found[0].rank), ("40", Some(2)));
        assert_eq!(found[1].kind, Kind::Sum, "{found:?}");
    }
}

#[test]
fn one_unit_more_or_less() {
    for more in [1, -1] {
        let (job, crash) = fills();
        let found = forged_event(job, ("adl_fill", 2), |fill| add(fill, "charge", more));
        assert_first(&found, Kind::Charge, crash.shorts[2].id);
        assert_eq!(found[0].expected, "16000000");
        assert!(found[1..].iter().all(|d| d.kind == Kind::Sum), "{found:?}");
    }
}

#[test]
fn a_wrong_field() {
    for (key, kind) in [
        ("pass", Kind::Pass),
        ("rank", Kind::Rank),
        ("profit_per_lot", Kind::ProfitPerLot),
        ("class", Kind::Collateral),
        ("collateral", Kind::Collateral),
        ("score_ppm", Kind::Score),
        ("price", Kind::Price),
        ("seq", Kind::Seq),
        ("profit", Kind::Profit),
        ("mark", Kind::Terms),
        ("index", Kind::Terms),
        ("market", Kind::Terms),
    ] {
        let (job, crash) = fills();
        let found = forged_event(job, ("adl_fill", 0), |fill| add(fill, key, 1));
        assert_eq!(found.len(), 1, "{key}: {found:?}");
        assert_first(&found, kind, crash.shorts[0].id);
    }
}

#[test]
fn a_foreign_account() {
    let (job, crash) = fills();
    let whale = crash.whale.id;
    let found = forged_event(job, ("adl_fill", 0), |fill| set(fill, "account", whale));
    assert_first(&found, Kind::Foreign, whale);
    assert_named(&found, Kind::Missing, crash.shorts[0].id);
}

#[test]
fn an_account_whose_turn_had_not_come() {
    // Only the first two are needed: the third stands in the ranking, but behind them.
    let mut chain = Chain::builder().build();
    let crash = crash(&mut chain);
    let small = party(&mut chain, "small", 12 * USDC);
    cross(&mut chain, 1, (&small, &crash.whale), 10, ENTRY);
    chain.set_price(1, BOTTOM).expect("prices");
    let job = liquidate(&mut chain, small.id, |_| {});
    let last = crash.shorts[2].id;
    let found = forged_event(job, ("adl_fill", 0), |fill| set(fill, "account", last));
    assert_first(&found, Kind::NotDue, last);
    assert_named(&found, Kind::Missing, crash.shorts[0].id);
}

#[test]
fn a_missing_fill() {
    for n in 0..3 {
        let (job, crash) = fills();
        let at = places(&job, "adl_fill")[n];
        let found = forged(job, |events| drop(events.remove(at)));
        assert_first(&found, Kind::Missing, crash.shorts[n].id);
    }
}

#[test]
fn a_duplicated_fill() {
    for n in 0..3 {
        let (job, crash) = fills();
        let at = places(&job, "adl_fill")[n];
        let found = forged(job, |events| events.insert(at, events[at].clone()));
        assert_first(&found, Kind::Duplicate, crash.shorts[n].id);
    }
}

#[test]
fn a_fill_of_another_contract_is_none() {
    let (job, crash) = fills();
    let change = |fill: &mut Event| set(fill, "_contract_address", "cosmwasm1stranger");
    let found = forged_event(job, ("adl_fill", 0), change);
    assert_first(&found, Kind::Missing, crash.shorts[0].id);
}

#[test]
fn a_haircut_of_kept_profit() {
    let (job, [winner, ..]) = haircuts();
    for more in [1, -1] {
        let found = forged_event(job.clone(), ("adl_haircut", 0), |cut| {
            add(cut, "amount", more)
        });
        assert_first(&found, Kind::Charge, winner);
    }
    let found = forged_event(job.clone(), ("adl_haircut", 0), |cut| set(cut, "pass", 5));
    assert_first(&found, Kind::Pass, winner);
    let at = places(&job, "adl_haircut");
    assert_eq!(at.len(), 2);
    let found = forged(job.clone(), |events| events.swap(at[0], at[1]));
    assert_eq!((found.len(), found[0].kind), (1, Kind::Order), "{found:?}");
    let found = forged(job, |events| drop(events.remove(at[0])));
    assert_first(&found, Kind::Missing, winner);
}

#[test]
fn a_haircut_of_open_profit() {
    let (job, winners) = open_profit();
    let at = places(&job, "adl_haircut");
    assert_eq!(at.len(), 2);
    for (n, winner) in winners.into_iter().enumerate() {
        for more in [1, -1] {
            let change = |cut: &mut Event| add(cut, "amount", more);
            let found = forged_event(job.clone(), ("adl_haircut", n), change);
            assert_first(&found, Kind::Charge, winner);
        }
        let found = forged(job.clone(), |events| drop(events.remove(at[n])));
        assert_first(&found, Kind::Missing, winner);
    }
    let found = forged(job, |events| events.swap(at[0], at[1]));
    assert_eq!((found.len(), found[0].kind), (1, Kind::Order), "{found:?}");
}

#[test]
fn bad_debt_that_is_none() {
    let (job, _) = haircuts();
    assert_eq!(places(&job, "bad_debt").len(), 1);
    for more in [1, -1] {
        let found = forged_event(job.clone(), ("bad_debt", 0), |debt| {
            add(debt, "amount", more)
        });
        assert_first(&found, Kind::BadDebt, None);
    }
    let at = places(&job, "bad_debt")[0];
    let hidden = forged(job, |events| drop(events.remove(at)));
    assert_first(&hidden, Kind::BadDebt, None);
}

#[test]
fn bad_debt_before_everybody_was_asked() {
    let (job, _) = open_profit();
    let at = places(&job, "adl_haircut")[1];
    let found = forged(job, |events| {
        let amount = value(&events[at], "amount").to_owned();
        let mut debt = Event::new("wasm-bad_debt");
        debt.attributes = [("loss_id", "3"), ("market", "1"), ("amount", &amount)]
            .map(Attribute::from)
            .into();
        events[at] = debt;
    });
    assert!(found.iter().any(|d| d.kind == Kind::BadDebt), "{found:?}");
}

#[test]
fn sums_at_the_close() {
    for key in ["slippage", "fund_used", "adl_taken", "haircut", "bad_debt"] {
        let (job, _) = haircuts();
        let found = forged_event(job, ("loss_closed", 0), |closed| add(closed, key, 1));
        assert_eq!((found.len(), found[0].kind), (1, Kind::Sum), "{found:?}");
        assert!(found[0].why.contains(key));
    }
}

#[test]
fn the_terms_of_a_loss() {
    for (key, why) in [("need", "deficit"), ("lots", "all lots")] {
        let (job, _) = fills();
        let found = forged_event(job, ("loss_opened", 0), |loss| add(loss, key, 1));
        assert_first(&found, Kind::Terms, None);
        assert!(found[0].why.contains(why), "{found:?}");
    }
    let (job, _) = fills();
    for key in ["mark", "index"] {
        let found = forged_event(job.clone(), ("loss_opened", 0), |loss| add(loss, key, 1));
        assert_first(&found, Kind::Terms, None);
    }
}

#[test]
fn what_the_fund_left() {
    for key in ["lots", "need", "breadth", "min_fill"] {
        let (job, _) = fills();
        let found = forged_event(job, ("job_opened", 0), |opened| add(opened, key, 1));
        assert_first(&found, Kind::Cover, None);
        assert!(found[0].why.contains(key));
    }
    let mut chain = Chain::builder().build();
    let crash = crash(&mut chain);
    chain.contribute(30 * USDC).expect("contributes");
    chain.set_price(1, BOTTOM).expect("prices");
    let job = liquidate(&mut chain, crash.long.id, |_| {});
    assert!(check(&job).is_clean());
    for key in ["returned", "lots_left", "need_left"] {
        let found = forged_event(job.clone(), ("cover", 0), |cover| add(cover, key, 1));
        assert_eq!((found.len(), found[0].kind), (1, Kind::Cover), "{found:?}");
        assert!(found[0].why.contains(key));
    }
}

#[test]
fn a_step_that_ends_its_pass_early() {
    // The job says it goes on to the second pass after the first candidate.
    let (job, _) = fills();
    let found = forged_event(job, ("job_step", 0), |step| set(step, "pass", 2));
    assert_first(&found, Kind::Step, None);
    assert!(found[0].why.contains("next is account"), "{found:?}");
}

#[test]
fn a_step_with_more_candidates_than_there_are() {
    let (job, _) = fills();
    let found = forged_event(job, ("job_step", 0), |step| add(step, "candidates", 100));
    assert_first(&found, Kind::Step, None);
}

#[test]
fn receipts_without_a_step() {
    let (job, crash) = fills();
    let at = places(&job, "job_step")[0];
    let found = forged(job, |events| drop(events.remove(at)));
    assert_first(&found, Kind::Step, crash.shorts[0].id);
}

#[test]
fn a_key_that_nothing_explains() {
    let (mut job, crash) = fills();
    let id = crash.shorts[2].id;
    let before = &mut job[0].before;
    let mut entry = perp_interface::queue::IndexEntry {
        class: 300,
        entry: perp_interface::PerLot(1),
        account: id,
        lots: perp_interface::Lots(40),
    };
    let key = |stored| perps_cli::verify::OldKey {
        account: id,
        market: 1,
        side: perp_interface::Side::Short,
        stored: Some(stored),
        dirty: false,
    };
    before.old_keys = vec![key(entry.clone())];
    let report = check(&job);
    assert_first(&report.deviations, Kind::Ranking, id);
    // Of the same entry and size, it is the collateral of another touch.
    entry.entry = perp_interface::PerLot(i128::from(ENTRY) << 32);
    job[0].before.old_keys = vec![key(entry)];
    let report = check(&job);
    assert!(report.deviations.iter().all(|d| d.kind != Kind::Ranking));
    assert_eq!(report.old_keys[0].account, id);
}

/// What may be done to one receipt.
fn mutate(events: &mut Vec<Event>, at: usize, how: usize) {
    let fill = events[at].ty == "wasm-adl_fill";
    match how {
        0 => drop(events.remove(at)),
        1 => events.insert(at, events[at].clone()),
        2 => set(&mut events[at], "account", 9_999),
        3 | 4 => {
            let key = if fill { "charge" } else { "amount" };
            add(&mut events[at], key, if how == 3 { 1 } else { -1 });
        }
        5 | 6 if fill => add(&mut events[at], "lots", if how == 5 { 1 } else { -1 }),
        7 if fill => add(&mut events[at], "rank", 1),
        8 if fill => add(&mut events[at], "profit_per_lot", 1),
        9 if fill => add(&mut events[at], "class", -1),
        _ => {
            let pass = value(&events[at], "pass")
                .parse::<i128>()
                .expect("a number");
            set(&mut events[at], "pass", pass % 7 + 1);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 25, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_forged_receipt_of_a_random_job_is_found(
        s in situation(3), step_limit in prop::sample::select(vec![1u32, 4, 1_000]),
        which in any::<prop::sample::Index>(), how in 0usize..11,
    ) {
        for mut job in all_jobs(&s, step_limit) {
            let receipts: Vec<_> = job.iter().enumerate().flat_map(|(tx, recorded)| {
                let events = recorded.events.iter().enumerate();
                let receipts = events.filter(|(_, e)| e.ty.starts_with("wasm-adl_"));
                receipts.map(move |(at, _)| (tx, at)).collect::<Vec<_>>()
            }).collect();
            if receipts.is_empty() {
                continue;
            }
            let (tx, at) = *which.get(&receipts);
            let account: AccountId = value(&job[tx].events[at], "account").parse().expect("a number");
            mutate(&mut job[tx].events, at, how);
            let report = try_check(&job).expect("can be verified");
            let named = report.deviations.iter().find(|d| d.account == Some(account));
            prop_assert!(named.is_some_and(|d| d.transaction == tx + 1), "{:?}", report.deviations);
        }
    }
}
