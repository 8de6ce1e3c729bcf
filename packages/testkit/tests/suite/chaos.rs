//! Everything at once while losses are open: prices move, outsiders trade, others go bankrupt,
//! contracts break and come back. Whatever happened, all losses end exactly.

use cosmwasm_std::coin;
use perp_interface::market::{self, Deposit, ExecuteMsg, ForceLoss, LossResponse, ResumeLoss};
use perp_interface::params::ExchangeParams;
use perp_interface::{feed, queue, AccountId, MarketId, Side};
use perp_testkit::chain::{ChainError, Order, DENOM};
use perp_testkit::faulty::{self, Fault, Switches};
use perp_testkit::scan::Scan;
use perp_testkit::{invariants, Chain};
use proptest::prelude::*;

use crate::random::{attempts, scattered, Attempt, Run, Situation};
use crate::situation::jobs;

/// What happens next; accounts and losses are meant modulo how many there are.
#[derive(Clone, Debug)]
enum Move {
    Price(MarketId, u64),
    Trade(Attempt),
    Reduce(usize, MarketId, u64),
    Deposit(usize, u128),
    Withdraw(usize, i128),
    Liquidate(usize),
    /// Moves every price against an account, those first of which profit is held, liquidates it,
    /// and moves the prices back.
    Ruin(usize),
    Step,
    Resume(usize),
    Force(usize, Vec<AccountId>),
    Break(usize),
    Repair,
    Refresh(AccountId),
    Wait(u64, u64),
}

const BREAKS: usize = 8;

fn break_one(switches: &Switches, which: usize) {
    match which {
        0 => switches.queue.set("update", Fault::Fail),
        1 => switches.queue.set("report_shortfall", Fault::Fail),
        2 => switches.queue.set("continue_deleverage", Fault::Fail),
        3 => switches.fund.set("cover_deficit", Fault::Fail),
        4 => switches.fund.set("return_cover", Fault::Fail),
        5 => switches.fund.set("loss_closed", Fault::Fail),
        6 => switches.market.set_after("deleverage", 1, Fault::Fail),
        _ => switches.market.set("cover", Fault::Fail),
    }
}

fn repair(switches: &Switches) {
    switches.market.repair();
    switches.fund.repair();
    switches.queue.repair();
}

fn moves(markets: MarketId) -> impl Strategy<Value = Vec<Move>> {
    let account = 0..8usize;
    let price = (1..=markets, 5_000_000u64..16_000_000);
    let one = prop_oneof![
        6 => price.prop_map(|(market, price)| Move::Price(market, price)),
        3 => attempts(markets, 8, 2).prop_map(|a| Move::Trade(a[0])),
        2 => (account.clone(), 1..=markets, 4_000_000u64..16_000_000)
            .prop_map(|(account, market, price)| Move::Reduce(account, market, price)),
        1 => (account.clone(), 1u128..50_000_000).prop_map(|(a, amount)| Move::Deposit(a, amount)),
        1 => (account.clone(), 1i128..50_000_000).prop_map(|(a, amount)| Move::Withdraw(a, amount)),
        6 => account.clone().prop_map(Move::Liquidate),
        2 => account.prop_map(Move::Ruin),
        5 => Just(Move::Step),
        1 => (0..4usize).prop_map(Move::Resume),
        1 => (0..4usize, prop::collection::btree_set(1u64..=9, 1..4))
            .prop_map(|(loss, accounts)| Move::Force(loss, accounts.into_iter().collect())),
        1 => (0..BREAKS).prop_map(Move::Break),
        2 => Just(Move::Repair),
        1 => (1u64..=9).prop_map(Move::Refresh),
        1 => (0u64..30, 0u64..12).prop_map(|(seconds, blocks)| Move::Wait(seconds, blocks)),
    ];
    prop::collection::vec(one, 40..120)
}

struct Chaos {
    run: Run,
    switches: Switches,
}

impl Chaos {
    fn new(s: &Situation, step_limit: u32) -> Self {
        let (contracts, switches) = faulty::contracts();
        let exchange = ExchangeParams {
            force_after_blocks: 10,
            strict_price_age: 3_600,
            loose_price_age: 86_400,
            ..ExchangeParams::default()
        };
        let builder = Chain::builder().contracts(contracts).exchange(exchange);
        let mut run = Run::build(s, step_limit, builder);
        run.attempt(&s.before);
        run.set_prices(&s.middle);
        run.attempt(&s.between);
        run.set_prices(&s.bottom);
        run.add_depth(s);
        Self { run, switches }
    }

