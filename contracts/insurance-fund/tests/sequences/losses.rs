//! What the market sends: losses, what comes back of them, bounties, revenue.

use perp_interface::fund::{
    BookBounty, CoverDeficit, ExecuteMsg, LossClosed, ReturnCover, Revenue,
};
use perp_interface::loss::LossTerms;
use perp_interface::{LossId, Lots, MarketId, PerLot, Price, Quote, Side};
use rand::seq::SliceRandom;
use rand::Rng;

use crate::chain::{coin, Plan, Seen};
use crate::generator::amount;
use crate::money::Bounds;
use crate::sequence::{cast, Sequence, Touch, MARKETS};

impl Sequence {
    fn any_market(&mut self) -> MarketId {
        *[1, 1, 2, 3, 3, 3, 4].choose(&mut self.rng).expect("some")
    }

    /// The loss of a call, its market, and whether it is a new one.
    fn any_loss(&mut self) -> (LossId, MarketId) {
        let known: Vec<(LossId, MarketId)> = self
            .model
            .losses
            .iter()
            .map(|(id, l)| (*id, l.market))
            .collect();
        match (known.choose(&mut self.rng), self.rng.gen_range(0..12)) {
            (Some(known), 0) => *known,
            (Some((loss, market)), 1) => (*loss, market % 4 + 1),
            (Some(_), 2) => {
                let open = |(id, _): &&(LossId, MarketId)| !self.model.losses[id].closed;
                let open: Vec<_> = known.iter().filter(open).copied().collect();
                let found = open.choose(&mut self.rng).copied();
                found.unwrap_or((self.next_loss, 1))
            }
            _ => (self.next_loss, self.any_market()),
        }
    }

    /// Of the size of what could pay for it, or of any.
    fn any_need(&mut self, market: MarketId) -> i128 {
        let key = self.model.terms.get(&market).map_or(0, |terms| terms.pot);
        let (seed, staked) = (self.pots()[&key].seed, self.pots()[&key].staked);
        let capital = seed + staked;
        let bits = self.bits;
        match self.rng.gen_range(0..10) {
            0 => 0,
            1 => capital,
            8 => capital / 100_000 * self.rng.gen_range(99_000..=100_000),
            2..=4 => seed + staked / 1_000 * self.rng.gen_range(0..=300),
            5..=6 => capital / 1_000 * self.rng.gen_range(1..=300),
            7 => capital / 1_000 * self.rng.gen_range(300..=1_500),
            _ => amount(&mut self.rng, bits),
        }
    }

    fn any_call(&mut self) -> CoverDeficit {
        let (loss_id, market) = self.any_loss();
        let need = match self.rng.gen_range(0..40) {
            0 => -1,
            _ => self.any_need(market),
        };
        let lots = if need == 0 && self.rng.gen_bool(0.3) {
            0
        } else {
            self.rng.gen_range(0..1_000)
        };
        let same_owner = match self.rng.gen_range(0..8) {
            0 => self.rng.gen_range(0..=lots + 1),
            _ => 0,
        };
        CoverDeficit {
            terms: LossTerms {
                loss_id,
                market,
                side: Side::Long,
                mark: Price(1_000),
                index: PerLot(0),
            },
            lots: Lots(lots),
            need: Quote(need),
            slippage_allowance: Quote(need.max(0) / 1_000 * self.rng.gen_range(0..=5)),
            same_owner_lots: Lots(same_owner),
            defer: self.rng.gen_bool(0.2),
        }
    }

    fn any_plan(&mut self, msg: &CoverDeficit) -> Plan {
        let again = ExecuteMsg::CoverDeficit(CoverDeficit {
            lots: Lots(5),
            need: Quote(i128::from(u64::MAX)),
            ..msg.clone()
        });
        let returns = match self.rng.gen_range(0..10) {
            0..=4 => 0,
            5 => 100,
            _ => self.rng.gen_range(1..100),
        };
        Plan {
            fails: self.rng.gen_bool(0.03),
            asks_again: self.rng.gen_bool(0.1).then_some(again),
            returns,
            returns_too_much: self.rng.gen_bool(0.03),
            closes: self.rng.gen_bool(0.7),
            leaves_rest: self.rng.gen_bool(0.5),
            queue_fails: self.rng.gen_bool(0.1),
        }
    }

    pub fn cover(&mut self) {
        let msg = self.any_call();
        let plan = self.any_plan(&msg);
        let stranger = self.rng.gen_bool(0.02);
        let sender = if stranger {
            &cast().queue
        } else {
            &cast().market
        };
        let call = ExecuteMsg::CoverDeficit(msg.clone());
        let outcome = self.send(sender, call, &[], &plan);
        if stranger {
            self.agree("cover", Err("unauthorized"), outcome);
            return;
        }
        let bounds = match self.model.call(&msg, self.chain.code_id()) {
            Ok(bounds) => bounds,
            Err(refusal) => {
                self.agree("cover", Err(refusal), outcome);
                return;
            }
        };
        // Who fails when it is paid is only met if there is anything to pay.
        let failure = match (plan.fails, plan.returns_too_much) {
            (true, _) => Some("market_failed"),
            (false, true) => Some("return_exceeds_payment"),
            _ => None,
        };
        let expected = match (&outcome, failure, bounds) {
            (Err(_), Some(failure), Some(bounds)) if bounds.most > 0 => Err(failure),
            _ => Ok(()),
        };
        let Some(seen) = self.agree("cover", expected, outcome) else {
            return;
        };
        if plan.queue_fails && seen.reports > 0 {
            self.counts.met("cover", "queue_failed");
        }
        match bounds {
            Some(bounds) => self.paid(&msg, &plan, bounds, &seen),
            None => self.told_again(&seen),
        }
    }

