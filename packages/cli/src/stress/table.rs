//! The waves as a terminal table, in USDC with two decimals; the JSON has all six.

use super::{lapse, price, sentences, Amount, StressResult, Sums, WaveOutcome};
use crate::amount::grouped;
use crate::table::laid_out;

const HEADER: [&str; 12] = [
    "wave", "after", "losses", "needed", "slippage", "fund", "ADL", "haircut", "bad debt", "seed",
    "staked", "share",
];

type Row = [String; HEADER.len()];

/// A row for each wave, a row of totals, and what happened in three sentences.
pub fn print_stress(result: &StressResult) -> String {
    let rows: Vec<Row> = result.waves.iter().map(wave_row).collect();
    let table = laid_out(&HEADER, 0..1, &rows, &totals_row(result));
    format!("{table}\n{}\n", sentences(result).join("\n"))
}

fn wave_row(wave: &WaveOutcome) -> Row {
    let after = &wave.after;
    let ends = [
        after.seed.rounded(),
        after.staked.rounded(),
        price(after.share_price_ppm),
    ];
    row(
        [wave.wave.to_string(), lapse(wave.seconds)],
        &wave.sums,
        ends,
    )
}

fn totals_row(result: &StressResult) -> Row {
    let last = result.waves.last().map(wave_row).unwrap_or_default();
    let [.., seed, staked, share] = last;
    row(
        ["total".to_string(), String::new()],
        &result.totals,
        [seed, staked, share],
    )
}

fn row([wave, after]: [String; 2], sums: &Sums, [seed, staked, share]: [String; 3]) -> Row {
    let amount = Amount::rounded;
    [
        wave,
        after,
        grouped(sums.losses.into()),
        amount(sums.needed),
        amount(sums.slippage),
        amount(sums.fund_used),
        amount(sums.adl_taken),
        amount(sums.haircut),
        amount(sums.bad_debt),
        seed,
        staked,
        share,
    ]
}
