//! A chain with one fund, connected to a mock market and a mock queue.

use cosmwasm_std::{Addr, BlockInfo, Coin, Empty, StdResult};
use cw_multi_test::{App, AppResponse, ContractWrapper, Executor};
use insurance_fund::contract;
use perp_interface::fund::{
    CapitalResponse, ConfigResponse, Connect, Contribute, CoverDeficit, ExecuteMsg, HeadroomQuery,
    HeadroomResponse, InstantiateMsg, Layer, LossClosed, LossQuery, LossRecord, LossesQuery,
    LossesResponse, QueryMsg, RegisterMarket, ReturnCover, Revenue, SolvencyResponse, Tranche,
    TrancheQuery, TrancheResponse, UpdateParams, WithdrawCapital,
};
use perp_interface::loss::{CoverResult, LossTerms};
use perp_interface::params::FundParams;
use perp_interface::queue::ReportShortfall;
use perp_interface::{LossId, Lots, MarketId, PerLot, Price, Quote, Side};

use crate::mocks::{self, MarketMsg, Paid, QueueMsg};

pub const DENOM: &str = "uusdc";

pub fn params() -> FundParams {
    FundParams {
        per_loss_cap: Quote(1_000),
        report_gas_limit: 2_000_000,
        ..FundParams::without_limits()
    }
}

/// The fund and its counterparties. Everybody has coins of two denoms.
pub struct Suite {
    pub app: App,
    pub fund: Addr,
    pub market: Addr,
    pub queue: Addr,
    pub authority: Addr,
    pub stranger: Addr,
}

impl Suite {
    /// Connected, with nine markets in the shared tranche, without capital.
    pub fn new() -> Self {
        Self::with_params(params())
    }

    fn with_params(params: FundParams) -> Self {
        let mut suite = Self::with_params_unconnected(params);
        let (authority, msg) = (suite.authority.clone(), suite.connect_msg());
        suite.send(&authority, &msg, &[]).expect("connects");
        for market in 1..=9 {
            let msg = register(market, false);
            suite.send(&authority, &msg, &[]).expect("registers");
        }
        suite
    }

    /// Connected, with capital.
    pub fn with_capital(amount: u128) -> Self {
        Self::limited(amount, params())
    }

    /// With capital and these parameters.
    pub fn limited(amount: u128, params: FundParams) -> Self {
        let mut suite = Self::with_params(params);
        let stranger = suite.stranger.clone();
        suite
            .send(&stranger, &contribute(), &usdc(amount))
            .expect("contributes");
        suite
    }

    pub fn unconnected() -> Self {
        Self::with_params_unconnected(params())
    }

    fn with_params_unconnected(params: FundParams) -> Self {
        let mut app = App::default();
        let authority = app.api().addr_make("authority");
        let stranger = app.api().addr_make("stranger");
        let fund = instantiate(&mut app, &authority, DENOM, params, &[]).expect("instantiates");
        let [market, queue] = [mocks::market(), mocks::queue()].map(|mock| {
            let code = app.store_code(mock);
            let admin = Some(authority.to_string());
            app.instantiate_contract(code, authority.clone(), &Empty {}, &[], "mock", admin)
                .expect("instantiates")
        });
        for person in [&authority, &stranger, &market] {
            give(&mut app, person);
        }
        Self {
            app,
            fund,
            market,
            queue,
            authority,
            stranger,
        }
    }

    pub fn connect_msg(&self) -> ExecuteMsg {
        ExecuteMsg::Connect(Connect {
            market: self.market.to_string(),
            market_code_id: self.code_of_market(),
            queue: self.queue.to_string(),
        })
    }

    pub fn code_of_market(&self) -> u64 {
        let info = self.app.wrap().query_wasm_contract_info(&self.market);
        info.expect("there is one").code_id
    }

    /// Sends a message to the fund; if it passes, its books must add up.
    #[track_caller]
    pub fn send(
        &mut self,
        sender: &Addr,
        msg: &ExecuteMsg,
        funds: &[Coin],
    ) -> StdResult<AppResponse> {
        let response = self
            .app
            .execute_contract(sender.clone(), self.fund.clone(), msg, funds)?;
        self.assert_books();
        Ok(response)
    }

    /// As the market, successfully.
    #[track_caller]
    pub fn by_market(&mut self, msg: &ExecuteMsg, funds: &[Coin]) -> AppResponse {
        let market = self.market.clone();
        self.send(&market, msg, funds).expect("passes")
    }

