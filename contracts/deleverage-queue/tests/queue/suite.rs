//! A chain with a queue, a market that settles by script, and the addresses around them.

use cosmwasm_std::{Addr, Coin, Event, StdResult};
use cw_multi_test::{App, AppResponse, ContractWrapper, Executor};
use deleverage_queue::contract;
use perp_interface::loss::{JobMark, LossTerms};
use perp_interface::params::QueueParams;
use perp_interface::queue::{
    Connect, ContinueDeleverage, ExecuteMsg, InstantiateMsg, IsDirty, JobResponse, JobsResponse,
    KeyQuery, KeyResponse, QueryMsg, RankChange, RankInputs, ReportShortfall, SetPolicy, Update,
};
use perp_interface::{AccountId, LossId, Lots, MarketId, Pass, PerLot, Policy, Price, Quote, Side};
use serde::de::DeserializeOwned;

use crate::audit;
use crate::market::{self, change, Loss, World, WORLD};

pub const PARAMS: QueueParams = QueueParams {
    step_limit: 500,
    default_policy: Policy::of_breadth(1),
};

/// One lot at this price.
pub const fn per_lot(price: i128) -> PerLot {
    PerLot(price << 32)
}

/// A position at whole prices: side, lots, entry, collateral per lot.
pub const fn position(side: Side, lots: u64, entry: i128, collateral: i128) -> RankInputs {
    RankInputs {
        side,
        lots: Lots(lots),
        entry: per_lot(entry),
        collateral: per_lot(collateral),
    }
}

/// A loss of a long position at a mark of 1000: shorts are asked.
pub const fn terms(loss_id: LossId, market: MarketId) -> LossTerms {
    LossTerms {
        loss_id,
        market,
        side: Side::Long,
        mark: Price(1000),
        index: PerLot(0),
    }
}

pub struct Suite {
    pub app: App,
    pub queue: Addr,
    pub market: Addr,
    pub fund: Addr,
    pub authority: Addr,
    pub stranger: Addr,
}

impl Suite {
    /// Connected.
    pub fn new(params: QueueParams) -> Self {
        let mut suite = Self::unconnected(params);
        let (msg, authority) = (suite.connect(), suite.authority.clone());
        suite.send(&authority, &msg).expect("connects");
        suite
    }

    pub fn with_step_limit(step_limit: u32) -> Self {
        Self::new(QueueParams {
            step_limit,
            ..PARAMS
        })
    }

    pub fn unconnected(params: QueueParams) -> Self {
        let mut app = App::default();
        let [authority, fund, stranger] =
            ["authority", "fund", "stranger"].map(|name| app.api().addr_make(name));
        app.init_modules(|router, _, storage| {
            router
                .bank
                .init_balance(storage, &authority, vec![Coin::new(1_000u128, "uusdc")])
                .expect("balance");
        });
        let code = app.store_code(market::contract());
        let market = app
            .instantiate_contract(
                code,
                authority.clone(),
                &serde_json::json!({}),
                &[],
                "m",
                None,
            )
            .expect("a market");
        let queue = deploy(&mut app, &authority, params, &[]).expect("a queue");
        let mut suite = Self {
            app,
            queue,
            market,
            fund,
            authority,
            stranger,
        };
        let queue = suite.queue.clone();
        suite.change_world(|world| world.queue = Some(queue));
        suite
    }

    pub fn connect(&self) -> ExecuteMsg {
        ExecuteMsg::Connect(Connect {
            market: self.market.to_string(),
            fund: self.fund.to_string(),
        })
    }

    /// Sends a message; whatever comes of it, the index stays whole.
    pub fn send(&mut self, sender: &Addr, msg: &ExecuteMsg) -> StdResult<AppResponse> {
        let sent = self
            .app
            .execute_contract(sender.clone(), self.queue.clone(), msg, &[]);
        audit::check(&*self.app.contract_storage(&self.queue));
        sent
    }

    /// Sends a message that must fail with `code` and leave every stored byte as it was.
    #[track_caller]
    pub fn refused(&mut self, sender: &Addr, msg: &ExecuteMsg, code: &str) -> String {
        let before = (self.dump(), self.app.dump_wasm_raw(&self.market));
        let error = self.send(sender, msg).expect_err("is refused").to_string();
        assert!(error.contains(&format!("{code}: ")), "{code} in: {error}");
        assert_eq!((self.dump(), self.app.dump_wasm_raw(&self.market)), before);
        error
    }

    /// Every stored byte of the queue.
    pub fn dump(&self) -> Vec<cosmwasm_std::Record> {
        self.app.dump_wasm_raw(&self.queue)
    }

    pub fn world(&self) -> World {
        WORLD
            .load(&*self.app.contract_storage(&self.market))
            .expect("a world")
    }

    pub fn change_world(&mut self, change: impl FnOnce(&mut World)) {
        let mut world = self.world();
        change(&mut world);
        let mut storage = self.app.contract_storage_mut(&self.market);
        WORLD.save(&mut *storage, &world).expect("saves");
    }

