//! What the owner of a bankrupt account holds elsewhere: two legs of one owner are no loss of theirs, and
//! the fund does not cover it.

use cosmwasm_std::{Order, StdResult, Storage};
use perp_interface::loss::LossTerms;
use perp_interface::{AccountId, Lots};

use crate::error::ContractResult;
use crate::state::{Account, ACCOUNTS, ACCOUNT_OF, OWNER_OF};

/// The owner's other accounts, at most as many as one owner may have.
///
/// # Errors
/// `Std`.
pub fn others(storage: &dyn Storage, id: AccountId) -> ContractResult<Vec<Account>> {
    let (owner, _) = OWNER_OF.load(storage, id)?;
    let all = ACCOUNT_OF
        .prefix(&owner)
        .range(storage, None, None, Order::Ascending)
        .map(|row| row.map(|(_, account)| account))
        .collect::<StdResult<Vec<_>>>()?;
    let others = all.into_iter().filter(|other| *other != id);
    Ok(others
        .map(|other| ACCOUNTS.load(storage, other))
        .collect::<StdResult<_>>()?)
}

/// Lots of these accounts in the market of a loss, on the other side of it.
///
/// # Errors
/// `Overflow`.
pub fn lots_against(accounts: &[Account], terms: &LossTerms) -> ContractResult<Lots> {
    let positions = accounts.iter().flat_map(|account| &account.positions);
    let mut lots = Lots::ZERO;
    for (market, position) in positions {
        if *market == terms.market && position.side() == Some(terms.side.opposite()) {
            lots = lots.plus(position.size())?;
        }
    }
    Ok(lots)
}