    /// Sends a message that must fail with `code` and leave every stored byte and every coin
    /// where it was, at the fund, the market and the queue.
    #[track_caller]
    pub fn refused(&mut self, sender: &Addr, msg: &ExecuteMsg, funds: &[Coin], code: &str) {
        let before = self.everything();
        let error = self
            .send(sender, msg, funds)
            .expect_err("is refused")
            .to_string();
        assert!(error.contains(&format!("{code}: ")), "{code} in: {error}");
        assert_eq!(self.everything(), before);
    }

    #[track_caller]
    pub fn refused_to_market(&mut self, msg: &ExecuteMsg, funds: &[Coin], code: &str) {
        let market = self.market.clone();
        self.refused(&market, msg, funds, code);
    }

    /// Stored bytes and balances of the three contracts.
    pub fn everything(&self) -> Vec<impl PartialEq + std::fmt::Debug> {
        [&self.fund, &self.market, &self.queue]
            .map(|contract| (self.app.dump_wasm_raw(contract), self.balance(contract)))
            .into()
    }

    pub fn when_paid(&mut self, paid: Paid) {
        let msg = MarketMsg::WhenPaid(paid);
        self.app
            .execute_contract(self.authority.clone(), self.market.clone(), &msg, &[])
            .expect("sets");
    }

    /// The market returns `returned` and leaves `lots` and `need`.
    pub fn market_leaves(&mut self, lots: u64, need: i128, returned: i128) {
        let result = CoverResult {
            lots: Lots(lots),
            need: Quote(need),
            returned: Quote(returned),
        };
        self.when_paid(Paid::Answers {
            result,
            closes: false,
        });
    }

    pub fn queue_fails(&mut self, fails: bool) {
        let msg = QueueMsg::WhenTold { fails };
        self.app
            .execute_contract(self.authority.clone(), self.queue.clone(), &msg, &[])
            .expect("sets");
    }

    /// Has the market ask the fund, and survive its failure.
    pub fn ask(&mut self, msg: ExecuteMsg) -> AppResponse {
        let msg = MarketMsg::Ask {
            fund: self.fund.to_string(),
            msg,
        };
        let response = self
            .app
            .execute_contract(self.stranger.clone(), self.market.clone(), &msg, &[])
            .expect("survives");
        self.assert_books();
        response
    }

    pub fn balance(&self, address: &Addr) -> u128 {
        let coin = self.app.wrap().query_balance(address, DENOM);
        let text = coin.expect("balance").amount.to_string();
        text.parse().expect("fits")
    }

    pub fn reports(&self) -> Vec<ReportShortfall> {
        self.app
            .wrap()
            .query_wasm_smart(&self.queue, &Empty {})
            .expect("reports")
    }

    pub fn query<T: serde::de::DeserializeOwned>(&self, msg: &QueryMsg) -> StdResult<T> {
        self.app.wrap().query_wasm_smart(&self.fund, msg)
    }

    pub fn config(&self) -> ConfigResponse {
        self.query(&QueryMsg::Config {}).expect("config")
    }

    pub fn capital(&self) -> CapitalResponse {
        self.query(&QueryMsg::Capital {}).expect("capital")
    }

    pub fn headroom(&self, market: MarketId) -> HeadroomResponse {
        let msg = QueryMsg::Headroom(HeadroomQuery { market });
        self.query(&msg).expect("headroom")
    }

    pub fn now(&self) -> BlockInfo {
        self.app.block_info()
    }

    /// Lets time pass, in one block.
    pub fn wait(&mut self, seconds: u64) {
        self.app.update_block(|block| {
            block.height += 1;
            block.time = block.time.plus_seconds(seconds);
        });
    }

    /// What the fund pays for a loss of `market` that asks for `need`.
    #[track_caller]
    pub fn draws(&mut self, loss_id: LossId, market: MarketId, need: i128) -> i128 {
        let terms = terms(loss_id, market);
        let msg = CoverDeficit {
            terms,
            ..deficit(loss_id, 1, need, 0)
        };
        self.by_market(&ExecuteMsg::CoverDeficit(msg), &[]);
        self.loss(loss_id).expect("known").paid.0
    }

    pub fn loss(&self, loss_id: LossId) -> StdResult<LossRecord> {
        self.query(&QueryMsg::Loss(LossQuery { loss_id }))
    }

    pub fn losses(&self, start_after: Option<LossId>, limit: Option<u32>) -> Vec<LossRecord> {
        let msg = QueryMsg::Losses(LossesQuery { start_after, limit });
        self.query::<LossesResponse>(&msg).expect("losses").losses
    }

    pub fn tranche(&self, tranche: Tranche) -> TrancheResponse {
        let msg = QueryMsg::Tranche(TrancheQuery { tranche });
        self.query(&msg).expect("tranche")
    }

    pub fn solvency(&self) -> SolvencyResponse {
        self.query(&QueryMsg::Solvency {}).expect("solvency")
    }

