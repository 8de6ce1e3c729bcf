//! Losses and revenue in the model.

use cosmwasm_std::Uint256;
use perp_interface::fund::CoverDeficit;
use perp_interface::params::{SurplusRule, TargetRule};
use perp_interface::{MarketId, Quote};

use crate::model::{Loss, Model, Pot, Refusal};
use crate::ratio::Ratio;

fn part(amount: i128, over: u128, under: u128) -> Ratio {
    let over = Uint256::from(amount.unsigned_abs()) * Uint256::from(over);
    Ratio::new(over, Uint256::from(under))
}

fn ceil(amount: i128, over: u128, under: u128) -> i128 {
    let floor = part(amount, over, under).floor();
    let exact = Ratio::from(floor) == part(amount, over, under);
    (floor + u128::from(!exact)) as i128
}

/// What a first call may pay.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub pot: Option<u32>,
    pub asked: i128,
    pub least: i128,
    pub most: i128,
    pub tripped: bool,
}

impl Model {
    /// None: the loss is known, and nothing is paid.
    pub fn call(&self, msg: &CoverDeficit, code_id: u64) -> Result<Option<Bounds>, Refusal> {
        if msg.need < Quote::ZERO || msg.slippage_allowance < Quote::ZERO {
            return Err("negative_amount");
        }
        if msg.need.0 == 0 && msg.lots.0 == 0 {
            return Err("nothing_to_cover");
        }
        match self.losses.get(&msg.terms.loss_id) {
            Some(loss) if loss.market != msg.terms.market => Err("loss_market_mismatch"),
            Some(loss) if loss.closed => Err("loss_closed"),
            Some(_) => Ok(None),
            None => Ok(Some(self.bounds(msg, code_id))),
        }
    }

    fn bounds(&self, msg: &CoverDeficit, code_id: u64) -> Bounds {
        let asked = msg.need.0 + msg.slippage_allowance.0;
        let terms = self.terms.get(&msg.terms.market);
        let Some(terms) = terms.filter(|_| code_id == self.approved) else {
            return Bounds {
                pot: None,
                asked,
                least: 0,
                most: 0,
                tripped: false,
            };
        };
        let insurable = insurable(msg, asked);
        let mut pot = self.pots[&terms.pot].clone();
        pot.look(self.now, &self.params);
        let kept = u128::from(10_000 - self.params.trip_bps);
        let line = ceil(pot.peak(self.now), kept, 10_000);
        let mut most = insurable
            .min(self.params.per_loss_cap.0)
            .min(self.params.per_block_cap.0 - self.in_block(terms.pot))
            .min(pot.capital() - line);
        if let Some(cap) = terms.paid_in_cap {
            let paid_in = self.books.get(&msg.terms.market).map_or(0, |b| b.paid_in);
            let share = part(paid_in, cap.bps.into(), 10_000).floor() as i128;
            let drawn = self.drawn(0, |loss| loss.market == msg.terms.market);
            most = most.min(cap.base.0 + share - drawn);
        }
        if pot.tripped {
            most = 0;
        }
        let (least, most) = self.within_windows(msg.terms.market, most.max(0));
        Bounds {
            pot: Some(terms.pot),
            asked,
            least,
            most,
            tripped: pot.tripped,
        }
    }

    /// What draws since `since` have taken, less what came back.
    fn drawn(&self, since: u64, of: impl Fn(&Loss) -> bool) -> i128 {
        let losses = self.losses.values();
        losses
            .filter(|loss| loss.time >= since && loss.pot.is_some() && of(loss))
            .map(Loss::net)
            .sum()
    }

    fn in_block(&self, pot: u32) -> i128 {
        self.drawn(0, |l| l.pot == Some(pot) && l.height == self.height)
    }

    /// Windows are rounded: a draw may count one twelfth longer than it has to, or, after the length of the
    /// window has changed, as long as it ever could.
    fn within_windows(&self, market: MarketId, most: i128) -> (i128, i128) {
        let terms = &self.terms[&market];
        let params = &self.params;
        let shared = params.window_cap.0;
        let own = terms.window_cap.unwrap_or(params.market_window_cap).0;
        let true_start = self.now.saturating_sub(params.window_seconds);
        let steady = self.forgotten == 0 && self.longest_window == params.window_seconds;
        let longest = if steady {
            params.window_seconds + params.window_seconds.div_ceil(12)
        } else {
            u64::MAX
        };
        let room = |since: u64| {
            let by_pot = self.drawn(since, |l| l.pot == Some(terms.pot));
            let by_market = self.drawn(since, |l| l.market == market);
            (shared - by_pot).min(own - by_market).min(most).max(0)
        };
        let least = room(self.now.saturating_sub(longest));
        (least, room(true_start.max(self.forgotten)))
    }

