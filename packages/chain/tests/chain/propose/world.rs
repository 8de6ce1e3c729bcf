//! A deployment on the embedded chain, governed by proposals.

use cosmwasm_std::{coin, to_json_binary, Addr, WasmMsg};
use cw_multi_test::{BankSudo, Executor};
use perp_interface::{feed, market, Lots, MarketId, Price, Quote, Side};
use perps_chain::deploy::{deploy, Config, DeployResult, Embedded, Part, Record, Store};
use perps_chain::proposal::{ProposalFile, ProposalMessage};
use perps_chain::propose::{Chain, Draft, Listing, Wish, Writer};
use serde::Serialize;
use serde_json::Value;

/// The embedded chain's denom.
const DENOM: &str = "uusdc";

pub struct World {
    pub chain: Embedded,
    pub record: Record,
    feeder: Addr,
}

struct Nowhere;

impl Store for Nowhere {
    fn load(&self) -> DeployResult<Option<Record>> {
        Ok(None)
    }

    fn save(&mut self, _: &Record) -> DeployResult<()> {
        Ok(())
    }
}

impl World {
    /// Deployed, nothing listed.
    pub fn new() -> Self {
        let mut chain = Embedded::default();
        let feeder = chain.app.api().addr_make("feeder");
        let config = serde_json::json!({
            "denom": DENOM, "gas_price": "0.1ustake", "feeders": [feeder],
        });
        let config = Config::parse(&config.to_string()).expect("a configuration");
        let artifacts = Embedded::artifacts();
        let record = deploy(&mut chain, &mut Nowhere, &config, &artifacts, &mut |_| ());
        Self {
            record: record.expect("deployed"),
            chain,
            feeder,
        }
    }

    /// With market 1 at 100 a lot.
    pub fn with_market() -> Self {
        let mut world = Self::new();
        world.set_price(1, 100_000_000);
        let listing = Listing {
            market: 1,
            symbol: "BTC-PERP".to_owned(),
            isolated: false,
            window_cap: None,
        };
        let draft = world.writer().list(&listing, &Wish::default());
        world.pass(&draft.expect("a market")).expect("is listed");
        world
    }

    pub fn now(&self) -> u64 {
        self.chain.app.block_info().time.seconds()
    }

    pub fn writer(&self) -> Writer<'_> {
        Writer {
            record: &self.record,
            chain: Some(&self.chain),
            sudo: false,
            at: self.now(),
        }
    }

    pub fn at(&self, part: Part) -> &str {
        self.record.address(part).expect("is deployed")
    }

    pub fn query(&self, part: Part, msg: &Value) -> Value {
        Chain::query(&self.chain, self.at(part), msg).expect("answers")
    }

    pub fn set_price(&mut self, market: MarketId, price: u64) {
        let update = feed::PriceUpdate {
            market,
            price: Price(price),
            publish_time: self.now(),
        };
        let msg = feed::ExecuteMsg::SetPrices(feed::SetPrices {
            prices: vec![update],
        });
        let feeder = self.feeder.clone();
        self.send(&feeder, Part::Feed, &msg, 0);
    }

    pub fn send(&mut self, from: &Addr, to: Part, msg: &impl Serialize, coins: u128) {
        if coins > 0 {
            let mint = BankSudo::Mint {
                to_address: from.to_string(),
                amount: vec![coin(coins, DENOM)],
            };
            self.chain.app.sudo(mint.into()).expect("mints");
        }
        let msg = WasmMsg::Execute {
            contract_addr: self.at(to).to_owned(),
            msg: to_json_binary(msg).expect("JSON"),
            funds: (coins > 0)
                .then(|| coin(coins, DENOM))
                .into_iter()
                .collect(),
        };
        let done = self.chain.app.execute(from.clone(), msg.into());
        done.expect("is done");
    }

    /// An account with money and an order at the price.
    pub fn trade(&mut self, name: &str, side: Side, lots: u64, deposit: u128) {
        let trader = self.chain.app.api().addr_make(name);
        let msg = market::ExecuteMsg::Deposit(market::Deposit { subaccount: 0 });
        self.send(&trader, Part::Market, &msg, deposit);
        let order = market::ExecuteMsg::PlaceOrder(market::PlaceOrder {
            subaccount: 0,
            market: 1,
            side,
            lots: Lots(lots),
            price: Price(100_000_000),
            kind: market::OrderKind::Limit,
            reduce_only: false,
        });
        self.send(&trader, Part::Market, &order, 0);
    }

    /// What the chain does when a proposal has passed.
    pub fn pass(&mut self, draft: &Draft) -> Result<(), String> {
        draft.messages.iter().try_for_each(|m| self.execute(m))
    }

    pub fn execute(&mut self, message: &ProposalMessage) -> Result<(), String> {
        let bytes = |msg: &Value| msg.to_string().into_bytes().into();
        let msg = match message {
            ProposalMessage::ExecuteContract(call) => WasmMsg::Execute {
                contract_addr: call.contract.clone(),
                msg: bytes(&call.msg),
                funds: call.funds.clone(),
            },
            ProposalMessage::MigrateContract(to) => WasmMsg::Migrate {
                contract_addr: to.contract.clone(),
                new_code_id: to.code_id.u64(),
                msg: bytes(&to.msg),
            },
            ProposalMessage::SudoContract(call) => {
                let contract = Addr::unchecked(&call.contract);
                let done = self.chain.app.wasm_sudo(contract, &call.msg);
                return done.map(|_| ()).map_err(|e| format!("{e:#}"));
            }
            // Nothing is pinned here; the codes must exist.
            ProposalMessage::PinCodes(codes) => {
                let codes = codes.code_ids.iter().map(|id| id.u64());
                let known = codes.into_iter().all(|id| id <= self.chain.codes());
                return known.then_some(()).ok_or("no such code".to_owned());
            }
            other => return Err(format!("not a proposal of ours: {other:?}")),
        };
        let sender = Addr::unchecked(message.sender());
        let done = self.chain.app.execute(sender, msg.into());
        done.map(|_| ()).map_err(|e| format!("{e:#}"))
    }

    pub fn file(&self, title: &str, draft: Draft) -> ProposalFile {
        ProposalFile {
            messages: draft.messages,
            metadata: String::new(),
            deposit: "1000000ustake".to_owned(),
            title: title.to_owned(),
            summary: title.to_owned(),
            expedited: false,
        }
    }
}

pub fn sets(assignments: &[&str]) -> Wish {
    Wish {
        sets: assignments.iter().map(|&set| set.to_owned()).collect(),
        ..Wish::default()
    }
}

pub const fn quote(amount: i128) -> Quote {
    Quote(amount)
}
