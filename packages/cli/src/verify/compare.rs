//! The receipts of one step against what the definition takes in it.

use std::collections::BTreeSet;

use perp_interface::{AccountId, LossId};

use super::receipt::{FillReceipt, Receipt};
use super::report::{Deviation, Kind};

/// Beyond this many pairs of receipts that neither begin nor end alike they are compared place by
/// place.
const MOST_PAIRS: usize = 4_000_000;

/// Whose receipts are compared, and what is known of the accounts.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The loss.
    pub loss_id: LossId,
    /// Whether somebody stands in the ranking of this loss.
    pub stands: &'a dyn Fn(AccountId) -> bool,
    /// Who had a receipt in this pass before this step, by account and whether it was a fill.
    pub earlier: &'a BTreeSet<(AccountId, bool)>,
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("loss_id", &self.loss_id)
            .finish_non_exhaustive()
    }
}

/// Places in two lists that belong together, or in one of them only.
enum Pair {
    Both(usize, usize),
    Expected(usize),
    Got(usize),
}

/// All deviations, in the order of the receipts.
pub fn compare(context: Context<'_>, expected: &[Receipt], got: &[Receipt]) -> Vec<Deviation> {
    let pairs = align(expected, got);
    let mut moved: BTreeSet<usize> = BTreeSet::new();
    let mut found = Vec::new();
    for pair in &pairs {
        match pair {
            Pair::Both(e, g) => fields(context, &expected[*e], &got[*g], &mut found),
            Pair::Got(g) => {
                let is_twin = |e: &usize| expected[*e].identity() == got[*g].identity();
                let twin = left_over(&pairs).find(|e| is_twin(e) && !moved.contains(e));
                match twin {
                    Some(e) => {
                        moved.insert(e);
                        found.push(order(context, expected, e, &got[*g]));
                        fields(context, &expected[e], &got[*g], &mut found);
                    }
                    None => found.push(unexpected(context, expected, &got[*g])),
                }
            }
            Pair::Expected(_) => {}
        }
    }
    for e in left_over(&pairs).filter(|e| !moved.contains(e)) {
        found.push(missing(context, &expected[e], got));
    }
    found
}

fn left_over(pairs: &[Pair]) -> impl Iterator<Item = usize> + '_ {
    pairs.iter().filter_map(|pair| match pair {
        Pair::Expected(e) => Some(*e),
        _ => None,
    })
}

/// The longest common subsequence by account and kind.
fn align(expected: &[Receipt], got: &[Receipt]) -> Vec<Pair> {
    let same = |e: usize, g: usize| expected[e].identity() == got[g].identity();
    let most = expected.len().min(got.len());
    let head = (0..most).take_while(|i| same(*i, *i)).count();
    let tail = (0..most - head)
        .take_while(|i| same(expected.len() - 1 - i, got.len() - 1 - i))
        .count();
    let (ends_e, ends_g) = (expected.len() - tail, got.len() - tail);
    let mut pairs: Vec<Pair> = (0..head).map(|i| Pair::Both(i, i)).collect();
    if (ends_e - head) * (ends_g - head) > MOST_PAIRS {
        pairs.extend((head..ends_e).map(Pair::Expected));
        pairs.extend((head..ends_g).map(Pair::Got));
    } else {
        pairs.extend(middle((head, ends_e), (head, ends_g), same));
    }
    pairs.extend((0..tail).map(|i| Pair::Both(ends_e + i, ends_g + i)));
    pairs
}

fn middle(
    (from_e, to_e): (usize, usize),
    (from_g, to_g): (usize, usize),
    same: impl Fn(usize, usize) -> bool,
) -> Vec<Pair> {
    let (rows, columns) = (to_e - from_e, to_g - from_g);
    let mut longest = vec![vec![0u32; columns + 1]; rows + 1];
    for e in (0..rows).rev() {
        for g in (0..columns).rev() {
            longest[e][g] = if same(from_e + e, from_g + g) {
                longest[e + 1][g + 1] + 1
            } else {
                longest[e + 1][g].max(longest[e][g + 1])
            };
        }
    }
    let (mut e, mut g, mut pairs) = (0, 0, Vec::new());
    while e < rows || g < columns {
        if e < rows && g < columns && same(from_e + e, from_g + g) {
            pairs.push(Pair::Both(from_e + e, from_g + g));
            (e, g) = (e + 1, g + 1);
        } else if g < columns && (e == rows || longest[e][g + 1] >= longest[e + 1][g]) {
            pairs.push(Pair::Got(from_g + g));
            g += 1;
        } else {
            pairs.push(Pair::Expected(from_e + e));
            e += 1;
        }
    }
    pairs
}

fn order(context: Context<'_>, expected: &[Receipt], e: usize, got: &Receipt) -> Deviation {
    let before = e.checked_sub(1).and_then(|before| expected.get(before));
    let (place, why) = match (before, expected.get(e + 1)) {
        (Some(before), _) => ("behind", before),
        (None, Some(after)) => ("before", after),
        (None, None) => ("at", got),
    };
    let why = format!(
        "the order of the pass puts it {place} account {}: {}",
        why.account,
        rule(got)
    );
    let expected = format!("receipt {} of this step", e + 1);
    Deviation::of_loss(context.loss_id, Kind::Order, expected, "another place", why).at(got)
}

