//! The balances of the fund, rebuilt from its events and nothing else.

use std::collections::BTreeMap;

use cosmwasm_std::{Addr, Event};
use perp_interface::fund::{
    OwedQuery, OwedResponse, QueryMsg, RegistrationsQuery, RegistrationsResponse, StakeQuery,
    StakeResponse,
};
use perp_interface::{LossId, MarketId};
use perp_testkit::receipts::{self, Record};
use perp_testkit::scan::{self, Scan};
use perp_testkit::Chain;

/// A tranche by its name in events.
type Name = String;

/// Money of one tranche.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Money {
    seed: i128,
    staked: i128,
    purse: i128,
}

/// An open request: its tranche, its staker and its number.
pub type RequestKey = (Name, String, u64);

/// All of them.
#[derive(Debug, Default)]
pub struct Books {
    tranches: BTreeMap<Name, Money>,
    /// Without those that are asked for.
    shares: BTreeMap<(Name, String), i128>,
    /// Shares that are asked for.
    pub requests: BTreeMap<RequestKey, i128>,
    owed: BTreeMap<String, i128>,
    drawn: BTreeMap<MarketId, i128>,
    markets: BTreeMap<LossId, MarketId>,
    /// How many events of each kind there were.
    pub seen: BTreeMap<String, u32>,
}

/// The events that move money, shares or requests.
pub const KINDS: [&str; 11] = [
    "fund_paid",
    "fund_returned",
    "fund_contributed",
    "fund_revenue",
    "fund_withdrawn",
    "staked",
    "unstake_requested",
    "unstake_cancelled",
    "unstaked",
    "bounty_booked",
    "owed_paid",
];

impl Books {
    /// Books what happened, in its order.
    pub fn book(&mut self, events: &[Event]) {
        for event in events {
            let one = std::slice::from_ref(event);
            for kind in KINDS {
                for record in receipts::of_kind(one, kind) {
                    *self.seen.entry(kind.to_owned()).or_default() += 1;
                    self.one(&record);
                }
            }
        }
    }

    fn one(&mut self, record: &Record) {
        match record.kind.as_str() {
            "fund_paid" => self.paid(record),
            "fund_returned" => self.returned(record),
            "fund_contributed" => {
                let amount = record.number("amount");
                let money = self.money(record);
                *match record.text("layer") {
                    "seed" => &mut money.seed,
                    "staked" => &mut money.staked,
                    "bounties" => &mut money.purse,
                    layer => panic!("unknown layer {layer}"),
                } += amount;
            }
            "fund_revenue" => self.revenue(record),
            "fund_withdrawn" => self.money(record).seed -= record.number("amount"),
            "bounty_booked" => {
                let amount = record.number("amount");
                self.money(record).purse -= amount;
                *self.owed.entry(record.text("to").to_owned()).or_default() += amount;
            }
            "owed_paid" => {
                let owed = self.owed.remove(record.text("to"));
                assert_eq!(owed, Some(record.number("amount")), "all of it");
            }
            _ => self.stakers(record),
        }
        if !record.text("capital").is_empty() && record.text("tranche") != "none" {
            let money = *self.money(record);
            assert_eq!(
                record.number("capital"),
                money.seed + money.staked,
                "{record:?}"
            );
        }
    }

    fn stakers(&mut self, record: &Record) {
        let tranche = record.text("tranche").to_owned();
        let own = (tranche, record.text("staker").to_owned());
        let shares = record.number("shares");
        let request = || {
            (
                own.0.clone(),
                own.1.clone(),
                record.number("request") as u64,
            )
        };
        match record.kind.as_str() {
            "staked" => {
                self.money(record).staked += record.number("amount");
                *self.shares.entry(own).or_default() += shares;
            }
            "unstake_requested" => {
                let before = self.requests.insert(request(), shares);
                assert_eq!(before, None, "a number that is in use");
                *self.shares.entry(own).or_default() -= shares;
            }
            "unstake_cancelled" => {
                assert_eq!(self.requests.remove(&request()), Some(shares));
                *self.shares.entry(own).or_default() += shares;
            }
            "unstaked" => {
                assert_eq!(self.requests.remove(&request()), Some(shares));
                let (paid, to_seed) = (record.number("paid"), record.number("to_seed"));
                let money = self.money(record);
                money.staked -= paid + to_seed;
                money.seed += to_seed;
            }
            kind => panic!("{kind} is not booked"),
        }
    }

    fn money(&mut self, record: &Record) -> &mut Money {
        let tranche = record.text("tranche").to_owned();
        self.tranches.entry(tranche).or_default()
    }

