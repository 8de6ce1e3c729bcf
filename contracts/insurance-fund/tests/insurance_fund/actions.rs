//! What stakers, the authority and the market do, one call each.

use cosmwasm_std::{Addr, Empty, Event};
use cw_multi_test::{AppResponse, Executor};
use perp_interface::fund::{
    BookBounty, Contribute, ExecuteMsg, Layer, OwedQuery, OwedResponse, PayOwed, QueryMsg,
    RegisterMarket, RegistrationQuery, RegistrationResponse, RemoveMarket, RequestUnstake, Revenue,
    Stake, StakeQuery, StakeResponse, Tranche, UnstakeRequest, WithdrawCapital,
};
use perp_interface::governance::ApplyPending;
use perp_interface::params::{FundParams, PaidInCap};
use perp_interface::{LossId, MarketId, Quote, Shares};

use crate::mocks::{self, MarketMsg};
use crate::suite::{give, loss_closed, update_params, usdc, Suite};

/// The time between a request and its claim.
pub const COOLDOWN: u64 = 604_800;

pub fn stake(tranche: Tranche, min_shares: Option<u128>) -> ExecuteMsg {
    ExecuteMsg::Stake(Stake {
        tranche,
        min_shares: min_shares.map(Shares),
    })
}

pub fn request(tranche: Tranche, shares: u128) -> ExecuteMsg {
    ExecuteMsg::RequestUnstake(RequestUnstake {
        tranche,
        shares: Shares(shares),
    })
}

pub fn cancel(tranche: Tranche, request: u64) -> ExecuteMsg {
    ExecuteMsg::CancelUnstake(UnstakeRequest { tranche, request })
}

pub fn claim(tranche: Tranche, request: u64) -> ExecuteMsg {
    ExecuteMsg::ClaimUnstake(UnstakeRequest { tranche, request })
}

pub fn contribute_to(tranche: Tranche, layer: Layer) -> ExecuteMsg {
    ExecuteMsg::Contribute(Contribute { tranche, layer })
}

pub fn withdraw_from(tranche: Tranche, amount: i128, to: &Addr) -> ExecuteMsg {
    ExecuteMsg::WithdrawCapital(WithdrawCapital {
        tranche,
        amount: Quote(amount),
        to: to.to_string(),
    })
}

pub fn register_with(
    market: MarketId,
    isolated: bool,
    window_cap: Option<i128>,
    paid_in_cap: Option<PaidInCap>,
) -> ExecuteMsg {
    ExecuteMsg::RegisterMarket(RegisterMarket {
        market,
        isolated,
        window_cap: window_cap.map(Quote),
        paid_in_cap,
    })
}

pub fn remove(market: MarketId) -> ExecuteMsg {
    ExecuteMsg::RemoveMarket(RemoveMarket { market })
}

pub fn revenue_at(market: MarketId, open_interest: i128) -> ExecuteMsg {
    ExecuteMsg::Revenue(Revenue {
        market,
        open_interest: Some(Quote(open_interest)),
    })
}

pub fn bounty(loss_id: LossId, market: MarketId, to: &Addr, amount: i128) -> ExecuteMsg {
    ExecuteMsg::BookBounty(BookBounty {
        loss_id,
        market,
        to: to.to_string(),
        fills: 2,
        amount: Quote(amount),
    })
}

pub fn pay_owed(to: &Addr) -> ExecuteMsg {
    ExecuteMsg::PayOwed(PayOwed { to: to.to_string() })
}

/// An event of the fund with its first attributes.
pub fn event(kind: &str, attributes: &[(&str, &str)]) -> Event {
    let attributes = attributes.iter().map(|(key, value)| (*key, *value));
    Event::new(format!("wasm-{kind}")).add_attributes(attributes)
}

impl Suite {
    /// Migrates the market to code that nobody has approved.
    pub fn migrates(&mut self) -> u64 {
        let code = self.app.store_code(mocks::market());
        let (admin, market) = (self.authority.clone(), self.market.clone());
        self.app
            .migrate_contract(admin, market, &Empty {}, code)
            .expect("migrates");
        code
    }

