//! Parameters of the insurance fund.

use cosmwasm_schema::cw_serde;
use perp_core::draw::Limits;

use super::{within, ParamError};
use crate::Quote;

/// How large a tranche should be.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub enum TargetRule {
    /// A fraction of the open interest of its markets, each as of its last revenue.
    OpenInterest {
        /// In basis points of the notional on one side. Bounds: 1..=10 000.
        bps: u32,
    },
    /// Value-at-risk: a multiple of a quantile of its last losses.
    ValueAtRisk {
        /// How many losses. Bounds: 1..=64.
        losses: u32,
        /// Which part of them was not larger, in basis points. Bounds: 1..=10 000.
        quantile_bps: u32,
        /// In basis points. Bounds: 10 000..=1 000 000.
        multiple_bps: u32,
    },
}

/// What happens to revenue above the target.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub enum SurplusRule {
    /// It raises the price of the tranche's shares; without stakers it goes to the seed.
    Stakers {},
    /// It is booked for an address and paid by `PayOwed`.
    Address {
        /// Whose it is.
        address: String,
    },
}

/// A cap on what a market draws in all, less what came back, tied to what it has paid in.
#[cw_serde]
#[derive(Copy)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct PaidInCap {
    /// What a market may draw that has paid nothing, in quote units. Bounds: 0..=2^100.
    pub base: Quote,
    /// Part of what it has paid in that comes on top, in basis points. Bounds: 0..=10 000.
    pub bps: u32,
}

impl PaidInCap {
    /// Checks every bound.
    ///
    /// # Errors
    /// `OutOfBounds`.
    pub fn validate(&self) -> Result<(), ParamError> {
        within("paid_in_cap.base", self.base.0, 0, FundParams::MOST.0)?;
        within("paid_in_cap.bps", self.bps, 0, 10_000)
    }
}

impl From<PaidInCap> for perp_core::draw::PaidInCap {
    fn from(cap: PaidInCap) -> Self {
        Self {
            base: cap.base,
            bps: cap.bps,
        }
    }
}

/// Parameters of the insurance fund. The `_cap`s limit what each tranche pays for losses, less what comes
/// back of it; each binds alone, and a cap of 0 pays nothing.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct FundParams {
    /// Most that is paid for one loss, in quote units. Bounds: 0..=2^100.
    pub per_loss_cap: Quote,
    /// Most that is paid in one block, in quote units. Bounds: 0..=2^100.
    pub per_block_cap: Quote,
    /// Most that is paid in any `window_seconds`, in quote units. Bounds: 0..=2^100.
    pub window_cap: Quote,
    /// Most that is paid for the losses of one market in any `window_seconds`, in quote units, unless the
    /// market was registered with a cap of its own. Bounds: 0..=2^100.
    pub market_window_cap: Quote,
    /// Length of the rolling window in seconds. Raising it does not bring draws back that the shorter
    /// one has dropped. Bounds: 60..=604 800.
    pub window_seconds: u64,
    /// How far below its peak of the last 8 hours, in basis points, capital stops paying; 10 000
    /// switches the stop off. Bounds: 100..=10 000.
    pub trip_bps: u32,
    /// How near to that peak, in basis points below it, capital pays again.
    /// Bounds: 0..=trip_bps − 100.
    pub resume_bps: u32,
    /// Gas limit of the submessage to the queue. Bounds: 1 000 000..=1 000 000 000.
    pub report_gas_limit: u64,
    /// How long stakers wait between asking for their money and taking it, in seconds.
    /// Bounds: 86 400..=7 776 000.
    pub cooldown_seconds: u64,
    /// How long they may take it then, in seconds; afterwards they have to ask again.
    /// Bounds: 86 400..=cooldown_seconds.
    pub claim_seconds: u64,
    /// How long an open loss may keep money in, in seconds. Bounds: 3 600..=claim_seconds / 2.
    pub emergency_seconds: u64,
    /// Most open requests of one staker in a tranche. Bounds: 1..=20.
    pub max_requests: u32,
    /// Least stake, in quote units. Bounds: 1..=2^60.
    pub min_stake: Quote,
    /// Most that all fills of one loss bring, in quote units. Bounds: 0..=2^60.
    pub bounty_per_loss_cap: Quote,
    /// Up to what revenue fills the purse of bounties of its tranche, in quote units.
    /// Bounds: 0..=2^60.
    pub bounty_reserve: Quote,
    /// How large a tranche should be.
    pub target: TargetRule,
    /// Its least size, whatever the rule says, in quote units. Bounds: 0..=2^100.
    pub target_floor: Quote,
    /// The stakers' part of revenue below the target, in basis points. Bounds: 0..=10 000.
    pub staker_share_bps: u32,
    /// What happens to revenue above the target.
    pub surplus: SurplusRule,
}

