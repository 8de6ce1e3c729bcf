//! Accounts, markets, and the real index over them.

use std::collections::BTreeMap;

use cosmwasm_std::testing::{message_info, mock_env, MockApi, MockQuerier, MockStorage};
use cosmwasm_std::{Addr, DepsMut, Empty, OwnedDeps};
use perp_core::position::Position;
use perp_interface::market::{AccountResponse, MarketResponse, PositionResponse};
use perp_interface::params::{MarketParams, QueueParams, TierParams};
use perp_interface::queue::{Connect, ExecuteMsg, InstantiateMsg, RankChange, Update};
use perp_interface::{fund, AccountId, Lots, MarketId, PerLot, Price, Quote, Side};
use perp_market::ledger::Ledger;
use perp_market::state::{Account, Listing, MarketState, LISTINGS, MARKETS};
use perp_testkit::scan::Scan;
use rand::seq::SliceRandom;
use rand::Rng;

/// The state that everything follows from.
pub struct Book {
    pub markets: BTreeMap<MarketId, (MarketParams, PerLot)>,
    pub accounts: BTreeMap<AccountId, Account>,
    pub queue: OwnedDeps<MockStorage, MockApi, MockQuerier, Empty>,
    market: Addr,
}

fn some_price(rng: &mut impl Rng) -> u64 {
    // Few prices, so that entries tie, and some anywhere.
    match rng.gen_range(0..4) {
        0 => rng.gen_range(1..1 << 40),
        _ => *[9_500_000, 10_000_000, 10_000_001, 12_000_000]
            .choose(rng)
            .expect("some"),
    }
}

fn some_lots(rng: &mut impl Rng) -> u64 {
    match rng.gen_range(0..5) {
        0 => rng.gen_range(1..1 << 40),
        _ => *[1, 3, 10, 10, 37].choose(rng).expect("some"),
    }
}

fn some_index(rng: &mut impl Rng) -> PerLot {
    PerLot(match rng.gen_range(0..3) {
        0 => 0,
        1 => rng.gen_range(-(1 << 40)..1 << 40),
        _ => rng.gen_range(-(1 << 66)..1 << 66),
    })
}

fn some_cash(rng: &mut impl Rng) -> Quote {
    Quote(match rng.gen_range(0..8) {
        0 => 0,
        1 => -rng.gen_range(1..1_000_000_000),
        2 => rng.gen_range(1..1 << 100),
        3 => rng.gen_range(1..50),
        _ => 10_000_000 * rng.gen_range(1..40),
    })
}

impl Book {
    pub fn random(rng: &mut impl Rng) -> Self {
        let mut queue = cosmwasm_std::testing::mock_dependencies();
        let (authority, market) = (queue.api.addr_make("gov"), queue.api.addr_make("market"));
        let setup = InstantiateMsg {
            authority: authority.to_string(),
            params: QueueParams::default(),
            guardian: None,
            notice: perp_interface::governance::NoticeParams {
                notice_seconds: 0,
                step_seconds: 0,
            },
            links: None,
        };
        deleverage_queue::contract::instantiate(
            queue.as_mut(),
            mock_env(),
            message_info(&authority, &[]),
            setup,
        )
        .expect("instantiates");
        let connect = ExecuteMsg::Connect(Connect {
            market: market.to_string(),
            fund: queue.api.addr_make("fund").to_string(),
        });
        execute(queue.as_mut(), &authority, connect);
        let markets = (1..=rng.gen_range(1..=3u16)).map(|id| {
            let mut params = MarketParams::default();
            if rng.gen_bool(0.5) {
                params.tiers = vec![TierParams {
                    from: Quote(0),
                    initial_bps: rng.gen_range(100..10_000),
                    maintenance_bps: 50,
                }];
            }
            (id, (params, some_index(rng)))
        });
        let mut book = Self {
            markets: markets.collect(),
            accounts: BTreeMap::new(),
            queue,
            market,
        };
        for i in 0..rng.gen_range(0..24u64) {
            let account = Account {
                cash: some_cash(rng),
                ..Account::default()
            };
            let id = i * 7 % 101 + 1;
            book.accounts.insert(id, account);
            for market in book.markets.keys().copied().collect::<Vec<_>>() {
                if rng.gen_bool(0.6) {
                    book.trade(rng, id, market);
                }
            }
        }
        let all: Vec<_> = book.accounts.keys().copied().collect();
        book.tell(&all);
        book
    }

