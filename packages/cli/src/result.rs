//! The result of a demo run, as it is written to JSON: what each loss needed, who paid for it, and the checks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::amount::{Amount, Count};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoResult {
    pub losses: Vec<LossRow>,
    pub totals: Totals,
    /// Published rows that needed nothing, and therefore opened no loss.
    pub solvent: Vec<SolventRow>,
    pub params: Params,
}

/// What the run was asked for. The report shows it as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// A wave's number, or `all`.
    pub wave: String,
    pub seed: u64,
    /// Synthetic winners per loss.
    pub winners: u32,
    /// Further settings by name, such as `step limit`.
    pub settings: BTreeMap<String, String>,
}

/// One loss: a bankrupt account in one market.
///
/// Money: `needed + slippage = fund_used + adl_taken + haircut + bad_debt`. Lots: `lots = book_lots + adl_lots`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LossRow {
    pub wave: u32,
    pub coin: String,
    pub needed: Amount,
    /// Σ (mark − fill price) · lots of the fills on the book; negative when the book was better than the mark.
    pub slippage: Amount,
    pub fund_used: Amount,
    /// Charged to counterparties whose lots were closed.
    pub adl_taken: Amount,
    /// Charged to open profit without closing it.
    pub haircut: Amount,
    pub bad_debt: Amount,
    pub lots: Count,
    pub book_lots: Count,
    pub adl_lots: Count,
    pub fills: u64,
    pub steps: u64,
    /// Counterparties in the order in which they were taken.
    pub taken: Vec<Taken>,
}

/// One counterparty's part in a loss.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// Number of the account in the market. Different losses may use the same number for different accounts.
    pub account: u64,
    /// Rank when it was taken; 1 is the first of the queue.
    pub rank: u32,
    /// `P1` to `P4`; in `P4` no lots are closed.
    pub pass: String,
    pub lots: Count,
    pub charge: Amount,
    /// Profit of the closed lots at the mark; in `P4` the profit that was open.
    pub profit: Amount,
    /// Profit over profit and margin, the score of the ranking.
    pub score_ppm: Count,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SolventRow {
    pub wave: u32,
    pub coin: String,
    pub needed: Amount,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    pub needed: Amount,
    pub slippage: Amount,
    pub fund_used: Amount,
    pub adl_taken: Amount,
    pub haircut: Amount,
    pub bad_debt: Amount,
    pub lots: Count,
    pub book_lots: Count,
    pub adl_lots: Count,
    pub fills: u64,
    pub steps: u64,
    /// Coins booked minus coins that should be there, over all accounts of the run. Anything but 0 is a defect.
    pub conservation_error: Amount,
    /// Counterparties taken before somebody who ranked above them. Anything but 0 is a defect.
    pub rank_inversions: u64,
}

/// What the run checked on the chain itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checks {
    pub conservation_error: Amount,
    pub rank_inversions: u64,
}

#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ResultError {
    #[error("wave {wave}, {coin}: the sum of `{field}` leaves its range")]
    Overflow {
        wave: u32,
        coin: String,
        field: &'static str,
    },
}

impl DemoResult {
    /// The totals are summed here, so that they cannot disagree with the rows.
    pub fn new(
        params: Params,
        losses: Vec<LossRow>,
        solvent: Vec<SolventRow>,
        checks: Checks,
    ) -> Result<Self, ResultError> {
        let totals = Totals {
            conservation_error: checks.conservation_error,
            rank_inversions: checks.rank_inversions,
            ..Totals::of(&losses)?
        };
        Ok(Self {
            losses,
            totals,
            solvent,
            params,
        })
    }

    /// Every loss balances, no coin is missing, nobody was passed over or charged more than its profit.
    pub fn is_exact(&self) -> bool {
        self.totals.conservation_error.is_zero()
            && self.totals.rank_inversions == 0
            && self.losses.iter().all(LossRow::balances)
            && self.overcharged() == 0
    }

    /// How many counterparties were charged more than their profit. Anything but 0 is a defect.
    pub fn overcharged(&self) -> usize {
        let taken = self.losses.iter().flat_map(|loss| &loss.taken);
        taken.filter(|taken| taken.is_overcharged()).count()
    }
}

impl LossRow {
    /// The two identities of a loss. A sum that leaves its range does not balance.
    pub fn balances(&self) -> bool {
        let owed = self.needed.0.checked_add(self.slippage.0);
        let paid = [self.adl_taken, self.haircut, self.bad_debt]
            .iter()
            .try_fold(self.fund_used.0, |sum, part| sum.checked_add(part.0));
        let lots = self.book_lots.0.checked_add(self.adl_lots.0);
        owed.is_some() && owed == paid && lots == Some(self.lots.0)
    }
}

impl Taken {
    /// Charged more than its profit: a winner worse off than break-even, which no pass allows.
    pub fn is_overcharged(&self) -> bool {
        self.charge > self.profit.max(Amount(0))
    }
}

