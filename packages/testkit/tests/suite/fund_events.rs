//! Everything that moves in the fund is told by its events: a walk at random through stakes, losses, revenue
//! and payments, after every step of which the balances are rebuilt from the events alone.

use std::collections::BTreeMap;

use cosmwasm_std::{Addr, Event};
use perp_interface::fund::{
    ExecuteMsg, Layer, PayOwed, RegisterMarket, RemoveMarket, RequestUnstake, Tranche,
    UnstakeRequest, UpdateParams, WithdrawCapital,
};
use perp_interface::market::{CollectFees, ExecuteMsg as MarketMsg};
use perp_interface::params::{FundParams, MarketParams, QueueParams, SurplusRule, TargetRule};
use perp_interface::{feed, queue, MarketId, Price, Quote, Shares, Side};
use perp_testkit::chain::{ChainResult, Order};
use perp_testkit::Chain;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::fund_books::{Books, KINDS};
use crate::situation::{party, Party, BOTTOM, ENTRY, USDC};

const MARKETS: [MarketId; 3] = [1, 2, 3];
const TRANCHES: [Tranche; 3] = [Tranche::Shared, Tranche::Market(2), Tranche::Market(3)];

struct Walk {
    chain: Chain,
    dice: ChaCha8Rng,
    books: Books,
    losers: Vec<Party>,
    maker: Party,
    friend: Party,
    keeper: Addr,
    dao: Addr,
    stakers: Vec<Addr>,
}

/// Caps that bind, short waits, a purse, and a target that revenue exceeds now and then.
fn params(surplus: SurplusRule) -> FundParams {
    FundParams {
        per_loss_cap: Quote(50 * USDC as i128),
        window_cap: Quote(150 * USDC as i128),
        window_seconds: 1_200,
        trip_bps: 6_000,
        resume_bps: 4_000,
        cooldown_seconds: 86_400,
        claim_seconds: 86_400,
        emergency_seconds: 3_600,
        max_requests: 3,
        min_stake: Quote(1_000),
        bounty_per_loss_cap: Quote(3_000),
        bounty_reserve: Quote(20_000),
        target: TargetRule::OpenInterest { bps: 100 },
        target_floor: Quote(200 * USDC as i128),
        surplus,
        ..FundParams::default()
    }
}

impl Walk {
    fn new(seed: u64) -> Self {
        let mut chain = Chain::builder()
            .queue(QueueParams {
                step_limit: 4,
                ..QueueParams::default()
            })
            .check_every(1)
            .build();
        for market in MARKETS {
            let listed = chain.list(market, ENTRY, MarketParams::default());
            listed.expect("lists");
        }
        let losers = ["one", "two", "three"].map(|name| party(&mut chain, name, USDC));
        let [maker, friend] = ["maker", "friend"].map(|n| party(&mut chain, n, 1_000_000 * USDC));
        let stakers = ["alice", "bob", "carol"].map(|name| chain.user(name));
        let (keeper, dao) = (chain.user("keeper"), chain.user("dao"));
        let mut walk = Self {
            chain,
            dice: ChaCha8Rng::seed_from_u64(seed),
            books: Books::default(),
            losers: losers.into(),
            maker,
            friend,
            keeper,
            dao,
            stakers: stakers.into(),
        };
        let address = walk.dao.to_string();
        walk.update(SurplusRule::Address { address });
        walk.register(3, true);
        walk.register(2, true);
        walk.register(2, false);
        for tranche in TRANCHES {
            let events = walk.chain.contribute_to(tranche, Layer::Seed, 50 * USDC);
            walk.book(events);
        }
        walk
    }

    /// What was refused has no events.
    fn book(&mut self, answer: ChainResult<Vec<Event>>) {
        self.books.book(&answer.unwrap_or_default());
    }

    fn governs(&mut self, msg: ExecuteMsg) {
        let governance = self.chain.governance.clone();
        let answer = self.chain.fund(&governance, msg);
        self.book(answer);
    }

    fn update(&mut self, surplus: SurplusRule) {
        let config: perp_interface::fund::ConfigResponse = self
            .chain
            .query(
                &self.chain.addresses.fund,
                &perp_interface::fund::QueryMsg::Config {},
            )
            .expect("answers");
        self.governs(ExecuteMsg::UpdateParams(UpdateParams {
            expected_version: config.version,
            params: params(surplus),
        }));
    }

