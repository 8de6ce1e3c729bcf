//! `Exposure`: what a shortfall of the other side would take from one account.

use cosmwasm_std::{to_json_binary, Binary, Deps};
use perp_core::bankruptcy::bankruptcy_limit;
use perp_core::margin::Leg;
use perp_core::settlement::Pass;
use perp_interface::lens::{ExecutionPrice, ExposureQuery, ExposureResponse, Standing};
use perp_interface::market::{PreviewQuery, PreviewResponse, PreviewTaking};
use perp_interface::{Lots, Policy, Price, Quote, Side};

use crate::error::{ContractError, ContractResult};
use crate::sheet::Sheet;
use crate::suite::Suite;

/// Positions of the ranking that the market looks at for one preview.
const PREVIEWED: u32 = 500;

/// The takings are the market's preview; the rest is what they leave of the account.
pub fn exposure(deps: Deps, msg: &ExposureQuery) -> ContractResult<Binary> {
    let suite = Suite::load(deps)?;
    let (id, market) = (msg.account, msg.market);
    let need = checked_need(msg.need)?;
    let lots = Lots::new(msg.shortfall_lots.0)?;
    let listed = suite.market(market)?;
    let accounts = [suite.account(id)?];
    if lots > listed.open_interest {
        let open = listed.open_interest;
        return Err(ContractError::ExceedsOpenInterest { lots, open, market });
    }
    let deleveraging = listed.deleveraging;
    let markets = suite.markets_of(&accounts, listed)?;
    let mut prices = suite.prices(markets.keys().copied())?;
    if let Some(mark) = msg.mark {
        prices.insert(market, Price::new(mark.0)?);
    }
    let sheet = Sheet::new(&accounts[0], &markets, &prices)?;
    let position = (sheet.leg(market)).and_then(|leg| Some((leg, leg.position.side()?)));
    let (leg, side) = position.ok_or(ContractError::NoPosition {
        account: id,
        market,
    })?;
    let shown = suite.preview(PreviewQuery {
        market,
        side: side.opposite(),
        lots,
        need,
        mark: Some(leg.mark),
        account: Some(id),
        policy: None,
        limit: Some(PREVIEWED),
    })?;
    let before = Standing {
        lots: leg.position.size(),
        open_profit: leg.position.pnl(leg.mark)?,
        equity: sheet.equity()?,
        maintenance: sheet.maintenance()?,
    };
    let policy = suite.policy(market)?;
    let mut response = answer(msg, policy, (leg, side), (before, shown))?;
    response.deleveraging = deleveraging;
    Ok(to_json_binary(&response)?)
}

/// A need that is not negative; none is 0.
///
/// # Errors
/// `NegativeNeed`.
pub fn checked_need(need: Option<Quote>) -> ContractResult<Quote> {
    match need.unwrap_or_default() {
        need if need < Quote::ZERO => Err(ContractError::NegativeNeed { need }),
        need => Ok(need),
    }
}

fn answer(
    msg: &ExposureQuery,
    policy: Policy,
    (leg, side): (&Leg<'_>, Side),
    (before, shown): (Standing, PreviewResponse),
) -> ContractResult<ExposureResponse> {
    let sums = Sums::of(&shown.takings)?;
    let after = after(leg, before, &sums)?;
    let most = |profit: Quote| match policy.protect_principal {
        true => profit.min(before.equity).or_zero(),
        false => before.equity.or_zero(),
    };
    Ok(ExposureResponse {
        account: msg.account,
        market: msg.market,
        side,
        mark: shown.mark,
        index: shown.index,
        takings: shown.takings,
        lots: sums.lots,
        profit: sums.profit,
        charge: sums.charge,
        kept_asked: sums.kept_asked,
        keeps: sums.profit.minus(sums.charge)?.minus(sums.kept_asked)?,
        haircut: sums.haircut,
        price: execution_price(side, leg.mark, &sums)?,
        most: most(sums.profit),
        most_of_position: most(before.open_profit),
        policy,
        before,
        after,
        lots_left: shown.lots_left,
        need_left: shown.need_left,
        bad_debt: shown.bad_debt,
        complete: shown.complete,
        deleveraging: None,
    })
}

/// What the takings come to.
#[derive(Clone, Copy, Default)]
struct Sums {
    lots: Lots,
    profit: Quote,
    charge: Quote,
    kept_asked: Quote,
    haircut: Quote,
}

impl Sums {
    fn of(takings: &[PreviewTaking]) -> ContractResult<Self> {
        let mut sums = Self::default();
        for taking in takings {
            let money = match taking.pass {
                Pass::Kept => &mut sums.kept_asked,
                Pass::Haircut => &mut sums.haircut,
                _ => &mut sums.charge,
            };
            *money = money.plus(taking.charge)?;
            sums.lots = sums.lots.plus(taking.lots)?;
            sums.profit = sums.profit.plus(taking.profit)?;
        }
        Ok(sums)
    }
}

/// Closing at the mark moves open profit to cash; only what is taken leaves the account.
fn after(leg: &Leg<'_>, before: Standing, sums: &Sums) -> ContractResult<Standing> {
    let taken = sums.charge.plus(sums.kept_asked)?.plus(sums.haircut)?;
    let requirement = |lots: Lots| -> ContractResult<Quote> {
        Ok(perp_core::margin::requirement_ceil(
            leg.tiers,
            leg.mark.notional(lots)?,
            perp_core::margin::Requirement::Maintenance,
        )?)
    };
    let lots = before.lots.minus(sums.lots)?;
    let elsewhere = before.maintenance.minus(requirement(before.lots)?)?;
    Ok(Standing {
        lots,
        open_profit: before.open_profit.minus(sums.profit)?.minus(sums.haircut)?,
        equity: before.equity.minus(taken)?,
        maintenance: elsewhere.plus(requirement(lots)?)?,
    })
}

/// The account trades with the bankrupt one at that one's price: the mark moved by charge/lots in
/// favour of the other side. Seen from here the rounding is the unfavourable one.
fn execution_price(side: Side, mark: Price, sums: &Sums) -> ContractResult<Option<ExecutionPrice>> {
    if sums.lots.is_zero() {
        return Ok(None);
    }
    let rounded_against = bankruptcy_limit(side.opposite(), mark, sums.charge, sums.lots)?;
    Ok(Some(ExecutionPrice {
        charge: sums.charge,
        lots: sums.lots,
        rounded_against,
    }))
}
