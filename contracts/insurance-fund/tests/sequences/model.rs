//! What the fund should hold, worked out from the rules alone: the code under test has no part in it.

use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::Uint256;
use perp_interface::fund::TrancheSums;
use perp_interface::params::{FundParams, PaidInCap};
use perp_interface::{LossId, MarketId, Quote};

use crate::ratio::Ratio;

/// Shares and the one unit that nobody owns.
const VIRTUAL: u128 = 1_000;

const EIGHT_HOURS: u64 = 28_800;
const HALF_HOUR: u64 = 1_800;

pub type Refusal = &'static str;

/// A request: shares, what they were worth without rounding, when it was made, and from when until when it
/// may be claimed, by the parameters of that time.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    pub shares: u128,
    pub value: Ratio,
    pub at: u64,
    pub from: u64,
    pub until: u64,
}

#[derive(Clone, Debug, Default)]
pub struct Staker {
    pub free: u128,
    pub requests: BTreeMap<u64, Asked>,
    pub next: u64,
}

/// A tranche.
#[derive(Clone, Debug, Default)]
pub struct Pot {
    pub seed: i128,
    pub staked: i128,
    pub seed_hole: i128,
    pub staked_hole: i128,
    pub purse: i128,
    pub stakers: BTreeMap<usize, Staker>,
    pub sums: TrancheSums,
    pub open: BTreeSet<LossId>,
    pub open_since: u64,
    /// Every capital before a fall, and until when it counts.
    pub peaks: Vec<(u64, u64, i128)>,
    pub tripped: bool,
}

impl Pot {
    pub fn capital(&self) -> i128 {
        self.seed + self.staked
    }

    pub fn requested(&self) -> u128 {
        let requests = self.stakers.values().flat_map(|s| s.requests.values());
        requests.map(|asked| asked.shares).sum()
    }

    pub fn shares(&self) -> u128 {
        self.stakers.values().map(|s| s.free).sum::<u128>() + self.requested()
    }

    pub fn value(&self, shares: u128) -> Ratio {
        let assets = Uint256::from(self.staked.unsigned_abs() + 1);
        let all = Uint256::from(self.shares() + VIRTUAL);
        Ratio::new(Uint256::from(shares) * assets, all)
    }

    /// What a stake gets, without rounding.
    pub fn worth_in_shares(&self, amount: i128) -> Ratio {
        let all = Uint256::from(self.shares() + VIRTUAL);
        let assets = Uint256::from(self.staked.unsigned_abs() + 1);
        Ratio::new(Uint256::from(amount.unsigned_abs()) * all, assets)
    }

    /// A thousandth of the first price, which is a thousandth of a unit.
    pub fn is_wiped(&self) -> bool {
        (self.staked.unsigned_abs() + 1) * 1_000_000 < self.shares() + VIRTUAL
    }

    pub fn fill_seed(&mut self, amount: i128) {
        self.seed += amount;
        self.seed_hole = (self.seed_hole - amount).max(0);
    }

    pub fn fill_staked(&mut self, amount: i128) {
        self.staked += amount;
        self.staked_hole = (self.staked_hole - amount).max(0);
    }

    /// The highest capital that counts: those of the last 8 hours, rounded up to half an hour.
    pub fn peak(&self, now: u64) -> i128 {
        let noted = self.peaks.iter().filter(|peak| peak.1 >= now);
        noted.map(|peak| peak.2).fold(self.capital(), i128::max)
    }

    /// The same without the rounding: those of the last 8 hours to the second.
    pub fn true_peak(&self, now: u64) -> i128 {
        let noted = self.peaks.iter().filter(|p| p.0 + EIGHT_HOURS >= now);
        noted.map(|peak| peak.2).fold(self.capital(), i128::max)
    }

    pub fn note(&mut self, now: u64) {
        let until = now / HALF_HOUR * HALF_HOUR + HALF_HOUR - 1 + EIGHT_HOURS;
        self.peaks.push((now, until, self.capital()));
    }

    /// Stops at or below the line, resumes at or above the other one.
    pub fn look(&mut self, now: u64, params: &FundParams) {
        let (capital, peak) = (self.capital(), self.peak(now));
        let kept = |bps: u32| peak * (10_000 - i128::from(bps));
        let at_trip = (capital - 1) * 10_000 < kept(params.trip_bps);
        let below_resume = capital * 10_000 < kept(params.resume_bps);
        self.tripped = if params.trip_bps == 10_000 || capital >= peak {
            false
        } else {
            at_trip || (self.tripped && below_resume)
        };
    }

    /// What leaves by somebody's will is no loss: `left` is what leaves.
    pub fn shrink(&mut self, now: u64, left: i128) {
        let before = self.capital();
        if before > 0 {
            self.note(now);
            for peak in &mut self.peaks {
                peak.2 = scaled(peak.2, before - left, before).floor() as i128;
            }
        }
    }

    /// What stakers bring is no recovery.
    pub fn grow(&mut self, now: u64, more: i128) {
        let before = self.capital();
        if before > 0 {
            self.note(now);
            for peak in &mut self.peaks {
                let exact = scaled(peak.2, before + more, before);
                let floor = exact.floor();
                peak.2 = (floor + u128::from(exact > Ratio::from(floor))) as i128;
            }
        }
    }
}