    fn told_again(&mut self, seen: &Seen) {
        assert!(seen.covers.is_empty(), "paid twice");
        assert_eq!(seen.reports, 1);
        assert!(self.chain.storage.changed().is_empty());
        self.counts.met("cover", "again");
        self.check(Touch::Nothing);
    }

    fn paid(&mut self, msg: &CoverDeficit, plan: &Plan, bounds: Bounds, seen: &Seen) {
        let loss_id = msg.terms.loss_id;
        self.next_loss = self.next_loss.max(loss_id + 1);
        let paid = match seen.covers[..] {
            [] => 0,
            [(loss, paid)] if loss == loss_id => paid,
            ref other => panic!("paid more than once: {other:?}"),
        };
        let within = (bounds.least..=bounds.most).contains(&paid);
        assert!(within, "paid {paid}, not within {bounds:?}");
        let reports = if paid > 0 {
            u32::from(plan.leaves_rest) + u32::from(plan.asks_again.is_some())
        } else {
            1
        };
        assert_eq!(seen.reports, reports);
        let before = bounds.pot.map(|key| self.pots()[&key].clone());
        self.model.book(msg, bounds, paid);
        if let (Some(key), true) = (bounds.pot, paid > 0) {
            self.keeps_the_line(key);
        }
        self.count_payment(msg, bounds, paid);
        if paid > 0 {
            if seen.returned > 0 {
                let returned = self.model.give_back(loss_id, seen.returned);
                returned.expect("no more than was paid");
                self.counts.met("return", "within");
            }
            if plan.closes {
                self.model.close(loss_id);
                self.counts.met("cover", "closed within");
            }
            if plan.asks_again.is_some() {
                self.counts.met("cover", "again within");
            }
            self.model.answered(bounds);
        }
        self.check(bounds.pot.map_or(Touch::One(u32::MAX), Touch::Loss));
        if let (Some(key), Some(before)) = (bounds.pot, before) {
            let after = &self.pots()[&key];
            let people = |pot: &crate::model::Pot| (pot.shares(), pot.requested());
            assert_eq!(people(&before), people(after));
        }
    }

    /// By the true peak of the last 8 hours: what the fund keeps in buckets is never below it.
    fn keeps_the_line(&mut self, key: u32) {
        let (now, trip) = (self.model.now, self.model.params.trip_bps);
        let pot = &self.pots()[&key];
        let line = pot.true_peak(now) * (10_000 - i128::from(trip));
        assert!(pot.capital() * 10_000 >= line, "paid below the line");
        if trip < 10_000 && pot.capital() * 10_000 < line + 10_000 {
            self.counts.met("cover", "down to the line");
        }
    }

    fn count_payment(&mut self, msg: &CoverDeficit, bounds: Bounds, paid: i128) {
        let loss = self.model.losses[&msg.terms.loss_id];
        let left = bounds.pot.map_or(0, |key| self.pots()[&key].capital());
        let approved = self.chain.code_id() == self.model.approved;
        let asked = bounds.asked;
        for (met, how) in [
            (paid > 0, "paid"),
            (loss.seed > 0 && loss.staked > 0, "seed and stakes"),
            (loss.seed == 0 && loss.staked > 0, "by stakes alone"),
            (paid > 0 && left == 0, "all of the capital"),
            (paid > 0 && msg.same_owner_lots.0 > 0, "same owner"),
            (0 < paid && paid < asked, "limited"),
            (bounds.least < bounds.most, "by the window"),
            (asked > 0 && bounds.tripped, "while stopped"),
            (!approved, "of unapproved code"),
            (approved && bounds.pot.is_none(), "not registered"),
        ] {
            if met {
                self.counts.met("cover", how);
            }
        }
    }

