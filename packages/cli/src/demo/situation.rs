//! Builds the situation of one row through ordinary messages.

use cosmwasm_std::Addr;
use perp_core::liquidation::fee_ceil;
use perp_interface::params::{MarketParams, TierParams};
use perp_interface::{AccountId, Lots, MarketId, Price, Quote, Side};
use perp_testkit::chain::Order;
use perp_testkit::{Chain, ChainError};

use super::{row, DemoError, BANKRUPT};
use crate::population::{entry_levels, winners, PopulationSpec, Winner, WinningSide};
use crate::waves::WaveRow;

/// Winners hold this many times the lots of the bankrupt position, a solvent account the rest.
const OPEN_INTEREST_FACTOR: u64 = 4;
/// Capital of the solvent account: enough for any row, it is never short of margin.
const WHALE: u128 = 1 << 70;
/// One order of the solvent account meets as many resting orders as one message matches.
const PER_MESSAGE: usize = 50;

/// Whom each row finds on the other side.
#[derive(Clone, Copy, Debug)]
pub struct Crowd {
    /// How many.
    pub counterparties: u32,
    /// Seed of their positions.
    pub seed: u64,
}

/// A row on the chain, one message before its liquidation.
#[derive(Debug)]
pub struct Situation {
    /// Its market.
    pub market: MarketId,
    /// The account that is bankrupt by exactly the row's need (or solvent with nothing).
    pub bankrupt: AccountId,
    /// Everybody who takes part: the winners, the bankrupt account, and who rests bids.
    pub accounts: Vec<AccountId>,
}

/// Wraps chain errors with what was being done.
struct Builder<'a> {
    chain: &'a mut Chain,
    row: &'a WaveRow,
    market: MarketId,
}

/// Builds it.
pub fn build(chain: &mut Chain, crowd: &Crowd, row: &WaveRow) -> Result<Situation, DemoError> {
    let market = market_of(row)?;
    let count = crowd.counterparties.max(1);
    let spec = PopulationSpec {
        seed: crowd.seed,
        row_index: row.index,
        count,
        total_lots: (row.lots * OPEN_INTEREST_FACTOR).max(u64::from(count) * 5),
        mark: row.mark,
        side: WinningSide::Shorts,
        levels: crate::population::MAX_LEVELS,
    };
    let mut builder = Builder { chain, row, market };
    let entry = entry_price(row);
    builder.step("list", |chain| chain.list(market, entry, params()))?;
    let whale = builder.funded("whale", WHALE)?;
    let bankrupt = builder.open_bankrupt(entry, &whale)?;
    let counterparties = builder.open_winners(&spec, &whale)?;
    builder.step("crash", |chain| chain.set_price(market, row.mark))?;
    let maker = builder.rest_bids()?;
    let whale = builder.step("account", |chain| chain.account(&whale))?;
    let mut accounts = counterparties;
    accounts.extend([bankrupt, maker, whale.account]);
    Ok(Situation {
        market,
        bankrupt,
        accounts,
    })
}

/// The market that a row gets: one of its own.
///
/// # Errors
/// `MarketNumber` if there are more rows than numbers.
pub fn market_of(row: &WaveRow) -> Result<MarketId, DemoError> {
    u16::try_from(row.index + 1).map_err(|_| DemoError::MarketNumber(row.index))
}

/// A flat schedule: the rows differ in size by six orders of magnitude.
fn params() -> MarketParams {
    MarketParams {
        tiers: vec![TierParams {
            from: Quote(0),
            initial_bps: 1_000,
            maintenance_bps: 500,
        }],
        min_notional: Quote(1_000_000),
        bounty_per_fill: Quote(200),
        max_open_interest: Lots((1 << 48) - 1),
        ..MarketParams::default()
    }
}

/// From where the bankrupt account fell: high enough that its collateral, which is what the fall
/// leaves of it less the need, was a proper initial margin.
fn entry_price(row: &WaveRow) -> u64 {
    let per_lot = row
        .needed
        .max(0)
        .unsigned_abs()
        .div_ceil(u128::from(row.lots.max(1))) as u64;
    row.mark + row.mark / 4 + 2 * per_lot
}

