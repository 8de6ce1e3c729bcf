//! How often each case was met. A generator that no longer makes one of them fails.

use std::collections::BTreeMap;

/// What is refused, or special about what is not.
type Case = (&'static str, &'static str);

#[derive(Default)]
pub struct Counts(BTreeMap<(&'static str, String), u64>);

impl Counts {
    pub fn met(&mut self, what: &'static str, how: &str) {
        *self.0.entry((what, how.to_string())).or_default() += 1;
    }

    pub fn add(&mut self, other: &Self) {
        for (case, count) in &other.0 {
            *self.0.entry(case.clone()).or_default() += count;
        }
    }

    pub fn print(&self) {
        for ((what, how), count) in &self.0 {
            println!("{count:>9}  {what}: {how}");
        }
    }

    /// Every case at least once in a hundred sequences, or in a thousand if it is rare.
    pub fn assert_all_met(&self, sequences: u64) {
        let (often, rare) = (sequences / 100, sequences / 1_000);
        for (least, cases) in [(often, OFTEN), (rare, RARE)] {
            for (what, how) in cases {
                let met = self.0.get(&(what, how.to_string())).copied().unwrap_or(0);
                assert!(
                    met >= least,
                    "{what}: {how}: only {met}, at least {least} are due"
                );
            }
        }
    }
}

const OFTEN: &[Case] = &[
    ("stake", "done"),
    ("stake", "loss_open"),
    ("stake", "pool_wiped"),
    ("stake", "stake_too_small"),
    ("stake", "too_few_shares"),
    ("stake", "missing_funds"),
    ("stake", "wrong_denom"),
    ("request", "done"),
    ("request", "shares_out_of_range"),
    ("request", "too_many_requests"),
    ("cancel", "done"),
    ("cancel", "unknown_request"),
    ("claim", "done"),
    ("claim", "less than at the request"),
    ("claim", "gain left to the seed"),
    ("claim", "while a loss is open"),
    ("claim", "while the market is silent"),
    ("claim", "the last shares"),
    ("claim", "unknown_request"),
    ("claim", "cooling_down"),
    ("claim", "request_expired"),
    ("claim", "loss_open"),
    ("claim", "loss_not_booked"),
    ("claim", "market_silent"),
    ("contribute", "done"),
    ("contribute", "no_stakers"),
    ("withdraw", "done"),
    ("withdraw", "loss_open"),
    ("withdraw", "loss_not_booked"),
    ("withdraw", "market_silent"),
    ("withdraw", "amount_out_of_range"),
    ("withdraw", "unauthorized"),
    ("cover", "done"),
    ("cover", "paid"),
    ("cover", "seed and stakes"),
    ("cover", "by stakes alone"),
    ("cover", "all of the capital"),
    ("cover", "same owner"),
    ("cover", "limited"),
    ("cover", "by the window"),
    ("cover", "while stopped"),
    ("cover", "down to the line"),
    ("cover", "of unapproved code"),
    ("cover", "not registered"),
    ("cover", "closed within"),
    ("cover", "again within"),
    ("cover", "again"),
    ("cover", "queue_failed"),
    ("cover", "loss_closed"),
    ("cover", "loss_market_mismatch"),
    ("cover", "negative_amount"),
    ("cover", "nothing_to_cover"),
    ("cover", "unauthorized"),
    ("cover", "market_failed"),
    ("cover", "return_exceeds_payment"),
    ("return", "within"),
    ("return", "done"),
    ("return", "after the close"),
    ("return", "to both layers"),
    ("return", "return_exceeds_payment"),
    ("return", "unknown_loss"),
    ("close", "done"),
    ("close", "again"),
    ("revenue", "done"),
    ("revenue", "negative_amount"),
    ("revenue", "surplus owed"),
    ("bounty", "done"),
    ("bounty", "capped"),
    ("bounty", "negative_amount"),
    ("owed", "done"),
    ("owed", "nothing_owed"),
    ("params", "done"),
    ("params", "version_mismatch"),
    ("params", "param_out_of_bounds"),
    ("register", "done"),
    ("register", "code_mismatch"),
    ("remove", "done"),
    ("remove", "not_registered"),
    ("approve", "done"),
    ("approve", "code_mismatch"),
];

const RARE: &[Case] = &[
    ("stake", "unknown_tranche"),
    ("return", "without stakers"),
    ("return", "to another tranche than now"),
];
