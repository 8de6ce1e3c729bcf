//! Stakers, and others who bring money in or take it out.

use cosmwasm_std::{Coin, Uint256};
use perp_interface::fund::{
    Contribute, ExecuteMsg, Layer, PayOwed, RequestUnstake, Stake, Tranche, UnstakeRequest,
    WithdrawCapital,
};
use perp_interface::{Quote, Shares};
use rand::seq::SliceRandom;
use rand::Rng;

use crate::chain::{coin, Gates, Plan, DENOM};
use crate::generator::amount;
use crate::model::{Asked, Pot, Refusal};
use crate::ratio::Ratio;
use crate::sequence::{cast, Sequence, Touch, POTS, STAKERS};

impl Sequence {
    /// Mostly one that is there.
    fn any_pot(&mut self) -> u32 {
        if self.rng.gen_bool(0.005) {
            return 100;
        }
        *POTS.choose(&mut self.rng).expect("some")
    }

    fn any_staker(&mut self) -> usize {
        self.rng.gen_range(0..STAKERS)
    }

    fn any_amount(&mut self) -> i128 {
        let bits = self.bits;
        amount(&mut self.rng, bits)
    }

    /// What the market says of its gates, unless it runs code that nobody has approved.
    fn believed_gates(&self) -> Gates {
        let approved = self.chain.code_id() == self.model.approved;
        self.chain.gates().filter(|_| approved)
    }

    pub fn stake(&mut self) {
        let (key, who, amount) = (self.any_pot(), self.any_staker(), self.any_amount());
        // Of a wiped pool it would be beyond all numbers.
        let pot = self.model.pot(key).ok().filter(|pot| !pot.is_wiped());
        let worth = pot.map_or(0, |pot| pot.worth_in_shares(amount).floor());
        let (min_shares, funds) = match self.rng.gen_range(0..40) {
            0 => (None, vec![]),
            1 => (None, vec![Coin::new(amount.unsigned_abs(), "uatom")]),
            2 => (Some(Shares(worth + 1)), vec![coin(amount)]),
            3..=9 => (Some(Shares(worth)), vec![coin(amount)]),
            _ => (None, vec![coin(amount)]),
        };
        let expected = self.may_stake(key, (amount, worth), min_shares, &funds);
        let msg = ExecuteMsg::Stake(Stake {
            tranche: Tranche::from_key(key),
            min_shares,
        });
        let outcome = self.send(&cast().stakers[who], msg, &funds, &Plan::default());
        if self.agree("stake", expected, outcome).is_none() {
            return;
        }
        let now = self.model.now;
        let pot = self.model.at(key);
        pot.grow(now, amount);
        // The new shares are never worth more than what was paid for them.
        pot.stakers.entry(who).or_default().free += worth;
        pot.staked += amount;
        pot.sums.staked_in.0 += amount;
        assert!(pot.value(worth) <= Ratio::from(amount.unsigned_abs()));
        self.check(Touch::One(key));
    }

    fn may_stake(
        &self,
        key: u32,
        (amount, worth): (i128, u128),
        min_shares: Option<Shares>,
        funds: &[Coin],
    ) -> Result<(), Refusal> {
        match funds {
            [] => return Err("missing_funds"),
            [coin] if coin.denom != DENOM => return Err("wrong_denom"),
            _ => {}
        }
        let pot = self.model.pot(key)?;
        self.model.may_enter(key, &self.believed_gates())?;
        if pot.is_wiped() {
            return Err("pool_wiped");
        }
        if amount < self.model.params.min_stake.0 || worth == 0 {
            return Err("stake_too_small");
        }
        if min_shares.is_some_and(|min| worth < min.0) {
            return Err("too_few_shares");
        }
        Ok(())
    }

    /// Mostly somebody who has shares without a request.
    fn any_holder(&mut self) -> (u32, usize) {
        let pots = self.pots().iter();
        let all: Vec<(u32, usize)> = pots
            .flat_map(|(key, pot)| {
                let holders = pot.stakers.iter().filter(|(_, staker)| staker.free > 0);
                holders.map(|(who, _)| (*key, *who))
            })
            .collect();
        match all.choose(&mut self.rng) {
            Some(found) if self.rng.gen_bool(0.97) => *found,
            _ => (POTS[self.rng.gen_range(0..2)], self.any_staker()),
        }
    }