    /// As the market.
    pub fn try_update(
        &mut self,
        changes: Vec<RankChange>,
        job: Option<JobMark>,
    ) -> StdResult<AppResponse> {
        let market = self.market.clone();
        self.send(&market, &ExecuteMsg::Update(Update { changes, job }))
    }

    /// As the market, from outside of every job.
    #[track_caller]
    pub fn update(&mut self, changes: Vec<RankChange>) {
        self.try_update(changes, None).expect("updates");
    }

    /// Opens positions in the market, and tells the queue.
    #[track_caller]
    pub fn open(&mut self, market: MarketId, positions: &[(AccountId, RankInputs)]) {
        self.change_world(|world| {
            let listed = world.positions.entry(market).or_default();
            listed.extend(positions.iter().copied());
        });
        self.update(
            positions
                .iter()
                .map(|(account, position)| change(*account, market, position))
                .collect(),
        );
    }

    /// A loss in the market, of which the queue does not know yet.
    pub fn lose(&mut self, terms: &LossTerms, lots: u64, need: i128) -> ReportShortfall {
        let loss = Loss {
            terms: terms.clone(),
            lots,
            need,
            pass: if lots == 0 { Pass::Kept } else { Pass::Profit },
            set: (0, 0),
            kept_rows: 0,
            held_back: false,
            closed: false,
        };
        self.change_world(|world| {
            world.losses.insert(terms.loss_id, loss);
        });
        ReportShortfall {
            terms: terms.clone(),
            lots: Lots(lots),
            need: Quote(need),
            defer: false,
        }
    }

    /// As the fund.
    #[track_caller]
    pub fn report(&mut self, report: &ReportShortfall) -> AppResponse {
        let fund = self.fund.clone();
        self.send(&fund, &ExecuteMsg::ReportShortfall(report.clone()))
            .expect("reports")
    }

    /// As anybody.
    pub fn go_on(&mut self, loss_id: LossId, limit: Option<u32>) -> StdResult<AppResponse> {
        let stranger = self.stranger.clone();
        self.send(&stranger, &go_on(loss_id, limit))
    }

    /// Continues a job, call by call, until it is closed.
    #[track_caller]
    pub fn finish(&mut self, loss_id: LossId) {
        for _ in 0..2_000 {
            if self.jobs().iter().all(|job| job.terms.loss_id != loss_id) {
                return;
            }
            self.go_on(loss_id, None).expect("goes on");
        }
        panic!("never ends: {:?}", self.jobs());
    }

    pub fn set_breadth(&mut self, market: MarketId, breadth: u32) {
        self.set_policy(market, Policy::of_breadth(breadth));
    }

    pub fn set_policy(&mut self, market: MarketId, policy: Policy) {
        let authority = self.authority.clone();
        let policy = Some(policy);
        let msg = ExecuteMsg::SetPolicy(SetPolicy {
            market,
            expected_version: None,
            policy,
        });
        self.send(&authority, &msg).expect("sets");
    }

    pub fn ask<T: DeserializeOwned>(&self, msg: &QueryMsg) -> T {
        self.app
            .wrap()
            .query_wasm_smart(&self.queue, msg)
            .expect("answers")
    }

    pub fn jobs(&self) -> Vec<JobResponse> {
        self.ask::<JobsResponse>(&QueryMsg::Jobs {}).jobs
    }

    pub fn is_dirty(&self, account: AccountId) -> bool {
        self.ask(&QueryMsg::IsDirty(IsDirty { account }))
    }

    pub fn key(&self, account: AccountId, market: MarketId) -> Option<KeyResponse> {
        self.ask(&QueryMsg::Key(KeyQuery { account, market }))
    }

    /// Accounts in the order in which they were asked.
    pub fn asked(&self) -> Vec<AccountId> {
        self.world().visits.iter().map(|v| v.account).collect()
    }
}

/// A queue that belongs to `authority`.
pub fn deploy(
    app: &mut App,
    authority: &Addr,
    params: QueueParams,
    funds: &[Coin],
) -> StdResult<Addr> {
    let code = app.store_code(Box::new(
        ContractWrapper::new(contract::execute, contract::instantiate, contract::query)
            .with_reply(contract::reply),
    ));
    let msg = InstantiateMsg {
        authority: authority.to_string(),
        params,
        guardian: None,
        notice: perp_interface::governance::NoticeParams {
            notice_seconds: 0,
            step_seconds: 0,
        },
        links: None,
    };
    app.instantiate_contract(code, authority.clone(), &msg, funds, "queue", None)
}

pub const fn go_on(loss_id: LossId, limit: Option<u32>) -> ExecuteMsg {
    ExecuteMsg::ContinueDeleverage(ContinueDeleverage { loss_id, limit })
}

/// The attributes of the events of one kind.
pub fn events(response: &AppResponse, kind: &str) -> Vec<Vec<(String, String)>> {
    let attributes = |event: &Event| {
        let pairs = event.attributes.iter().skip(1);
        pairs.map(|a| (a.key.clone(), a.value.clone())).collect()
    };
    response
        .events
        .iter()
        .filter(|event| event.ty == format!("wasm-{kind}"))
        .map(attributes)
        .collect()
}
