//! A chain with one feed.

use cosmwasm_std::{Addr, Coin, StdResult};
use cw_multi_test::{App, AppResponse, ContractWrapper, Executor};
use perp_interface::feed::{
    ConfigResponse, ExecuteMsg, InstantiateMsg, IsFeeder, PriceUpdate, Prices, PricesResponse,
    QueryMsg, SetFeeder, SetPrices, UpdateParams,
};
use perp_interface::params::FeedParams;
use perp_interface::{MarketId, Price};
use price_feed::contract;

pub const PARAMS: FeedParams = FeedParams {
    max_future: 5,
    max_age: 60,
};

/// The feed, its authority, one feeder, and somebody with coins who is neither.
pub struct Suite {
    pub app: App,
    pub feed: Addr,
    pub authority: Addr,
    pub feeder: Addr,
    pub stranger: Addr,
}

impl Suite {
    pub fn new() -> Self {
        let (app, feed, [authority, feeder, stranger]) = deploy(PARAMS, &[]);
        Self {
            app,
            feed: feed.expect("instantiates"),
            authority,
            feeder,
            stranger,
        }
    }

    pub fn now(&self) -> u64 {
        self.app.block_info().time.seconds()
    }

    pub fn pass_seconds(&mut self, seconds: u64) {
        self.app
            .update_block(|block| block.time = block.time.plus_seconds(seconds));
    }

    pub fn send(
        &mut self,
        sender: &Addr,
        msg: &ExecuteMsg,
        funds: &[Coin],
    ) -> StdResult<AppResponse> {
        self.app
            .execute_contract(sender.clone(), self.feed.clone(), msg, funds)
    }

    /// Sends a message that must fail with `code` and leave every stored byte as it was.
    #[track_caller]
    pub fn refused(&mut self, sender: &Addr, msg: &ExecuteMsg, funds: &[Coin], code: &str) {
        let before = self.app.dump_wasm_raw(&self.feed);
        let error = self
            .send(sender, msg, funds)
            .expect_err("is refused")
            .to_string();
        assert!(error.contains(&format!("{code}: ")), "{code} in: {error}");
        assert_eq!(self.app.dump_wasm_raw(&self.feed), before);
        assert_eq!(
            self.app
                .wrap()
                .query_balance(&self.feed, "uusdc")
                .expect("balance"),
            Coin::new(0u128, "uusdc")
        );
    }

    /// As the feeder.
    #[track_caller]
    pub fn prices_refused(&mut self, prices: Vec<PriceUpdate>, code: &str) {
        let feeder = self.feeder.clone();
        self.refused(&feeder, &set_prices(prices), &[], code);
    }

    /// As the feeder.
    #[track_caller]
    pub fn set(&mut self, prices: Vec<PriceUpdate>) -> AppResponse {
        let feeder = self.feeder.clone();
        self.send(&feeder, &set_prices(prices), &[]).expect("set")
    }

    pub fn prices(&self, markets: &[MarketId], max_age: Option<u64>) -> StdResult<PricesResponse> {
        let msg = QueryMsg::Prices(Prices {
            markets: markets.to_vec(),
            max_age,
        });
        self.app.wrap().query_wasm_smart(&self.feed, &msg)
    }

    #[track_caller]
    pub fn price(&self, market: MarketId) -> PriceUpdate {
        let mut answer = self.prices(&[market], None).expect("known");
        assert_eq!(answer.prices.len(), 1);
        answer.prices.remove(0)
    }

    pub fn config(&self) -> ConfigResponse {
        self.app
            .wrap()
            .query_wasm_smart(&self.feed, &QueryMsg::Config {})
            .expect("config")
    }

    pub fn is_feeder(&self, address: &Addr) -> bool {
        let msg = QueryMsg::IsFeeder(IsFeeder {
            feeder: address.to_string(),
        });
        self.app
            .wrap()
            .query_wasm_smart(&self.feed, &msg)
            .expect("answer")
    }
}

/// A chain and the outcome of creating a feed on it; then authority, feeder, stranger.
pub fn deploy(params: FeedParams, funds: &[Coin]) -> (App, StdResult<Addr>, [Addr; 3]) {
    let mut app = App::default();
    let people = ["authority", "feeder", "stranger"].map(|name| app.api().addr_make(name));
    app.init_modules(|router, _, storage| {
        for person in &people {
            let coins = vec![Coin::new(1_000u128, "uusdc")];
            router
                .bank
                .init_balance(storage, person, coins)
                .expect("balance");
        }
    });
    let code = app.store_code(Box::new(ContractWrapper::new(
        contract::execute,
        contract::instantiate,
        contract::query,
    )));
    let msg = InstantiateMsg {
        authority: people[0].to_string(),
        feeders: vec![people[1].to_string()],
        params,
        guardian: None,
        notice: perp_interface::governance::NoticeParams {
            notice_seconds: 0,
            step_seconds: 0,
        },
    };
    let feed = app.instantiate_contract(code, people[0].clone(), &msg, funds, "feed", None);
    (app, feed, people)
}

pub fn set_prices(prices: Vec<PriceUpdate>) -> ExecuteMsg {
    ExecuteMsg::SetPrices(SetPrices { prices })
}

pub fn set_feeder(feeder: &Addr, allowed: bool) -> ExecuteMsg {
    ExecuteMsg::SetFeeder(SetFeeder {
        feeder: feeder.to_string(),
        allowed,
    })
}

pub fn update_params(expected_version: u64, params: FeedParams) -> ExecuteMsg {
    ExecuteMsg::UpdateParams(UpdateParams {
        expected_version,
        params,
    })
}

pub fn price(market: MarketId, price: u64, publish_time: u64) -> PriceUpdate {
    PriceUpdate {
        market,
        price: Price(price),
        publish_time,
    }
}