    fn paid(&mut self, record: &Record) {
        let market = record.number("market") as MarketId;
        let loss_id = record.number("loss_id") as LossId;
        assert_eq!(self.markets.insert(loss_id, market), None, "paid twice");
        if record.text("tranche") == "none" {
            assert_eq!(record.number("paid"), 0);
            return;
        }
        *self.drawn.entry(market).or_default() += record.number("paid");
        let money = self.money(record);
        money.seed -= record.number("from_seed");
        money.staked -= record.number("from_staked");
    }

    fn returned(&mut self, record: &Record) {
        let market = self.markets[&(record.number("loss_id") as LossId)];
        *self.drawn.entry(market).or_default() -= record.number("amount");
        let money = self.money(record);
        money.seed += record.number("to_seed");
        money.staked += record.number("to_staked");
    }

    fn revenue(&mut self, record: &Record) {
        let money = self.money(record);
        money.purse += record.number("to_bounties");
        money.staked += record.number("to_staked");
        money.seed += record.number("to_seed");
        let surplus = record.number("surplus");
        if surplus > 0 {
            let to = record.text("surplus_to").to_owned();
            *self.owed.entry(to).or_default() += surplus;
        }
    }

    /// Compares every balance with what the fund answers.
    pub fn compare(&self, chain: &Chain, stakers: &[Addr], payees: &[Addr]) {
        let scan = Scan::take(chain).expect("scans");
        let mut in_tranches = 0;
        for tranche in &scan.tranches {
            let name = tranche.tranche.to_string();
            let booked = self.tranches.get(&name).copied().unwrap_or_default();
            let money = Money {
                seed: tranche.seed.0,
                staked: tranche.staked.0,
                purse: tranche.bounties.0,
            };
            assert_eq!(booked, money, "{name}");
            in_tranches += money.seed + money.staked + money.purse;
            let (free, asked) = self.shares_in(&name);
            assert_eq!(tranche.shares.0 as i128, free + asked, "{name}");
            assert_eq!(tranche.requested.0 as i128, asked, "{name}");
        }
        self.compare_stakers(chain, stakers);
        for to in payees {
            let query = QueryMsg::Owed(OwedQuery { to: to.to_string() });
            let owed: OwedResponse = ask(chain, &query);
            let booked = self.owed.get(to.as_str()).copied().unwrap_or_default();
            assert_eq!(owed.amount.0, booked, "{to}");
        }
        let owed: i128 = self.owed.values().sum();
        assert_eq!(scan.solvency.owed.0, owed, "to others too");
        assert_eq!(scan.fund_balance as i128, in_tranches + owed);
        let all = QueryMsg::Registrations(RegistrationsQuery {
            start_after: None,
            limit: None,
        });
        for row in ask::<RegistrationsResponse>(chain, &all).registrations {
            let drawn = self.drawn.get(&row.market).copied().unwrap_or_default();
            assert_eq!(row.drawn.0, drawn, "market {}", row.market);
        }
    }

    fn compare_stakers(&self, chain: &Chain, stakers: &[Addr]) {
        for tranche in scan::tranches(chain).expect("answers") {
            for staker in stakers {
                let query = QueryMsg::Stake(StakeQuery {
                    tranche: tranche.tranche,
                    staker: staker.to_string(),
                });
                let stake: StakeResponse = ask(chain, &query);
                let own = (tranche.tranche.to_string(), staker.to_string());
                let booked = self.shares.get(&own).copied().unwrap_or_default();
                assert_eq!(stake.shares.0 as i128, booked, "{own:?}");
                let open = stake.requests.iter();
                let open: Vec<_> = open.map(|r| (r.request, r.shares.0 as i128)).collect();
                let booked: Vec<_> = self
                    .requests
                    .iter()
                    .filter(|((name, who, _), _)| *name == own.0 && *who == own.1)
                    .map(|((_, _, number), shares)| (*number, *shares))
                    .collect();
                assert_eq!(open, booked, "{own:?}");
            }
        }
    }

    fn shares_in(&self, tranche: &str) -> (i128, i128) {
        let free = self.shares.iter().filter(|((name, _), _)| name == tranche);
        let asked = self
            .requests
            .iter()
            .filter(|((name, ..), _)| name == tranche);
        (
            free.map(|(_, shares)| shares).sum(),
            asked.map(|(_, shares)| shares).sum(),
        )
    }

    /// Shares of a staker that nobody has asked the money of.
    pub fn free_shares(&self, tranche: &str, staker: &Addr) -> i128 {
        let own = (tranche.to_owned(), staker.to_string());
        self.shares.get(&own).copied().unwrap_or_default()
    }
}

fn ask<T: serde::de::DeserializeOwned>(chain: &Chain, query: &QueryMsg) -> T {
    chain
        .query(&chain.addresses.fund, query)
        .expect("the fund answers")
}
