//! The table of coins: a SYNTHETIC mark for each, and how many contracts make one lot.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;
use thiserror::Error;

use crate::decimal::{Decimal, DecimalError};

const TABLE: &str = include_str!("../data/coins.csv");

/// 6 decimals of the quote asset.
pub(crate) const QUOTE_DECIMALS: i32 = 6;

/// Exclusive bound of a price per lot.
pub const PRICE_BOUND: u64 = 1 << 40;

/// Exclusive bound of a number of lots.
pub const LOTS_BOUND: u64 = 1 << 48;

/// A coin as the demo lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coin {
    /// Synthetic price of one lot in quote base units.
    pub mark: u64,
    /// One lot is `10^contracts_exponent` contracts.
    pub contracts_exponent: i32,
}

#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CoinError {
    #[error("coin table: {0}")]
    Table(String),
    #[error("coin {coin}: {source}")]
    Decimal { coin: String, source: DecimalError },
    #[error("coin {coin}: {contracts_per_lot} contracts per lot is not a power of ten")]
    NotAPowerOfTen {
        coin: String,
        contracts_per_lot: String,
    },
    #[error("coin {coin}: a mark of {mark_usd} USD is no price per lot below 2^40 base units")]
    Mark { coin: String, mark_usd: String },
    #[error("coin {coin}: {lots} lots reach 2^48")]
    TooManyLots { coin: String, lots: i128 },
}

#[derive(Deserialize)]
struct Record {
    coin: String,
    mark_usd: String,
    contracts_per_lot: String,
}

impl Coin {
    /// Contracts in lots, to the nearest, at least one: a row that was closed is never nothing.
    pub(crate) fn lots(&self, name: &str, contracts: Decimal) -> Result<u64, CoinError> {
        let lots = contracts
            .shifted_nearest(-self.contracts_exponent)
            .map_err(|source| CoinError::Decimal {
                coin: name.to_string(),
                source,
            })?
            .max(1);
        u64::try_from(lots)
            .ok()
            .filter(|lots| *lots < LOTS_BOUND)
            .ok_or_else(|| CoinError::TooManyLots {
                coin: name.to_string(),
                lots,
            })
    }
}

/// Every coin by its name.
pub fn coins() -> Result<&'static BTreeMap<String, Coin>, CoinError> {
    static COINS: OnceLock<Result<BTreeMap<String, Coin>, CoinError>> = OnceLock::new();
    COINS
        .get_or_init(|| parse(TABLE))
        .as_ref()
        .map_err(Clone::clone)
}

fn parse(table: &str) -> Result<BTreeMap<String, Coin>, CoinError> {
    let mut coins = BTreeMap::new();
    for record in csv::Reader::from_reader(table.as_bytes()).into_deserialize::<Record>() {
        let record = record.map_err(|error| CoinError::Table(error.to_string()))?;
        let coin = checked(&record)?;
        if coins.insert(record.coin.clone(), coin).is_some() {
            return Err(CoinError::Table(format!("{} is listed twice", record.coin)));
        }
    }
    Ok(coins)
}

fn checked(record: &Record) -> Result<Coin, CoinError> {
    let decimal = |text: &str| {
        text.parse::<Decimal>()
            .map_err(|source| CoinError::Decimal {
                coin: record.coin.clone(),
                source,
            })
    };
    let contracts_exponent = decimal(&record.contracts_per_lot)?
        .power_of_ten()
        .ok_or_else(|| CoinError::NotAPowerOfTen {
            coin: record.coin.clone(),
            contracts_per_lot: record.contracts_per_lot.clone(),
        })?;
    let mark = decimal(&record.mark_usd)?
        .shifted_exact(QUOTE_DECIMALS + contracts_exponent)
        .and_then(|mark| u64::try_from(mark).ok())
        .filter(|mark| (1..PRICE_BOUND).contains(mark))
        .ok_or_else(|| CoinError::Mark {
            coin: record.coin.clone(),
            mark_usd: record.mark_usd.clone(),
        })?;
    Ok(Coin {
        mark,
        contracts_exponent,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::waves::published_rows;

    /// Enough digits to compare a mark with a gap of 10^-18 USD.
    const FINE: i32 = 18;

    #[test]
    fn the_table_lists_the_published_coins_and_no_other() {
        let published: BTreeSet<String> = published_rows()
            .unwrap()
            .into_iter()
            .map(|row| row.coin)
            .collect();
        let listed: BTreeSet<String> = coins().unwrap().keys().cloned().collect();
        assert_eq!(listed.len(), 162);
        assert_eq!(listed, published);
    }

    #[test]
    fn every_mark_is_above_three_times_the_largest_gap() {
        for row in published_rows().unwrap() {
            let gap: Decimal = row.gap_per_contract_usd.parse().unwrap();
            let coin = coins().unwrap()[&row.coin];
            let gap_per_lot = gap
                .shifted_nearest(QUOTE_DECIMALS + coin.contracts_exponent + FINE)
                .unwrap();
            assert!(
                i128::from(coin.mark) * 10_i128.pow(18) > 3 * gap_per_lot,
                "{} in wave {}",
                row.coin,
                row.wave
            );
        }
    }

    #[test]
    fn a_lot_is_worth_10_to_105_usd() {
        for (name, coin) in coins().unwrap() {
            assert!(
                (10_000_000..=105_000_000).contains(&coin.mark),
                "{name}: {}",
                coin.mark
            );
        }
    }

    #[test]
    fn lots_round_to_the_nearest_and_never_to_zero() {
        let coin = Coin {
            mark: 10_500_000,
            contracts_exponent: -4,
        };
        for (contracts, lots) in [
            ("0.00001", 1),
            ("0.0001", 1),
            ("0.00015", 2),
            ("3070.5706000000027", 30_705_706),
        ] {
            assert_eq!(coin.lots("BTC", contracts.parse().unwrap()), Ok(lots));
        }
        assert!(matches!(
            coin.lots("BTC", "28147497671.0656".parse().unwrap()),
            Err(CoinError::TooManyLots { .. })
        ));
    }

    #[test]
    fn a_damaged_table_is_refused() {
        let header = "coin,mark_usd,contracts_per_lot\n";
        for (rows, expected) in [
            ("A,1,20", "not a power of ten"),
            ("A,0.00000015,1", "no price per lot"),
            ("A,0,1", "no price per lot"),
            ("A,1099511.627776,1", "no price per lot"),
            ("A,x,1", "not a decimal"),
            ("A,1,1\nA,2,1", "listed twice"),
            ("A,1", "coin table"),
        ] {
            let error = parse(&format!("{header}{rows}\n")).unwrap_err().to_string();
            assert!(error.contains(expected), "{rows}: {error}");
        }
    }
}
