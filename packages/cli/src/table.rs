//! The result as a terminal table, in USDC with two decimals; the JSON has all six.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::amount::{grouped, Amount};
use crate::result::{DemoResult, LossRow, Totals};
use crate::summary::{plural, sentence};

/// Rows in full; what is beyond is one row per wave.
const MOST_ROWS: usize = 40;

const HEADER: [&str; 11] = [
    "wave", "coin", "needed", "slippage", "fund", "ADL", "haircut", "bad debt", "lots", "fills",
    "steps",
];

/// Columns of names; the others are numbers, to the right.
const NAMES: Range<usize> = 0..2;

type Row = [String; HEADER.len()];

/// A table of the losses with the largest need first, a row of totals, and the sentence that says what happened.
pub fn print_table(result: &DemoResult) -> String {
    let mut losses: Vec<&LossRow> = result.losses.iter().collect();
    losses.sort_by_key(|loss| std::cmp::Reverse(loss.needed));
    let rest = losses.split_off(losses.len().min(MOST_ROWS));

    let mut rows: Vec<Row> = losses.iter().map(|loss| loss_row(loss)).collect();
    let mut waves: BTreeMap<u32, Vec<&LossRow>> = BTreeMap::new();
    for loss in rest {
        waves.entry(loss.wave).or_default().push(loss);
    }
    rows.extend(
        waves
            .into_iter()
            .map(|(wave, losses)| wave_row(wave, &losses)),
    );
    let last = totals_row("total", String::new(), &result.totals);

    if result.losses.is_empty() {
        return format!("{}\n", sentence(result));
    }
    let table = laid_out(&HEADER, NAMES, &rows, &last);
    format!("{table}\n{}\n", sentence(result))
}

fn loss_row(loss: &LossRow) -> Row {
    [
        loss.wave.to_string(),
        loss.coin.clone(),
        loss.needed.rounded(),
        loss.slippage.rounded(),
        loss.fund_used.rounded(),
        loss.adl_taken.rounded(),
        loss.haircut.rounded(),
        loss.bad_debt.rounded(),
        loss.lots.grouped(),
        grouped(loss.fills.into()),
        grouped(loss.steps.into()),
    ]
}

fn wave_row(wave: u32, losses: &[&LossRow]) -> Row {
    let label = plural(losses.len(), "other", "others");
    // Parts of sums that did fit can only fail to fit with signs that cancel out elsewhere; say so rather than show a wrong one.
    Totals::of(losses.iter().copied()).map_or_else(
        |_| {
            let mut row = Row::default();
            row[0] = wave.to_string();
            row[1] = format!("{label} (out of range)");
            row
        },
        |totals| totals_row(&wave.to_string(), label.clone(), &totals),
    )
}

fn totals_row(wave: &str, coin: String, totals: &Totals) -> Row {
    let amount = Amount::rounded;
    [
        wave.to_string(),
        coin,
        amount(totals.needed),
        amount(totals.slippage),
        amount(totals.fund_used),
        amount(totals.adl_taken),
        amount(totals.haircut),
        amount(totals.bad_debt),
        totals.lots.grouped(),
        grouped(totals.fills.into()),
        grouped(totals.steps.into()),
    ]
}

/// Columns as wide as their widest cell, the `names` to the left and numbers to the right.
pub(crate) fn laid_out<const N: usize>(
    header: &[&str; N],
    names: Range<usize>,
    rows: &[[String; N]],
    last: &[String; N],
) -> String {
    let header = header.map(str::to_string);
    let mut widths = [0; N];
    for row in rows.iter().chain([&header, last]) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let rule = "-".repeat(widths.iter().sum::<usize>() + 2 * (N - 1));
    let line = |row: &[String; N]| line(row, &widths, &names);
    let mut text = line(&header);
    text.push_str(&format!("{rule}\n"));
    for row in rows {
        text.push_str(&line(row));
    }
    text.push_str(&format!("{rule}\n"));
    text.push_str(&line(last));
    text
}

fn line<const N: usize>(row: &[String; N], widths: &[usize; N], names: &Range<usize>) -> String {
    let cells: Vec<String> = row
        .iter()
        .zip(widths)
        .enumerate()
        .map(|(i, (cell, width))| {
            // A name is the user's text in a terminal: no escape sequences.
            let cell: String = cell.chars().filter(|c| !c.is_control()).collect();
            if names.contains(&i) {
                format!("{cell:<width$}")
            } else {
                format!("{cell:>width$}")
            }
        })
        .collect();
    format!("{}\n", cells.join("  ").trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amount::Count;
    use crate::result::{Checks, Params};
    use crate::summary::sample;

    #[test]
    fn columns_line_up() {
        let row = |coin: &str, needed: i128, lots| LossRow {
            wave: 1,
            coin: coin.to_string(),
            needed: Amount(needed),
            fund_used: Amount(needed),
            lots: Count(lots),
            book_lots: Count(lots),
            fills: 1,
            steps: 1,
            ..LossRow::default()
        };
        let result = DemoResult::new(
            Params::default(),
            vec![row("kPEPE", 450, 3), row("BTC", 1_234_567_890_000, 1_000)],
            vec![],
            Checks::default(),
        )
        .unwrap();
        let text = print_table(&result);
        let table: Vec<&str> = text.lines().take(6).collect();
        assert_eq!(
            table,
            [
                "wave   coin         needed  slippage          fund   ADL  haircut  bad debt   lots  fills  steps",
                "------------------------------------------------------------------------------------------------",
                "1      BTC    1,234,567.89      0.00  1,234,567.89  0.00     0.00      0.00  1,000      1      1",
                "1      kPEPE         <0.01      0.00         <0.01  0.00     0.00      0.00      3      1      1",
                "------------------------------------------------------------------------------------------------",
                "total         1,234,567.89      0.00  1,234,567.89  0.00     0.00      0.00  1,003      2      2",
            ]
        );
        assert!(text
            .lines()
            .last()
            .unwrap()
            .starts_with("2 bankrupt accounts"));
    }

    #[test]
    fn many_rows_are_summed_per_wave() {
        let result = sample::result(200);
        let text = print_table(&result);
        let others = text.lines().filter(|line| line.contains(" other")).count();
        let rules = text.lines().filter(|line| line.starts_with("---")).count();
        assert_eq!(rules, 2);
        assert_eq!(text.lines().count(), 1 + 2 + MOST_ROWS + others + 1 + 2);
        assert!(others > 0);
    }

    #[test]
    fn forty_rows_are_shown_in_full() {
        assert!(!print_table(&sample::result(40)).contains("others"));
        assert!(print_table(&sample::result(41)).contains("1 other "));
    }

    #[test]
    fn nothing_to_show_is_one_line() {
        let empty = DemoResult::new(Params::default(), vec![], vec![], Checks::default()).unwrap();
        assert_eq!(print_table(&empty).lines().count(), 1);
    }

    #[test]
    fn no_control_character_reaches_the_terminal() {
        let loss = LossRow {
            coin: "\u{1b}[31mX".to_string(),
            ..LossRow::default()
        };
        let result =
            DemoResult::new(Params::default(), vec![loss], vec![], Checks::default()).unwrap();
        assert!(!print_table(&result).contains('\u{1b}'));
    }
}