    fn register(&mut self, market: MarketId, isolated: bool) {
        self.governs(ExecuteMsg::RegisterMarket(RegisterMarket {
            market,
            isolated,
            window_cap: None,
            paid_in_cap: None,
        }));
    }

    fn prices(&mut self, market: MarketId, price: u64) {
        let publish_time = self.chain.app.block_info().time.seconds();
        let prices = MARKETS.map(|of| feed::PriceUpdate {
            market: of,
            price: Price(if of == market { price } else { ENTRY }),
            publish_time,
        });
        let msg = feed::ExecuteMsg::SetPrices(feed::SetPrices {
            prices: prices.into(),
        });
        let (sender, to) = (
            self.chain.governance.clone(),
            self.chain.addresses.feed.clone(),
        );
        self.chain.send(&sender, &to, &msg, &[]).expect("prices");
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.dice.gen_range(0..all.len())].clone()
    }

    fn act(&mut self) {
        match self.dice.gen_range(0..100) {
            0..=13 => self.crash(),
            14..=23 => self.work(),
            24..=33 => self.stake(),
            34..=43 => self.request(),
            44..=61 => self.end_request(),
            62..=69 => self.collect(),
            70..=73 => self.pay_owed(),
            74..=77 => self.give(),
            78..=81 => self.withdraw(),
            82..=84 => self.govern(),
            _ => self.wait(),
        }
    }

    /// A long without enough money meets a fall of the price: 10 to 80 USDC are missing. Sometimes bids near the mark take its lots.
    fn crash(&mut self) {
        let (market, loser) = (self.one_of(&MARKETS), self.one_of(&self.losers.clone()));
        let cash = loser.cash(&self.chain).max(0);
        let wanted = self.dice.gen_range(120..190) * USDC as i128;
        if cash < wanted {
            // Refused while it is locked by a loss that is open.
            let _ = self.chain.deposit(&loser.user, (wanted - cash) as u128);
        }
        let maker = self.maker.user.clone();
        self.prices(market, ENTRY);
        let offer = Order::limit(market, Side::Short, 100, ENTRY);
        let answer = self.chain.place(&maker, offer);
        self.book(answer);
        let takes = Order::ioc(market, Side::Long, 100, ENTRY);
        let answer = self.chain.place(&loser.user, takes);
        self.book(answer);
        if self.dice.gen_bool(0.6) {
            let price = BOTTOM - self.dice.gen_range(0..40_000);
            let lots = self.dice.gen_range(1..120);
            let bid = Order::limit(market, Side::Long, lots, price);
            let friend = self.friend.user.clone();
            let answer = self.chain.place(&friend, bid);
            self.book(answer);
        }
        self.prices(market, BOTTOM);
        let keeper = self.keeper.clone();
        let answer = self.chain.liquidate(&keeper, loser.id);
        self.book(answer);
        if self.dice.gen_bool(0.5) {
            self.work();
        }
        self.prices(market, ENTRY);
    }

    /// Steps of open losses, at most ten.
    fn work(&mut self) {
        for _ in 0..10 {
            let jobs = crate::situation::jobs(&self.chain);
            let Some(loss_id) = jobs.first().copied() else {
                return;
            };
            let keeper = self.keeper.clone();
            let msg = queue::ExecuteMsg::ContinueDeleverage(queue::ContinueDeleverage {
                loss_id,
                limit: None,
            });
            let answer = self.chain.queue(&keeper, msg);
            self.book(answer);
        }
    }

    fn stake(&mut self) {
        let (who, tranche) = (self.one_of(&self.stakers.clone()), self.one_of(&TRANCHES));
        let amount = self.dice.gen_range(500..60 * USDC);
        let answer = self.chain.stake(&who, tranche, amount);
        self.book(answer);
    }

    fn request(&mut self) {
        let (who, tranche) = (self.one_of(&self.stakers.clone()), self.one_of(&TRANCHES));
        let free = self.books.free_shares(&tranche.to_string(), &who);
        let part = self.dice.gen_range(1..=2);
        let msg = ExecuteMsg::RequestUnstake(RequestUnstake {
            tranche,
            shares: Shares((free / part) as u128),
        });
        let answer = self.chain.fund(&who, msg);
        self.book(answer);
    }

    /// A claim or, sometimes, a change of mind; too early or too late is refused.
    fn end_request(&mut self) {
        let open: Vec<_> = self.books.requests.keys().cloned().collect();
        if open.is_empty() {
            return;
        }
        let (name, who, request) = self.one_of(&open);
        let tranche = TRANCHES.into_iter().find(|t| t.to_string() == name);
        let msg = UnstakeRequest {
            tranche: tranche.expect("one of them"),
            request,
        };
        if self.dice.gen_bool(0.5) {
            self.chain.advance(86_400, 14_400);
        }
        let msg = match self.dice.gen_bool(0.7) {
            true => ExecuteMsg::ClaimUnstake(msg),
            false => ExecuteMsg::CancelUnstake(msg),
        };
        let answer = self.chain.fund(&Addr::unchecked(who), msg);
        self.book(answer);
    }

    /// Trading of the two that never go bankrupt brings fees.
    fn collect(&mut self) {
        let market = self.one_of(&MARKETS);
        self.prices(market, ENTRY);
        let lots = self.dice.gen_range(1_000..40_000);
        let (maker, friend) = (self.maker.user.clone(), self.friend.user.clone());
        for (user, order) in [
            (&maker, Order::limit(market, Side::Long, lots, ENTRY)),
            (&friend, Order::ioc(market, Side::Short, lots, ENTRY)),
            (&maker, Order::limit(market, Side::Short, lots, ENTRY)),
            (&friend, Order::ioc(market, Side::Long, lots, ENTRY)),
        ] {
            let answer = self.chain.place(user, order);
            self.book(answer);
        }
        let keeper = self.keeper.clone();
        let msg = MarketMsg::CollectFees(CollectFees { market });
        let answer = self.chain.market(&keeper, msg);
        self.book(answer);
    }

    fn pay_owed(&mut self) {
        let to = self.one_of(&[self.dao.clone(), self.keeper.clone()]);
        let msg = ExecuteMsg::PayOwed(PayOwed { to: to.to_string() });
        let answer = self.chain.fund(&self.keeper.clone(), msg);
        self.book(answer);
    }

    fn give(&mut self) {
        let layer = self.one_of(&[Layer::Seed, Layer::Staked, Layer::Bounties]);
        let (tranche, amount) = (self.one_of(&TRANCHES), self.dice.gen_range(1..20 * USDC));
        let answer = self.chain.contribute_to(tranche, layer, amount);
        self.book(answer);
    }

    fn withdraw(&mut self) {
        let (tranche, to) = (self.one_of(&TRANCHES), self.dao.to_string());
        let amount = Quote(self.dice.gen_range(1..20 * USDC as i128));
        self.governs(ExecuteMsg::WithdrawCapital(WithdrawCapital {
            tranche,
            amount,
            to,
        }));
    }

    fn govern(&mut self) {
        let address = self.dao.to_string();
        match self.dice.gen_range(0..6) {
            0 => self.update(SurplusRule::Stakers {}),
            1 => self.update(SurplusRule::Address { address }),
            2 => self.governs(ExecuteMsg::RemoveMarket(RemoveMarket { market: 2 })),
            3 | 4 => self.register(2, true),
            _ => self.register(2, false),
        }
    }

    fn wait(&mut self) {
        let seconds = self.dice.gen_range(60..5_400);
        self.chain.advance(seconds, seconds / 6);
    }

    fn compare(&self) {
        let payees = [self.dao.clone(), self.keeper.clone()];
        self.books.compare(&self.chain, &self.stakers, &payees);
    }
}

#[test]
fn every_balance_can_be_rebuilt_from_the_events_alone() {
    let mut seen = BTreeMap::new();
    for seed in [20, 21] {
        let mut walk = Walk::new(seed);
        walk.compare();
        for _ in 0..250 {
            walk.act();
            walk.compare();
        }
        for (kind, times) in walk.books.seen {
            *seen.entry(kind).or_insert(0) += times;
        }
    }
    let rare: Vec<_> = KINDS
        .into_iter()
        .filter(|kind| seen.get(*kind).is_none_or(|times| *times < 5))
        .collect();
    assert!(rare.is_empty(), "hardly ever {rare:?}: {seen:?}");
}
