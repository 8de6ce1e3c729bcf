//! A job's way through the ranking, pass by pass, over a sorted list.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use perp_core::allocation::{cut_share, Offer, SetWalk, Share, SharingSet};
use perp_core::policy::Part;
use perp_core::score::Score;
use perp_interface::loss::LossTerms;
use perp_interface::{AccountId, Lots, Pass, Policy, Side};
use perp_testkit::order::{compare, Standing};

use super::keys::Keys;
use super::VerifyError;

/// Whose turn it is.
#[derive(Clone, Debug)]
pub struct Turn {
    /// Its place in the ranking.
    pub standing: Standing,
    /// Its number among those asked in this pass.
    pub rank: u32,
    /// What it is ranked by.
    pub score: Score,
    /// Its part of the sharing set.
    pub share: Option<Share>,
}

/// How lots are shared in a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sharing {
    /// Whole positions in rank order.
    Whole,
    /// Over a set that is still to be summed.
    Unsummed,
    /// Lots of the set whose turn is still to come.
    Left(u128),
}

impl Sharing {
    fn at_start(policy: &Policy, pass: Pass) -> Self {
        if policy.shares(pass) {
            Self::Unsummed
        } else {
            Self::Whole
        }
    }
}

/// The walk.
#[derive(Clone, Debug)]
pub struct Walk {
    terms: LossTerms,
    policy: Policy,
    pass: Pass,
    sharing: Sharing,
    /// Who comes next; none: to be sorted again.
    order: Option<VecDeque<Standing>>,
    cursor: Option<Standing>,
    /// Written by this pass: visited where they stood before.
    written: BTreeSet<AccountId>,
    /// Came in while the job was open: that pass, which shares, does not see them.
    newcomers: BTreeMap<AccountId, Pass>,
    asked: u32,
}

impl Walk {
    /// At its start.
    pub fn new(terms: LossTerms, policy: Policy, pass: Pass) -> Self {
        Self {
            terms,
            policy,
            pass,
            sharing: Sharing::at_start(&policy, pass),
            order: None,
            cursor: None,
            written: BTreeSet::new(),
            newcomers: BTreeMap::new(),
            asked: 0,
        }
    }

    /// The pass it is in.
    pub const fn pass(&self) -> Pass {
        self.pass
    }

    /// How many were asked in this pass.
    pub const fn asked(&self) -> u32 {
        self.asked
    }

    /// The policy that was frozen with it.
    pub const fn policy(&self) -> Policy {
        self.policy
    }

    /// The side of the counterparties.
    pub const fn side(&self) -> Side {
        self.terms.side.opposite()
    }

    /// Goes to the head of another pass.
    pub fn begin(&mut self, pass: Pass) {
        self.pass = pass;
        self.sharing = Sharing::at_start(&self.policy, pass);
        self.written.clear();
        self.restart();
    }

    /// Goes to the head of this pass again.
    pub fn restart(&mut self) {
        self.order = None;
        self.cursor = None;
        self.asked = 0;
    }

    /// Notes whom this pass has written to another place.
    pub fn note_written(&mut self, accounts: impl IntoIterator<Item = AccountId>) {
        self.written.extend(accounts);
    }

    /// The ranking was read again; `newcomers` were not in it before.
    pub fn resume(&mut self, newcomers: impl IntoIterator<Item = AccountId>) {
        let newcomers = newcomers.into_iter().map(|account| (account, Pass::Profit));
        self.newcomers.extend(newcomers);
        self.order = None;
    }

    /// Sums the sharing set, once, before the first turn of a pass that shares.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn sum(&mut self, keys: &Keys, lots: Lots) -> Result<Option<SharingSet>, VerifyError> {
        if self.sharing != Sharing::Unsummed {
            return Ok(None);
        }
        let policy = self.policy;
        let mut walk = SetWalk::new(lots, policy.breadth);
        for standing in self.order(keys).clone() {
            let score = self.score(&standing);
            match policy.part(self.pass, &score) {
                Part::Sits => continue,
                Part::Ends => break,
                Part::Takes => {
                    let position = (Lots(standing.lots), &score);
                    if walk.offer(&policy, lots, position)? == Offer::Full {
                        break;
                    }
                }
            }
        }
        self.sharing = Sharing::Left(walk.set.lots);
        Ok(Some(walk.set))
    }

    /// Whose turn it would be.
    pub fn peek(&mut self, keys: &Keys) -> Option<Standing> {
        if !self.pass.walks_the_ranking() {
            return None;
        }
        loop {
            let first = self.order(keys).front().cloned()?;
            match self.policy.part(self.pass, &self.score(&first)) {
                Part::Takes => return Some(first),
                Part::Ends => return None,
                Part::Sits => drop(self.order(keys).pop_front()),
            }
        }
    }

    /// The next turn.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn next(&mut self, keys: &Keys) -> Result<Option<Turn>, VerifyError> {
        let Some(standing) = self.peek(keys) else {
            return Ok(None);
        };
        self.order(keys).pop_front();
        self.cursor = Some(standing.clone());
        self.asked += 1;
        let score = self.score(&standing);
        let weight = self.policy.weight_per_lot(&score);
        let share = match &mut self.sharing {
            Sharing::Left(left) if *left > 0 && weight > 0 => {
                let share = cut_share(Lots(standing.lots), weight, *left)?;
                *left -= u128::from(share.lots.0);
                Some(share)
            }
            _ => None,
        };
        Ok(Some(Turn {
            standing,
            rank: self.asked,
            score,
            share,
        }))
    }

    fn score(&self, standing: &Standing) -> Score {
        Score {
            kind: self.policy.score,
            profit: standing.profit(self.side(), self.terms.mark, self.terms.index),
            collateral: standing.floor,
        }
    }

    /// Everybody behind the last turn, sorted.
    fn order(&mut self, keys: &Keys) -> &mut VecDeque<Standing> {
        let (side, at) = (self.side(), (self.terms.mark, self.terms.index));
        let (cursor, written, newcomers) = (&self.cursor, &self.written, &self.newcomers);
        let (pass, kind) = (self.pass, self.policy.score);
        self.order.get_or_insert_with(|| {
            let ranked = keys.ranked(kind, (self.terms.market, side), at);
            let behind = |s: &Standing| {
                cursor
                    .as_ref()
                    .is_none_or(|cursor| compare(kind, side, at, (cursor, s)).is_lt())
            };
            let unseen = |s: &Standing| {
                !written.contains(&s.account) && newcomers.get(&s.account) != Some(&pass)
            };
            ranked
                .into_iter()
                .filter(|s| behind(s) && unseen(s))
                .collect()
        })
    }
}
