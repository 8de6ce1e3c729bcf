//! What the fund answers.

use cosmwasm_schema::cw_serde;
use perp_core::draw::Headroom;

use super::Tranche;
use crate::params::{FundParams, PaidInCap};
use crate::{LossId, MarketId, Quote, Shares};

/// Answers [`QueryMsg::Config`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ConfigResponse {
    /// Who may change parameters.
    pub authority: String,
    /// Settlement denom.
    pub denom: String,
    /// The market, once connected.
    pub market: Option<String>,
    /// The code that the market may run, once connected.
    pub market_code_id: Option<u64>,
    /// The queue, once connected.
    pub queue: Option<String>,
    /// Version of the parameters.
    pub version: u64,
    /// The parameters.
    pub params: FundParams,
}

/// Answers [`QueryMsg::Capital`], all tranches together:
/// `capital + bounties = contributed + staked + revenue + returned − withdrawn − unstaked − paid −
/// bounties_paid − surplus`.
#[cw_serde]
#[derive(Default)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct CapitalResponse {
    /// What losses can draw from.
    pub capital: Quote,
    /// What is left in the purses for bounties.
    pub bounties: Quote,
    /// All contributions.
    pub contributed: Quote,
    /// All stakes.
    pub staked: Quote,
    /// All withdrawals of seed.
    pub withdrawn: Quote,
    /// All that stakers took.
    pub unstaked: Quote,
    /// All revenue.
    pub revenue: Quote,
    /// All payments for losses.
    pub paid: Quote,
    /// All that came back of them.
    pub returned: Quote,
    /// All bounties that were booked.
    pub bounties_paid: Quote,
    /// All revenue that left for the address of the surplus.
    pub surplus: Quote,
    /// Losses that are not closed.
    pub open_losses: u64,
}

/// A loss as the fund saw it.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct LossRecord {
    /// The loss.
    pub loss_id: LossId,
    /// Its market.
    pub market: MarketId,
    /// The tranche that it drew from; none if its market was not registered or ran unapproved code.
    pub tranche: Option<Tranche>,
    /// Need and allowance at the first call.
    pub asked: Quote,
    /// What of it could be insured: without the lots that its owner held on the other side.
    pub insurable: Quote,
    /// What was paid.
    pub paid: Quote,
    /// What came back.
    pub returned: Quote,
    /// What the seed has borne.
    pub from_seed: Quote,
    /// What stakers have borne.
    pub from_staked: Quote,
    /// Bounties for its fills.
    pub bounties: Quote,
    /// Whether the market has closed it.
    pub closed: bool,
    /// Block height of the first call.
    pub height: u64,
    /// Block time of it, in seconds.
    pub time: u64,
}

/// Answers [`QueryMsg::Losses`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct LossesResponse {
    /// Ascending.
    pub losses: Vec<LossRecord>,
}

/// Answers [`QueryMsg::Headroom`]. A loss gets the least of what it asks for and of the eight after `tranche`;
/// all are quote units, not negative.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct HeadroomResponse {
    /// The tranche that the market draws from; none if it may not draw.
    pub tranche: Option<Tranche>,
    /// What a loss that asked for more than any limit would get now.
    pub payable: Quote,
    /// All capital of the tranche.
    pub capital: Quote,
    /// For one loss.
    pub per_loss: Quote,
    /// In this block.
    pub block: Quote,
    /// In the rolling window that ends now.
    pub window: Quote,
    /// For this market in that window.
    pub market: Quote,
    /// For this market by what it has paid in; 2^127 − 1 without such a cap.
    pub paid_in: Quote,
    /// Down to `trip_line`.
    pub drawdown: Quote,
    /// Whether the tranche has stopped paying.
    pub tripped: bool,
    /// Highest capital of the last 8 hours, and of up to half an hour more.
    pub peak: Quote,
    /// It stops when capital has come down to this.
    pub trip_line: Quote,
    /// It pays again when capital has come up to this.
    pub resume_line: Quote,
}

impl From<&HeadroomResponse> for Headroom {
    fn from(r: &HeadroomResponse) -> Self {
        Self {
            capital: r.capital,
            per_loss: r.per_loss,
            block: r.block,
            window: r.window,
            market: r.market,
            paid_in: r.paid_in,
            drawdown: r.drawdown,
            tripped: r.tripped,
        }
    }
}