impl Totals {
    /// Sums over rows, with nothing in the two checks.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a LossRow>) -> Result<Self, ResultError> {
        rows.into_iter()
            .try_fold(Self::default(), |sum, row| sum.plus(row))
    }

    fn plus(self, row: &LossRow) -> Result<Self, ResultError> {
        let overflow = |field| ResultError::Overflow {
            wave: row.wave,
            coin: row.coin.clone(),
            field,
        };
        let amount = |field, a: Amount, b: Amount| {
            a.0.checked_add(b.0)
                .map(Amount)
                .ok_or_else(|| overflow(field))
        };
        let count = |field, a: Count, b: Count| {
            a.0.checked_add(b.0)
                .map(Count)
                .ok_or_else(|| overflow(field))
        };
        let number = |field, a: u64, b: u64| a.checked_add(b).ok_or_else(|| overflow(field));
        Ok(Self {
            needed: amount("needed", self.needed, row.needed)?,
            slippage: amount("slippage", self.slippage, row.slippage)?,
            fund_used: amount("fund_used", self.fund_used, row.fund_used)?,
            adl_taken: amount("adl_taken", self.adl_taken, row.adl_taken)?,
            haircut: amount("haircut", self.haircut, row.haircut)?,
            bad_debt: amount("bad_debt", self.bad_debt, row.bad_debt)?,
            lots: count("lots", self.lots, row.lots)?,
            book_lots: count("book_lots", self.book_lots, row.book_lots)?,
            adl_lots: count("adl_lots", self.adl_lots, row.adl_lots)?,
            fills: number("fills", self.fills, row.fills)?,
            steps: number("steps", self.steps, row.steps)?,
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::sample;

    #[test]
    fn the_order_of_the_fields_and_the_strings() {
        let row = LossRow {
            wave: 1,
            coin: "BTC".to_string(),
            needed: Amount(10),
            slippage: Amount(-1),
            fund_used: Amount(2),
            adl_taken: Amount(3),
            haircut: Amount(4),
            bad_debt: Amount(0),
            lots: Count(5),
            book_lots: Count(1),
            adl_lots: Count(4),
            fills: 1,
            steps: 2,
            taken: vec![Taken {
                account: 7,
                rank: 1,
                pass: "P1".to_string(),
                lots: Count(4),
                charge: Amount(3),
                profit: Amount(30),
                score_ppm: Count(900_000),
            }],
        };
        assert_eq!(
            serde_json::to_string(&row).unwrap(),
            r#"{"wave":1,"coin":"BTC","needed":"10","slippage":"-1","fund_used":"2","adl_taken":"3","haircut":"4","bad_debt":"0","lots":"5","book_lots":"1","adl_lots":"4","fills":1,"steps":2,"taken":[{"account":7,"rank":1,"pass":"P1","lots":"4","charge":"3","profit":"30","score_ppm":"900000"}]}"#
        );
    }

    #[test]
    fn a_result_survives_json() {
        let result = sample::result(5);
        let text = serde_json::to_string(&result).unwrap();
        assert_eq!(serde_json::from_str::<DemoResult>(&text).unwrap(), result);
        let misspelt = text.replacen("bad_debt", "bad_dept", 1);
        assert!(serde_json::from_str::<DemoResult>(&misspelt).is_err());
    }

    #[test]
    fn totals_are_sums() {
        let result = sample::result(5);
        assert_eq!(
            result.totals.needed.0,
            result.losses.iter().map(|l| l.needed.0).sum::<i128>()
        );
        assert_eq!(
            result.totals.steps,
            result.losses.iter().map(|l| l.steps).sum::<u64>()
        );
        assert!(result.is_exact());
        assert_eq!(Totals::of([]), Ok(Totals::default()));
    }

    #[test]
    fn a_row_balances_to_the_unit() {
        let good = LossRow {
            needed: Amount(10),
            slippage: Amount(5),
            fund_used: Amount(4),
            adl_taken: Amount(8),
            haircut: Amount(2),
            bad_debt: Amount(1),
            lots: Count(3),
            book_lots: Count(1),
            adl_lots: Count(2),
            ..LossRow::default()
        };
        let with = |change: fn(&mut LossRow)| {
            let mut row = good.clone();
            change(&mut row);
            row.balances()
        };
        assert!(good.balances());
        assert!(!with(|row| row.needed = Amount(11)));
        assert!(!with(|row| row.slippage = Amount(4)));
        assert!(!with(|row| row.bad_debt = Amount(2)));
        assert!(!with(|row| row.lots = Count(4)));
        assert!(!with(|row| row.book_lots = Count(u128::MAX)));
        assert!(!with(|row| {
            row.needed = Amount(i128::MAX);
            row.fund_used = Amount(i128::MAX);
        }));
    }

    #[test]
    fn a_sum_that_leaves_its_range_is_an_error() {
        let row = |bad_debt| LossRow {
            wave: 2,
            coin: "X".to_string(),
            bad_debt: Amount(bad_debt),
            ..LossRow::default()
        };
        assert_eq!(
            Totals::of(&[row(i128::MAX), row(1)]),
            Err(ResultError::Overflow {
                wave: 2,
                coin: "X".to_string(),
                field: "bad_debt"
            })
        );
    }

    #[test]
    fn nobody_pays_more_than_its_profit() {
        for (charge, profit, over) in [
            (0, 0, false),
            (5, 5, false),
            (6, 5, true),
            (0, -5, false),
            (1, -5, true),
        ] {
            let taken = Taken {
                charge: Amount(charge),
                profit: Amount(profit),
                ..Taken::default()
            };
            assert_eq!(taken.is_overcharged(), over, "{charge} of {profit}");
        }
    }

    #[test]
    fn one_defect_is_enough_not_to_be_exact() {
        for checks in [
            Checks {
                conservation_error: Amount(-1),
                ..Checks::default()
            },
            Checks {
                rank_inversions: 1,
                ..Checks::default()
            },
        ] {
            let result = DemoResult::new(Params::default(), vec![], vec![], checks).unwrap();
            assert!(!result.is_exact());
        }
    }
}
