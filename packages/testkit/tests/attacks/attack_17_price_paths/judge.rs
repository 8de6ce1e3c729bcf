//! What has to hold of a path, and how often its cases occurred.

use perp_core::cover::insurable_floor;
use perp_interface::Lots;

use super::generator::{Book, Fund, Legs, Path, Shape, Tactic};
use super::pair::LOTS;
use super::run::{Outcome, Seen};
use super::world::SMALL;

/// Checks a path.
pub fn judge(path: Path, out: &Outcome) {
    let told = || format!("{path:?}\n{out:#?}");
    assert_eq!(
        out.joint + out.honest + out.fees,
        out.fund + out.bounties + out.bad_debt,
        "nothing comes out of nowhere: {}",
        told()
    );
    let is_late = path.book == Book::Late;
    assert!(
        out.picked() <= 0 || is_late,
        "only the queue takes from the honest: {}",
        told()
    );
    assert!(
        out.bounties + out.liquidator_fees < out.paid_fees,
        "the keeper earns less than the legs paid: {}",
        told()
    );
    let picked = out.picked().max(0);
    let sources = out.fund + out.others + out.bad_debt + picked;
    assert!(out.joint < sources.max(1), "{}", told());
    assert!((0..=out.caps).contains(&out.fund), "{}", told());
    if out.losses.is_empty() {
        assert_eq!(out.fund + out.others + out.bad_debt, 0, "{}", told());
        assert!(out.joint < 0 || is_late, "{}", told());
    }
    if path.shape.is_without_gap() && path.tactic != Tactic::SelfLate && path.book == Book::Deep {
        assert!(out.losses.is_empty(), "no leg went below zero: {}", told());
    }
    let is_first = path.legs != Legs::SecondSafe;
    if is_first && out.losses.iter().all(|loss| loss.was_whole) {
        assert_eq!(
            out.others + out.bad_debt,
            0,
            "the winner bears what the fund does not: {}",
            told()
        );
    }
    for loss in &out.losses {
        judge_loss(path, loss);
    }
}

fn judge_loss(path: Path, loss: &Seen) {
    let told = || format!("{path:?}\n{loss:#?}");
    if path.tactic != Tactic::SelfLate && path.shape != Shape::Lag {
        let step = i128::from(LOTS) * loss.last_move;
        assert!(loss.need <= step, "above zero one step before: {}", told());
    }
    let Some(record) = &loss.record else {
        return;
    };
    let paid = record.paid.0 - record.returned.0;
    match path.fund {
        Fund::Empty | Fund::Tripped => assert_eq!(record.paid.0, 0, "{}", told()),
        Fund::SmallCaps => assert!(record.paid.0 <= SMALL[0].min(SMALL[1]), "{}", told()),
        Fund::BigCaps | Fund::PaidIn => {}
    }
    assert!((0..=record.asked.0).contains(&paid), "{}", told());
    if path.legs == Legs::OneOwner {
        let (lots, against) = (Lots(loss.lots), Lots(loss.against));
        let most = insurable_floor(record.asked, lots, against).expect("small");
        assert!(record.paid <= most, "{}", told());
        if loss.against >= loss.lots {
            assert_eq!(record.paid.0, 0, "opposed whole: {}", told());
        }
    }
}

/// How many paths were of which kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All.
    pub paths: u32,
    /// No leg went below zero.
    pub no_gap: u32,
    /// One did.
    pub gap: u32,
    /// There was more than one loss.
    pub two_losses: u32,
    /// The queue deleveraged the first leg.
    pub adl_on_first: u32,
    /// The queue deleveraged the second leg.
    pub adl_on_second: u32,
    /// The queue charged others.
    pub others_paid: u32,
    /// Something was left as bad debt.
    pub bad_debt: u32,
    /// The fund paid.
    pub fund_paid: u32,
    /// The fund paid as much as the caps allow.
    pub capped: u32,
    /// A leg above zero was sold down.
    pub sold_down: u32,
    /// A bounty was booked.
    pub bounty: u32,
    /// The pair gained.
    pub gained: u32,
    /// Legs of one owner, opposed whole, when one was bankrupt.
    pub same_owner: u32,
    /// Late makers paid.
    pub picked: u32,
}

impl Tally {
    /// One more path.
    pub fn add(&mut self, path: Path, out: &Outcome) {
        let opposed = |loss: &Seen| loss.against >= loss.lots;
        let one_owner = path.legs == Legs::OneOwner;
        let cases = [
            (&mut self.paths, true),
            (&mut self.no_gap, out.losses.is_empty()),
            (&mut self.gap, !out.losses.is_empty()),
            (&mut self.two_losses, out.losses.len() > 1),
            (&mut self.adl_on_first, out.adl_on[0] > 0),
            (&mut self.adl_on_second, out.adl_on[1] > 0),
            (&mut self.others_paid, out.others > 0),
            (&mut self.bad_debt, out.bad_debt > 0),
            (&mut self.fund_paid, out.fund > 0),
            (&mut self.capped, out.fund > 0 && out.fund == out.caps),
            (&mut self.sold_down, out.sold_down > 0),
            (&mut self.bounty, out.bounties > 0),
            (&mut self.gained, out.joint > 0),
            (
                &mut self.same_owner,
                one_owner && out.losses.iter().any(opposed),
            ),
            (&mut self.picked, out.picked() > 0),
        ];
        for (count, occurred) in cases {
            *count += u32::from(occurred);
        }
    }
}