    /// What was kept at first comes back later, also after the close.
    pub fn give_back(&mut self) {
        let losses = self.model.losses.iter();
        let held: Vec<(LossId, i128)> = losses
            .map(|(id, loss)| (*id, loss.net()))
            .filter(|(_, net)| *net > 0)
            .collect();
        let (loss_id, amount) = match (held.choose(&mut self.rng), self.rng.gen_range(0..12)) {
            (Some((loss, net)), 0) => (*loss, net + 1),
            (_, 1) => (self.next_loss + 7, 1),
            (None, _) => return,
            (Some((loss, net)), 2..=4) => (*loss, *net),
            (Some((loss, net)), _) => (*loss, self.rng.gen_range(1..=*net)),
        };
        let before = self.model.losses.get(&loss_id).copied();
        let alone = before
            .and_then(|loss| loss.pot)
            .is_some_and(|key| self.pots()[&key].shares() == 0);
        let msg = ExecuteMsg::ReturnCover(ReturnCover { loss_id });
        let outcome = self.send(&cast().market, msg, &[coin(amount)], &Plan::default());
        let expected = self.model.give_back(loss_id, amount);
        if self.agree("return", expected, outcome).is_none() {
            return;
        }
        let before = before.expect("a loss");
        let moved = self.model.terms.get(&before.market).map(|t| t.pot) != before.pot;
        for (met, how) in [
            (before.closed, "after the close"),
            (
                before.staked > 0 && amount > before.staked,
                "to both layers",
            ),
            (alone, "without stakers"),
            (moved, "to another tranche than now"),
        ] {
            if met {
                self.counts.met("return", how);
            }
        }
        self.check(before.pot.map_or(Touch::Nothing, Touch::Loss));
    }

    pub fn close(&mut self) {
        let losses = self.model.losses.iter();
        let open: Vec<LossId> = losses
            .filter(|(_, l)| !l.closed)
            .map(|(id, _)| *id)
            .collect();
        let loss_id = match open.choose(&mut self.rng) {
            Some(loss) if self.rng.gen_bool(0.9) => *loss,
            _ => self.rng.gen_range(1..=self.next_loss),
        };
        let known = self.model.losses.get(&loss_id).copied();
        let msg = ExecuteMsg::LossClosed(LossClosed { loss_id });
        let outcome = self.send(&cast().market, msg, &[], &Plan::default());
        self.agree("close", Ok(()), outcome).expect("done");
        self.model.close(loss_id);
        match known {
            Some(loss) if !loss.closed => {
                self.check(loss.pot.map_or(Touch::One(u32::MAX), Touch::Loss));
            }
            _ => {
                self.counts.met("close", "again");
                self.check(Touch::Nothing);
            }
        }
    }

    pub fn bounty(&mut self) {
        let market = self.any_market();
        let bits = self.bits;
        let amount = match self.rng.gen_range(0..15) {
            0 => -1,
            _ => amount(&mut self.rng, bits),
        };
        let loss_id = self.rng.gen_range(1..=self.next_loss + 2);
        let to = cast().receivers[0].to_string();
        let msg = ExecuteMsg::BookBounty(BookBounty {
            loss_id,
            market,
            to: to.clone(),
            fills: 1,
            amount: Quote(amount),
        });
        let outcome = self.send(&cast().market, msg, &[], &Plan::default());
        let expected = if amount < 0 {
            Err("negative_amount")
        } else {
            Ok(())
        };
        if self.agree("bounty", expected, outcome).is_none() {
            return;
        }
        let approved = self.chain.code_id() == self.model.approved;
        let terms = self.model.terms.get(&market).filter(|_| approved);
        let Some(key) = terms.map(|terms| terms.pot) else {
            self.check(Touch::Nothing);
            return;
        };
        let so_far = self.model.bounties.entry(loss_id).or_default();
        let room = (self.model.params.bounty_per_loss_cap.0 - *so_far).max(0);
        let pot = self.model.pots.get_mut(&key).expect("a tranche");
        let booked = amount.min(room).min(pot.purse);
        *so_far += booked;
        pot.purse -= booked;
        pot.sums.bounties_paid.0 += booked;
        if booked > 0 {
            self.model.owe(&to, booked);
        }
        if booked < amount {
            self.counts.met("bounty", "capped");
        }
        self.check(Touch::One(key));
    }

    pub fn revenue(&mut self) {
        let market = self.any_market();
        let bits = self.bits;
        let amount = amount(&mut self.rng, bits);
        let open_interest = match self.rng.gen_range(0..20) {
            0 => Some(-1),
            1..=9 => Some(crate::generator::amount(&mut self.rng, bits)),
            _ => None,
        };
        let msg = ExecuteMsg::Revenue(Revenue {
            market,
            open_interest: open_interest.map(Quote),
        });
        let outcome = self.send(&cast().market, msg, &[coin(amount)], &Plan::default());
        let expected = match open_interest {
            Some(-1) => Err("negative_amount"),
            _ => Ok(()),
        };
        if self.agree("revenue", expected, outcome).is_none() {
            return;
        }
        let owed: i128 = self.model.owed.values().sum();
        self.model.earn(market, amount, open_interest);
        if self.model.owed.values().sum::<i128>() > owed {
            self.counts.met("revenue", "surplus owed");
        }
        let key = self.model.pot_of_revenue(market);
        self.check(Touch::One(key));
    }

    /// The market has losses that the fund knows or does not know, none, or does not answer.
    pub fn gates(&mut self) {
        let gates = match self.rng.gen_range(0..10) {
            0..=1 => None,
            2..=4 => Some(vec![*MARKETS.choose(&mut self.rng).expect("some")]),
            5 => Some(MARKETS.to_vec()),
            _ => Some(vec![]),
        };
        self.chain.set_gates(gates);
    }
}