    fn trade(&mut self, rng: &mut impl Rng, id: AccountId, market: MarketId) {
        let index = self.markets[&market].1;
        let account = self.accounts.get_mut(&id).expect("is there");
        let held = account.positions.iter().find(|(m, _)| *m == market);
        let held = held.map_or(Position::flat(index), |(_, position)| *position);
        let (settled, _) = held.settle(index).expect("settles");
        let side = Side::from_bit(rng.gen_range(0..2));
        // Closes whole, in part, turns around, or opens.
        let lots = match (settled.side(), rng.gen_range(0..3)) {
            (Some(held), 0) if held != side => settled.size(),
            _ => Lots(some_lots(rng)),
        };
        let trade = settled.trade(side, lots, Price(some_price(rng)));
        let Ok(trade) = trade else {
            return;
        };
        account.positions.retain(|(m, _)| *m != market);
        if trade.position.side().is_some() {
            account.positions.push((market, trade.position));
            account.positions.sort_by_key(|(m, _)| *m);
        }
    }

    /// Touches some accounts, and moves the funding of the markets.
    pub fn touch(&mut self, rng: &mut impl Rng) {
        for (_, index) in self.markets.values_mut() {
            if rng.gen_bool(0.5) {
                index.0 += rng.gen_range(-(1 << 36)..1 << 36);
            }
        }
        let ids: Vec<_> = self.accounts.keys().copied().collect();
        let touched: Vec<_> = ids.into_iter().filter(|_| rng.gen_bool(0.5)).collect();
        for id in &touched {
            // Updates that were lost in between are repaired by the one that arrives.
            for _ in 0..rng.gen_range(1..=3) {
                self.touch_one(rng, *id);
            }
        }
        self.tell(&touched);
    }

    fn touch_one(&mut self, rng: &mut impl Rng, id: AccountId) {
        let markets: Vec<_> = self.markets.keys().copied().collect();
        match rng.gen_range(0..4) {
            0 => self.accounts.get_mut(&id).expect("is there").cash = some_cash(rng),
            1 => {
                // Funding settles into the cost.
                let account = self.accounts.get_mut(&id).expect("is there");
                for (market, position) in &mut account.positions {
                    if let Ok((settled, _)) = position.settle(self.markets[market].1) {
                        *position = settled;
                    }
                }
            }
            2 => self.accounts.get_mut(&id).expect("is there").positions = vec![],
            _ => {
                let market = *markets.choose(rng).expect("one market");
                self.trade(rng, id, market);
            }
        }
    }

    /// What the market tells the queue of these accounts, in all markets.
    fn tell(&mut self, accounts: &[AccountId]) {
        let mut storage = MockStorage::new();
        let mut ledger = Ledger::new(0);
        for (id, (params, index)) in &self.markets {
            let listing = Listing {
                symbol: id.to_string(),
                version: 1,
                params: params.clone(),
            };
            let state = MarketState {
                index: *index,
                ..MarketState::default()
            };
            LISTINGS.save(&mut storage, *id, &listing).expect("saves");
            MARKETS.save(&mut storage, *id, &state).expect("saves");
            ledger.load_market(&storage, *id).expect("loads");
        }
        let mut changes = Vec::new();
        for id in accounts {
            ledger.imagine(*id, self.accounts[id].clone());
            for market in self.markets.keys() {
                changes.push(RankChange {
                    account: *id,
                    market: *market,
                    position: perp_market::ranking::inputs(&ledger, *id, *market).expect("inputs"),
                });
            }
        }
        let update = ExecuteMsg::Update(Update { changes, job: None });
        let market = self.market.clone();
        execute(self.queue.as_mut(), &market, update);
    }

    /// The accounts and markets as an auditor reads them.
    pub fn scan(&self) -> Scan {
        let accounts = self.accounts.iter().map(|(id, account)| AccountResponse {
            account: *id,
            owner: String::new(),
            subaccount: 0,
            cash: account.cash,
            positions: account.positions.iter().map(position).collect(),
            debts: vec![],
            held: Quote(0),
            locked: false,
        });
        let markets = self
            .markets
            .iter()
            .map(|(id, (params, index))| MarketResponse {
                market: *id,
                symbol: String::new(),
                version: 1,
                params: params.clone(),
                open_interest: Lots(0),
                index: *index,
                funding_pool: Quote(0),
                fees: Quote(0),
                bad_debt: Quote(0),
                deleveraging: None,
            });
        Scan {
            accounts: accounts.collect(),
            markets: markets.collect(),
            losses: vec![],
            capital: fund::CapitalResponse::default(),
            tranches: vec![],
            solvency: fund::SolvencyResponse::default(),
            market_balance: 0,
            fund_balance: 0,
        }
    }
}

fn position((market, position): &(MarketId, Position)) -> PositionResponse {
    PositionResponse {
        market: *market,
        side: position.side().expect("open"),
        lots: position.size(),
        cost: position.cost,
        index: position.index,
    }
}

fn execute(deps: DepsMut<'_, Empty>, sender: &Addr, msg: ExecuteMsg) {
    deleverage_queue::contract::execute(deps, mock_env(), message_info(sender, &[]), msg)
        .expect("executes");
}
