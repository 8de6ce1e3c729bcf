//! The published shortfalls of 10 October 2025, row by row.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use thiserror::Error;

use crate::coins::{coins, CoinError, QUOTE_DECIMALS};
use crate::decimal::{Decimal, DecimalError};

const PUBLISHED: &str = include_str!("../data/hyperliquid-2025-10-10/wave_coin_gap.csv");

/// Which rows to take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    pub wave: Wave,
    /// Only these coins, whatever the case of their letters. None: all.
    pub coins: Option<Vec<String>>,
    /// Only so many coins: those that needed most over the selected waves.
    pub top: Option<usize>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wave {
    One(u32),
    #[default]
    All,
}

/// What one coin needed in one wave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaveRow {
    /// Position in the published file. It seeds the row's synthetic population, so that a selection does not change it.
    pub index: u32,
    pub wave: u32,
    /// When the wave began, in milliseconds since 1970.
    pub start_ms: u64,
    pub coin: String,
    /// Shortfall in quote base units, rounded half away from zero; zero in rows that needed nothing.
    pub needed: i128,
    /// Contracts that had to be closed, in lots.
    pub lots: u64,
    /// Synthetic mark in quote base units per lot.
    pub mark: u64,
}

#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum WaveError {
    #[error("there is no wave {wave}; the published waves are {known}")]
    UnknownWave { wave: u32, known: String },
    #[error("there is no coin {coin} {place}; known are {known}")]
    UnknownCoin {
        coin: String,
        place: String,
        known: String,
    },
    #[error("published row {row}: {source}")]
    Decimal { row: usize, source: DecimalError },
    #[error("published file: {0}")]
    File(String),
    #[error(transparent)]
    Coin(#[from] CoinError),
}

#[derive(Debug, Deserialize)]
pub(crate) struct PublishedRow {
    pub wave: u32,
    pub t_start_ms: u64,
    pub coin: String,
    pub gap_usd_x_qty: String,
    pub qty_contracts: String,
    #[cfg_attr(not(test), allow(dead_code))]
    pub gap_per_contract_usd: String,
}

/// The selected rows, in the order of the published file.
pub fn wave_rows(selection: &Selection) -> Result<Vec<WaveRow>, WaveError> {
    let mut rows = all_rows()?;
    if let Wave::One(wave) = selection.wave {
        let waves: BTreeSet<u32> = rows.iter().map(|row| row.wave).collect();
        if !waves.contains(&wave) {
            let known = listed(waves.iter());
            return Err(WaveError::UnknownWave { wave, known });
        }
        rows.retain(|row| row.wave == wave);
    }
    if let Some(names) = &selection.coins {
        let wanted = known_coins(&rows, names, selection.wave)?;
        rows.retain(|row| wanted.contains(&row.coin));
    }
    if let Some(top) = selection.top {
        let largest = largest_coins(&rows, top);
        rows.retain(|row| largest.contains(&row.coin));
    }
    Ok(rows)
}

pub(crate) fn published_rows() -> Result<Vec<PublishedRow>, WaveError> {
    csv::Reader::from_reader(PUBLISHED.as_bytes())
        .into_deserialize()
        .collect::<Result<_, _>>()
        .map_err(|error| WaveError::File(error.to_string()))
}

fn all_rows() -> Result<Vec<WaveRow>, WaveError> {
    let table = coins()?;
    let mut rows = Vec::new();
    for (index, published) in (0..).zip(published_rows()?) {
        let decimal = |text: &str| {
            text.parse::<Decimal>()
                .map_err(|source| WaveError::Decimal {
                    row: rows.len() + 1,
                    source,
                })
        };
        let contracts = decimal(&published.qty_contracts)?;
        let needed = decimal(&published.gap_usd_x_qty)?
            .shifted_nearest(QUOTE_DECIMALS)
            .map_err(|source| WaveError::Decimal {
                row: rows.len() + 1,
                source,
            })?;
        let coin = table
            .get(&published.coin)
            .ok_or_else(|| WaveError::UnknownCoin {
                coin: published.coin.clone(),
                place: "in the coin table".to_string(),
                known: listed(table.keys()),
            })?;
        rows.push(WaveRow {
            index,
            wave: published.wave,
            start_ms: published.t_start_ms,
            lots: coin.lots(&published.coin, contracts)?,
            coin: published.coin,
            needed,
            mark: coin.mark,
        });
    }
    Ok(rows)
}

