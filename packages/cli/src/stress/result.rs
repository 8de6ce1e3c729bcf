//! The result of a stress run, as it is written to JSON: wave by wave what the fund was asked and paid, which limit cut it
//! short, and what that left to the queue and to the stakers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::amount::{Amount, Count};
use crate::result::{LossRow, Params};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StressResult {
    pub fund: FundSetup,
    pub params: Params,
    pub waves: Vec<WaveOutcome>,
    pub totals: Sums,
    /// When the fund stopped paying, and when it would pay again.
    pub trigger: Vec<TriggerMoment>,
    /// Synthetic.
    pub stakers: Vec<StakerOutcome>,
    pub fees: Fees,
    pub losses: Vec<LossOutcome>,
    pub checks: StressChecks,
}

/// The fund before the first wave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FundSetup {
    pub seed_capital: Amount,
    pub staked: Amount,
    pub per_loss_cap: Amount,
    pub per_block_cap: Amount,
    pub window_cap: Amount,
    /// Of one coin: its rows share it, though each has a market of its own.
    pub market_window_cap: Amount,
    pub window_seconds: u64,
    pub trip_bps: u32,
    pub resume_bps: u32,
    pub cooldown_seconds: u64,
}

/// What cut a payment short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    PerLossCap,
    PerBlockCap,
    WindowCap,
    MarketWindowCap,
    /// The payment that would have gone below the line at which the fund stops.
    TripLine,
    /// The fund had stopped.
    Tripped,
    Capital,
}

impl Limit {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::PerLossCap => "cap per loss",
            Self::PerBlockCap => "cap per block",
            Self::WindowCap => "cap per window",
            Self::MarketWindowCap => "cap per market",
            Self::TripLine => "trip line",
            Self::Tripped => "stop",
            Self::Capital => "capital",
        }
    }
}

/// Losses that a limit cut short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cut {
    pub losses: u64,
    /// What they asked for and did not get.
    pub short: Amount,
}

/// Sums over losses. `needed + slippage = fund_used + adl_taken + haircut + bad_debt`, and
/// `paid − returned = from_seed + from_staked`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sums {
    pub losses: u64,
    /// Published rows that needed nothing.
    pub solvent: u64,
    pub needed: Amount,
    pub slippage: Amount,
    /// Need and the allowance for fills on the book, which comes back if nobody fills.
    pub asked: Amount,
    pub paid: Amount,
    pub returned: Amount,
    pub from_seed: Amount,
    pub from_staked: Amount,
    pub fund_used: Amount,
    pub adl_taken: Amount,
    pub haircut: Amount,
    pub bad_debt: Amount,
    pub cut: BTreeMap<Limit, Cut>,
}

