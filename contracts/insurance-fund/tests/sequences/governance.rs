//! What the authority does.

use perp_interface::fund::{
    ApproveCode, ConfigResponse, ExecuteMsg, QueryMsg, RegisterMarket, RemoveMarket, UpdateParams,
};
use perp_interface::governance::{ApplyPending, PendingQuery, PendingResponse};
use rand::Rng;

use crate::chain::Plan;
use crate::generator;
use crate::model::Terms;
use crate::sequence::{cast, Sequence, Touch, ISOLATED, MARKETS};

impl Sequence {
    /// At first money comes in; then anything.
    pub fn act(&mut self, number: u32) {
        let most = if number < 6 { 23 } else { 100 };
        match self.rng.gen_range(0..most) {
            0..=13 => self.stake(),
            14..=20 => self.contribute(),
            21..=33 => self.request(),
            34..=36 => self.cancel(),
            37..=50 => self.claim(),
            51..=53 => self.withdraw(),
            54..=71 => self.cover(),
            72..=75 => self.give_back(),
            76..=83 => self.close(),
            84..=89 => self.revenue(),
            90..=91 => self.bounty(),
            92 => self.pay_owed(),
            93 => self.params(),
            94 => self.apply(),
            95..=96 => self.gates(),
            97 => self.register(),
            98 => self.migrate(),
            _ => self.remove(),
        }
    }

    fn params(&mut self) {
        let bits = self.bits;
        let mut params = generator::params(&mut self.rng, bits);
        let wrong = self.rng.gen_range(0..12);
        if wrong == 0 {
            params.resume_bps = params.trip_bps;
        }
        let expected = match wrong {
            0 => Err("param_out_of_bounds"),
            1 => Err("version_mismatch"),
            _ => Ok(()),
        };
        let msg = ExecuteMsg::UpdateParams(UpdateParams {
            expected_version: self.model.version + u64::from(wrong == 1),
            params: params.clone(),
        });
        let outcome = self.send(&cast().authority, msg, &[], &Plan::default());
        if self.agree("params", expected, outcome).is_none() {
            return;
        }
        self.takes_over_parameters();
    }

    /// The model asks what is in force, and does not work out how changes move: that has tests of its own.
    fn takes_over_parameters(&mut self) {
        let config: ConfigResponse = self.chain.query(QueryMsg::Config {});
        let params = config.params;
        let model = &mut self.model;
        let before = model.params.window_seconds;
        if params.window_seconds > before {
            model.forgotten = model.forgotten.max(model.now - before);
        }
        model.longest_window = model.longest_window.max(params.window_seconds);
        model.version = config.version;
        model.params = params;
        for pot in model.pots.values_mut() {
            pot.look(model.now, &model.params);
        }
        self.check(Touch::Stops);
    }

    /// The next step of a change that waits.
    fn apply(&mut self) {
        let waits: PendingResponse = self
            .chain
            .query(QueryMsg::PendingParams(PendingQuery { market: None }));
        let now = self.chain.env.block.time.seconds();
        let expected = match waits.due {
            None => Err("nothing_pending"),
            Some(due) if due > now => Err("not_due"),
            Some(_) => Ok(()),
        };
        let msg = ExecuteMsg::ApplyPending(ApplyPending { market: None });
        let outcome = self.send(&cast().authority, msg, &[], &Plan::default());
        if self.agree("apply", expected, outcome).is_some() {
            self.takes_over_parameters();
        }
    }

    fn register(&mut self) {
        let market = MARKETS[self.rng.gen_range(0..MARKETS.len())];
        let bits = self.bits;
        let (window_cap, paid_in_cap) = generator::terms(&mut self.rng, bits);
        let isolated = market == ISOLATED && self.rng.gen_bool(0.8);
        self.register_as(&RegisterMarket {
            market,
            isolated,
            window_cap,
            paid_in_cap,
        });
    }

    /// A market may move to another tranche: its losses stay where they are.
    pub fn register_as(&mut self, msg: &RegisterMarket) {
        let approved = self.chain.code_id() == self.model.approved;
        let expected = approved.then_some(()).ok_or("code_mismatch");
        let call = ExecuteMsg::RegisterMarket(msg.clone());
        let outcome = self.send(&cast().authority, call, &[], &Plan::default());
        if self.agree("register", expected, outcome).is_none() {
            return;
        }
        let pot = if msg.isolated {
            u32::from(msg.market) + 1
        } else {
            0
        };
        self.model.pots.entry(pot).or_default();
        let terms = Terms {
            pot,
            window_cap: msg.window_cap,
            paid_in_cap: msg.paid_in_cap,
        };
        self.model.terms.insert(msg.market, terms);
        self.check(Touch::Insured);
    }

    fn remove(&mut self) {
        let market = MARKETS[self.rng.gen_range(0..MARKETS.len())];
        if self.model.terms.len() < 3 && self.rng.gen_bool(0.7) {
            return;
        }
        let known = self.model.terms.contains_key(&market);
        let msg = ExecuteMsg::RemoveMarket(RemoveMarket { market });
        let outcome = self.send(&cast().authority, msg, &[], &Plan::default());
        let expected = known.then_some(()).ok_or("not_registered");
        if self.agree("remove", expected, outcome).is_some() {
            self.model.terms.remove(&market);
            self.check(Touch::Insured);
        }
    }

    /// The market runs other code, or governance approves what it runs.
    fn migrate(&mut self) {
        let code_id = self.chain.code_id();
        if code_id == self.model.approved && self.rng.gen_bool(0.7) {
            self.chain.migrate_market(code_id + 1);
            return;
        }
        let wrong = self.rng.gen_bool(0.2);
        let msg = ApproveCode {
            code_id: code_id + u64::from(wrong),
        };
        let call = ExecuteMsg::ApproveCode(msg);
        let outcome = self.send(&cast().authority, call, &[], &Plan::default());
        let expected = if wrong { Err("code_mismatch") } else { Ok(()) };
        if self.agree("approve", expected, outcome).is_some() {
            self.model.approved = code_id;
            self.check(Touch::One(u32::MAX));
        }
    }
}
