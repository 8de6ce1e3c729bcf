//! The step limit moves only where a job pauses: never who pays, nor how much.

use std::collections::BTreeMap;

use cosmwasm_std::Event;
use perp_interface::market::LossResponse;
use perp_interface::params::{FundParams, MarketParams, QueueParams};
use perp_interface::{MarketId, PerLot, Quote, Side};
use perp_testkit::chain::Order;
use perp_testkit::scan::Scan;
use perp_testkit::{invariants, receipts, Chain};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::situation::{free_market, jobs, market_of, party, state, Party, ENTRY, USDC};

/// A trade that is attempted: who cannot bear it does not take part.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    market: MarketId,
    buyer: usize,
    seller: usize,
    lots: u64,
    price: u64,
}

/// A resting order of somebody rich, after the crash.
#[derive(Clone, Copy, Debug)]
struct Depth {
    market: MarketId,
    side: Side,
    lots: u64,
    offset_bps: u64,
}

/// A randomised situation.
#[derive(Clone, Debug)]
struct Situation {
    breadth: u32,
    funding: Vec<i128>,
    deposits: Vec<u128>,
    before: Vec<Attempt>,
    middle: Vec<u64>,
    between: Vec<Attempt>,
    bottom: Vec<u64>,
    depth: Vec<Depth>,
    fund: u128,
    cap: i128,
}

fn attempts(
    markets: MarketId,
    accounts: usize,
    most: usize,
) -> impl Strategy<Value = Vec<Attempt>> {
    // Few sizes and prices, so that ties are common.
    let one = (
        1..=markets,
        0..accounts,
        0..accounts,
        prop::sample::select(vec![1u64, 5, 10, 10, 20, 37]),
        prop::sample::select(vec![9_500_000u64, ENTRY, ENTRY, ENTRY, 10_300_001]),
    );
    let one = one.prop_map(|(market, buyer, seller, lots, price)| Attempt {
        market,
        buyer,
        seller,
        lots,
        price,
    });
    prop::collection::vec(one, most / 2..=most)
}

fn depth(markets: MarketId) -> impl Strategy<Value = Vec<Depth>> {
    let one = (1..=markets, any::<bool>(), 1u64..15, 0u64..120);
    let one = one.prop_map(|(market, is_long, lots, offset_bps)| Depth {
        market,
        side: if is_long { Side::Long } else { Side::Short },
        lots,
        offset_bps,
    });
    prop::collection::vec(one, 0..4)
}

fn situation(markets: MarketId) -> impl Strategy<Value = Situation> {
    let n = usize::from(markets);
    let accounts = 8;
    let prices = move |low: u64, high: u64| prop::collection::vec(low..=high, n);
    let setting = (
        prop::sample::select(vec![1u32, 3, 100]),
        prop::collection::vec(prop::sample::select(vec![0i128, 0, 1 << 34, -(1 << 36)]), n),
        prop::collection::vec(
            prop::sample::select(vec![15u128, 30, 30, 60, 120, 400]),
            accounts,
        ),
        prop::sample::select(vec![0u128, 5 * USDC, 25 * USDC, 1_000 * USDC]),
        prop::sample::select(vec![1i128 << 60, 7_000_001]),
    );
    let course = (
        attempts(markets, accounts, 14 * n),
        prices(9_000_000, 11_000_000),
        attempts(markets, accounts, 4 * n),
        prices(6_000_000, 14_500_000),
        depth(markets),
    );
    (setting, course).prop_map(
        move |(
            (breadth, funding, deposits, fund, cap),
            (before, middle, between, bottom, depth),
        )| {
            Situation {
                breadth,
                funding,
                deposits,
                before,
                middle,
                between,
                bottom,
                depth,
                fund,
                cap,
            }
        },
    )
}

struct Run {
    chain: Chain,
    parties: Vec<Party>,
    seen: BTreeMap<&'static str, u64>,
}

impl Run {
    fn build(s: &Situation, step_limit: u32) -> Self {
        let mut chain = Chain::builder()
            .queue(QueueParams {
                step_limit,
                default_breadth: s.breadth,
            })
            .fund(FundParams {
                per_loss_cap: Quote(s.cap),
                ..FundParams::default()
            })
            .build();
        for (i, rate) in s.funding.iter().enumerate() {
            let params = MarketParams {
                funding_rate: PerLot(*rate),
                taker_fee_bps: 1,
                ..free_market()
            };
            chain.list(i as MarketId + 1, ENTRY, params).expect("lists");
        }
        if s.fund > 0 {
            chain.contribute(s.fund).expect("contributes");
        }
        let mut parties: Vec<_> = s
            .deposits
            .iter()
            .enumerate()
            .map(|(i, deposit)| party(&mut chain, &format!("party {i}"), deposit * USDC))
            .collect();
        parties.push(party(&mut chain, "rich", 1_000_000 * USDC));
        Self {
            chain,
            parties,
            seen: BTreeMap::new(),
        }
    }