impl Builder<'_> {
    fn step<T>(
        &mut self,
        step: &'static str,
        act: impl FnOnce(&mut Chain) -> Result<T, ChainError>,
    ) -> Result<T, DemoError> {
        act(self.chain).map_err(|error| row::refused(self.row, step, error))
    }

    fn name(&self, role: &str) -> String {
        format!("{role}-{}", self.market)
    }

    fn funded(&mut self, role: &str, amount: u128) -> Result<Addr, DemoError> {
        let name = self.name(role);
        let user = self.chain.user(&name);
        self.step("deposit", |chain| chain.deposit(&user, amount))?;
        Ok(user)
    }

    fn place(&mut self, user: &Addr, order: Order) -> Result<(), DemoError> {
        self.step("order", |chain| chain.place(user, order))
            .map(|_| ())
    }

    /// Buys the row's lots from the whale; the deposit is what makes the need exact.
    fn open_bankrupt(&mut self, entry: u64, whale: &Addr) -> Result<AccountId, DemoError> {
        let lots = self.row.lots;
        let fee = fee_ceil(
            Price(entry),
            Lots(lots),
            MarketParams::default().taker_fee_bps,
        )
        .map_err(|e| row::unexpected(self.row, e.to_string()))?;
        let fall = i128::from(lots) * i128::from(entry - self.row.mark);
        let deposit = fall - self.row.needed + fee.0;
        let user = self.funded("bankrupt", deposit.unsigned_abs())?;
        self.place(
            whale,
            Order::limit(self.market, BANKRUPT.opposite(), lots, entry),
        )?;
        self.place(&user, Order::ioc(self.market, BANKRUPT, lots, entry))?;
        self.step("account", |chain| chain.account(&user))
            .map(|account| account.account)
    }

    /// Each winner rests an order at its own entry; the price walks through the levels and the
    /// whale takes them.
    fn open_winners(
        &mut self,
        spec: &PopulationSpec,
        whale: &Addr,
    ) -> Result<Vec<AccountId>, DemoError> {
        let (levels, all) = (entry_levels(spec)?, winners(spec)?);
        let mut accounts = Vec::with_capacity(all.len());
        for (level, price) in levels.iter().enumerate() {
            let here: Vec<(usize, &Winner)> = all
                .iter()
                .enumerate()
                .filter(|(_, w)| w.level == level)
                .collect();
            if here.is_empty() {
                continue;
            }
            let market = self.market;
            self.step("level", |chain| chain.set_price(market, *price))?;
            for some in here.chunks(PER_MESSAGE) {
                for (number, winner) in some {
                    let user = self.funded(&format!("winner-{number}"), winner.collateral)?;
                    let account = self.step("account", |chain| chain.account(&user))?;
                    accounts.push(account.account);
                    self.place(
                        &user,
                        Order::limit(market, BANKRUPT.opposite(), winner.lots, winner.entry),
                    )?;
                }
                let lots = some.iter().map(|(_, w)| w.lots).sum();
                self.place(whale, Order::ioc(market, BANKRUPT, lots, *price))?;
            }
        }
        Ok(accounts)
    }

    /// A book with depth for a part: a fifth of the lots inside the band in which the fund pays,
    /// another fifth so far away that nobody may sell there.
    fn rest_bids(&mut self) -> Result<AccountId, DemoError> {
        let maker = self.funded("maker", WHALE)?;
        let (lots, mark) = (self.row.lots, self.row.mark);
        for (part, bps) in [(10, 10), (10, 30), (5, 300)] {
            if lots / part > 0 {
                let price = mark - mark * bps / 10_000;
                self.place(
                    &maker,
                    Order::limit(self.market, Side::Long, lots / part, price),
                )?;
            }
        }
        self.step("account", |chain| chain.account(&maker))
            .map(|account| account.account)
    }
}
