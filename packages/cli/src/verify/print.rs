//! The report as text.

use super::report::{Deviation, Report};

const HEADER: [&str; 9] = [
    "tx",
    "loss",
    "kind",
    "account",
    "pass",
    "rank",
    "lots",
    "charge",
    "expected -> got: why",
];

/// Deviations beyond this many are counted, not listed; the JSON has all.
const MOST: usize = 200;

/// What was checked, in a line for each loss; then the deviations, if there are any, as a table.
pub fn print_report(report: &Report) -> String {
    let mut text = String::new();
    for loss in &report.losses {
        let state = match (loss.closed, loss.forced) {
            (_, true) => "forced: the caller chose the order",
            (true, _) => "closed",
            (false, _) => "still open",
        };
        text.push_str(&format!(
            "loss {} (market {}, {} at {}): {} receipts; lots {} = book {} + queue {}; need {} + slippage {} = fund {} + ADL {} + haircut {} + bad debt {}; {state}\n",
            loss.loss_id, loss.market, loss.side, loss.mark, loss.receipts, loss.lots, loss.book_lots,
            loss.adl_lots, loss.need, loss.slippage, loss.fund_used, loss.adl_taken, loss.haircut,
            loss.bad_debt,
        ));
    }
    for note in &report.old_keys {
        text.push_str(&format!(
            "note: account {} in market {} is ranked by an older key (transaction {}): {}\n",
            note.account, note.market, note.transaction, note.reason
        ));
    }
    if report.is_clean() {
        let (receipts, losses) = (report.receipts, report.losses.len());
        text.push_str(&format!(
            "All {receipts} receipts of {losses} loss(es) are as defined.\n"
        ));
        return text;
    }
    text.push_str(&table(&report.deviations));
    text.push_str(&format!(
        "{} deviation(s) from the definition. The first of a loss is the cause; later ones may follow from it.\n",
        report.deviations.len()
    ));
    text
}

fn table(deviations: &[Deviation]) -> String {
    let header = HEADER.map(str::to_owned);
    let rows: Vec<_> = deviations.iter().take(MOST).map(row).collect();
    let last = HEADER.len() - 1;
    let mut widths = [0; HEADER.len()];
    for row in rows.iter().chain([&header]) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |row: &[String; HEADER.len()]| {
        let cells = row.iter().zip(widths).enumerate();
        let cells: Vec<String> = cells
            .map(|(i, (cell, width))| match i == last {
                true => cell.clone(),
                false => format!("{cell:<width$}"),
            })
            .collect();
        format!("{}\n", cells.join("  "))
    };
    let mut text = line(&header);
    text.extend(rows.iter().map(line));
    if deviations.len() > MOST {
        text.push_str(&format!("... and {} more\n", deviations.len() - MOST));
    }
    text
}

fn row(d: &Deviation) -> [String; HEADER.len()] {
    [
        d.transaction.to_string(),
        cell(d.loss_id),
        d.kind.name(),
        cell(d.account),
        cell(d.pass),
        cell(d.rank),
        cell(d.lots),
        cell(d.charge),
        format!("{} -> {}: {}", d.expected, d.got, d.why),
    ]
    .map(|cell| cell.chars().filter(|c| !c.is_control()).collect())
}

fn cell<T: ToString>(value: Option<T>) -> String {
    value.map_or("-".to_owned(), |value| value.to_string())
}