    pub fn request(&mut self) {
        let (key, who) = self.any_holder();
        let staker = self.pots()[&key]
            .stakers
            .get(&who)
            .cloned()
            .unwrap_or_default();
        let shares = match self.rng.gen_range(0..10) {
            0 => staker.free + 1,
            1..=5 => staker.free,
            _ => self.rng.gen_range(0..=staker.free),
        };
        let expected = if shares == 0 || shares > staker.free {
            Err("shares_out_of_range")
        } else if staker.requests.len() as u32 >= self.model.params.max_requests {
            Err("too_many_requests")
        } else {
            Ok(())
        };
        let msg = ExecuteMsg::RequestUnstake(RequestUnstake {
            tranche: Tranche::from_key(key),
            shares: Shares(shares),
        });
        let outcome = self.send(&cast().stakers[who], msg, &[], &Plan::default());
        if self.agree("request", expected, outcome).is_none() {
            return;
        }
        let now = self.model.now;
        let from = now + self.model.params.cooldown_seconds;
        let until = from + self.model.params.claim_seconds;
        let pot = self.model.at(key);
        let value = pot.value(shares);
        let staker = pot.stakers.get_mut(&who).expect("a staker");
        staker.free -= shares;
        let asked = Asked {
            shares,
            value,
            at: now,
            from,
            until,
        };
        staker.requests.insert(staker.next, asked);
        staker.next += 1;
        self.check(Touch::One(key));
    }

    /// A request of somebody, or one that never was.
    fn any_request(&mut self) -> Option<(u32, usize, u64)> {
        let pots = self.pots().iter();
        let all: Vec<(u32, usize, u64)> = pots
            .flat_map(|(key, pot)| {
                let stakers = pot.stakers.iter();
                stakers.flat_map(|(who, staker)| {
                    staker.requests.keys().map(|request| (*key, *who, *request))
                })
            })
            .collect();
        match all.choose(&mut self.rng) {
            Some((key, _, request)) if self.rng.gen_bool(0.03) => {
                Some((*key, self.rng.gen_range(0..STAKERS), *request))
            }
            Some(found) => Some(*found),
            None => self.rng.gen_bool(0.1).then_some((0, 0, 9)),
        }
    }

    fn asked(&self, (key, who, request): (u32, usize, u64)) -> Option<Asked> {
        let staker = self.pots()[&key].stakers.get(&who)?;
        staker.requests.get(&request).copied()
    }

    pub fn cancel(&mut self) {
        let Some((key, who, request)) = self.any_request() else {
            return;
        };
        let asked = self.asked((key, who, request));
        let msg = ExecuteMsg::CancelUnstake(UnstakeRequest {
            tranche: Tranche::from_key(key),
            request,
        });
        let outcome = self.send(&cast().stakers[who], msg, &[], &Plan::default());
        let expected = asked.map(|_| ()).ok_or("unknown_request");
        if self.agree("cancel", expected, outcome).is_none() {
            return;
        }
        let staker = self.model.at(key).stakers.get_mut(&who).expect("a staker");
        let asked = staker.requests.remove(&request).expect("a request");
        staker.free += asked.shares;
        self.check(Touch::One(key));
    }

    /// Often something has happened to the money since the request.
    pub fn claim(&mut self) {
        match self.rng.gen_range(0..6) {
            0..=1 => self.cover(),
            2 => self.revenue(),
            _ => {}
        }
        self.claim_any();
    }

    fn claim_any(&mut self) {
        let Some((key, who, request)) = self.any_request() else {
            return;
        };
        let asked = self.asked((key, who, request));
        let now = self.chain.env.block.time.seconds();
        if let Some(asked) = asked {
            // Most come in time, some at the last second of it, some a second late.
            let lasts = asked.until - asked.from;
            let after = match self.rng.gen_range(0..10) {
                0..=5 => self.rng.gen_range(0..=lasts),
                6 => lasts,
                7 => lasts + 1,
                _ => 0,
            };
            let then = asked.from + after;
            if self.rng.gen_bool(0.7) && then > now {
                self.wait(then - now);
            }
        }
        let now = self.chain.env.block.time.seconds();
        (self.model.now, self.model.height) = (now, self.chain.env.block.height);
        let gates = self.believed_gates();
        let expected = asked.ok_or("unknown_request").and_then(|asked| match now {
            _ if now < asked.from => Err("cooling_down"),
            _ if now > asked.until => Err("request_expired"),
            _ => self.model.may_leave(key, Some(asked.from), &gates),
        });
        let msg = ExecuteMsg::ClaimUnstake(UnstakeRequest {
            tranche: Tranche::from_key(key),
            request,
        });
        let outcome = self.send(&cast().stakers[who], msg, &[], &Plan::default());
        let seen = self.agree("claim", expected, outcome);
        if let (Some(seen), Some(asked)) = (seen, asked) {
            let paid = self.paid_to(&seen.sent, cast().stakers[who].as_str());
            let held = !self.pots()[&key].open.is_empty();
            for (met, how) in [
                (held, "while a loss is open"),
                (!held && gates.is_none(), "while the market is silent"),
            ] {
                if met {
                    self.counts.met("claim", how);
                }
            }
            self.leave((key, who, request), asked, paid);
        }
    }

    /// The only coins that left went to `to`.
    fn paid_to(&self, sent: &[(String, i128)], to: &str) -> i128 {
        match sent {
            [] => 0,
            [(receiver, amount)] if receiver == to => *amount,
            other => panic!("{other:?}"),
        }
    }

