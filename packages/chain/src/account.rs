//! Which account is meant, and where the contracts are.

use std::path::Path;
use std::str::FromStr;

use perp_interface::market::{AccountQuery, AccountResponse, ConfigResponse, QueryMsg};
use perp_interface::AccountId;
use perps_cli::verify::{Querier, QueryError};
use serde::Deserialize;

use crate::node::shown;

/// An account as it is written on a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountName {
    /// By its number.
    Number(AccountId),
    /// By its owner and its number among the owner's.
    Owner(String, u32),
}

impl FromStr for AccountName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(number) = text.parse() {
            return Ok(Self::Number(number));
        }
        let (owner, subaccount) = text.split_once('/').unwrap_or((text, "0"));
        let is_address = owner.len() > 8 && owner.bytes().all(|b| b.is_ascii_alphanumeric());
        match subaccount.parse() {
            Ok(subaccount) if is_address => Ok(Self::Owner(owner.to_owned(), subaccount)),
            _ => Err("expected a number, an address, or address/subaccount".to_owned()),
        }
    }
}

impl AccountName {
    /// Its number.
    ///
    /// # Errors
    /// What the market answers.
    pub fn resolve(&self, querier: &impl Querier, market: &str) -> Result<AccountId, QueryError> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Owner(owner, subaccount) => {
                let query = AccountQuery {
                    owner: owner.clone(),
                    subaccount: *subaccount,
                };
                let account: AccountResponse = querier.ask(market, &QueryMsg::Account(query))?;
                Ok(account.account)
            }
        }
    }
}

/// The contracts that are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contracts {
    /// perp-market.
    pub market: String,
    /// deleverage-queue.
    pub queue: String,
}

impl Contracts {
    /// The market names the queue.
    ///
    /// # Errors
    /// What the market answers, or that it is not connected.
    pub fn of(querier: &impl Querier, market: &str) -> Result<Self, QueryError> {
        let config: ConfigResponse = querier.ask(market, &QueryMsg::Config {})?;
        let queue = config
            .queue
            .ok_or_else(|| QueryError(format!("the market contract {market} is not connected")))?;
        Ok(Self {
            market: market.to_owned(),
            queue,
        })
    }
}

/// The address of the market contract in a file such as `{"market": "..."}`; whatever else it
/// names is left alone.
///
/// # Errors
/// In words.
pub fn market_of_file(path: &Path) -> Result<String, String> {
    #[derive(Deserialize)]
    struct Addresses {
        market: String,
    }
    let text = std::fs::read_to_string(path)
        .map_err(|e| format!("cannot read {}: {e}", path.display()))?;
    let addresses: Addresses = serde_json::from_str(&text).map_err(|e| {
        format!(
            "{}: no addresses: {}",
            path.display(),
            shown(&e.to_string())
        )
    })?;
    Ok(addresses.market)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_accounts() {
        let owner = |text: &str, subaccount| AccountName::Owner(text.to_owned(), subaccount);
        for (text, name) in [
            ("7", Some(AccountName::Number(7))),
            ("cosmos1qypq", Some(owner("cosmos1qypq", 0))),
            ("cosmos1qypq/3", Some(owner("cosmos1qypq", 3))),
            ("cosmos1qypq/x", None),
            ("-7", None),
            ("", None),
            ("a/b/c", None),
        ] {
            assert_eq!(text.parse::<AccountName>().ok(), name, "{text}");
        }
    }
}