    fn losses(&self) -> Vec<LossResponse> {
        Scan::take(&self.run.chain).expect("scans").losses
    }

    fn open(&self) -> Vec<u64> {
        let losses = self.losses();
        let open = losses.iter().filter(|loss| !loss.closed);
        open.map(|loss| loss.terms.loss_id).collect()
    }

    /// The bankrupt first: they are what matters here.
    fn liquidatable(&self) -> Vec<AccountId> {
        let scan = Scan::take(&self.run.chain).expect("scans");
        let free = scan.accounts.iter().filter(|a| !a.locked);
        let healths: Vec<_> = free
            .map(|a| {
                (
                    a.account,
                    self.run.chain.health(a.account).expect("answers"),
                )
            })
            .collect();
        let bankrupt = healths.iter().filter(|(_, h)| h.bankrupt);
        let bankrupt: Vec<_> = bankrupt.map(|(account, _)| *account).collect();
        if !bankrupt.is_empty() {
            return bankrupt;
        }
        let sick = healths.iter().filter(|(_, h)| h.liquidatable);
        sick.map(|(account, _)| *account).collect()
    }

    /// Refusals are fine; these would be bugs.
    fn look_at(&self, error: &ChainError) {
        for code in [
            "inexact",
            "math_",
            "overflow",
            "bad_answer",
            "pass_went_back",
            "pass_mismatch",
            "unknown_reply",
            "return_exceeds_payment",
            "already_covered",
            "std",
        ] {
            let found = error.has_code(code) || (code == "math_" && error.0.contains("math_"));
            assert!(!found, "{error}");
        }
    }

    fn send(&mut self, message: ExecuteMsg) {
        let sender = self.run.chain.user("anybody");
        if let Err(error) = self.run.chain.market(&sender, message) {
            self.look_at(&error);
        }
    }

    fn reduce(&mut self, account: usize, market: MarketId, price: u64) {
        let party = &self.run.parties[account];
        let side = match party.lots(&self.run.chain, market) {
            0 => return,
            lots if lots > 0 => Side::Short,
            _ => Side::Long,
        };
        let rich = self.run.parties.last().expect("rich").user.clone();
        let (user, chain) = (party.user.clone(), &mut self.run.chain);
        let bid = Order::limit(market, side.opposite(), 7, price);
        for answer in [
            chain.place(&rich, bid),
            chain.place(&user, Order::ioc(market, side, 7, price).reduce_only()),
        ] {
            if let Err(error) = answer {
                self.look_at(&error);
            }
        }
    }

    fn ruin(&mut self, which: usize) {
        let mut accounts = Scan::take(&self.run.chain).expect("scans").accounts;
        if accounts.iter().any(|a| a.held.0 > 0) {
            accounts.retain(|a| a.held.0 > 0);
        }
        let account = accounts[which % accounts.len()].clone();
        let mut before = Vec::new();
        for position in &account.positions {
            let price = self.price(position.market);
            before.push((position.market, price));
            let against = match position.side {
                Side::Long => price / 3,
                Side::Short => price * 3,
            };
            let set = self
                .run
                .chain
                .set_price(position.market, against.max(1_000));
            set.expect("prices");
        }
        let account = account.account;
        self.send(ExecuteMsg::Liquidate(market::Liquidate { account }));
        for (market, price) in before {
            self.run.chain.set_price(market, price).expect("prices");
        }
    }

    fn price(&self, market: MarketId) -> u64 {
        let query = feed::QueryMsg::Prices(feed::Prices {
            markets: vec![market],
            max_age: None,
        });
        let feed = &self.run.chain.addresses.feed;
        let answer: feed::PricesResponse = self.run.chain.query(feed, &query).expect("has one");
        answer.prices[0].price.0
    }

