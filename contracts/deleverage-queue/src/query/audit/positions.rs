//! The market's accounts against their keys, and these against their records.

use std::collections::BTreeMap;

use cosmwasm_std::{Deps, Order, Storage};
use cw_storage_plus::Bound;
use perp_core::score::order_key;
use perp_interface::market::{AccountInputs, QueryMsg, RankInputsQuery, RankInputsResponse};
use perp_interface::queue::{AuditCursor, AuditFinding, AuditPositions, KeyResponse};
use perp_interface::{AccountId, Lots, MarketId, PerLot, Side};

use super::{first_record, Page};
use crate::error::{ContractError, ContractResult};
use crate::judge::key_of;
use crate::state::{
    class_key, links, place_key, position_key, RankKey, RankingId, Standing, KEY_OF, RANKING,
};

/// A page of the market's accounts. Keys in between that belong to nobody are found on the way, and
/// those behind the last account on the last page.
pub(super) fn check(
    deps: Deps,
    market: MarketId,
    (start_after, limit): (Option<AccountId>, usize),
    page: &mut Page,
) -> ContractResult<Option<AuditCursor>> {
    let accounts = ask(deps, market, start_after, limit)?;
    let last = accounts.last().map(|row| row.account);
    let more = last.filter(|_| accounts.len() == limit);
    let mut keys = keys(deps.storage, market, (start_after, more))?;
    for row in &accounts {
        let key = keys.remove(&row.account);
        page.findings.extend(compare(row, key.as_ref())?);
        if let Some(key) = key {
            page.findings
                .extend(record(deps.storage, market, row.account, &key)?);
        }
    }
    for account in keys.into_keys() {
        page.findings.push(AuditFinding::StrayKey { account });
    }
    page.checked = accounts.len() as u32;
    Ok(Some(match more {
        Some(start_after) => AuditCursor::Positions(AuditPositions { start_after }),
        None => first_record(Side::Long),
    }))
}

fn ask(
    deps: Deps,
    market: MarketId,
    start_after: Option<AccountId>,
    limit: usize,
) -> ContractResult<Vec<AccountInputs>> {
    let query = QueryMsg::RankInputs(RankInputsQuery {
        market,
        start_after,
        limit: Some(limit as u32),
    });
    let of = links(deps.storage)?.market;
    let answer: RankInputsResponse =
        deps.querier.query_wasm_smart(of, &query).map_err(|error| {
            ContractError::MarketUnanswered {
                market,
                reason: error.to_string(),
            }
        })?;
    Ok(answer.accounts)
}

/// The keys of a market behind one account and up to another, or to the end.
fn keys(
    storage: &dyn Storage,
    market: MarketId,
    (behind, last): (Option<AccountId>, Option<AccountId>),
) -> ContractResult<BTreeMap<AccountId, RankKey>> {
    let behind = behind.map(|account| Bound::exclusive(position_key(account, MarketId::MAX)));
    let last = last.map(|account| Bound::inclusive(position_key(account, MarketId::MAX)));
    let mut keys = BTreeMap::new();
    for row in KEY_OF.range(storage, behind, last, Order::Ascending) {
        let (position, key) = row?;
        let (account, of) = crate::state::from_position_key(&position);
        if of == market {
            keys.insert(account, key);
        }
    }
    Ok(keys)
}

/// What an account's key should be, and is.
fn compare(row: &AccountInputs, key: Option<&RankKey>) -> ContractResult<Option<AuditFinding>> {
    let account = row.account;
    let expected = row.position.as_ref().map(key_of).transpose()?;
    if row.dirty || key.is_some_and(|key| key.standing != Standing::Current) {
        return Ok(Some(AuditFinding::Dirty { account }));
    }
    Ok(match (key, expected) {
        (None, None) => None,
        (None, Some(_)) => Some(AuditFinding::MissingKey { account }),
        (Some(_), None) => Some(AuditFinding::StrayKey { account }),
        (Some(stored), Some(expected)) => differ(account, stored, &expected),
    })
}

fn differ(account: AccountId, stored: &RankKey, expected: &RankKey) -> Option<AuditFinding> {
    let inputs = |key: &RankKey| (key.side, key.order, key.lots);
    if inputs(stored) != inputs(expected) {
        return Some(AuditFinding::KeyDiffers {
            account,
            stored: response(stored),
            expected: response(expected),
        });
    }
    (stored.class != expected.class).then_some(AuditFinding::CollateralSinceTouch {
        account,
        class: stored.class,
        now: expected.class,
    })
}

fn response(key: &RankKey) -> KeyResponse {
    KeyResponse {
        side: key.side,
        class: key.class,
        // A sign is its own inverse.
        entry: PerLot(order_key(key.side, PerLot(key.order))),
        lots: Lots(key.lots),
    }
}

/// The record that a key points to.
fn record(
    storage: &dyn Storage,
    market: MarketId,
    account: AccountId,
    key: &RankKey,
) -> ContractResult<Option<AuditFinding>> {
    let side = key.side;
    let class = class_key(RankingId { market, side }, key.class);
    let found = RANKING.may_load(storage, (class, place_key(key.order, account)?))?;
    Ok(match found {
        None => Some(AuditFinding::MissingRecord { account }),
        Some(record) if record.lots != key.lots => Some(AuditFinding::RecordDiffers {
            account,
            lots: Lots(record.lots),
            expected: Lots(key.lots),
        }),
        Some(_) => None,
    })
}
