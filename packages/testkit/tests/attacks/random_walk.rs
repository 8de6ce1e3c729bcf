//! Random users on a small exchange with few units of work per call, every invariant checked after
//! every message. What is refused is refused for a reason that a user can have.

use perp_interface::market::{CollectFees, ExecuteMsg, ForceLoss, Refresh, ResumeLoss};
use perp_interface::params::{ExchangeParams, MarketParams};
use perp_interface::queue::{ContinueDeleverage, ExecuteMsg as QueueMsg, Refresh as QueueRefresh};
use perp_interface::{PerLot, Quote, Side};
use perp_testkit::chain::{ChainError, Order};
use perp_testkit::scan::Scan;
use perp_testkit::Chain;

use crate::situation::{capped, market, party, steps_of, Party, ENTRY};

const MARKETS: [u16; 3] = [1, 2, 3];

/// Refusals that are nobody's fault but the contract's.
const NEVER: [&str; 6] = [
    "math_overflow",
    "math_division_by_zero",
    "inexact",
    "std",
    "pass_mismatch",
    "bad_candidate",
];

/// A small generator (splitmix64), so that a seed tells the whole story.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

struct Walk {
    chain: Chain,
    dice: Dice,
    users: Vec<Party>,
    prices: [u64; 3],
    trail: Vec<String>,
}