impl Default for FundParams {
    fn default() -> Self {
        Self {
            per_loss_cap: Quote(1_000_000_000_000),
            per_block_cap: Quote(2_000_000_000_000),
            window_cap: Quote(5_000_000_000_000),
            market_window_cap: Quote(2_500_000_000_000),
            window_seconds: 3_600,
            trip_bps: 3_000,
            resume_bps: 2_000,
            report_gas_limit: 50_000_000,
            cooldown_seconds: 604_800,
            claim_seconds: 259_200,
            emergency_seconds: 86_400,
            max_requests: 5,
            min_stake: Quote(1_000_000),
            bounty_per_loss_cap: Quote(100_000_000),
            bounty_reserve: Quote(1_000_000_000),
            target: TargetRule::OpenInterest { bps: 500 },
            target_floor: Quote(1_000_000_000_000),
            staker_share_bps: 5_000,
            surplus: SurplusRule::Stakers {},
        }
    }
}

impl FundParams {
    /// Least distance between the two thresholds, in basis points.
    pub const LEAST_GAP_BPS: u32 = 100;

    /// Largest amount of a cap, in quote units.
    pub(super) const MOST: Quote = Quote(1 << 100);

    /// Limited by nothing but its capital: for models and measurements, not for a deployment.
    pub const fn without_limits() -> Self {
        Self {
            per_loss_cap: Self::MOST,
            per_block_cap: Self::MOST,
            window_cap: Self::MOST,
            market_window_cap: Self::MOST,
            window_seconds: 60,
            trip_bps: 10_000,
            resume_bps: 0,
            report_gas_limit: 50_000_000,
            cooldown_seconds: 604_800,
            claim_seconds: 259_200,
            emergency_seconds: 86_400,
            max_requests: 5,
            min_stake: Quote(1),
            bounty_per_loss_cap: Quote::ZERO,
            bounty_reserve: Quote::ZERO,
            target: TargetRule::OpenInterest { bps: 500 },
            target_floor: Self::MOST,
            staker_share_bps: 5_000,
            surplus: SurplusRule::Stakers {},
        }
    }

    /// As the arithmetic of draws takes them.
    pub const fn limits(&self) -> Limits {
        Limits {
            per_loss: self.per_loss_cap,
            per_block: self.per_block_cap,
            window: self.window_cap,
            market_window: self.market_window_cap,
            window_seconds: self.window_seconds,
            trip_bps: self.trip_bps,
            resume_bps: self.resume_bps,
        }
    }

    /// Checks every bound.
    ///
    /// # Errors
    /// `OutOfBounds`.
    pub fn validate(&self) -> Result<(), ParamError> {
        for (name, cap) in [
            ("per_loss_cap", self.per_loss_cap),
            ("per_block_cap", self.per_block_cap),
            ("window_cap", self.window_cap),
            ("market_window_cap", self.market_window_cap),
        ] {
            within(name, cap.0, 0, Self::MOST.0)?;
        }
        within("window_seconds", self.window_seconds, 60, 604_800)?;
        within("trip_bps", self.trip_bps, 100, 10_000)?;
        within(
            "resume_bps",
            self.resume_bps,
            0,
            i128::from(self.trip_bps) - i128::from(Self::LEAST_GAP_BPS),
        )?;
        within(
            "report_gas_limit",
            self.report_gas_limit,
            1_000_000,
            1_000_000_000,
        )?;
        self.validate_staking()?;
        self.validate_revenue()
    }

    /// Checks the terms on which a market is registered.
    ///
    /// # Errors
    /// `OutOfBounds`.
    pub fn validate_terms(
        window_cap: Option<Quote>,
        paid_in_cap: Option<PaidInCap>,
    ) -> Result<(), ParamError> {
        if let Some(cap) = window_cap {
            within("window_cap", cap.0, 0, Self::MOST.0)?;
        }
        paid_in_cap.map_or(Ok(()), |cap| cap.validate())
    }

    fn validate_staking(&self) -> Result<(), ParamError> {
        const DAYS_90: i128 = 7_776_000;
        within("cooldown_seconds", self.cooldown_seconds, 86_400, DAYS_90)?;
        // With a longer one, a staker could hold a request that may be claimed for most of the time.
        let cooldown = i128::from(self.cooldown_seconds);
        within("claim_seconds", self.claim_seconds, 86_400, cooldown)?;
        // A gate that lasted longer could eat the whole time in which money may be taken.
        let emergency = i128::from(self.claim_seconds / 2);
        within(
            "emergency_seconds",
            self.emergency_seconds,
            3_600,
            emergency,
        )?;
        within("max_requests", self.max_requests, 1, 20)?;
        within("min_stake", self.min_stake.0, 1, 1 << 60)
    }

    fn validate_revenue(&self) -> Result<(), ParamError> {
        within(
            "bounty_per_loss_cap",
            self.bounty_per_loss_cap.0,
            0,
            1 << 60,
        )?;
        within("bounty_reserve", self.bounty_reserve.0, 0, 1 << 60)?;
        match self.target {
            TargetRule::OpenInterest { bps } => within("target.bps", bps, 1, 10_000)?,
            TargetRule::ValueAtRisk {
                losses,
                quantile_bps,
                multiple_bps,
            } => {
                within("target.losses", losses, 1, 64)?;
                within("target.quantile_bps", quantile_bps, 1, 10_000)?;
                within("target.multiple_bps", multiple_bps, 10_000, 1_000_000)?;
            }
        }
        within("target_floor", self.target_floor.0, 0, Self::MOST.0)?;
        within("staker_share_bps", self.staker_share_bps, 0, 10_000)
    }
}
