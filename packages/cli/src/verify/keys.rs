//! The ranking as it must be: what the positions give, except where the state names an older key.

use std::collections::BTreeMap;

use perp_core::class::class_floor;
use perp_interface::{AccountId, MarketId, PerLot, Price, ScoreKind, Side};
use perp_testkit::order::{compare, Standing};

use super::board::{Board, Pairs};
use super::state::{OldKey, State};
use super::VerifyError;

/// How changes relate to the open job of their market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// No job is open there.
    Open,
    /// That job made them.
    Inside,
    /// A job is open there that ranks this side, and something else made them.
    Outside(Side),
}

/// Every position's place.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    of: BTreeMap<(MarketId, AccountId), (Side, Standing)>,
}

impl Keys {
    /// Of all positions, then the exceptions.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn new(state: &State, board: &Board) -> Result<Self, VerifyError> {
        let mut keys = Self::default();
        for account in board.accounts() {
            for position in &account.positions {
                let id = account.account;
                if let Some(now) = board.standing(id, position.market)? {
                    keys.of.insert((position.market, id), now);
                }
            }
        }
        for old in &state.old_keys {
            let place = (old.market, old.account);
            match standing_of(old) {
                Some(standing) => keys.of.insert(place, (old.side, standing)),
                None => keys.of.remove(&place),
            };
        }
        Ok(keys)
    }

    /// Who has a key on a side.
    pub fn has(&self, market: MarketId, side: Side, account: AccountId) -> bool {
        let key = self.of.get(&(market, account));
        key.is_some_and(|(stands, _)| *stands == side)
    }

    /// All accounts on a side.
    pub fn accounts(
        &self,
        market: MarketId,
        side: Side,
    ) -> impl Iterator<Item = AccountId> + use<'_> {
        let all = self.of.range((market, 0)..=(market, AccountId::MAX));
        all.filter(move |(_, (stands, _))| *stands == side)
            .map(|((_, account), _)| *account)
    }

    /// The whole order of a side at a mark and a funding, by sorting.
    pub fn ranked(
        &self,
        kind: ScoreKind,
        (market, side): (MarketId, Side),
        at: (Price, PerLot),
    ) -> Vec<Standing> {
        let all = self.of.range((market, 0)..=(market, AccountId::MAX));
        let mut ranked: Vec<Standing> = all
            .filter(|(_, (stands, _))| *stands == side)
            .map(|(_, (_, standing))| standing.clone())
            .collect();
        ranked.sort_by(|a, b| compare(kind, side, at, (a, b)));
        ranked
    }

    /// Tells the ranking of changed positions, each as `gate` says of its market. Returns the
    /// pairs whose place was written, which the pass that wrote them does not visit again.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn update(
        &mut self,
        board: &Board,
        pairs: &Pairs,
        gate: impl Fn(MarketId) -> Gate,
    ) -> Result<Pairs, VerifyError> {
        let mut written = Pairs::new();
        for (account, market) in pairs {
            let place = (*market, *account);
            let now = board.standing(*account, *market)?;
            let stored = self.of.get(&place);
            let stands = stored.map(|(side, _)| *side);
            let is_same = match (stored, &now) {
                (Some((was, old)), Some((is, new))) => was == is && same_record(old, new),
                (None, None) => true,
                _ => false,
            };
            let follows = match (gate(*market), &now) {
                (Gate::Open | Gate::Inside, _) => true,
                // The order must not move under a job: only who is missing on its side comes in.
                (Gate::Outside(_), None) => false,
                (Gate::Outside(walks), Some((side, _))) => {
                    stands.is_none() || (*side == walks && stands != Some(walks))
                }
            };
            if is_same || !follows {
                continue;
            }
            match now {
                Some(now) => self.of.insert(place, now),
                None => self.of.remove(&place),
            };
            written.insert((*account, *market));
        }
        Ok(written)
    }
}

fn same_record(a: &Standing, b: &Standing) -> bool {
    (a.class, a.entry, a.lots) == (b.class, b.entry, b.lots)
}

fn standing_of(old: &OldKey) -> Option<Standing> {
    let entry = old.stored.as_ref()?;
    let floor = class_floor(entry.class);
    Some(Standing {
        account: old.account,
        lots: entry.lots.0,
        entry: entry.entry.0,
        collateral: floor as i128,
        class: entry.class,
        floor,
    })
}