fn scaled(peak: i128, after: i128, before: i128) -> Ratio {
    let product = Uint256::from(peak.unsigned_abs()) * Uint256::from(after.unsigned_abs());
    Ratio::new(product, before.unsigned_abs().into())
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Book {
    pub paid_in: i128,
    pub open_interest: i128,
}

#[derive(Clone, Copy, Debug)]
pub struct Terms {
    pub pot: u32,
    pub window_cap: Option<Quote>,
    pub paid_in_cap: Option<PaidInCap>,
}

#[derive(Clone, Copy, Debug)]
pub struct Loss {
    pub market: MarketId,
    pub pot: Option<u32>,
    /// What could be insured of its need.
    pub size: i128,
    pub paid: i128,
    /// What the seed and the stakers have borne so far.
    pub seed: i128,
    pub staked: i128,
    pub closed: bool,
    pub height: u64,
    pub time: u64,
}

impl Loss {
    pub fn net(&self) -> i128 {
        self.seed + self.staked
    }
}

/// The fund.
#[derive(Clone, Debug)]
pub struct Model {
    pub params: FundParams,
    pub version: u64,
    pub approved: u64,
    pub pots: BTreeMap<u32, Pot>,
    pub terms: BTreeMap<MarketId, Terms>,
    pub books: BTreeMap<MarketId, Book>,
    pub losses: BTreeMap<LossId, Loss>,
    pub bounties: BTreeMap<LossId, i128>,
    pub owed: BTreeMap<String, i128>,
    pub now: u64,
    pub height: u64,
    /// Draws before this may count in no window any more: a shorter one was in force once.
    pub forgotten: u64,
    /// The longest window so far: an upper bound of what may still count.
    pub longest_window: u64,
}

impl Model {
    pub fn new(params: FundParams, approved: u64) -> Self {
        Self {
            longest_window: params.window_seconds,
            params,
            version: 1,
            approved,
            pots: BTreeMap::from([(0, Pot::default())]),
            terms: BTreeMap::new(),
            books: BTreeMap::new(),
            losses: BTreeMap::new(),
            bounties: BTreeMap::new(),
            owed: BTreeMap::new(),
            now: 0,
            height: 0,
            forgotten: 0,
        }
    }

    pub fn pot(&self, key: u32) -> Result<&Pot, Refusal> {
        self.pots.get(&key).ok_or("unknown_tranche")
    }

    pub fn at(&mut self, key: u32) -> &mut Pot {
        self.pots.get_mut(&key).expect("a tranche")
    }

    /// Open interest of the markets that a tranche insures.
    pub fn open_interest(&self, key: u32) -> i128 {
        let of = self.terms.iter().filter(|(_, terms)| terms.pot == key);
        of.filter_map(|(market, _)| self.books.get(market))
            .map(|book| book.open_interest)
            .sum()
    }

    /// The parties that want out: the protocol (none) or a staker whose cooldown ended then.
    ///
    /// No loss of the tranche may be open, known to the fund or not. A staker goes all the same when losses
    /// that the fund knows have been open for the emergency time without a break; and for one that it does not
    /// know, or a market that is silent or not to be believed, as long after the end of the cooldown.
    pub fn may_leave(
        &self,
        key: u32,
        staker: Option<u64>,
        gates: &Option<Vec<MarketId>>,
    ) -> Result<(), Refusal> {
        let pot = self.pot(key)?;
        let patience = self.params.emergency_seconds;
        let over = staker.is_some() && self.now - pot.open_since >= patience;
        if !pot.open.is_empty() && !over {
            return Err("loss_open");
        }
        match staker {
            Some(from) if self.now - from >= patience => Ok(()),
            _ => self.all_booked(key, gates),
        }
    }

    /// Nobody comes in while a loss is open.
    pub fn may_enter(&self, key: u32, gates: &Option<Vec<MarketId>>) -> Result<(), Refusal> {
        if !self.pot(key)?.open.is_empty() {
            return Err("loss_open");
        }
        self.all_booked(key, gates)
    }

    fn all_booked(&self, key: u32, gates: &Option<Vec<MarketId>>) -> Result<(), Refusal> {
        let markets = gates.as_ref().ok_or("market_silent")?;
        let held = |m: &MarketId| self.terms.get(m).is_some_and(|t| t.pot == key);
        match markets.iter().any(held) {
            true => Err("loss_not_booked"),
            false => Ok(()),
        }
    }

    /// Whose revenue of a market is.
    pub fn pot_of_revenue(&self, market: MarketId) -> u32 {
        let own = u32::from(market) + 1;
        match self.terms.get(&market) {
            Some(terms) => terms.pot,
            None if self.pots.contains_key(&own) => own,
            None => 0,
        }
    }

    pub fn owe(&mut self, to: &str, amount: i128) {
        *self.owed.entry(to.to_string()).or_default() += amount;
    }

    /// All coins that the fund should hold.
    pub fn coins(&self) -> i128 {
        let pots = self.pots.values().map(|pot| pot.capital() + pot.purse);
        pots.sum::<i128>() + self.owed.values().sum::<i128>()
    }
}