    /// The sums make the layers, the bank has them, and the records make the sums.
    #[track_caller]
    fn assert_books(&self) {
        let c = self.capital();
        let into = c.contributed.0 + c.staked.0 + c.revenue.0 + c.returned.0;
        let out = c.withdrawn.0 + c.unstaked.0 + c.paid.0 + c.bounties_paid.0 + c.surplus.0;
        assert_eq!(c.capital.0 + c.bounties.0, into - out);
        assert!(c.capital >= Quote::ZERO);
        let solvency = self.solvency();
        assert!(solvency.solvent, "{solvency:?}");
        assert_eq!(solvency.in_tranches.0, c.capital.0 + c.bounties.0);
        let losses = self.losses(None, Some(100));
        assert_eq!(c.paid.0, losses.iter().map(|l| l.paid.0).sum::<i128>());
        let returned = losses.iter().map(|l| l.returned.0).sum::<i128>();
        assert_eq!(c.returned.0, returned);
        let open = losses
            .iter()
            .filter(|l| !l.closed && l.tranche.is_some())
            .count();
        assert_eq!(c.open_losses, open as u64);
    }
}

pub fn instantiate(
    app: &mut App,
    authority: &Addr,
    denom: &str,
    params: FundParams,
    funds: &[Coin],
) -> StdResult<Addr> {
    let fund = ContractWrapper::new(contract::execute, contract::instantiate, contract::query)
        .with_reply(contract::reply);
    let code = app.store_code(Box::new(fund));
    let msg = InstantiateMsg {
        authority: authority.to_string(),
        denom: denom.to_string(),
        params,
        guardian: None,
        notice: perp_interface::governance::NoticeParams {
            notice_seconds: 0,
            step_seconds: 0,
        },
        links: None,
    };
    app.instantiate_contract(code, authority.clone(), &msg, funds, "fund", None)
}

pub fn give(app: &mut App, to: &Addr) {
    app.init_modules(|router, _, storage| {
        let coins = vec![
            Coin::new(1_000_000u128, DENOM),
            Coin::new(1_000_000u128, "uatom"),
        ];
        router
            .bank
            .init_balance(storage, to, coins)
            .expect("balance");
    });
}

pub fn usdc(amount: u128) -> Vec<Coin> {
    vec![Coin::new(amount, DENOM)]
}

pub fn terms(loss_id: LossId, market: MarketId) -> LossTerms {
    LossTerms {
        loss_id,
        market,
        side: Side::Long,
        mark: Price(10_000_000),
        index: PerLot(-7),
    }
}

/// For a loss of market 3.
pub fn deficit(loss_id: LossId, lots: u64, need: i128, allowance: i128) -> CoverDeficit {
    CoverDeficit {
        terms: terms(loss_id, 3),
        lots: Lots(lots),
        need: Quote(need),
        slippage_allowance: Quote(allowance),
        same_owner_lots: Lots(0),
        defer: false,
    }
}

pub fn cover(loss_id: LossId, lots: u64, need: i128, allowance: i128) -> ExecuteMsg {
    ExecuteMsg::CoverDeficit(deficit(loss_id, lots, need, allowance))
}

pub fn report(loss_id: LossId, lots: u64, need: i128) -> ReportShortfall {
    ReportShortfall {
        terms: terms(loss_id, 3),
        lots: Lots(lots),
        need: Quote(need),
        defer: false,
    }
}

pub fn return_cover(loss_id: LossId) -> ExecuteMsg {
    ExecuteMsg::ReturnCover(ReturnCover { loss_id })
}

pub fn loss_closed(loss_id: LossId) -> ExecuteMsg {
    ExecuteMsg::LossClosed(LossClosed { loss_id })
}

pub fn revenue(market: MarketId) -> ExecuteMsg {
    ExecuteMsg::Revenue(Revenue {
        market,
        open_interest: None,
    })
}

pub fn withdraw(amount: i128, to: &Addr) -> ExecuteMsg {
    ExecuteMsg::WithdrawCapital(WithdrawCapital {
        tranche: Tranche::Shared,
        amount: Quote(amount),
        to: to.to_string(),
    })
}

pub fn contribute() -> ExecuteMsg {
    ExecuteMsg::Contribute(Contribute {
        tranche: Tranche::Shared,
        layer: Layer::Seed,
    })
}

pub fn register(market: MarketId, isolated: bool) -> ExecuteMsg {
    ExecuteMsg::RegisterMarket(RegisterMarket {
        market,
        isolated,
        window_cap: None,
        paid_in_cap: None,
    })
}

pub fn update_params(expected_version: u64, params: FundParams) -> ExecuteMsg {
    ExecuteMsg::UpdateParams(UpdateParams {
        expected_version,
        params,
    })
}
