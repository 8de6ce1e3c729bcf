//! The fund's entry points between a market and a queue that the test plays, and a ledger of the fund's coins.

use std::cell::RefCell;
use std::rc::Rc;

use cosmwasm_std::testing::{message_info, mock_env, MockApi, MockQuerier};
use cosmwasm_std::{
    from_json, to_json_binary, Addr, BankMsg, Binary, Coin, ContractResult, CosmosMsg, DepsMut,
    Env, MsgResponse, QuerierWrapper, Reply, Response, SubMsg, SubMsgResponse, SubMsgResult,
    SystemResult, Uint128, WasmMsg, WasmQuery,
};
use insurance_fund::contract;
use insurance_fund::ContractError;
use perp_interface::fund::{ExecuteMsg, InstantiateMsg, LossClosed, QueryMsg, ReturnCover};
use perp_interface::loss::CoverResult;
use perp_interface::market::GatesResponse;
use perp_interface::params::FundParams;
use perp_interface::{LossId, Lots, MarketId, Quote};

use crate::journal::Journal;

pub const DENOM: &str = "uusdc";

/// What the market says of open losses; none: it fails.
pub type Gates = Option<Vec<MarketId>>;

/// What the market does when it is paid.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Fails, and everything with it.
    pub fails: bool,
    /// Asks again for the same loss before it answers.
    pub asks_again: Option<ExecuteMsg>,
    /// Parts in 100 of the payment that it returns.
    pub returns: u32,
    /// Tries to return one unit more than it got.
    pub returns_too_much: bool,
    pub closes: bool,
    /// Whether something is left for the queue, and whether the queue fails.
    pub leaves_rest: bool,
    pub queue_fails: bool,
}

/// What happened in a message, beside its storage.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Payments to the market: loss, coins.
    pub covers: Vec<(LossId, i128)>,
    pub returned: i128,
    pub reports: u32,
    pub sent: Vec<(String, i128)>,
}

pub struct Chain {
    pub storage: Journal,
    pub api: MockApi,
    querier: MockQuerier,
    answers: Rc<RefCell<(u64, Gates)>>,
    pub env: Env,
    /// What the fund holds.
    pub coins: i128,
}

impl Chain {
    pub fn new(market: &Addr, authority: &Addr, params: FundParams) -> Self {
        let answers = Rc::new(RefCell::new((7, Some(vec![]))));
        let mut querier = MockQuerier::default();
        let shared = Rc::clone(&answers);
        let market = market.to_string();
        querier
            .update_wasm(move |query| SystemResult::Ok(answer(query, &market, &shared.borrow())));
        let mut chain = Self {
            storage: Journal::default(),
            api: MockApi::default(),
            querier,
            answers,
            env: mock_env(),
            coins: 0,
        };
        let msg = InstantiateMsg {
            authority: authority.to_string(),
            denom: DENOM.to_string(),
            params,
            guardian: None,
            notice: perp_interface::governance::NoticeParams {
                notice_seconds: 0,
                step_seconds: 0,
            },
            links: None,
        };
        let info = message_info(authority, &[]);
        let env = chain.env.clone();
        contract::instantiate(chain.deps(), env, info, msg).expect("instantiated");
        chain
    }

