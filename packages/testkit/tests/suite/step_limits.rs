//! The step limit moves only where a job pauses: never who pays, nor how much.

use std::collections::BTreeMap;

use cosmwasm_std::Event;
use perp_interface::market::LossResponse;
use perp_testkit::chain::Order;
use perp_testkit::scan::Scan;
use perp_testkit::{invariants, receipts, Chain};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::random::{situation, Run, Situation};
use crate::situation::{jobs, market_of, state, Party, ENTRY};

/// A run whose bankruptcies are worked off one after the other.
struct Counted {
    run: Run,
    seen: BTreeMap<&'static str, u64>,
}

impl Counted {
    /// Everybody with a position in a gated market tries to leave.
    fn outsiders_try(&mut self) {
        let before = state(&self.run.chain);
        let scan = Scan::take(&self.run.chain).expect("scans");
        for account in &scan.accounts {
            let gated: Vec<_> = account
                .positions
                .iter()
                .filter(|p| market_of(&self.run.chain, p.market).deleveraging.is_some())
                .collect();
            let Some(position) = gated.first() else {
                continue;
            };
            let user = &self.run.parties[account.account as usize - 1].user;
            let order = Order::ioc(position.market, position.side.opposite(), 1, ENTRY);
            let code = if account.locked {
                "account_locked"
            } else {
                "market_deleveraging"
            };
            let refused = self.run.chain.place(user, order).expect_err("gated");
            assert!(refused.has_code(code), "{refused}");
            let refused = self.run.chain.withdraw(user, 1).expect_err("gated");
            assert!(refused.has_code(code), "{refused}");
            let refused = self
                .run
                .chain
                .liquidate(user, account.account)
                .expect_err("gated");
            assert!(refused.has_code(code), "{refused}");
        }
        assert_eq!(state(&self.run.chain), before, "refusals change nothing");
    }

    fn note(&mut self, events: &[Event]) {
        let mut count = |what, number: usize| *self.seen.entry(what).or_default() += number as u64;
        for (what, pass) in [("first pass", 1), ("second pass", 2), ("third pass", 3)] {
            let fills = receipts::of_kind(events, "adl_fill");
            count(
                what,
                fills.iter().filter(|f| f.number("pass") == pass).count(),
            );
        }
        for (what, pass) in [("kept profit", 4), ("open profit", 5)] {
            let cuts = receipts::of_kind(events, "adl_haircut");
            count(
                what,
                cuts.iter().filter(|c| c.number("pass") == pass).count(),
            );
        }
        for (what, kind) in [
            ("bad debt", "bad_debt"),
            ("book fill", "loss_book_fill"),
            ("payment", "cover"),
        ] {
            count(what, receipts::of_kind(events, kind).len());
        }
        let opened = receipts::of_kind(events, "loss_opened");
        let of_side = |side: &str| opened.iter().filter(|l| l.text("side") == side).count();
        count("long loss", of_side("long"));
        count("short loss", of_side("short"));
        count(
            "loss without lots",
            opened.iter().filter(|l| l.number("lots") == 0).count(),
        );
        count(
            "funding accrued",
            opened.iter().filter(|l| l.number("index") != 0).count(),
        );
        count("several markets", usize::from(opened.len() > 1));
    }

    fn note_account(&mut self, party: &Party) {
        if party.cash(&self.run.chain) < 0 {
            *self.seen.entry("negative cash").or_default() += 1;
        }
    }

    fn finish(&mut self) {
        let keeper = self.run.chain.user("keeper");
        for _ in 0..5_000 {
            let Some(first) = jobs(&self.run.chain).first().copied() else {
                return;
            };
            self.outsiders_try();
            let events = self.run.chain.step(&keeper, first).expect("steps");
            self.note(&events);
            invariants::assert_all(&self.run.chain);
        }
        panic!("jobs do not end");
    }

    fn liquidate_all(&mut self) {
        let keeper = self.run.chain.user("keeper");
        for _ in 0..4 {
            for party in self.run.parties.clone() {
                if self.run.chain.health(party.id).expect("answers").bankrupt {
                    self.note_account(&party);
                    let events = self
                        .run
                        .chain
                        .liquidate(&keeper, party.id)
                        .expect("whoever is bankrupt can be liquidated");
                    self.note(&events);
                    invariants::assert_all(&self.run.chain);
                    self.finish();
                    assert_eq!(party.cash(&self.run.chain), 0, "ends at zero");
                }
            }
        }
    }

    fn of(s: &Situation, step_limit: u32) -> Self {
        let mut counted = Self {
            run: Run::build(s, step_limit, Chain::builder()),
            seen: BTreeMap::new(),
        };
        let run = &mut counted.run;
        run.attempt(&s.before);
        run.set_prices(&s.middle);
        run.attempt(&s.between);
        run.set_prices(&s.bottom);
        run.add_depth(s);
        invariants::assert_all(&run.chain);
        counted.liquidate_all();
        counted.run.set_prices(&s.aftershock);
        counted.liquidate_all();
        counted
    }

    fn outcome(&self) -> Outcome {
        Outcome::of(Scan::take(&self.run.chain).expect("scans"))
    }
}

/// What must not depend on the step limit.
#[derive(Debug, PartialEq)]
struct Outcome {
    accounts: Vec<perp_interface::market::AccountResponse>,
    markets: Vec<perp_interface::market::MarketResponse>,
    losses: Vec<LossResponse>,
    capital: perp_interface::fund::CapitalResponse,
}

impl Outcome {
    fn of(scan: Scan) -> Self {
        let losses = scan
            .losses
            .into_iter()
            .map(|loss| LossResponse { steps: 0, ..loss });
        Self {
            accounts: scan.accounts,
            markets: scan.markets,
            losses: losses.collect(),
            capital: scan.capital,
        }
    }
}

fn same_for_every_step_limit(s: &Situation) -> Result<(), TestCaseError> {
    let whole = Counted::of(s, 1_000_000).outcome();
    for loss in &whole.losses {
        prop_assert!(loss.closed && invariants::is_exact(loss), "{loss:?}");
    }
    for step_limit in [1, 2, 7] {
        let stepwise = Counted::of(s, step_limit).outcome();
        prop_assert_eq!(&stepwise, &whole, "step limit {}", step_limit);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_market_ends_the_same_for_every_step_limit(s in situation(1)) {
        same_for_every_step_limit(&s)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn three_markets_end_the_same_for_every_step_limit(s in situation(3)) {
        same_for_every_step_limit(&s)?;
    }
}

#[test]
fn the_random_situations_reach_every_part_of_the_waterfall() {
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    for markets in [1, 3] {
        let strategy = situation(markets);
        for _ in 0..60 {
            let situation = strategy.new_tree(&mut runner).expect("generates").current();
            for (what, number) in Counted::of(&situation, 1_000).seen {
                *seen.entry(what).or_default() += number;
            }
        }
    }
    let missed: Vec<_> = seen.iter().filter(|(_, number)| **number == 0).collect();
    assert!(missed.is_empty() && seen.len() == 14, "{seen:?}");
}