impl Walk {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let exchange = ExchangeParams {
            max_fills: 1 + dice.below(6) as u32,
            max_side_orders: 12,
            max_positions: 2 + dice.below(2) as u32,
            force_after_blocks: 10,
            ..ExchangeParams::default()
        };
        let mut chain = Chain::builder()
            .exchange(exchange)
            .fund(capped(1_000_000 * dice.below(60) as i128))
            .queue(steps_of(1 + dice.below(4) as u32))
            .check_every(1)
            .build();
        for market in MARKETS {
            let funding_rate = PerLot(dice.below(1 << 22) as i128 - (1 << 21));
            let maker_fee_bps = dice.below(3) as u32;
            let params = MarketParams {
                funding_rate,
                maker_fee_bps,
                bounty_per_fill: Quote(1_000 * i128::from(maker_fee_bps)),
                liquidation_spread_bps: dice.below(1_000) as u32,
                min_notional: Quote(10_000_000),
                ..MarketParams::default()
            };
            chain.list(market, ENTRY, params).expect("lists");
        }
        chain.contribute(200_000_000).expect("contributes");
        let governance = chain.governance.clone();
        for market in MARKETS {
            let policy = perp_interface::queue::SetPolicy {
                market,
                expected_version: None,
                policy: Some(perp_interface::Policy {
                    score: perp_interface::ScoreKind::ALL[dice.below(3) as usize],
                    breadth: 1 + dice.below(4) as u32,
                    protect_principal: dice.below(2) == 0,
                    min_fill: perp_interface::Lots(1 + dice.below(5)),
                }),
            };
            chain
                .queue(&governance, QueueMsg::SetPolicy(policy))
                .expect("sets");
        }
        let users = (0..10)
            .map(|i| party(&mut chain, &format!("user {i}"), 60 + 40 * i))
            .collect();
        Self {
            chain,
            dice,
            users,
            prices: [ENTRY; 3],
            trail: Vec::new(),
        }
    }

    fn user(&mut self) -> Party {
        let i = self.dice.below(self.users.len() as u64) as usize;
        self.users[i].clone()
    }

    fn judge<T>(&mut self, what: String, answer: Result<T, ChainError>) {
        let code = match &answer {
            Ok(_) => "ok".to_owned(),
            Err(e) => {
                e.0.rsplit("kind: Other, error: ")
                    .next()
                    .unwrap_or("?")
                    .to_owned()
            }
        };
        self.trail.push(format!("{what}: {code}"));
        if NEVER
            .iter()
            .any(|never| code.starts_with(&format!("{never}:")))
        {
            let from = self.trail.len().saturating_sub(12);
            panic!("{}", self.trail[from..].join("\n"));
        }
    }

    fn step(&mut self) {
        let user = self.user();
        match self.dice.below(100) {
            0..=44 => self.trade(&user),
            45..=64 => self.move_price(),
            65..=79 => self.liquidate(),
            80..=84 => self.pay(&user),
            85..=93 => self.work(),
            _ => self.wait(),
        }
    }

    fn trade(&mut self, user: &Party) {
        let i = self.dice.below(3) as usize;
        let (price, off) = (self.prices[i], self.dice.below(1_200));
        let up = self.dice.chance(50);
        let at = if up {
            price + price * off / 10_000
        } else {
            price - price * off / 10_000
        };
        let side = if self.dice.chance(50) {
            Side::Long
        } else {
            Side::Short
        };
        let lots = 1 + self.dice.below(40);
        let mut order = Order::limit(MARKETS[i], side, lots, at.max(1));
        if self.dice.chance(40) {
            order.kind = perp_interface::market::OrderKind::Ioc;
        }
        order.reduce_only = self.dice.chance(20);
        let answer = self.chain.place(&user.user, order);
        self.judge(format!("{} {order:?}", user.id), answer);
    }

    fn move_price(&mut self) {
        let i = self.dice.below(3) as usize;
        let by = if self.dice.chance(15) { 4_000 } else { 300 };
        let by = self.prices[i] * self.dice.below(by) / 10_000;
        let price = if self.dice.chance(50) {
            self.prices[i] + by
        } else {
            self.prices[i] - by
        };
        self.prices[i] = price.clamp(2_000_000, 60_000_000);
        let answer = self.chain.set_price(MARKETS[i], self.prices[i]);
        self.judge(
            format!("price of {} {}", MARKETS[i], self.prices[i]),
            answer,
        );
    }

    /// Whoever can be liquidated by its health, its gates and the age of its prices, is.
    fn liquidate(&mut self) {
        for user in self.users.clone() {
            let health = self.chain.health(user.id).expect("answers");
            let account = self.chain.account(&user.user).expect("is there");
            let markets: Vec<_> = account
                .positions
                .iter()
                .map(|p| p.market)
                .chain(account.debts.iter().map(|d| d.market))
                .collect();
            let gated = markets
                .iter()
                .any(|m| market(&self.chain, *m).deleveraging.is_some());
            let sender = self.chain.governance.clone();
            let answer = self.chain.liquidate(&sender, user.id);
            let wanted = health.liquidatable && !gated && !account.locked;
            assert_eq!(answer.is_ok(), wanted, "{health:?} {account:?} {answer:?}");
            self.judge(format!("liquidate {}", user.id), answer);
        }
    }

    fn pay(&mut self, user: &Party) {
        if self.dice.chance(40) {
            let amount = 1_000_000 * (1 + self.dice.below(80)) as u128;
            let answer = self.chain.deposit(&user.user, amount);
            self.judge(format!("{} deposits {amount}", user.id), answer);
            return;
        }
        let free = self.chain.health(user.id).expect("answers").withdrawable.0;
        let answer = self.chain.withdraw(&user.user, free + 1);
        assert!(answer.is_err(), "more than is free has left");
        if free > 0 {
            let answer = self.chain.withdraw(&user.user, free);
            assert!(answer.is_ok(), "{answer:?}");
            self.judge(format!("{} withdraws {free}", user.id), answer);
        }
    }

    fn work(&mut self) {
        let sender = self.chain.governance.clone();
        let loss_id = self.dice.below(12);
        let first = crate::situation::jobs(&self.chain)
            .jobs
            .first()
            .map(|j| j.terms.loss_id);
        let some: Vec<_> = (0..3).map(|_| self.user().id).collect();
        let accounts: Vec<_> = std::collections::BTreeSet::from_iter(some)
            .into_iter()
            .collect();
        match self.dice.below(6) {
            0 | 1 => {
                let msg = ContinueDeleverage {
                    loss_id: first.unwrap_or(loss_id),
                    limit: None,
                };
                let answer = self.chain.queue(&sender, QueueMsg::ContinueDeleverage(msg));
                self.judge(format!("continue {first:?}"), answer);
            }
            2 => {
                let loss_id = first.unwrap_or(loss_id);
                let msg = ExecuteMsg::ResumeLoss(ResumeLoss { loss_id });
                let answer = self.chain.market(&sender, msg);
                self.judge(format!("resume {loss_id}"), answer);
            }
            3 => {
                let loss_id = first.unwrap_or(loss_id);
                let text = format!("force {loss_id} {accounts:?}");
                let msg = ExecuteMsg::ForceLoss(ForceLoss { loss_id, accounts });
                let answer = self.chain.market(&sender, msg);
                // Naming the bankrupt account itself is refused, and is the caller's fault.
                if answer
                    .as_ref()
                    .err()
                    .is_none_or(|e| !e.has_code("bad_candidate"))
                {
                    self.judge(text, answer);
                }
            }
            4 => {
                let refresh = QueueMsg::Refresh(QueueRefresh {
                    accounts: accounts.clone(),
                });
                let answer = self.chain.queue(&sender, refresh);
                self.judge(format!("refresh {accounts:?}"), answer);
                let msg = ExecuteMsg::Refresh(Refresh { accounts });
                let answer = self.chain.market(&sender, msg);
                self.judge("refresh at the market".to_owned(), answer);
            }
            _ => {
                let market = MARKETS[self.dice.below(3) as usize];
                let msg = ExecuteMsg::CollectFees(CollectFees { market });
                let answer = self.chain.market(&sender, msg);
                self.judge(format!("collect {market}"), answer);
            }
        }
    }

    fn wait(&mut self) {
        let seconds = self.dice.below(400);
        self.chain.advance(seconds, seconds / 6);
        for (market, price) in MARKETS.into_iter().zip(self.prices) {
            let answer = self.chain.set_price(market, price);
            self.judge(format!("{seconds} s later, {market} at {price}"), answer);
        }
    }

    /// In the end everything that is open comes to its end.
    fn settle(&mut self) {
        for _ in 0..200 {
            let sender = self.chain.governance.clone();
            for user in self.users.clone() {
                let _ = self.chain.liquidate(&sender, user.id);
            }
            let jobs = crate::situation::jobs(&self.chain).jobs;
            let Some(first) = jobs.first() else {
                let losses = Scan::take(&self.chain).expect("scans").losses;
                let open: Vec<_> = losses.iter().filter(|l| !l.closed).collect();
                assert!(open.is_empty(), "without a job: {open:?}");
                return;
            };
            let answer = self.chain.step(&sender, first.terms.loss_id);
            self.judge("last steps".to_owned(), answer);
        }
        panic!("jobs do not end: {:?}", crate::situation::jobs(&self.chain));
    }
}

#[test]
fn nothing_breaks() {
    let (seeds, steps) = match std::env::var("WALKS") {
        Ok(seeds) => (seeds.parse().expect("a number"), 300),
        Err(_) => (10, 120),
    };
    for seed in 0..seeds {
        let mut walk = Walk::new(seed);
        for _ in 0..steps {
            walk.step();
        }
        walk.settle();
    }
}