fn known_coins(
    rows: &[WaveRow],
    names: &[String],
    wave: Wave,
) -> Result<BTreeSet<String>, WaveError> {
    let known: BTreeSet<&String> = rows.iter().map(|row| &row.coin).collect();
    let mut wanted = BTreeSet::new();
    for name in names {
        let found = known
            .iter()
            .find(|coin| coin.eq_ignore_ascii_case(name))
            .ok_or_else(|| WaveError::UnknownCoin {
                coin: name.clone(),
                place: match wave {
                    Wave::One(wave) => format!("in wave {wave}"),
                    Wave::All => "in the published waves".to_string(),
                },
                known: listed(known.iter()),
            })?;
        wanted.insert((*found).clone());
    }
    Ok(wanted)
}

/// The coins with the largest sums of `needed`; equal ones by name.
fn largest_coins(rows: &[WaveRow], top: usize) -> BTreeSet<String> {
    let mut sums: BTreeMap<&str, i128> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry(&row.coin).or_default();
        *sum = sum.saturating_add(row.needed);
    }
    let mut ranked: Vec<(&str, i128)> = sums.into_iter().collect();
    // A stable sort: the map gave them in the order of their names.
    ranked.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
    ranked
        .into_iter()
        .take(top)
        .map(|(coin, _)| coin.to_string())
        .collect()
}

