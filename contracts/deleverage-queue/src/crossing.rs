//! Who came to another light, as of the published ones.

use std::collections::BTreeMap;

use cosmwasm_std::Storage;
use perp_core::lights::Point;
use perp_interface::event::LightChanged;
use perp_interface::{AccountId, MarketId};

use crate::error::ContractResult;
use crate::state::{Published, RankKey, RankingId, LIGHTS};

/// A position that was moved inside of its ranking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// The account.
    pub account: AccountId,
    /// The market.
    pub market: MarketId,
    /// Where it stood.
    pub old: RankKey,
    /// Where it stands.
    pub new: RankKey,
}

/// One event for each move across a light. Reads one record for each ranking in which something
/// moved.
///
/// Who opens, closes or turns around is not moved; old and new place are compared at the price and by the
/// policy of the publication, so that only the position itself has made the difference.
///
/// # Errors
/// `Std`.
pub fn crossings(storage: &dyn Storage, moves: &[Move]) -> ContractResult<Vec<LightChanged>> {
    let mut published: BTreeMap<u32, Option<Published>> = BTreeMap::new();
    let mut crossed = Vec::new();
    for moved in moves {
        let Move { market, old, .. } = *moved;
        let side = old.side;
        let ranking = RankingId { market, side };
        let number = ranking.number();
        if let std::collections::btree_map::Entry::Vacant(entry) = published.entry(number) {
            entry.insert(LIGHTS.may_load(storage, number)?);
        }
        if let Some(Some(lights)) = published.get(&number) {
            crossed.extend(crossing(ranking, lights, moved)?);
        }
    }
    Ok(crossed)
}

fn crossing(
    ranking: RankingId,
    published: &Published,
    moved: &Move,
) -> ContractResult<Option<LightChanged>> {
    let view = published.view(ranking.side)?;
    let light = |key: &RankKey| {
        let (class, order) = (key.class, key.order);
        published.thresholds.light(view, Point { class, order })
    };
    let (from, to) = (light(&moved.old), light(&moved.new));
    Ok((from != to).then_some(LightChanged {
        account: moved.account,
        market: moved.market,
        side: ranking.side,
        from,
        to,
        height: published.height,
    }))
}