/// Answers [`QueryMsg::Tranche`]. Amounts are quote units, not negative.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct TrancheResponse {
    /// The tranche.
    pub tranche: Tranche,
    /// The protocol's own money: the first to be lost.
    pub seed: Quote,
    /// The stakers' money.
    pub staked: Quote,
    /// All shares.
    pub shares: Shares,
    /// Price of a share in millionths of its first price, rounded down.
    pub share_price_ppm: cosmwasm_std::Uint128,
    /// Shares that stakers have asked the money of.
    pub requested: Shares,
    /// Whether a share has lost so much that no stakes are taken.
    pub wiped: bool,
    /// What losses took of the seed and nothing has brought back.
    pub seed_hole: Quote,
    /// What losses took of the stakers and nothing has brought back.
    pub staked_hole: Quote,
    /// What is left for bounties.
    pub bounties: Quote,
    /// How large seed and stakes together should be.
    pub target: Quote,
    /// What has moved so far.
    pub sums: TrancheSums,
    /// Losses that are not closed.
    pub open_losses: u64,
    /// Since when, in seconds, there has been one without a break.
    pub open_since: Option<u64>,
}

/// What has moved into and out of a tranche since the beginning: `seed + staked + bounties = contributed +
/// staked_in + revenue + returned − withdrawn − unstaked − paid − bounties_paid − surplus`.
#[cw_serde]
#[derive(Copy, Default)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct TrancheSums {
    /// Contributions, to any layer.
    pub contributed: Quote,
    /// Stakes.
    pub staked_in: Quote,
    /// Withdrawals of seed.
    pub withdrawn: Quote,
    /// What stakers took.
    pub unstaked: Quote,
    /// Revenue of its markets.
    pub revenue: Quote,
    /// Payments for losses.
    pub paid: Quote,
    /// What came back of them.
    pub returned: Quote,
    /// Bounties that were booked.
    pub bounties_paid: Quote,
    /// Revenue that left for the address of the surplus.
    pub surplus: Quote,
}

/// Answers [`QueryMsg::Tranches`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct TranchesResponse {
    /// The shared one first, then by market.
    pub tranches: Vec<TrancheResponse>,
}

/// Answers [`QueryMsg::Stake`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct StakeResponse {
    /// Shares without a request.
    pub shares: Shares,
    /// What they are worth now.
    pub value: Quote,
    /// Open requests, ascending.
    pub requests: Vec<RequestRecord>,
}

/// An open request.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct RequestRecord {
    /// Its number.
    pub request: u64,
    /// Its shares.
    pub shares: Shares,
    /// What they were worth when it was made.
    pub value: Quote,
    /// What it would be paid now.
    pub payable: Quote,
    /// When it was made, in seconds.
    pub at: u64,
    /// From when it may be claimed, in seconds.
    pub claimable_from: u64,
    /// Until when, in seconds.
    pub claimable_until: u64,
}

/// Answers [`QueryMsg::Registration`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct RegistrationResponse {
    /// The market.
    pub market: MarketId,
    /// The tranche that it draws from.
    pub tranche: Tranche,
    /// Its own cap of the rolling window.
    pub window_cap: Option<Quote>,
    /// Its cap tied to what it has paid in.
    pub paid_in_cap: Option<PaidInCap>,
    /// All its revenue.
    pub paid_in: Quote,
    /// What it has drawn, less what came back.
    pub drawn: Quote,
    /// Notional of its open interest as of its last revenue.
    pub open_interest: Quote,
}

/// Answers [`QueryMsg::Registrations`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct RegistrationsResponse {
    /// Ascending.
    pub registrations: Vec<RegistrationResponse>,
}

/// Answers [`QueryMsg::Coverage`]. All markets of a tranche share its capital: this compares all of it with
/// one of them.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct CoverageResponse {
    /// The tranche that the market draws from; none if it may not draw.
    pub tranche: Option<Tranche>,
    /// Capital of it.
    pub capital: Quote,
    /// What a loss of this market would get now, at most.
    pub payable: Quote,
    /// Notional of the open interest on one side, at the price of this moment.
    pub open_interest: Quote,
    /// Capital against it, in basis points, rounded down; none without open interest.
    pub of_open_interest_bps: Option<u64>,
    /// `⌈open interest · move⌉`: no move of that size can cost one side more, whatever the accounts hold. What
    /// their collateral bears of it is in `perp-lens`' `Stress`.
    pub stress_loss_bound: Quote,
    /// Capital against that bound, in basis points, rounded down; none without open interest.
    pub of_stress_loss_bps: Option<u64>,
}

/// Answers [`QueryMsg::Owed`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct OwedResponse {
    /// Quote units.
    pub amount: Quote,
}

/// Answers [`QueryMsg::Solvency`].
#[cw_serde]
#[derive(Default)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct SolvencyResponse {
    /// Coins that the fund holds.
    pub balance: Quote,
    /// Seeds, stakes and purses of all tranches.
    pub in_tranches: Quote,
    /// Booked for addresses: bounties and surplus.
    pub owed: Quote,
    /// `balance − in_tranches − owed`: what somebody sent without a message. Never negative.
    pub unbooked: Quote,
    /// Whether it is not negative.
    pub solvent: bool,
    /// Losses that are not closed.
    pub open_losses: u64,
}
