//! What moves in the insurance fund: all balances can be rebuilt from these.

use cosmwasm_std::Event;

use super::attribute::Attribute;
use super::{events, EventDoc};
use crate::fund::{Layer, Tranche};
use crate::{LossId, MarketId, Quote, Shares};

events! { OF_FUND:
    /// The fund answered a call for cover.
    FundPaid = "fund_paid" {
        /// The loss.
        loss_id: LossId,
        /// The market.
        market: MarketId,
        /// The tranche that it drew from; `none` if its market may not draw.
        tranche: Option<Tranche>,
        /// Need and allowance.
        asked: Quote,
        /// What of it could be insured.
        insurable: Quote,
        /// What was paid.
        paid: Quote,
        /// Of the seed.
        from_seed: Quote,
        /// Of the staked layer.
        from_staked: Quote,
        /// Capital of the tranche afterwards; 0 if the market may not draw.
        capital: Quote,
    }

    /// A loss gave back what it did not use.
    FundReturned = "fund_returned" {
        /// The loss.
        loss_id: LossId,
        /// The tranche.
        tranche: Tranche,
        /// Quote units.
        amount: Quote,
        /// To the seed.
        to_seed: Quote,
        /// To the staked layer.
        to_staked: Quote,
        /// Capital of the tranche afterwards.
        capital: Quote,
    }

    /// Somebody gave money.
    FundContributed = "fund_contributed" {
        /// Who.
        from: String,
        /// The tranche.
        tranche: Tranche,
        /// The layer.
        layer: Layer,
        /// Quote units.
        amount: Quote,
        /// Capital of the tranche afterwards.
        capital: Quote,
    }

    /// Fees and surplus of a market came in.
    FundRevenue = "fund_revenue" {
        /// The market.
        market: MarketId,
        /// The tranche.
        tranche: Tranche,
        /// Quote units.
        amount: Quote,
        /// To the purse for bounties.
        to_bounties: Quote,
        /// To the staked layer.
        to_staked: Quote,
        /// To the seed.
        to_seed: Quote,
        /// Booked for the address of the surplus.
        surplus: Quote,
        /// That address, if something was booked.
        surplus_to: String,
        /// Capital of the tranche afterwards.
        capital: Quote,
    }

    /// Seed went out.
    FundWithdrawn = "fund_withdrawn" {
        /// The tranche.
        tranche: Tranche,
        /// Receiver.
        to: String,
        /// Quote units.
        amount: Quote,
        /// Capital of the tranche afterwards.
        capital: Quote,
    }

    /// Somebody bought shares.
    Staked = "staked" {
        /// The tranche.
        tranche: Tranche,
        /// Who.
        staker: String,
        /// Quote units.
        amount: Quote,
        /// Shares that it got.
        shares: Shares,
        /// Capital of the tranche afterwards.
        capital: Quote,
    }

    /// A staker asked for money; the cooldown runs.
    UnstakeRequested = "unstake_requested" {
        /// The tranche.
        tranche: Tranche,
        /// Who.
        staker: String,
        /// Number of the request.
        request: u64,
        /// Its shares.
        shares: Shares,
        /// What they are worth now: most that will be paid.
        value: Quote,
        /// From when it may be claimed, in seconds.
        claimable_from: u64,
        /// Until when, in seconds.
        claimable_until: u64,
    }

    /// A staker took a request back.
    UnstakeCancelled = "unstake_cancelled" {
        /// The tranche.
        tranche: Tranche,
        /// Who.
        staker: String,
        /// Number of the request.
        request: u64,
        /// Its shares.
        shares: Shares,
    }

    /// A staker took money out.
    Unstaked = "unstaked" {
        /// The tranche.
        tranche: Tranche,
        /// Who.
        staker: String,
        /// Number of the request.
        request: u64,
        /// Shares that are gone.
        shares: Shares,
        /// Quote units.
        paid: Quote,
        /// What the shares had gained since the request, and what was left when nobody had any more.
        to_seed: Quote,
        /// Capital of the tranche afterwards.
        capital: Quote,
    }

    /// A bounty was booked.
    BountyBooked = "bounty_booked" {
        /// The loss.
        loss_id: LossId,
        /// The market.
        market: MarketId,
        /// The tranche.
        tranche: Tranche,
        /// For whom.
        to: String,
        /// Executed fills.
        fills: u32,
        /// Quote units.
        amount: Quote,
    }

    /// What was booked for an address was sent.
    OwedPaid = "owed_paid" {
        /// The address.
        to: String,
        /// Quote units.
        amount: Quote,
    }

    /// A tranche stopped paying, or pays again.
    FundTrigger = "fund_trigger" {
        /// The tranche.
        tranche: Tranche,
        /// Whether it has stopped: the queue is told of whole losses.
        tripped: bool,
        /// Capital that was found.
        capital: Quote,
        /// Highest capital of the last 8 hours, and of up to half an hour more.
        peak: Quote,
        /// The line that capital came down to, or up to.
        line: Quote,
    }

    /// A market may draw, or draws on other terms.
    MarketRegistered = "market_registered" {
        /// The market.
        market: MarketId,
        /// The tranche that it draws from.
        tranche: Tranche,
    }

    /// A market draws nothing any more.
    MarketRemoved = "market_removed" {
        /// The market.
        market: MarketId,
    }

    /// The market may run this code.
    CodeApproved = "code_approved" {
        /// The code.
        code_id: u64,
    }
}