impl Sums {
    pub fn add(&mut self, loss: &LossOutcome) {
        self.losses += 1;
        for (sum, part) in [
            (&mut self.needed, loss.needed),
            (&mut self.slippage, loss.slippage),
            (&mut self.asked, loss.asked),
            (&mut self.paid, loss.paid),
            (&mut self.returned, loss.returned),
            (&mut self.from_seed, loss.from_seed),
            (&mut self.from_staked, loss.from_staked),
            (&mut self.fund_used, loss.fund_used),
            (&mut self.adl_taken, loss.adl_taken),
            (&mut self.haircut, loss.haircut),
            (&mut self.bad_debt, loss.bad_debt),
        ] {
            sum.0 += part.0;
        }
        if let Some(limit) = loss.cut_by {
            let cut = self.cut.entry(limit).or_default();
            cut.losses += 1;
            cut.short.0 += loss.asked.0 - loss.paid.0;
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaveOutcome {
    pub wave: u32,
    /// Since the first wave.
    pub seconds: u64,
    pub sums: Sums,
    /// After its last loss.
    pub after: After,
}

/// The fund at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    pub seed: Amount,
    pub staked: Amount,
    /// In millionths of the first price.
    pub share_price_ppm: Count,
    pub tripped: bool,
    /// Highest capital of the last 8 hours.
    pub peak: Amount,
    pub trip_line: Amount,
    /// What the caps leave for further losses of the same block.
    pub block_left: Amount,
    pub window_left: Amount,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TriggerMoment {
    /// None: after the last one, found by asking the fund once a minute.
    pub wave: Option<u32>,
    /// Since the first wave.
    pub seconds: u64,
    /// Stopped, or paying again.
    pub tripped: bool,
    pub capital: Amount,
    pub peak: Amount,
    /// What capital came down to, or up to.
    pub line: Amount,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StakerOutcome {
    pub name: String,
    pub staked: Amount,
    pub shares: Count,
    /// What they were worth after the last wave.
    pub after_crash: Amount,
    /// None: stays.
    pub unstake: Option<Unstake>,
    /// What shares that it still has are worth after the fees.
    pub at_end: Amount,
}

/// A request for all shares, and its claim: pays the smaller of the two values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unstake {
    /// Asked after this wave.
    pub wave: u32,
    /// Since the first wave.
    pub requested_seconds: u64,
    pub value_at_request: Amount,
    pub claimed_seconds: u64,
    pub value_at_claim: Amount,
    pub paid: Amount,
}

/// Fees of the run's own trades, which are synthetic, collected after the first claim: market by market until they have
/// brought back what losses took of the seed and of those who still stake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fees {
    /// Since the first wave.
    pub seconds: u64,
    pub collected: Amount,
    pub to_bad_debt: Amount,
    pub to_bounties: Amount,
    pub to_staked: Amount,
    pub to_seed: Amount,
    /// Whether they did.
    pub whole: bool,
    /// Of a share before them, in millionths of the first price.
    pub price_before_ppm: Count,
    pub price_after_ppm: Count,
}

/// One loss as market and fund saw it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LossOutcome {
    pub wave: u32,
    pub coin: String,
    pub loss_id: u64,
    pub needed: Amount,
    pub slippage: Amount,
    pub asked: Amount,
    pub paid: Amount,
    pub returned: Amount,
    pub from_seed: Amount,
    pub from_staked: Amount,
    pub fund_used: Amount,
    pub adl_taken: Amount,
    pub haircut: Amount,
    pub bad_debt: Amount,
    pub cut_by: Option<Limit>,
}

impl LossOutcome {
    /// The market's part of it.
    pub fn of(loss: &LossRow) -> Self {
        Self {
            wave: loss.wave,
            coin: loss.coin.clone(),
            needed: loss.needed,
            slippage: loss.slippage,
            fund_used: loss.fund_used,
            adl_taken: loss.adl_taken,
            haircut: loss.haircut,
            bad_debt: loss.bad_debt,
            ..Self::default()
        }
    }
}

/// What the run checked on the chain itself. All but `solvent` and `accounts_sha256` are 0 or empty, or something is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StressChecks {
    /// Coins of the market less coins that it booked.
    pub conservation_error: Amount,
    /// Coins of the fund less coins that it booked.
    pub fund_unbooked: Amount,
    pub fund_solvent: bool,
    /// Losses of which lots or money do not add up.
    pub inexact: u64,
    /// Counterparties taken before somebody who ranked above them.
    pub rank_inversions: u64,
    /// Counterparties charged more than their profit.
    pub overcharged: u64,
    /// Payments other than what `Headroom` promised just before.
    pub unpromised: u64,
    /// What the invariants of the testkit found at the end, all but the queue's own audit.
    pub violations: Vec<String>,
    /// Of every account's cash and positions at the end: the same for every step limit.
    pub accounts_sha256: String,
}

impl StressResult {
    /// Every loss balances, nobody was passed over, and every coin is accounted for.
    pub fn is_exact(&self) -> bool {
        self.checks.defects().iter().all(|(_, count)| *count == 0)
    }

    /// Capital before the first wave.
    pub fn capital(&self) -> Amount {
        Amount(self.fund.seed_capital.0 + self.fund.staked.0)
    }

    /// The fund after the last wave; none if there was no wave.
    pub fn after_crash(&self) -> Option<&After> {
        self.waves.last().map(|wave| &wave.after)
    }
}

impl StressChecks {
    /// Each check with what it found; 0 is nothing.
    pub fn defects(&self) -> [(&'static str, i128); 8] {
        [
            ("Conservation error, base units", self.conservation_error.0),
            (
                "Coins of the fund that are not booked",
                self.fund_unbooked.0,
            ),
            ("Funds that are not solvent", i128::from(!self.fund_solvent)),
            (
                "Losses that do not balance to the unit",
                self.inexact.into(),
            ),
            ("Rank inversions", self.rank_inversions.into()),
            ("Charges above profit", self.overcharged.into()),
            (
                "Payments other than Headroom promised",
                self.unpromised.into(),
            ),
            ("Violated invariants", self.violations.len() as i128),
        ]
    }
}