    fn attempt(&mut self, attempts: &[Attempt]) {
        for a in attempts {
            if a.buyer == a.seller {
                continue;
            }
            let (buyer, seller) = (&self.parties[a.buyer].user, &self.parties[a.seller].user);
            let ask = Order::limit(a.market, Side::Short, a.lots, a.price);
            if self.chain.place(seller, ask).is_ok() {
                let bid = Order::ioc(a.market, Side::Long, a.lots, a.price);
                let _ = self.chain.place(buyer, bid);
            }
        }
    }

    fn set_prices(&mut self, prices: &[u64]) {
        self.chain.advance(50, 5);
        for (i, price) in prices.iter().enumerate() {
            self.chain
                .set_price(i as MarketId + 1, *price)
                .expect("prices");
        }
    }

    fn add_depth(&mut self, s: &Situation) {
        let rich = self.parties.last().expect("rich").user.clone();
        for d in &s.depth {
            let mark = s.bottom[usize::from(d.market) - 1];
            let offset = mark * d.offset_bps / 10_000;
            let price = match d.side {
                Side::Long => mark - offset,
                Side::Short => mark + offset,
            };
            // It would take what rests from before the crash: that is no depth.
            let _ = self
                .chain
                .place(&rich, Order::limit(d.market, d.side, d.lots, price));
        }
    }

    /// Everybody with a position in a gated market tries to leave.
    fn outsiders_try(&mut self) {
        let before = state(&self.chain);
        let scan = Scan::take(&self.chain).expect("scans");
        for account in &scan.accounts {
            let gated: Vec<_> = account
                .positions
                .iter()
                .filter(|p| market_of(&self.chain, p.market).deleveraging.is_some())
                .collect();
            let Some(position) = gated.first() else {
                continue;
            };
            let user = &self.parties[account.account as usize - 1].user;
            let order = Order::ioc(position.market, position.side.opposite(), 1, ENTRY);
            let code = if account.locked {
                "account_locked"
            } else {
                "market_deleveraging"
            };
            let refused = self.chain.place(user, order).expect_err("gated");
            assert!(refused.has_code(code), "{refused}");
            let refused = self.chain.withdraw(user, 1).expect_err("gated");
            assert!(refused.has_code(code), "{refused}");
            let refused = self
                .chain
                .liquidate(user, account.account)
                .expect_err("gated");
            assert!(refused.has_code(code), "{refused}");
        }
        assert_eq!(state(&self.chain), before, "refusals change nothing");
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
        if party.cash(&self.chain) < 0 {
            *self.seen.entry("negative cash").or_default() += 1;
        }
    }

    fn finish(&mut self) {
        let keeper = self.chain.user("keeper");
        for _ in 0..5_000 {
            let Some(first) = jobs(&self.chain).first().copied() else {
                return;
            };
            self.outsiders_try();
            let events = self.chain.step(&keeper, first).expect("steps");
            self.note(&events);
            invariants::assert_all(&self.chain);
        }
        panic!("jobs do not end");
    }

    fn liquidate_all(&mut self) {
        let keeper = self.chain.user("keeper");
        for _ in 0..4 {
            for party in self.parties.clone() {
                if self.chain.health(party.id).expect("answers").bankrupt {
                    self.note_account(&party);
                    let events = self
                        .chain
                        .liquidate(&keeper, party.id)
                        .expect("whoever is bankrupt can be liquidated");
                    self.note(&events);
                    invariants::assert_all(&self.chain);
                    self.finish();
                    assert_eq!(party.cash(&self.chain), 0, "ends at zero");
                }
            }
        }
    }

    fn of(s: &Situation, step_limit: u32) -> Self {
        let mut run = Self::build(s, step_limit);
        run.attempt(&s.before);
        run.set_prices(&s.middle);
        run.attempt(&s.between);
        run.set_prices(&s.bottom);
        run.add_depth(s);
        invariants::assert_all(&run.chain);
        run.liquidate_all();
        run
    }

    fn outcome(&self) -> Outcome {
        Outcome::of(Scan::take(&self.chain).expect("scans"))
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
    let whole = Run::of(s, 1_000_000).outcome();
    for loss in &whole.losses {
        prop_assert!(loss.closed && invariants::is_exact(loss), "{loss:?}");
    }
    for step_limit in [1, 2, 7] {
        let stepwise = Run::of(s, step_limit).outcome();
        prop_assert_eq!(&stepwise, &whole, "step limit {}", step_limit);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_market_ends_the_same_for_every_step_limit(s in situation(1)) {
        same_for_every_step_limit(&s)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

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
            for (what, number) in Run::of(&situation, 1_000).seen {
                *seen.entry(what).or_default() += number;
            }
        }
    }
    let missed: Vec<_> = seen.iter().filter(|(_, number)| **number == 0).collect();
    assert!(missed.is_empty() && seen.len() == 14, "{seen:?}");
}
