//! Splitting a position and its cash into accounts does not change what is taken, up to rounding.

use perp_core::allocation::{cut_share, Offer, SetWalk};
use perp_core::class::{class_floor, class_of};
use perp_core::hedge::Hedge;
use perp_core::margin::Tier;
use perp_core::merge::{compare, Entry, Ranked};
use perp_core::policy::{Part, Policy};
use perp_core::position::Position;
use perp_core::score::{base, entry_floor, order_key, Score, ScoreKind};
use perp_core::settlement::{Candidate, Fold, Pass};
use perp_core::units::{Lots, PerLot, Price, Quote, Side};
use proptest::prelude::*;

const MARK: Price = Price(8_000_000);

/// Numbers from here on belong to the player.
const PLAYER: u64 = 1_000;

const TIERS: [Tier; 1] = [Tier {
    from: Quote(0),
    initial_bps: 1_000,
    maintenance_bps: 500,
}];

/// A short: lots, price of entry, cash per lot.
#[derive(Clone, Copy, Debug)]
struct Short {
    account: u64,
    lots: u64,
    entry: u64,
    cash: i128,
}

impl Short {
    fn position(&self) -> Position {
        Position::flat(PerLot::ZERO)
            .trade(Side::Short, Lots(self.lots), Price(self.entry))
            .expect("opens")
            .position
    }

    fn ranked(&self, kind: ScoreKind) -> Ranked {
        let base = base(Side::Short, MARK, PerLot::ZERO).expect("fits");
        let order = order_key(Side::Short, entry_floor(&self.position()).expect("is open"));
        let class = class_of((self.cash << 32) / i128::from(self.lots));
        Ranked {
            class,
            entry: Entry {
                order,
                account: self.account,
                lots: self.lots,
                stamp: 0,
            },
            score: Score::at(kind, base, order, class_floor(class)),
        }
    }
}

/// Lots and money that the first pass takes from the player.
fn taken(policy: &Policy, book: &[Short], lots: u64, need: i128) -> (i128, i128) {
    let mut ranked: Vec<_> = book.iter().map(|s| (s.ranked(policy.score), *s)).collect();
    ranked.sort_by(|a, b| compare(&a.0, &b.0));
    ranked.retain(|(r, _)| policy.part(Pass::Profit, &r.score) == Part::Takes);
    let mut walk = SetWalk::new(Lots(lots), policy.breadth);
    for (r, short) in &ranked {
        let offer = walk.offer(policy, Lots(lots), (Lots(short.lots), &r.score));
        if offer.expect("in range") == Offer::Full {
            break;
        }
    }
    let mut inside = walk.set.lots;
    let mut fold = Fold::new(Lots(lots), Quote(need));
    fold.set = walk.set;
    let mut player = (0, 0);
    for (r, short) in &ranked {
        if fold.pass != Pass::Profit || fold.is_done() {
            break;
        }
        let weight = policy.weight_per_lot(&r.score);
        let inside_now = if weight > 0 { inside } else { 0 };
        let share = cut_share(Lots(short.lots), weight, inside_now).expect("fits");
        inside -= u128::from(share.lots.0);
        let position = short.position();
        let pnl = position.pnl(MARK).expect("fits").0;
        let candidate = Candidate {
            position,
            equity: Quote(short.cash + pnl),
            other_maintenance: Quote::ZERO,
            tiers: &TIERS,
            share: (policy.shares(Pass::Profit) && weight > 0).then_some(share),
            hedge: Hedge::default(),
        };
        let fill = fold.visit(policy, MARK, &candidate).expect("visits");
        if let (Some(fill), true) = (fill, short.account >= PLAYER) {
            player.0 += i128::from(fill.lots.0);
            player.1 += fill.charge.0;
        }
    }
    player
}

/// The player's position in parts of these weights, each with its part of the cash.
fn parts(whole: Short, weights: &[u64]) -> Vec<Short> {
    let total: u64 = weights.iter().sum();
    let per_lot = whole.cash / i128::from(whole.lots);
    let (mut given, mut sum) = (0, 0);
    let mut parts = Vec::new();
    for (i, weight) in weights.iter().enumerate() {
        sum += weight;
        let upto = (u128::from(whole.lots) * u128::from(sum) / u128::from(total)) as u64;
        if upto > given {
            parts.push(Short {
                account: PLAYER + i as u64,
                lots: upto - given,
                cash: per_lot * i128::from(upto - given),
                ..whole
            });
        }
        given = upto;
    }
    parts
}

