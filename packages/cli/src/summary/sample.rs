//! Made-up results for the tests of this crate: they balance, and they have every kind of row.

use crate::amount::{Amount, Count};
use crate::population::{winners, PopulationSpec, Winner, WinningSide, MAX_LEVELS};
use crate::result::{Checks, DemoResult, LossRow, Params, SolventRow, Taken};
use crate::waves::{wave_rows, Selection, WaveRow};

const SIDE: WinningSide = WinningSide::Shorts;

/// `losses` rows of the published file, paid in a made-up way.
pub(crate) fn result(losses: usize) -> DemoResult {
    let (needy, solvent): (Vec<WaveRow>, Vec<WaveRow>) = wave_rows(&Selection::default())
        .unwrap()
        .into_iter()
        .partition(|row| row.needed > 0);
    let solvent = solvent
        .into_iter()
        .take(losses / 8)
        .map(|row| SolventRow {
            wave: row.wave,
            coin: row.coin,
            needed: Amount(row.needed),
        })
        .collect();
    let losses = needy.iter().take(losses).map(loss).collect();
    let params = Params {
        wave: "all".to_string(),
        seed: 7,
        winners: 400,
        settings: [("step limit", "25"), ("breadth", "1")]
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .into(),
    };
    DemoResult::new(params, losses, solvent, Checks::default()).unwrap()
}

/// The fund pays a part that differs from row to row; the rest goes down the winners by their return on margin. Every ninth loss
/// has a haircut, and every thirteenth leaves bad debt.
fn loss(row: &WaveRow) -> LossRow {
    let slippage = row.needed * i128::from(row.index % 5) / 40 - row.needed / 50;
    let owed = row.needed + slippage;
    let fund_used = owed * i128::from(row.index % 4) / 5;
    let bad_debt = if row.index % 13 == 5 { owed / 9 } else { 0 };
    let for_haircut = if row.index % 9 == 4 { owed / 8 } else { 0 };
    let book_lots = row.lots * u64::from(row.index % 3) / 4;
    let adl_lots = row.lots - book_lots;

    let for_queue = owed - fund_used - bad_debt - for_haircut;
    let mut taken = taken_in_order(row, adl_lots, for_queue);
    let adl_taken: i128 = taken.iter().map(|t| t.charge.0).sum();
    let cuts = cuts(&taken, owed - fund_used - bad_debt - adl_taken);
    let haircut: i128 = cuts.iter().map(|t| t.charge.0).sum();
    taken.extend(cuts);
    LossRow {
        wave: row.wave,
        coin: row.coin.clone(),
        needed: Amount(row.needed),
        slippage: Amount(slippage),
        fund_used: Amount(fund_used),
        adl_taken: Amount(adl_taken),
        haircut: Amount(haircut),
        bad_debt: Amount(owed - fund_used - adl_taken - haircut),
        lots: Count(row.lots.into()),
        book_lots: Count(book_lots.into()),
        adl_lots: Count(adl_lots.into()),
        fills: taken.len() as u64 + u64::from(book_lots > 0),
        steps: 1 + taken.len() as u64 / 25,
        taken,
    }
}

/// A haircut over the profits that the fills kept, in their order.
fn cuts(taken: &[Taken], mut need: i128) -> Vec<Taken> {
    let mut cuts = Vec::new();
    for fill in taken {
        let kept = fill.profit.0.max(0) - fill.charge.0;
        let charge = kept.min(need);
        if charge > 0 {
            need -= charge;
            cuts.push(Taken {
                pass: "P4".to_string(),
                lots: Count(0),
                charge: Amount(charge),
                profit: Amount(kept),
                ..fill.clone()
            });
        }
    }
    cuts
}

fn taken_in_order(row: &WaveRow, lots: u64, charge: i128) -> Vec<Taken> {
    let total_lots = row.lots.max(2) * 2;
    let mut ranked: Vec<(usize, Winner)> = winners(&PopulationSpec {
        seed: 7,
        row_index: row.index,
        count: u32::try_from(total_lots).unwrap_or(u32::MAX).min(400),
        total_lots,
        mark: row.mark,
        side: SIDE,
        levels: MAX_LEVELS,
    })
    .unwrap()
    .into_iter()
    .enumerate()
    .collect();
    ranked.sort_by_key(|(_, w)| std::cmp::Reverse(score_ppm(w, row.mark)));

    let (mut lots, mut charge) = (i128::from(lots), charge);
    let mut taken = Vec::new();
    for (rank, (account, winner)) in (1..).zip(ranked) {
        if lots == 0 {
            break;
        }
        let q = i128::from(winner.lots).min(lots);
        let profit = winner.profit(SIDE, row.mark) / i128::from(winner.lots) * q;
        let part = ((charge * q + lots - 1) / lots).min(profit.max(0));
        lots -= q;
        charge -= part;
        taken.push(Taken {
            account: account as u64 + 1,
            rank,
            pass: "P1".to_string(),
            lots: Count(q.unsigned_abs()),
            charge: Amount(part),
            profit: Amount(profit),
            score_ppm: Count(score_ppm(&winner, row.mark)),
        });
    }
    taken
}

fn score_ppm(winner: &Winner, mark: u64) -> u128 {
    let profit = winner.profit(SIDE, mark).max(0).unsigned_abs();
    profit * 1_000_000 / (profit + winner.margin()).max(1)
}