    fn deps(&mut self) -> DepsMut<'_> {
        DepsMut {
            storage: &mut self.storage,
            api: &self.api,
            querier: QuerierWrapper::new(&self.querier),
        }
    }

    pub fn code_id(&self) -> u64 {
        self.answers.borrow().0
    }

    pub fn migrate_market(&self, code_id: u64) {
        self.answers.borrow_mut().0 = code_id;
    }

    pub fn gates(&self) -> Gates {
        self.answers.borrow().1.clone()
    }

    pub fn set_gates(&self, gates: Gates) {
        self.answers.borrow_mut().1 = gates;
    }

    /// The bank answers with what the fund holds.
    pub fn tell_bank(&mut self) {
        let coins = vec![coin(self.coins)];
        let fund = self.env.contract.address.to_string();
        self.querier.bank.update_balance(fund, coins);
    }

    pub fn query<T: serde::de::DeserializeOwned>(&mut self, msg: QueryMsg) -> T {
        let env = self.env.clone();
        let answer = contract::query(self.deps().as_ref(), env, msg).expect("answer");
        from_json(answer).expect("its type")
    }

    /// One message and all that follows of it. A refusal undoes everything, as on a chain.
    pub fn run(
        &mut self,
        sender: &Addr,
        msg: ExecuteMsg,
        funds: &[Coin],
        plan: &Plan,
    ) -> Result<Seen, String> {
        self.storage.forget();
        let (coins, mut seen) = (self.coins, Seen::default());
        match self.call(sender, (msg, funds), plan, &mut seen) {
            Ok(()) => Ok(seen),
            Err(code) => {
                // The first message of a transaction has to refuse before it writes; what a reply refuses is
                // undone by the chain.
                if seen.covers.is_empty() {
                    let changed = self.storage.changed();
                    assert!(changed.is_empty(), "{code} after writing {changed:?}");
                }
                self.storage.undo();
                self.coins = coins;
                Err(code)
            }
        }
    }

    fn call(
        &mut self,
        sender: &Addr,
        (msg, funds): (ExecuteMsg, &[Coin]),
        plan: &Plan,
        seen: &mut Seen,
    ) -> Result<(), String> {
        let env = self.env.clone();
        let info = message_info(sender, funds);
        let response = contract::execute(self.deps(), env, info, msg).map_err(|e| code(&e))?;
        self.coins += funds.iter().map(amount).sum::<i128>();
        self.follow(response, plan, seen)
    }

    fn follow(&mut self, response: Response, plan: &Plan, seen: &mut Seen) -> Result<(), String> {
        for SubMsg {
            id, msg, payload, ..
        } in response.messages
        {
            match msg {
                CosmosMsg::Bank(BankMsg::Send { to_address, amount }) => {
                    let sent = amount.iter().map(self::amount).sum();
                    self.leave(sent);
                    seen.sent.push((to_address, sent));
                }
                CosmosMsg::Wasm(WasmMsg::Execute {
                    contract_addr,
                    msg,
                    funds,
                }) if msg.starts_with(br#"{"cover":"#) => {
                    let paid = funds.iter().map(amount).sum();
                    self.leave(paid);
                    let market = Addr::unchecked(contract_addr);
                    let data = self.market(&market, (&msg, paid), plan, seen)?;
                    self.answered(id, payload, Ok(data), (plan, seen))?;
                }
                CosmosMsg::Wasm(WasmMsg::Execute { msg, funds, .. }) => {
                    assert!(msg.starts_with(br#"{"report_shortfall":"#) && funds.is_empty());
                    seen.reports += 1;
                    if plan.queue_fails {
                        self.answered(id, payload, Err(()), (plan, seen))?;
                    }
                }
                other => panic!("{other:?}"),
            }
        }
        Ok(())
    }

    fn leave(&mut self, amount: i128) {
        assert!(amount > 0, "a transfer of {amount}");
        assert!(self.coins >= amount, "{amount} of {}", self.coins);
        self.coins -= amount;
    }

    /// The market is paid.
    fn market(
        &mut self,
        market: &Addr,
        (msg, paid): (&Binary, i128),
        plan: &Plan,
        seen: &mut Seen,
    ) -> Result<Binary, String> {
        let perp_interface::market::ExecuteMsg::Cover(cover) = from_json(msg).expect("cover")
        else {
            panic!("not a cover")
        };
        let loss_id = cover.loss_id;
        seen.covers.push((loss_id, paid));
        if plan.fails {
            return Err("market_failed".to_string());
        }
        if let Some(again) = &plan.asks_again {
            self.call(market, (again.clone(), &[]), &Plan::default(), seen)?;
        }
        let returned = if plan.returns_too_much {
            paid + 1
        } else {
            paid / 100 * i128::from(plan.returns) + paid % 100 * i128::from(plan.returns) / 100
        };
        if returned > 0 {
            seen.returned += returned;
            let back = ExecuteMsg::ReturnCover(ReturnCover { loss_id });
            self.call(market, (back, &[coin(returned)]), plan, seen)?;
        }
        if plan.closes {
            let close = ExecuteMsg::LossClosed(LossClosed { loss_id });
            self.call(market, (close, &[]), plan, seen)?;
        }
        let result = CoverResult {
            lots: Lots(u64::from(plan.leaves_rest)),
            need: Quote::ZERO,
            returned: Quote(returned),
        };
        Ok(to_json_binary(&result).expect("json"))
    }

    fn answered(
        &mut self,
        id: u64,
        payload: Binary,
        data: Result<Binary, ()>,
        (plan, seen): (&Plan, &mut Seen),
    ) -> Result<(), String> {
        let result = match data {
            Err(()) => SubMsgResult::Err("codespace: wasm, code: 5".to_string()),
            #[allow(deprecated, reason = "the struct has the field")]
            Ok(data) => SubMsgResult::Ok(SubMsgResponse {
                events: vec![],
                data: None,
                msg_responses: vec![MsgResponse {
                    type_url: "/cosmwasm.wasm.v1.MsgExecuteContractResponse".to_string(),
                    value: with_data(&data),
                }],
            }),
        };
        let reply = Reply {
            id,
            payload,
            gas_used: 0,
            result,
        };
        let env = self.env.clone();
        let response = contract::reply(self.deps(), env, reply).map_err(|e| code(&e))?;
        self.follow(response, plan, seen)
    }
}

fn answer(
    query: &WasmQuery,
    market: &str,
    (code_id, gates): &(u64, Gates),
) -> ContractResult<Binary> {
    match query {
        WasmQuery::ContractInfo { contract_addr } if contract_addr == market => {
            let info = format!(
                r#"{{"code_id":{code_id},"creator":"c","admin":null,"pinned":false,"ibc_port":null,"ibc2_port":null}}"#
            );
            ContractResult::Ok(info.into_bytes().into())
        }
        WasmQuery::Smart { contract_addr, msg } if contract_addr == market => {
            assert_eq!(msg.as_slice(), br#"{"gates":{}}"#);
            match gates {
                Some(markets) => {
                    // By a loss that the fund is never told of.
                    let losses = markets.iter().map(|_| u64::MAX).take(1).collect();
                    let markets = markets.clone();
                    let gates = GatesResponse { markets, losses };
                    ContractResult::Ok(to_json_binary(&gates).expect("json"))
                }
                None => ContractResult::Err("silent".to_string()),
            }
        }
        other => panic!("{other:?}"),
    }
}

/// The one field of a `MsgExecuteContractResponse`.
fn with_data(data: &[u8]) -> Binary {
    let mut bytes = vec![0x0a];
    let mut length = data.len();
    while length >= 0x80 {
        bytes.push((length & 0x7f | 0x80) as u8);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend_from_slice(data);
    bytes.into()
}

pub fn coin(amount: i128) -> Coin {
    Coin::new(amount.unsigned_abs(), DENOM)
}

fn amount(coin: &Coin) -> i128 {
    assert_eq!(coin.denom, DENOM);
    let amount = Uint128::try_from(coin.amount).expect("below 2^128");
    i128::try_from(amount.u128()).expect("below 2^127")
}

fn code(error: &ContractError) -> String {
    error.code()
}
