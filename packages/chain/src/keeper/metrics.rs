//! Counts for Prometheus.

use std::sync::atomic::{AtomicI64, AtomicU64};

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::fate::{Fate, Included};
use super::view::View;
use super::work::Kind;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfKind {
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfFailure {
    kind: &'static str,
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfMarket {
    market: u64,
}

type Whole = Gauge<i64, AtomicI64>;
type Amount = Gauge<f64, AtomicU64>;

/// All counts, and how they are written.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    rounds: Counter,
    read_errors: Counter,
    complaints: Counter,
    sent: Family<OfKind, Counter>,
    succeeded: Family<OfKind, Counter>,
    failed: Family<OfFailure, Counter>,
    gas: Family<OfKind, Counter>,
    in_flight: Whole,
    connected: Whole,
    height: Whole,
    accounts: Whole,
    liquidatable: Whole,
    losses: Whole,
    jobs: Whole,
    job_lots: Amount,
    oldest_loss: Whole,
    dirty: Whole,
    pending: Whole,
    price_age: Family<OfMarket, Whole>,
    balance: Amount,
    owed: Amount,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("perps_keeper"),
            rounds: Counter::default(),
            read_errors: Counter::default(),
            complaints: Counter::default(),
            sent: Family::default(),
            succeeded: Family::default(),
            failed: Family::default(),
            gas: Family::default(),
            in_flight: Whole::default(),
            connected: Whole::default(),
            height: Whole::default(),
            accounts: Whole::default(),
            liquidatable: Whole::default(),
            losses: Whole::default(),
            jobs: Whole::default(),
            job_lots: Amount::default(),
            oldest_loss: Whole::default(),
            dirty: Whole::default(),
            pending: Whole::default(),
            price_age: Family::default(),
            balance: Amount::default(),
            owed: Amount::default(),
        };
        metrics.register_work();
        metrics.register_chain();
        metrics
    }
}

impl Metrics {
    fn register_work(&mut self) {
        let all = &mut self.registry;
        all.register("rounds", "Looks at the chain", self.rounds.clone());
        let help = "Looks that failed: the node or a contract did not answer";
        all.register("read_errors", help, self.read_errors.clone());
        let help = "Parts of a look that could not be read";
        all.register("complaints", help, self.complaints.clone());
        let help = "Works handed to the chain, or refused before they got there";
        all.register("work_sent", help, self.sent.clone());
        let help = "Works that succeeded on the chain";
        all.register("work_succeeded", help, self.succeeded.clone());
        let help = "Works that failed, by reason";
        all.register("work_failed", help, self.failed.clone());
        let help = "Gas used on the chain";
        all.register("gas_used", help, self.gas.clone());
        let help = "Works whose transaction may still come";
        all.register("in_flight", help, self.in_flight.clone());
        for kind in Kind::ALL {
            let of = OfKind { kind: kind.name() };
            let _ = self.sent.get_or_create(&of);
            let _ = self.succeeded.get_or_create(&of);
        }
    }

    fn register_chain(&mut self) {
        let all = &mut self.registry;
        let help = "1 if the last look succeeded";
        all.register("connected", help, self.connected.clone());
        all.register("height", "Height of the last look", self.height.clone());
        let help = "Accounts with positions or debts that the keeper knows";
        all.register("accounts", help, self.accounts.clone());
        let help = "Accounts below maintenance that could be liquidated now";
        all.register("liquidatable_accounts", help, self.liquidatable.clone());
        all.register("open_losses", "Losses that are open", self.losses.clone());
        all.register("jobs", "Jobs of the queue", self.jobs.clone());
        let help = "Lots that jobs still have to close";
        all.register("job_lots_left", help, self.job_lots.clone());
        let help = "Blocks since the fund heard of the oldest open loss";
        all.register("oldest_loss_blocks", help, self.oldest_loss.clone());
        let help = "Accounts of which the queue was not told, of those asked";
        all.register("dirty_accounts", help, self.dirty.clone());
        let help = "Changes of parameters that wait";
        all.register("pending_changes", help, self.pending.clone());
        let help = "Age of a market's price at the newest block";
        all.register("price_age_seconds", help, self.price_age.clone());
        let help = "What the keeper has for fees, in units of the fee denom";
        all.register("balance", help, self.balance.clone());
        let help = "What the fund owes to the keeper, in quote units";
        all.register("owed", help, self.owed.clone());
    }

    /// A look that succeeded.
    pub fn seen(&self, view: &View, balance: Option<u128>) {
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.rounds.inc();
        self.connected.set(1);
        self.height.set(number(view.height));
        self.accounts.set(count(view.known));
        let ready = view.liquidatable.iter().filter(|l| !l.gated).count();
        self.liquidatable.set(count(ready + view.unread));
        self.losses.set(count(view.losses.len()));
        self.jobs.set(count(view.jobs.len()));
        let lots: u128 = view.jobs.iter().map(|job| u128::from(job.lots.0)).sum();
        self.job_lots.set(lots as f64);
        let since = view.losses.iter().filter_map(|open| open.since).min();
        let oldest = since.map_or(0, |since| view.height.saturating_sub(since));
        self.oldest_loss.set(number(oldest));
        self.dirty.set(count(view.dirty.len()));
        self.pending.set(count(view.pending.len()));
        for price in view.prices.values() {
            let market = u64::from(price.market);
            let age = view.time.saturating_sub(price.publish_time);
            let of = OfMarket { market };
            self.price_age.get_or_create(&of).set(number(age));
        }
        self.owed.set(view.owed.0 as f64);
        self.complaints.inc_by(view.complaints.len() as u64);
        if let Some(balance) = balance {
            self.balance.set(balance as f64);
        }
    }

    /// A look that failed.
    pub fn unseen(&self) {
        self.rounds.inc();
        self.read_errors.inc();
        self.connected.set(0);
    }

    /// A work is sent.
    pub fn sending(&self, kind: Kind) {
        let kind = kind.name();
        self.sent.get_or_create(&OfKind { kind }).inc();
    }

    /// What became of a work.
    pub fn settled(&self, kind: Kind, fate: &Fate) {
        let kind = kind.name();
        match fate {
            Fate::Done(included) => {
                self.succeeded.get_or_create(&OfKind { kind }).inc();
                self.used(kind, *included);
            }
            Fate::Failed {
                reason, included, ..
            } => {
                let reason = reason.name();
                self.fail(kind, reason);
                if let Some(included) = included {
                    self.used(kind, *included);
                }
            }
            Fate::Expired => self.fail(kind, "expired"),
            Fate::Unknown(..) | Fate::Unsent { .. } => {}
        }
    }

    fn fail(&self, kind: &'static str, reason: &'static str) {
        let of = OfFailure { kind, reason };
        self.failed.get_or_create(&of).inc();
    }

    fn used(&self, kind: &'static str, included: Included) {
        let gas = self.gas.get_or_create(&OfKind { kind });
        gas.inc_by(included.gas_used);
    }

    /// How many works may still be under way.
    pub fn under_way(&self, count: usize) {
        self.in_flight.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// All of it, as Prometheus reads it.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