fn listed<T: ToString>(items: impl Iterator<Item = T>) -> String {
    let items: Vec<String> = items.map(|item| item.to_string()).collect();
    items.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(wave: Wave, coins: Option<&[&str]>, top: Option<usize>) -> Vec<WaveRow> {
        wave_rows(&Selection {
            wave,
            coins: coins.map(|coins| coins.iter().map(ToString::to_string).collect()),
            top,
        })
        .unwrap()
    }

    #[test]
    fn the_published_figures() {
        let rows = selected(Wave::All, None, None);
        assert_eq!(rows.len(), 728);
        let waves: BTreeSet<u32> = rows.iter().map(|row| row.wave).collect();
        assert_eq!(waves.len(), 16);
        // 15 079 669.61 USD, each row rounded to base units by itself.
        let sum: i128 = rows.iter().map(|row| row.needed).sum();
        assert_eq!(sum, 15_079_669_609_008);
        assert_eq!(rows.iter().filter(|row| row.needed <= 0).count(), 9);
        let keys: BTreeSet<(u32, &str)> = rows
            .iter()
            .map(|row| (row.wave, row.coin.as_str()))
            .collect();
        assert_eq!(keys.len(), rows.len());
    }

    #[test]
    fn a_row_is_exact() {
        let rows = selected(Wave::One(1), Some(&["avax", "PENGU"]), None);
        assert_eq!(
            rows[0],
            WaveRow {
                index: 0,
                wave: 1,
                start_ms: 1_760_130_964_831,
                coin: "AVAX".to_string(),
                needed: 4_222_732_500,
                lots: 84_455,
                mark: 21_000_000,
            }
        );
        // 2024.7273440002689
        assert_eq!(rows[1].needed, 2_024_727_344);
    }

    #[test]
    fn a_wave_begins_at_one_moment_and_later_than_the_one_before() {
        let rows = selected(Wave::All, None, None);
        let starts: BTreeSet<(u32, u64)> = rows.iter().map(|r| (r.wave, r.start_ms)).collect();
        assert_eq!(starts.len(), 16);
        assert!(starts.iter().is_sorted_by_key(|(_, start)| *start));
        let last = starts.last().unwrap().1;
        assert_eq!(last - rows[0].start_ms, 570_993);
    }

    #[test]
    fn lots_are_at_least_one_and_bounded() {
        let rows = selected(Wave::All, None, None);
        assert!(rows.iter().all(|row| row.lots >= 1));
        // 0.01 contracts of SOL are a tenth of a lot.
        assert!(rows.iter().any(|row| row.coin == "SOL" && row.lots == 1));
        assert_eq!(rows.iter().map(|row| row.lots).max(), Some(30_705_706));
    }

    #[test]
    fn no_row_needs_a_tenth_of_what_it_closes() {
        for row in selected(Wave::All, None, None) {
            assert!(
                row.needed * 10 < i128::from(row.lots) * i128::from(row.mark),
                "{row:?}"
            );
        }
    }

    #[test]
    fn the_largest_coins_of_a_selection() {
        let names = |rows: Vec<WaveRow>| -> BTreeSet<String> {
            rows.into_iter().map(|row| row.coin).collect()
        };
        let set = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        assert_eq!(
            names(selected(Wave::All, None, Some(3))),
            set(&["BTC", "HYPE", "PUMP"])
        );
        assert_eq!(
            names(selected(Wave::All, Some(&["BTC", "ETH", "DOGE"]), Some(1))),
            set(&["BTC"])
        );
        assert!(selected(Wave::All, None, Some(0)).is_empty());
        assert_eq!(selected(Wave::One(7), None, Some(100)).len(), 2);
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_known_ones() {
        let refused = |wave, coin: Option<&str>| {
            wave_rows(&Selection {
                wave,
                coins: coin.map(|coin| vec![coin.to_string()]),
                top: None,
            })
            .unwrap_err()
            .to_string()
        };
        assert_eq!(
            refused(Wave::One(3), None),
            "there is no wave 3; the published waves are 1, 2, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 17, 21, 25, 28"
        );
        let error = refused(Wave::All, Some("NOPE"));
        assert!(
            error.contains("NOPE") && error.contains("ZEREBRO"),
            "{error}"
        );
        let error = refused(Wave::One(7), Some("BTC"));
        assert!(error.contains("in wave 7"), "{error}");
    }

    #[test]
    fn a_selection_does_not_renumber_rows() {
        let all = selected(Wave::All, None, None);
        for row in selected(Wave::One(13), Some(&["BTC", "ETH"]), None) {
            assert_eq!(all[row.index as usize], row);
        }
    }

    /// Tenths of a basis point of the synthetic notional that rows needed together.
    fn charge<'a>(rows: impl Iterator<Item = &'a WaveRow>) -> (i128, i128) {
        let notional = |row: &WaveRow| i128::from(row.lots) * i128::from(row.mark);
        let (needed, whole) = rows.fold((0, 0), |(needed, whole), row| {
            (needed + row.needed, whole + notional(row))
        });
        (needed * 100_000 / whole, whole / 1_000_000)
    }

    /// What deleveraging charged per notional, for `docs/adr/0004`; `--nocapture` prints the table. The
    /// needs are published, the notional is not: it uses the synthetic marks.
    #[test]
    fn charges_per_notional() {
        let rows = selected(Wave::All, None, None);
        let print = |name: String, some: Vec<&WaveRow>| {
            let (tenths, usd) = charge(some.into_iter());
            println!(
                "{name:<8} {usd:>12} USD {:>5}.{} bp",
                tenths / 10,
                tenths % 10
            );
        };
        let waves: BTreeSet<u32> = rows.iter().map(|row| row.wave).collect();
        for wave in waves {
            let some = rows.iter().filter(|row| row.wave == wave).collect();
            print(format!("wave {wave}"), some);
        }
        for coin in ["BTC", "ETH", "SOL", "HYPE", "XRP", "DOGE"] {
            print(
                coin.to_string(),
                rows.iter().filter(|row| row.coin == coin).collect(),
            );
        }
        let (mean, notional) = charge(rows.iter());
        let mut sorted: Vec<_> = rows
            .iter()
            .map(|row| charge(std::iter::once(row)))
            .collect();
        sorted.sort_unstable();
        let at = |percent: i128| {
            let mut sum = 0;
            let found = sorted.iter().find(|(_, usd)| {
                sum += usd;
                sum * 100 >= notional * percent
            });
            found.unwrap().0
        };
        let quantiles = [10, 50, 90].map(at);
        println!("mean {mean}, by notional p10 p50 p90 {quantiles:?} tenths of a bp");
        assert_eq!((mean, notional), (975, 1_545_912_991));
        assert_eq!(quantiles, [140, 587, 1_980]);
    }
}
