//! A market without accounts or money: it settles losses against listed positions by script,
//! and notes who was asked.

use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::{
    to_json_binary, Addr, Deps, DepsMut, Empty, Env, MessageInfo, Response, StdError, StdResult,
    WasmMsg,
};
use cw_multi_test::{Contract, ContractWrapper};
use cw_storage_plus::Item;
use perp_core::allocation::{lots_of_share, Share, SharingSet};
use perp_core::class::class_floor;
use perp_core::score::Score;
use perp_interface::loss::{Candidate, DeleverageResult, JobMark, LossTerms};
use perp_interface::market::{
    AccountInputs, Deleverage, MarkResponse, MarketQuery, RankInputsQuery, RankInputsResponse,
    Refresh,
};
use perp_interface::queue::{self, ContinueDeleverage, RankChange, RankInputs, Update};
use perp_interface::{AccountId, LossId, Lots, MarketId, Pass, PerLot, Policy, Price, Quote};
use serde::{Deserialize, Serialize};

/// All that this market knows; tests write it into its storage.
pub const WORLD: Item<World> = Item::new("world");

/// Positions, losses, and what has happened.
#[derive(Serialize, Deserialize, Clone, Debug, Default)]
pub struct World {
    pub queue: Option<Addr>,
    pub positions: BTreeMap<MarketId, BTreeMap<AccountId, RankInputs>>,
    pub habits: BTreeMap<AccountId, Habit>,
    pub losses: BTreeMap<LossId, Loss>,
    pub visits: Vec<Visit>,
    pub messages: Vec<Received>,
    pub refreshed: Vec<AccountId>,
    pub fault: Option<Fault>,
    /// Mark and funding of the markets that have one.
    pub marks: BTreeMap<MarketId, (u64, i128)>,
    /// Accounts that the queue was not told of.
    pub dirty: BTreeSet<AccountId>,
}

/// What an account does when it is asked.
#[derive(Serialize, Deserialize, Clone, Debug, Default)]
pub struct Habit {
    /// Passes in which it gives nothing.
    pub skips: Vec<Pass>,
    /// Whether a fill would break a hedge of it.
    pub hedged: bool,
    /// Most lots that it gives in the first two passes.
    pub most: Option<u64>,
    /// Added to its entry after each fill and haircut.
    pub moves: i128,
    /// Its collateral per lot after a fill.
    pub collateral: Option<i128>,
    /// Most that a haircut can take of it.
    pub haircut: i128,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
pub struct Loss {
    pub terms: LossTerms,
    pub lots: u64,
    pub need: i128,
    pub pass: Pass,
    pub set: (u128, u128),
    /// Rows of kept profit still to be visited; each has a unit.
    pub kept_rows: u32,
    /// Whether a hedged account was passed over.
    pub held_back: bool,
    pub closed: bool,
}

/// One candidate that was asked.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    pub loss_id: LossId,
    pub pass: Pass,
    pub account: AccountId,
    pub rank: u32,
    pub profit_per_lot: PerLot,
    pub share: Option<Lots>,
    pub taken: i128,
}

/// One message of the queue.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Received {
    pub pass: Pass,
    pub set: Option<(u128, u128)>,
    pub candidates: usize,
    pub exhausted: bool,
    pub limit: u32,
}

/// How the market breaks its word.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    NoData,
    NoJson,
    EarlierPass,
    Fails,
    ContinuesInside,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ExecuteMsg {
    Deleverage(Deleverage),
    Refresh(Refresh),
}

pub fn contract() -> Box<dyn Contract<Empty>> {
    Box::new(ContractWrapper::new(execute, instantiate, query))
}

