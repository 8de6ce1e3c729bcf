//! An account valued from what the market answers, with the functions that the market values with.

use std::collections::{BTreeMap, BTreeSet};

use perp_core::bankruptcy::{needs, Exposure};
use perp_core::margin::{self, Leg, Requirement, Tier};
use perp_core::position::Position;
use perp_interface::lens::Requirements;
use perp_interface::market::{AccountResponse, MarketResponse, PositionResponse};
use perp_interface::{MarketId, PerLot, Price, Quote, Side};

use crate::error::{ContractError, ContractResult};

/// What of a market its positions are valued with.
#[derive(Clone, Debug)]
pub struct Market {
    /// Cumulative funding now.
    pub index: PerLot,
    /// Margin tiers.
    pub tiers: Vec<Tier>,
    /// A loss gates it: profit there supports nothing.
    pub gated: bool,
}

impl From<&MarketResponse> for Market {
    fn from(market: &MarketResponse) -> Self {
        Self {
            index: market.index,
            tiers: market.params.tiers.iter().map(Tier::from).collect(),
            gated: market.deleveraging.is_some(),
        }
    }
}

/// An account with its positions settled and valued.
pub struct Sheet<'a> {
    account: &'a AccountResponse,
    ids: Vec<MarketId>,
    legs: Vec<Leg<'a>>,
}

impl<'a> Sheet<'a> {
    /// Values an account at these prices.
    pub fn new(
        account: &'a AccountResponse,
        markets: &'a BTreeMap<MarketId, Market>,
        prices: &BTreeMap<MarketId, Price>,
    ) -> ContractResult<Self> {
        let mut sheet = Self {
            account,
            ids: Vec::with_capacity(account.positions.len()),
            legs: Vec::with_capacity(account.positions.len()),
        };
        for held in &account.positions {
            let unknown = ContractError::UnknownMarket {
                market: held.market,
            };
            let (Some(market), Some(mark)) = (markets.get(&held.market), prices.get(&held.market))
            else {
                return Err(unknown);
            };
            sheet.ids.push(held.market);
            sheet.legs.push(Leg {
                position: stored(held)?.settle(market.index)?.0,
                mark: *mark,
                tiers: &market.tiers,
                profit_is_gated: market.gated,
            });
        }
        Ok(sheet)
    }

    /// Cash and open profit.
    pub fn equity(&self) -> ContractResult<Quote> {
        Ok(margin::equity(self.account.cash, &self.legs)?)
    }

    /// Maintenance requirement of all markets.
    pub fn maintenance(&self) -> ContractResult<Quote> {
        let kind = Requirement::Maintenance;
        Ok(margin::total_requirement_ceil(&self.legs, kind)?)
    }

    /// What of the equity counts for the initial requirement.
    pub fn usable_equity(&self) -> ContractResult<Quote> {
        let usable = margin::usable_equity(self.account.cash, &self.legs)?;
        Ok(usable.minus(self.account.held)?)
    }

    /// Both requirements of all markets, as if a market had these tiers.
    pub fn requirements_with(
        &self,
        market: MarketId,
        tiers: &[Tier],
    ) -> ContractResult<Requirements> {
        let with = |(id, leg): (&MarketId, &Leg<'a>)| -> Leg<'_> {
            let tiers = if *id == market { tiers } else { leg.tiers };
            Leg { tiers, ..*leg }
        };
        let legs: Vec<Leg<'_>> = self.ids.iter().zip(&self.legs).map(with).collect();
        Ok(Requirements {
            initial: margin::total_requirement_ceil(&legs, Requirement::Initial)?,
            maintenance: margin::total_requirement_ceil(&legs, Requirement::Maintenance)?,
        })
    }

    /// The position in a market.
    pub fn leg(&self, market: MarketId) -> Option<&Leg<'a>> {
        let place = self.ids.iter().position(|id| *id == market)?;
        self.legs.get(place)
    }

    /// The side that answers for a loss in a market: that of the position, or of the debt if no lots
    /// are left.
    pub fn side(&self, market: MarketId) -> Option<Side> {
        let debts = &self.account.debts;
        let debt = debts.iter().find(|d| d.market == market).map(|d| d.side);
        self.leg(market)
            .and_then(|leg| leg.position.side())
            .or(debt)
    }

    /// The need of the loss in each market, in the order in which the losses would be opened.
    pub fn needs(&self, deficit: Quote) -> ContractResult<Vec<(MarketId, Quote)>> {
        let debts = self.account.debts.iter();
        let markets: BTreeSet<MarketId> = self
            .ids
            .iter()
            .copied()
            .chain(debts.clone().map(|d| d.market))
            .collect();
        let mut exposures = Vec::with_capacity(markets.len());
        for market in &markets {
            let pnl = match self.leg(*market) {
                Some(leg) => leg.position.pnl(leg.mark)?,
                None => Quote::ZERO,
            };
            let debt = debts.clone().find(|d| d.market == *market);
            exposures.push(Exposure {
                pnl,
                debt: debt.map_or(Quote::ZERO, |d| d.amount),
            });
        }
        let needs = needs(deficit, &exposures)?;
        Ok(markets.into_iter().zip(needs).collect())
    }
}

fn stored(held: &PositionResponse) -> ContractResult<Position> {
    let lots = i64::try_from(held.lots.0)
        .map_err(|_| perp_core::MathError::LotsOutOfRange { lots: held.lots.0 })?;
    Ok(Position {
        lots: lots * held.side.sign() as i64,
        cost: held.cost,
        index: held.index,
    })
}