const fn rule(receipt: &Receipt) -> &'static str {
    match (receipt.fill.is_some(), receipt.pass) {
        (false, 4) => "kept profit is asked for in the order of the fills that kept it",
        _ => "the score of the job's policy, then class, then entry, then account",
    }
}

fn unexpected(context: Context<'_>, expected: &[Receipt], got: &Receipt) -> Deviation {
    let of = |kind, wanted: &str, why: &str| {
        Deviation::of_loss(context.loss_id, kind, wanted, describe(got), why).at(got)
    };
    let identity = got.identity();
    if context.earlier.contains(&identity) || expected.iter().any(|e| e.identity() == identity) {
        return of(
            Kind::Duplicate,
            "one receipt for one turn",
            "nobody is visited twice in a pass",
        );
    }
    if !(context.stands)(got.account) {
        return of(
            Kind::Foreign,
            "an account of the other side of this market",
            "it has no position among the counterparties of this loss",
        );
    }
    of(
        Kind::NotDue,
        "nothing from it in this step",
        "those who stand before it bear the loss, or it can bear nothing in this pass",
    )
}

fn missing(context: Context<'_>, expected: &Receipt, got: &[Receipt]) -> Deviation {
    let later = got
        .iter()
        .find(|r| r.pass == expected.pass && r.rank >= expected.rank.max(1));
    let why = match later {
        Some(later) => format!(
            "its turn comes before account {}, which was taken",
            later.account
        ),
        None => "its turn comes in this step, and it can bear this".to_owned(),
    };
    let nothing = "no receipt";
    Deviation::of_loss(
        context.loss_id,
        Kind::Missing,
        describe(expected),
        nothing,
        why,
    )
    .at(expected)
}

fn describe(receipt: &Receipt) -> String {
    match &receipt.fill {
        Some(fill) => format!(
            "fill of {} lots for {}, rank {}, d {}, m̂ {}",
            fill.lots, receipt.charge, receipt.rank, fill.profit_per_lot, fill.collateral
        ),
        None => format!("haircut of {}, rank {}", receipt.charge, receipt.rank),
    }
}

/// A field of a receipt: what it is, by the definition, by the receipt, and the rule.
type Field = (Kind, i128, i128, &'static str);

fn fields(context: Context<'_>, expected: &Receipt, got: &Receipt, found: &mut Vec<Deviation>) {
    let mut all: Vec<Field> = vec![
        (
            Kind::Pass,
            expected.pass.into(),
            got.pass.into(),
            "the pass that the step works on",
        ),
        (
            Kind::Terms,
            expected.market.into(),
            got.market.into(),
            "the market of the loss",
        ),
        (
            Kind::Charge,
            expected.charge.0,
            got.charge.0,
            "min(cap, ⌈need·lots/lots left⌉), the cap by profit and equity",
        ),
        (
            Kind::Rank,
            expected.rank.into(),
            got.rank.into(),
            "its place among those asked in this pass",
        ),
    ];
    if let (Some(expected), Some(got)) = (&expected.fill, &got.fill) {
        all.extend(fill_fields(expected, got));
    }
    let differing = all.into_iter().filter(|(_, want, is, _)| want != is);
    found.extend(differing.map(|(kind, want, is, why)| {
        Deviation::of_loss(context.loss_id, kind, want, is, why).at(got)
    }));
}

fn fill_fields(expected: &FillReceipt, got: &FillReceipt) -> Vec<Field> {
    let mut all = ranked_fields(expected, got).to_vec();
    all.extend(taken_fields(expected, got));
    all
}

fn ranked_fields(expected: &FillReceipt, got: &FillReceipt) -> [Field; 4] {
    [
        (
            Kind::Score,
            expected.score_ppm.into(),
            got.score_ppm.into(),
            "the score of the job's policy in millionths, floored",
        ),
        (
            Kind::ProfitPerLot,
            expected.profit_per_lot.0,
            got.profit_per_lot.0,
            "d = s·((x − F) − e)",
        ),
        (
            Kind::Collateral,
            expected.collateral.0,
            got.collateral.0,
            "m̂: the lower bound of its class",
        ),
        (
            Kind::Collateral,
            expected.class.into(),
            got.class.into(),
            "the class of its collateral per lot",
        ),
    ]
}

fn taken_fields(expected: &FillReceipt, got: &FillReceipt) -> [Field; 6] {
    [
        (
            Kind::Lots,
            expected.lots.0.into(),
            got.lots.0.into(),
            "what is left of the loss, at most the position, by the breadth rule",
        ),
        (
            Kind::Profit,
            expected.profit.0,
            got.profit.0,
            "the closed share of the position's profit at the mark",
        ),
        (
            Kind::Price,
            expected.price.0.into(),
            got.price.0.into(),
            "the mark moved by charge/lots, rounded against the counterparty",
        ),
        (
            Kind::Seq,
            expected.seq.into(),
            got.seq.into(),
            "fills are numbered from 0",
        ),
        (
            Kind::Terms,
            expected.mark.0.into(),
            got.mark.0.into(),
            "the frozen mark of the loss",
        ),
        (
            Kind::Terms,
            expected.index.0,
            got.index.0,
            "the frozen funding of the loss",
        ),
    ]
}