fn others() -> impl Strategy<Value = Vec<Short>> {
    let one = (
        1u64..2_000,
        8_010_000u64..14_000_000,
        1_500_000i128..20_000_000,
    );
    prop::collection::vec(one, 1..30).prop_map(|list| {
        let numbered = list.into_iter().enumerate();
        numbered
            .map(|(i, (lots, entry, per_lot))| Short {
                account: i as u64 + 1,
                lots,
                entry,
                cash: per_lot * i128::from(lots),
            })
            .collect()
    })
}

fn player() -> impl Strategy<Value = Short> {
    let one = (
        100u64..5_000,
        8_010_000u64..14_000_000,
        1_500_000i128..20_000_000,
    );
    one.prop_map(|(lots, entry, per_lot)| Short {
        account: PLAYER,
        lots,
        entry,
        cash: per_lot * i128::from(lots),
    })
}

/// Parts of a split: equal ones, or of any weights.
fn weights() -> impl Strategy<Value = Vec<u64>> {
    let equal = prop::sample::select(vec![2usize, 5, 20]).prop_map(|k| vec![1; k]);
    let unequal = prop::sample::select(vec![2usize, 5, 20])
        .prop_flat_map(|k| prop::collection::vec(1u64..1_000, k));
    prop_oneof![equal, unequal]
}

/// A part of all lots in per mille, and the money for each of them.
fn loss(book: &[Short], part: u64, per_lot: i128) -> (u64, i128) {
    let all: u64 = book.iter().map(|s| s.lots).sum();
    let lots = (all * part / 1_000).max(1);
    (lots, per_lot * i128::from(lots))
}

proptest! {
    /// Over the whole ranking, k parts together give k lots more or fewer than the whole at the
    /// most, and are charged the money of those lots and 2·k units more or less.
    #[test]
    fn pro_rata_sees_through_k_accounts(
        others in others(), whole in player(), weights in weights(), part in 1u64..900, per_lot in 0i128..5_000_000,
    ) {
        let policy = Policy::of_breadth(10_000);
        let split = parts(whole, &weights);
        let together = |own: &[Short]| [&others[..], own].concat();
        let (lots, need) = loss(&together(&[whole]), part, per_lot);
        let one = taken(&policy, &together(&[whole]), lots, need);
        let many = taken(&policy, &together(&split), lots, need);
        let k = split.len() as i128;
        prop_assert!((one.0 - many.0).abs() <= k, "lots {} and {}", one.0, many.0);
        let profit = i128::from(whole.entry - MARK.0);
        prop_assert!((one.1 - many.1).abs() <= k * profit + 2 * k, "money {} and {}", one.1, many.1);
    }

    /// The classic queue closes the parts one after the other, as it would have closed the whole.
    #[test]
    fn the_classic_queue_sees_through_them_exactly(
        others in others(), whole in player(), weights in weights(), part in 1u64..900, per_lot in 0i128..5_000_000,
    ) {
        let split = parts(whole, &weights);
        let together = |own: &[Short]| [&others[..], own].concat();
        let (lots, need) = loss(&together(&[whole]), part, per_lot);
        let one = taken(&Policy::default(), &together(&[whole]), lots, need);
        let many = taken(&Policy::default(), &together(&split), lots, need);
        prop_assert_eq!(one.0, many.0);
        prop_assert!((one.1 - many.1).abs() <= 2 * split.len() as i128, "money {} and {}", one.1, many.1);
    }

    /// Levelling: what is kept is in proportion to equity, so that cash moved to another part
    /// costs there what it saves here. No split keeps more than one lot for each part.
    #[test]
    fn levelling_sees_through_cash_on_the_wrong_account(
        others in others(), whole in player(), weights in weights(), part in 1u64..900, moved in 0i128..80,
    ) {
        let policy = Policy {
            score: ScoreKind::Leverage,
            protect_principal: false,
            ..Policy::of_breadth(10_000)
        };
        let mut split = parts(whole, &weights);
        let half = split.len() / 2;
        for i in 0..half {
            // Cash goes from the first half of the parts to the second.
            let away = split[i].cash * moved / 100;
            split[i].cash -= away;
            split[half + i].cash += away;
        }
        let together = |own: &[Short]| [&others[..], own].concat();
        let (lots, need) = loss(&together(&[whole]), part, 0);
        let one = taken(&policy, &together(&[whole]), lots, need);
        let many = taken(&policy, &together(&split), lots, need);
        // A class is an eighth of an octave wide: so much leverage is a matter of rounding.
        let eighth = i128::from(whole.lots) / 8;
        let k = split.len() as i128;
        prop_assert!(many.0 >= one.0 - k - eighth, "lots {} and {}", one.0, many.0);
    }
}