    /// Books a first call that was paid `paid`: the seed bears it first.
    pub fn book(&mut self, msg: &CoverDeficit, bounds: Bounds, paid: i128) {
        let (now, height, params) = (self.now, self.height, self.params.clone());
        let mut loss = Loss {
            market: msg.terms.market,
            pot: bounds.pot,
            size: insurable(msg, msg.need.0),
            paid,
            seed: 0,
            staked: 0,
            closed: false,
            height,
            time: now,
        };
        if let Some(key) = bounds.pot {
            let pot = self.at(key);
            pot.note(now);
            pot.look(now, &params);
            loss.seed = paid.min(pot.seed);
            loss.staked = paid - loss.seed;
            pot.seed -= loss.seed;
            pot.staked -= loss.staked;
            pot.seed_hole += loss.seed;
            pot.staked_hole += loss.staked;
            pot.sums.paid.0 += paid;
            if pot.open.is_empty() {
                pot.open_since = now;
            }
            pot.open.insert(msg.terms.loss_id);
        }
        self.losses.insert(msg.terms.loss_id, loss);
    }

    /// The market has answered.
    pub fn answered(&mut self, bounds: Bounds) {
        let (now, params) = (self.now, self.params.clone());
        if let Some(key) = bounds.pot {
            self.at(key).look(now, &params);
        }
    }

    /// Stakers have it back first.
    pub fn give_back(&mut self, loss_id: u64, amount: i128) -> Result<(), Refusal> {
        let loss = self.losses.get_mut(&loss_id).ok_or("unknown_loss")?;
        let (Some(key), true) = (loss.pot, amount <= loss.net()) else {
            return Err("return_exceeds_payment");
        };
        let to_staked = amount.min(loss.staked);
        let to_seed = amount - to_staked;
        loss.staked -= to_staked;
        loss.seed -= to_seed;
        let pot = self.at(key);
        pot.sums.returned.0 += amount;
        if pot.shares() == 0 {
            pot.fill_seed(amount);
        } else {
            pot.fill_seed(to_seed);
            pot.fill_staked(to_staked);
        }
        Ok(())
    }

    pub fn close(&mut self, loss_id: u64) {
        let Some(loss) = self.losses.get_mut(&loss_id) else {
            return;
        };
        loss.closed = true;
        if let Some(key) = loss.pot {
            self.at(key).open.remove(&loss_id);
        }
    }

    fn target(&self, key: u32) -> i128 {
        let by_rule = match self.params.target {
            TargetRule::OpenInterest { bps } => ceil(self.open_interest(key), bps.into(), 10_000),
            TargetRule::ValueAtRisk {
                losses,
                quantile_bps,
                multiple_bps,
            } => {
                let own = |l: &&Loss| l.pot == Some(key) && l.size > 0;
                let of = self.losses.values().rev().filter(own);
                let mut last: Vec<i128> = of.take(losses as usize).map(|l| l.size).collect();
                last.sort_unstable();
                // The first loss that at least the quantile of all are not above.
                let count = last.len();
                let enough = |place: &usize| (place + 1) * 10_000 >= count * quantile_bps as usize;
                let place = (0..count).find(enough);
                place.map_or(0, |place| ceil(last[place], multiple_bps.into(), 10_000))
            }
        };
        by_rule.max(self.params.target_floor.0)
    }

    /// Revenue goes from bowl to bowl; what is left is surplus.
    pub fn earn(&mut self, market: MarketId, amount: i128, open_interest: Option<i128>) {
        let key = self.pot_of_revenue(market);
        let book = self.books.entry(market).or_default();
        book.paid_in += amount;
        book.open_interest = open_interest.unwrap_or(book.open_interest);
        let (target, params, now) = (self.target(key), self.params.clone(), self.now);
        let pot = self.at(key);
        pot.sums.revenue.0 += amount;
        let anybody = pot.shares() > 0;
        let mut left = amount;
        let mut pour = |room: i128| {
            let poured = room.clamp(0, left);
            left -= poured;
            poured
        };
        pot.purse += pour(params.bounty_reserve.0 - pot.purse);
        let to_stakers = pour(if anybody { pot.staked_hole } else { 0 });
        let to_protocol = pour(pot.seed_hole);
        let growth = pour(target - pot.capital() - to_stakers - to_protocol);
        let bps = if anybody { params.staker_share_bps } else { 0 };
        let share = part(growth, bps.into(), 10_000).floor() as i128;
        pot.fill_staked(to_stakers + share);
        pot.fill_seed(to_protocol + growth - share);
        match &params.surplus {
            SurplusRule::Stakers {} => give_surplus(pot, left, anybody),
            SurplusRule::Address { address } => {
                pot.sums.surplus.0 += left;
                if left > 0 {
                    self.owe(address, left);
                }
            }
        }
        self.at(key).look(now, &params);
    }
}

/// Without the part of the lots that its owner holds on the other side.
fn insurable(msg: &CoverDeficit, amount: i128) -> i128 {
    let (lots, same) = (u128::from(msg.lots.0), u128::from(msg.same_owner_lots.0));
    match same {
        0 => amount,
        _ if same >= lots => 0,
        _ => part(amount, lots - same, lots).floor() as i128,
    }
}

fn give_surplus(pot: &mut Pot, amount: i128, anybody: bool) {
    if anybody {
        pot.fill_staked(amount);
    } else {
        pot.fill_seed(amount);
    }
}
