//! The ranking by brute force: from positions alone, without the index.

use std::cmp::Ordering;

use cosmwasm_std::{Int256, Uint256};
use perp_core::margin::{requirement_ceil, Requirement, Tier};
use perp_interface::market::{AccountResponse, MarketResponse, PositionResponse};
use perp_interface::{AccountId, MarketId, PerLot, Price, Quote, ScoreKind, Side};

use crate::scan::Scan;

/// A position as the definition of the ranking sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Account.
    pub account: AccountId,
    /// Lots.
    pub lots: u64,
    /// `⌊cost·2^32/lots⌋ − index`.
    pub entry: i128,
    /// `⌊share of cash·2^32/lots⌋`.
    pub collateral: i128,
    /// Margin class of it.
    pub class: u16,
    /// Lower bound of the class.
    pub floor: u128,
}

impl Standing {
    /// Profit per lot at a mark and a cumulative funding.
    pub fn profit(&self, side: Side, mark: Price, index: PerLot) -> i128 {
        side.sign() * ((i128::from(mark.0) << 32) - index.0 - self.entry)
    }
}

/// Class and lower bound of a collateral by search over the definition, not by bit arithmetic.
fn class_by_search(m: i128) -> (u16, u128) {
    if m <= 0 {
        return (0, 1);
    }
    let m = m.unsigned_abs().min((1 << 96) - 1);
    let mut octave = 0u32;
    while 1u128 << (octave + 1) <= m {
        octave += 1;
    }
    let low = 1u128 << octave;
    let eighth = (0..8).rev().find(|e| m * 8 >= low * (8 + e)).unwrap_or(0);
    (
        (1 + 8 * octave + eighth as u32) as u16,
        (low * (8 + eighth)).div_ceil(8),
    )
}

fn weight(market: &MarketResponse, position: &PositionResponse) -> i128 {
    let tiers: Vec<Tier> = market
        .params
        .tiers
        .iter()
        .map(|t| Tier {
            from: t.from,
            initial_bps: t.initial_bps,
            maintenance_bps: t.maintenance_bps,
        })
        .collect();
    let notional = Quote(position.cost.0.abs());
    let requirement =
        requirement_ceil(&tiers, notional, Requirement::Initial).expect("within bounds");
    requirement.0.max(1)
}

fn floor_div(a: Int256, b: Int256) -> i128 {
    let (quotient, rest) = (a / b, a % b);
    let down = if rest != Int256::zero() && (rest < Int256::zero()) != (b < Int256::zero()) {
        1
    } else {
        0
    };
    let floor = quotient - Int256::from(down);
    cosmwasm_std::Int128::try_from(floor)
        .expect("within bounds")
        .i128()
}

/// What the ranking must hold of one position.
pub fn standing(scan: &Scan, account: &AccountResponse, position: &PositionResponse) -> Standing {
    standing_in(&scan.markets, account, position)
}

/// As [`standing`], for whoever has no whole scan.
pub fn standing_in(
    markets: &[MarketResponse],
    account: &AccountResponse,
    position: &PositionResponse,
) -> Standing {
    let find = |id: MarketId| markets.iter().find(|m| m.market == id).expect("listed");
    let total: i128 = account
        .positions
        .iter()
        .map(|p| weight(find(p.market), p))
        .sum();
    let share = Uint256::from(account.cash.0.max(0).unsigned_abs())
        * Uint256::from(weight(find(position.market), position).unsigned_abs())
        / Uint256::from(total.unsigned_abs());
    let collateral = share * Uint256::from(1u64 << 32) / Uint256::from(position.lots.0);
    let collateral = cosmwasm_std::Uint128::try_from(collateral)
        .map_or(i128::MAX, |m| m.u128().min(i128::MAX as u128) as i128);
    let (class, floor) = class_by_search(collateral);
    let signed = Int256::from(position.side.sign() * i128::from(position.lots.0));
    Standing {
        account: account.account,
        lots: position.lots.0,
        entry: floor_div(
            Int256::from(position.cost.0) * Int256::from(1u64 << 32),
            signed,
        ) - position.index.0,
        collateral,
        class,
        floor,
    }
}

/// All positions of a market and side in the exact order at a mark and funding: sorted by the score,
/// ties by class, then key.
pub fn brute_force(
    kind: ScoreKind,
    scan: &Scan,
    (market, side): (MarketId, Side),
    (mark, index): (Price, PerLot),
) -> Vec<Standing> {
    let mut all: Vec<Standing> = scan
        .positions(market)
        .filter(|(_, p)| p.side == side)
        .map(|(a, p)| standing(scan, a, p))
        .collect();
    all.sort_by(|a, b| compare(kind, side, (mark, index), (a, b)));
    all
}

/// The order of two standings: `Less` is deleveraged first.
///
/// By `d/m̂` downwards, by `d + m̂` upwards (leverage), or by `d` downwards; then by class; then by
/// key, along or, for leverage, against the storage order.
pub fn compare(
    kind: ScoreKind,
    side: Side,
    (mark, index): (Price, PerLot),
    (a, b): (&Standing, &Standing),
) -> Ordering {
    let key = |s: &Standing| (side.sign() * s.entry, s.account);
    let (da, db) = (a.profit(side, mark, index), b.profit(side, mark, index));
    let along = key(a).cmp(&key(b));
    match kind {
        ScoreKind::ProfitLeverage => {
            let left = Int256::from(da) * Int256::from(b.floor as i128);
            let right = Int256::from(db) * Int256::from(a.floor as i128);
            right.cmp(&left).then(a.class.cmp(&b.class)).then(along)
        }
        ScoreKind::Leverage => {
            let counted = |floor: u128| floor.min(1 << 78) as i128;
            (da + counted(a.floor))
                .cmp(&(db + counted(b.floor)))
                .then(a.class.cmp(&b.class))
                .then(along.reverse())
        }
        ScoreKind::Profit => db.cmp(&da).then(a.class.cmp(&b.class)).then(along),
    }
}