    fn play(&mut self, one: &Move) {
        let user = |account: usize| self.run.parties[account].user.clone();
        match one {
            Move::Price(market, price) => {
                self.run.chain.set_price(*market, *price).expect("prices");
            }
            Move::Trade(attempt) => self.run.attempt(&[*attempt]),
            Move::Reduce(account, market, price) => self.reduce(*account, *market, *price),
            Move::Deposit(account, amount) => {
                let (user, to) = (user(*account), self.run.chain.addresses.market.clone());
                self.run.chain.mint(&user, *amount);
                let msg = ExecuteMsg::Deposit(Deposit { subaccount: 0 });
                let _ = self
                    .run
                    .chain
                    .send(&user, &to, &msg, &[coin(*amount, DENOM)]);
            }
            Move::Withdraw(account, amount) => {
                let user = user(*account);
                let _ = self.run.chain.withdraw(&user, *amount);
            }
            Move::Liquidate(which) => {
                let sick = self.liquidatable();
                if let Some(account) = sick.get(which % sick.len().max(1)).copied() {
                    self.send(ExecuteMsg::Liquidate(market::Liquidate { account }));
                }
            }
            Move::Ruin(which) => self.ruin(*which),
            Move::Step => {
                let sender = self.run.chain.user("keeper");
                if let Some(first) = jobs(&self.run.chain).first().copied() {
                    if let Err(error) = self.run.chain.step(&sender, first) {
                        self.look_at(&error);
                    }
                }
            }
            Move::Resume(which) => {
                let open = self.open();
                if let Some(loss_id) = open.get(which % open.len().max(1)).copied() {
                    self.send(ExecuteMsg::ResumeLoss(ResumeLoss { loss_id }));
                }
            }
            Move::Force(which, accounts) => {
                let open = self.open();
                if let Some(loss_id) = open.get(which % open.len().max(1)).copied() {
                    let accounts = accounts.clone();
                    self.send(ExecuteMsg::ForceLoss(ForceLoss { loss_id, accounts }));
                }
            }
            Move::Break(which) => break_one(&self.switches, *which),
            Move::Repair => repair(&self.switches),
            Move::Refresh(account) => {
                let accounts = vec![*account];
                self.send(ExecuteMsg::Refresh(market::Refresh { accounts }));
            }
            Move::Wait(seconds, blocks) => self.run.chain.advance(*seconds, *blocks),
        }
        invariants::assert_all(&self.run.chain);
    }

    /// Everything works again: whatever is open must end by what anybody may send.
    fn end(&mut self) {
        repair(&self.switches);
        // A position whose key was lost is found by no pass until it is sent again.
        let accounts = self.run.parties.iter().map(|party| party.id).collect();
        self.send(ExecuteMsg::Refresh(market::Refresh { accounts }));
        for _ in 0..50 {
            self.run.chain.finish_jobs(600).expect("jobs end");
            for loss_id in self.open() {
                self.send(ExecuteMsg::ResumeLoss(ResumeLoss { loss_id }));
            }
            if self.open().is_empty() && jobs(&self.run.chain).is_empty() {
                break;
            }
        }
        assert!(self.open().is_empty(), "{:?}", self.losses());
        for loss in self.losses() {
            self.send(ExecuteMsg::ResumeLoss(ResumeLoss {
                loss_id: loss.terms.loss_id,
            }));
        }
        let scan = Scan::take(&self.run.chain).expect("scans");
        assert!(scan.accounts.iter().all(|a| !a.locked && a.held.0 == 0));
        assert!(scan.markets.iter().all(|m| m.deleveraging.is_none()));
        assert_eq!(scan.capital.open_losses, 0);
        let accounts = scan.accounts.iter().map(|a| a.account).collect();
        let msg = queue::ExecuteMsg::Refresh(queue::Refresh { accounts });
        let sender = self.run.chain.user("anybody");
        self.run.chain.queue(&sender, msg).expect("refreshes");
        invariants::assert_all(&self.run.chain);
    }

    /// Whoever is bankrupt now can be liquidated, and everybody else can leave at the mark.
    fn nobody_is_stuck(&mut self) {
        let keeper = self.run.chain.user("keeper");
        for party in self.run.parties.clone() {
            if self.run.chain.health(party.id).expect("answers").bankrupt {
                self.run
                    .chain
                    .liquidate(&keeper, party.id)
                    .expect("whoever is bankrupt can be liquidated");
                self.run.chain.finish_jobs(600).expect("jobs end");
                assert_eq!(party.cash(&self.run.chain), 0);
            }
        }
        invariants::assert_all(&self.run.chain);
    }
}

fn end_well(s: &Situation, step_limit: u32, moves: &[Move]) {
    let mut chaos = Chaos::new(s, step_limit);
    invariants::assert_all(&chaos.run.chain);
    for one in moves {
        chaos.play(one);
    }
    chaos.end();
    chaos.nobody_is_stuck();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_in_between_every_loss_ends_exactly(
        s in scattered(5),
        step_limit in 1u32..4,
        moves in moves(5),
    ) {
        end_well(&s, step_limit, &moves);
    }
}