fn instantiate(deps: DepsMut, _: Env, _: MessageInfo, _: Empty) -> StdResult<Response> {
    WORLD.save(deps.storage, &World::default())?;
    Ok(Response::new())
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum QueryMsg {
    Mark(MarketQuery),
    RankInputs(RankInputsQuery),
}

fn query(deps: Deps, _: Env, msg: QueryMsg) -> StdResult<cosmwasm_std::Binary> {
    let world = WORLD.load(deps.storage)?;
    match msg {
        QueryMsg::Mark(MarketQuery { market }) => {
            let (mark, index) = world
                .marks
                .get(&market)
                .ok_or_else(|| StdError::msg("no such market"))?;
            let (mark, index) = (Price(*mark), PerLot(*index));
            to_json_binary(&MarkResponse { mark, index })
        }
        QueryMsg::RankInputs(query) => to_json_binary(&world.inputs(&query)),
    }
}

fn execute(deps: DepsMut, _: Env, info: MessageInfo, msg: ExecuteMsg) -> StdResult<Response> {
    let mut world = WORLD.load(deps.storage)?;
    assert_eq!(world.queue, Some(info.sender));
    let response = match msg {
        ExecuteMsg::Deleverage(msg) => world.deleverage(&msg),
        ExecuteMsg::Refresh(msg) => world.refresh(msg.accounts),
    }?;
    WORLD.save(deps.storage, &world)?;
    Ok(response)
}

impl World {
    /// Every account that was ever seen, a page of them.
    fn inputs(&self, query: &RankInputsQuery) -> RankInputsResponse {
        let known: BTreeSet<AccountId> = self
            .positions
            .values()
            .flat_map(BTreeMap::keys)
            .chain(&self.dirty)
            .copied()
            .collect();
        let first = query.start_after.map_or(0, |account| account + 1);
        let page = known
            .range(first..)
            .take(query.limit.unwrap_or(100) as usize);
        let positions = self.positions.get(&query.market);
        let accounts = page.map(|account| AccountInputs {
            account: *account,
            position: positions.and_then(|p| p.get(account)).copied(),
            dirty: self.dirty.contains(account),
        });
        RankInputsResponse {
            accounts: accounts.collect(),
        }
    }

    fn refresh(&mut self, accounts: Vec<AccountId>) -> StdResult<Response> {
        let mut changes = Vec::new();
        for (market, positions) in &self.positions {
            let open = accounts.iter().filter_map(|a| Some((a, positions.get(a)?)));
            changes.extend(open.map(|(account, position)| change(*account, *market, position)));
        }
        self.refreshed.extend(accounts);
        self.tell(queue::ExecuteMsg::Update(Update { changes, job: None }))
    }

    fn tell(&self, msg: queue::ExecuteMsg) -> StdResult<Response> {
        Ok(Response::new().add_message(WasmMsg::Execute {
            contract_addr: self.queue.clone().expect("connected").into_string(),
            msg: to_json_binary(&msg)?,
            funds: vec![],
        }))
    }

    fn deleverage(&mut self, msg: &Deleverage) -> StdResult<Response> {
        let set = msg.set.as_ref().map(|s| (s.lots.u128(), s.weight.u128()));
        self.messages.push(Received {
            pass: msg.pass,
            set,
            candidates: msg.candidates.len(),
            exhausted: msg.exhausted,
            limit: msg.limit,
        });
        let mut loss = self.losses.remove(&msg.loss_id).expect("a loss");
        let market = loss.terms.market;
        loss.set = set.unwrap_or(loss.set);
        let (changes, visited) = self.settle(&mut loss, msg);
        let answer = DeleverageResult {
            pass: loss.pass,
            lots: Lots(loss.lots),
            need: Quote(loss.need),
            closed: loss.closed,
            visited,
        };
        self.losses.insert(msg.loss_id, loss);
        let changes = changes
            .into_iter()
            .map(|account| match self.positions[&market].get(&account) {
                Some(position) => change(account, market, position),
                None => closed(account, market),
            })
            .collect();
        let job = Some(JobMark {
            loss_id: msg.loss_id,
            pass: msg.pass,
        });
        let response = self.tell(queue::ExecuteMsg::Update(Update { changes, job }))?;
        self.answer(response, msg.loss_id, answer)
    }

    fn answer(
        &self,
        response: Response,
        loss_id: LossId,
        mut answer: DeleverageResult,
    ) -> StdResult<Response> {
        Ok(match self.fault {
            Some(Fault::Fails) => return Err(StdError::msg("out of order")),
            Some(Fault::NoData) => response,
            Some(Fault::NoJson) => response.set_data(b"{\"pass\":1}"),
            Some(Fault::EarlierPass) => {
                answer.pass = Pass::Profit;
                response.set_data(to_json_binary(&answer)?)
            }
            Some(Fault::ContinuesInside) => {
                let limit = None;
                self.tell(queue::ExecuteMsg::ContinueDeleverage(ContinueDeleverage {
                    loss_id,
                    limit,
                }))?
            }
            None => response.set_data(to_json_binary(&answer)?),
        })
    }

    /// The fold of the real market in small: accounts whose positions changed, and how many
    /// candidates and rows were visited.
    fn settle(&mut self, loss: &mut Loss, msg: &Deleverage) -> (Vec<AccountId>, u32) {
        let (mut changed, mut visited) = (Vec::new(), 0);
        if loss.closed || loss.pass != msg.pass {
            return (changed, visited);
        }
        for candidate in &msg.candidates {
            if loss.pass != msg.pass || loss.is_done() {
                break;
            }
            visited += 1;
            let taken = self.visit(loss, &msg.policy, candidate);
            if taken > 0 {
                changed.push(candidate.account);
            }
            self.visits.push(Visit {
                loss_id: msg.loss_id,
                pass: msg.pass,
                account: candidate.account,
                rank: candidate.rank,
                profit_per_lot: candidate.profit_per_lot,
                share: candidate.share,
                taken,
            });
            if loss.lots == 0 && loss.need > 0 && loss.pass < Pass::Kept {
                loss.pass = Pass::Kept;
            }
        }
        if msg.exhausted && loss.pass == msg.pass && !loss.is_done() {
            match loss.pass {
                Pass::Profit if msg.policy.shares(msg.pass) => loss.pass = Pass::Rest,
                Pass::Profit | Pass::Rest if loss.held_back => loss.pass = Pass::Hedged,
                Pass::Profit | Pass::Rest | Pass::Hedged => loss.pass = Pass::Equity,
                Pass::Equity | Pass::AtMark => loss.pass = Pass::AtMark,
                Pass::Kept | Pass::Haircut => loss.need = 0,
            }
        }
        if loss.pass == Pass::Kept && !loss.is_done() {
            let rows = loss.kept_rows.min(msg.limit);
            loss.kept_rows -= rows;
            loss.need = (loss.need - i128::from(rows)).max(0);
            visited += rows;
            if loss.kept_rows == 0 {
                loss.pass = Pass::Haircut;
            }
        }
        loss.closed = loss.is_done();
        (changed, visited)
    }

    fn visit(&mut self, loss: &mut Loss, policy: &Policy, candidate: &Candidate) -> i128 {
        let account = candidate.account;
        let habit = self.habits.get(&account).cloned().unwrap_or_default();
        let positions = self.positions.get_mut(&loss.terms.market).expect("listed");
        let size = positions.get(&account).map_or(0, |p| p.lots.0);
        let wanted = loss.wanted(policy, candidate, size);
        if habit.skips.contains(&loss.pass) || size == 0 {
            return 0;
        }
        let Some(position) = positions.get_mut(&account) else {
            return 0;
        };
        if habit.hedged && matches!(loss.pass, Pass::Profit | Pass::Rest) {
            loss.held_back = true;
            return 0;
        }
        if loss.pass == Pass::Haircut {
            let taken = habit.haircut.min(loss.need);
            loss.need -= taken;
            position.entry.0 += if taken > 0 { habit.moves } else { 0 };
            return taken;
        }
        let most = match loss.pass {
            Pass::AtMark => u64::MAX,
            _ => habit.most.unwrap_or(u64::MAX),
        };
        let taken = wanted.min(most);
        loss.lots -= taken;
        if taken > 0 {
            position.lots.0 -= taken;
            position.entry.0 += habit.moves;
            position.collateral = habit.collateral.map_or(position.collateral, PerLot);
        }
        if position.lots.is_zero() {
            positions.remove(&account);
        }
        i128::from(taken)
    }
}

impl Loss {
    pub fn is_done(&self) -> bool {
        self.lots == 0 && self.need == 0
    }

    fn wanted(&mut self, policy: &Policy, candidate: &Candidate, size: u64) -> u64 {
        let whole = size.min(self.lots);
        let Some(lots) = candidate.share else {
            return whole;
        };
        let score = Score {
            kind: policy.score,
            profit: candidate.profit_per_lot.0,
            collateral: class_floor(candidate.class),
        };
        let weight = policy.weight_per_lot(&score) * u128::from(lots.0);
        let set = SharingSet {
            lots: self.set.0,
            weight: self.set.1,
        };
        let (wanted, rest) = lots_of_share(policy, Lots(self.lots), set, Share { lots, weight })
            .expect("inside of the set");
        self.set = (rest.lots, rest.weight);
        wanted.0.min(whole)
    }
}

pub fn change(account: AccountId, market: MarketId, position: &RankInputs) -> RankChange {
    RankChange {
        account,
        market,
        position: Some(*position),
    }
}

pub fn closed(account: AccountId, market: MarketId) -> RankChange {
    RankChange {
        account,
        market,
        position: None,
    }
}