    /// No more than the worse of the two moments, and no less by more than one unit.
    fn leave(&mut self, (key, who, request): (u32, usize, u64), asked: Asked, paid: i128) {
        let now = self.model.now;
        let pot = self.model.at(key);
        let value = pot.value(asked.shares);
        let worse = asked.value.min(value);
        let out = Ratio::from(paid.unsigned_abs());
        assert!(out <= asked.value, "more than at the request");
        assert!(out <= value, "more than now");
        assert!(worse < Ratio::from(paid.unsigned_abs() + 1), "too little");
        let how = match value.cmp(&asked.value) {
            std::cmp::Ordering::Less => "less than at the request",
            std::cmp::Ordering::Greater => "gain left to the seed",
            std::cmp::Ordering::Equal => "the same",
        };
        pot.shrink(now, paid);
        let all = pot.shares();
        let staker = pot.stakers.get_mut(&who).expect("a staker");
        staker.requests.remove(&request);
        // The gain since the request is the protocol's.
        pot.staked -= value.floor() as i128;
        pot.seed += value.floor() as i128 - paid;
        pot.sums.unstaked.0 += paid;
        let is_last = pot.shares() == 0;
        share_hole(pot, all);
        self.counts.met("claim", how);
        if is_last {
            self.counts.met("claim", "the last shares");
        }
        self.check(Touch::One(key));
    }

    pub fn contribute(&mut self) {
        let (key, amount) = (self.any_pot(), self.any_amount());
        let layer = [Layer::Seed, Layer::Staked, Layer::Bounties][self.rng.gen_range(0..3)];
        let expected = match self.model.pot(key) {
            Ok(pot) if layer == Layer::Staked && pot.shares() == 0 => Err("no_stakers"),
            Ok(_) => Ok(()),
            Err(refusal) => Err(refusal),
        };
        let msg = ExecuteMsg::Contribute(Contribute {
            tranche: Tranche::from_key(key),
            layer,
        });
        let outcome = self.send(&cast().stakers[0], msg, &[coin(amount)], &Plan::default());
        if self.agree("contribute", expected, outcome).is_none() {
            return;
        }
        let (now, params) = (self.model.now, self.model.params.clone());
        let pot = self.model.at(key);
        match layer {
            Layer::Seed => pot.fill_seed(amount),
            Layer::Staked => pot.fill_staked(amount),
            Layer::Bounties => pot.purse += amount,
        }
        pot.sums.contributed.0 += amount;
        pot.look(now, &params);
        self.check(Touch::One(key));
    }

    pub fn withdraw(&mut self) {
        let key = self.any_pot();
        let seed = self.model.pot(key).map_or(0, |pot| pot.seed);
        let amount = match self.rng.gen_range(0..10) {
            0 => seed + 1,
            1 => 0,
            _ => self.rng.gen_range(0..=seed),
        };
        let is_authority = self.rng.gen_bool(0.9);
        let expected = if is_authority {
            let gates = self.believed_gates();
            let open = self.model.may_leave(key, None, &gates);
            let fits = (1..=seed).contains(&amount);
            open.and(fits.then_some(()).ok_or("amount_out_of_range"))
        } else {
            Err("unauthorized")
        };
        let sender = if is_authority {
            &cast().authority
        } else {
            &cast().stakers[1]
        };
        let to = cast().receivers[2].to_string();
        let msg = ExecuteMsg::WithdrawCapital(WithdrawCapital {
            tranche: Tranche::from_key(key),
            amount: Quote(amount),
            to: to.clone(),
        });
        let outcome = self.send(sender, msg, &[], &Plan::default());
        if let Some(seen) = self.agree("withdraw", expected, outcome) {
            assert_eq!(seen.sent, [(to, amount)]);
            let now = self.model.now;
            let pot = self.model.at(key);
            pot.shrink(now, amount);
            pot.seed -= amount;
            pot.sums.withdrawn.0 += amount;
            self.check(Touch::One(key));
        }
    }

    pub fn pay_owed(&mut self) {
        let to = cast().receivers.choose(&mut self.rng).expect("some");
        let to = to.to_string();
        let owed = self.model.owed.get(&to).copied();
        let msg = ExecuteMsg::PayOwed(PayOwed { to: to.clone() });
        let outcome = self.send(&cast().stakers[2], msg, &[], &Plan::default());
        let expected = owed.map(|_| ()).ok_or("nothing_owed");
        if let Some(seen) = self.agree("owed", expected, outcome) {
            self.model.owed.remove(&to);
            assert_eq!(seen.sent, [(to, owed.expect("some"))]);
            // Of no tranche.
            self.check(Touch::One(u32::MAX));
        }
    }
}

/// Those who stay are owed their part of what was lost, and no more; without anybody the rest is the
/// protocol's.
fn share_hole(pot: &mut Pot, before: u128) {
    let left = pot.shares();
    if left == 0 {
        pot.seed += std::mem::take(&mut pot.staked);
        pot.staked_hole = 0;
        return;
    }
    let hole = Uint256::from(pot.staked_hole.unsigned_abs());
    let hole = Ratio::new(hole * Uint256::from(left), before.into());
    pot.staked_hole = hole.floor() as i128;
}