    /// Somebody with coins.
    pub fn person(&mut self, name: &str) -> Addr {
        let person = self.app.api().addr_make(name);
        give(&mut self.app, &person);
        person
    }

    #[track_caller]
    pub fn by_authority(&mut self, msg: &ExecuteMsg) -> AppResponse {
        let authority = self.authority.clone();
        self.send(&authority, msg, &[]).expect("passes")
    }

    #[track_caller]
    pub fn update(&mut self, params: FundParams) {
        let version = self.config().version;
        self.by_authority(&update_params(version, params.clone()));
        // What does not tighten takes its steps.
        while self.config().params != params {
            self.wait(1);
            self.by_authority(&ExecuteMsg::ApplyPending(ApplyPending { market: None }));
        }
    }

    #[track_caller]
    pub fn stakes(&mut self, who: &Addr, tranche: Tranche, amount: u128) -> AppResponse {
        let msg = stake(tranche, None);
        self.send(who, &msg, &usdc(amount)).expect("stakes")
    }

    /// Somebody who has just staked in the shared tranche.
    #[track_caller]
    pub fn staker(&mut self, name: &str, amount: u128) -> Addr {
        let staker = self.person(name);
        self.stakes(&staker, Tranche::Shared, amount);
        staker
    }

    #[track_caller]
    pub fn requests(&mut self, who: &Addr, tranche: Tranche, shares: u128) -> AppResponse {
        let msg = request(tranche, shares);
        self.send(who, &msg, &[]).expect("requests")
    }

    /// What a claim pays.
    #[track_caller]
    pub fn claims(&mut self, who: &Addr, tranche: Tranche, request: u64) -> u128 {
        let before = self.balance(who);
        let msg = claim(tranche, request);
        self.send(who, &msg, &[]).expect("claims");
        self.balance(who) - before
    }

    #[track_caller]
    pub fn gives(&mut self, tranche: Tranche, layer: Layer, amount: u128) -> AppResponse {
        let stranger = self.stranger.clone();
        let msg = contribute_to(tranche, layer);
        self.send(&stranger, &msg, &usdc(amount)).expect("gives")
    }

    /// A loss that the market closes at once; what the fund paid for it.
    #[track_caller]
    pub fn loses(&mut self, loss_id: LossId, market: MarketId, need: i128) -> i128 {
        self.market_leaves(0, 0, 0);
        let paid = self.draws(loss_id, market, need);
        self.by_market(&loss_closed(loss_id), &[]);
        paid
    }

    /// Which markets the market says are gated by losses; none: it does not answer.
    pub fn gated(&mut self, markets: Option<&[MarketId]>) {
        let msg = MarketMsg::Gated(markets.map(<[_]>::to_vec));
        self.tell_market(&msg);
    }

    pub fn tell_market(&mut self, msg: &MarketMsg) {
        let (sender, market) = (self.stranger.clone(), self.market.clone());
        self.app
            .execute_contract(sender, market, msg, &[])
            .expect("sets");
    }

    pub fn stake_of(&self, who: &Addr, tranche: Tranche) -> StakeResponse {
        let staker = who.to_string();
        let msg = QueryMsg::Stake(StakeQuery { tranche, staker });
        self.query(&msg).expect("stake")
    }

    pub fn owed(&self, to: &Addr) -> i128 {
        let msg = QueryMsg::Owed(OwedQuery { to: to.to_string() });
        self.query::<OwedResponse>(&msg).expect("owed").amount.0
    }

    pub fn registration(&self, market: MarketId) -> RegistrationResponse {
        let msg = QueryMsg::Registration(RegistrationQuery { market });
        self.query(&msg).expect("registered")
    }

    /// Seed, stakes and shares of a tranche.
    pub fn layers(&self, tranche: Tranche) -> (i128, i128, u128) {
        let tranche = self.tranche(tranche);
        (tranche.seed.0, tranche.staked.0, tranche.shares.0)
    }
}
