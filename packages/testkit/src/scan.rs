//! A full scan of the state through the public queries: what an auditor would do.

use cosmwasm_std::Addr;
use perp_interface::market::{
    AccountResponse, AccountsQuery, AccountsResponse, LossResponse, LossesQuery, LossesResponse,
    MarketResponse, MarketsQuery, MarketsResponse, PositionResponse, QueryMsg,
};
use perp_interface::queue::{
    AuditFinding, AuditQuery, AuditResponse, ClassHistogram, ClassesQuery, ClassesResponse,
    HistogramsQuery, HistogramsResponse, IndexEntry, IndexQuery, IndexResponse,
};
use perp_interface::{fund, queue, MarketId, Side};

use crate::chain::{Chain, ChainResult};

/// Everything the market and the fund hold.
#[derive(Clone, Debug)]
pub struct Scan {
    /// All accounts.
    pub accounts: Vec<AccountResponse>,
    /// All markets.
    pub markets: Vec<MarketResponse>,
    /// All losses.
    pub losses: Vec<LossResponse>,
    /// The fund's sums.
    pub capital: fund::CapitalResponse,
    /// Its tranches.
    pub tranches: Vec<fund::TrancheResponse>,
    /// What it says of its own solvency.
    pub solvency: fund::SolvencyResponse,
    /// Balance of the market contract.
    pub market_balance: u128,
    /// Balance of the fund contract.
    pub fund_balance: u128,
}

impl Scan {
    /// Scans.
    ///
    /// # Errors
    /// What a contract answers.
    pub fn take(chain: &Chain) -> ChainResult<Self> {
        let market = &chain.addresses.market;
        Ok(Self {
            accounts: accounts(chain)?,
            markets: markets(chain, market)?,
            losses: losses(chain, market)?,
            capital: chain.query(&chain.addresses.fund, &fund::QueryMsg::Capital {})?,
            tranches: tranches(chain)?,
            solvency: chain.query(&chain.addresses.fund, &fund::QueryMsg::Solvency {})?,
            market_balance: chain.balance(market),
            fund_balance: chain.balance(&chain.addresses.fund),
        })
    }

    /// Coins that the market's books account for: `Σ cash − Σ cost + fees + pool − bad debt`.
    pub fn booked(&self) -> i128 {
        let accounts: i128 = self
            .accounts
            .iter()
            .map(|a| a.cash.0 - a.positions.iter().map(|p| p.cost.0).sum::<i128>())
            .sum();
        let markets: i128 = self
            .markets
            .iter()
            .map(|m| m.fees.0 + m.funding_pool.0 - m.bad_debt.0)
            .sum();
        accounts + markets
    }

    /// The market's coins beyond what is booked; 0 unless somebody sent coins unasked.
    pub fn conservation_error(&self) -> i128 {
        self.market_balance as i128 - self.booked()
    }

    /// All positions of a market.
    pub fn positions(
        &self,
        market: MarketId,
    ) -> impl Iterator<Item = (&AccountResponse, &PositionResponse)> {
        self.accounts.iter().flat_map(move |a| {
            a.positions
                .iter()
                .filter(move |p| p.market == market)
                .map(move |p| (a, p))
        })
    }
}

/// All accounts, page by page.
///
/// # Errors
/// What the contract answers.
pub fn accounts(chain: &Chain) -> ChainResult<Vec<AccountResponse>> {
    let mut all: Vec<AccountResponse> = Vec::new();
    loop {
        let query = AccountsQuery {
            start_after: all.last().map(|a| a.account),
            limit: Some(1_000),
        };
        let page: AccountsResponse =
            chain.query(&chain.addresses.market, &QueryMsg::Accounts(query))?;
        if page.accounts.is_empty() {
            return Ok(all);
        }
        all.extend(page.accounts);
    }
}

fn markets(chain: &Chain, of: &Addr) -> ChainResult<Vec<MarketResponse>> {
    let mut all: Vec<MarketResponse> = Vec::new();
    loop {
        let query = MarketsQuery {
            start_after: all.last().map(|m| m.market),
            limit: Some(100),
        };
        let page: MarketsResponse = chain.query(of, &QueryMsg::Markets(query))?;
        if page.markets.is_empty() {
            return Ok(all);
        }
        all.extend(page.markets);
    }
}

fn losses(chain: &Chain, of: &Addr) -> ChainResult<Vec<LossResponse>> {
    let mut all: Vec<LossResponse> = Vec::new();
    loop {
        let query = LossesQuery {
            start_after: all.last().map(|l| l.terms.loss_id),
            limit: Some(100),
        };
        let page: LossesResponse = chain.query(of, &QueryMsg::Losses(query))?;
        if page.losses.is_empty() {
            return Ok(all);
        }
        all.extend(page.losses);
    }
}

/// The whole index of a market and side.
///
/// # Errors
/// What the contract answers.
pub fn index(chain: &Chain, market: MarketId, side: Side) -> ChainResult<Vec<IndexEntry>> {
    let mut all: Vec<IndexEntry> = Vec::new();
    loop {
        let query = IndexQuery {
            market,
            side,
            start_after: all.last().cloned(),
            limit: Some(1_000),
        };
        let page: IndexResponse =
            chain.query(&chain.addresses.queue, &queue::QueryMsg::Index(query))?;
        if page.entries.is_empty() {
            return Ok(all);
        }
        all.extend(page.entries);
    }
}

/// The occupied classes of a market and side.
///
/// # Errors
/// What the contract answers.
pub fn classes(chain: &Chain, market: MarketId, side: Side) -> ChainResult<ClassesResponse> {
    let query = queue::QueryMsg::Classes(ClassesQuery { market, side });
    chain.query(&chain.addresses.queue, &query)
}

/// The histograms of all occupied classes of a market and side.
///
/// # Errors
/// What the contract answers.
pub fn histograms(chain: &Chain, market: MarketId, side: Side) -> ChainResult<Vec<ClassHistogram>> {
    let mut all: Vec<ClassHistogram> = Vec::new();
    loop {
        let query = HistogramsQuery {
            market,
            side,
            start_after: all.last().map(|class| class.class),
            limit: Some(100),
        };
        let page: HistogramsResponse =
            chain.query(&chain.addresses.queue, &queue::QueryMsg::Histograms(query))?;
        if page.classes.is_empty() {
            return Ok(all);
        }
        all.extend(page.classes);
    }
}

/// What the queue's own audit of a market finds.
///
/// # Errors
/// What the contract answers.
pub fn audit(chain: &Chain, market: MarketId) -> ChainResult<Vec<AuditFinding>> {
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let query = queue::QueryMsg::Audit(AuditQuery {
            market,
            cursor,
            limit: Some(500),
        });
        let page: AuditResponse = chain.query(&chain.addresses.queue, &query)?;
        found.extend(page.findings);
        cursor = page.next;
        if cursor.is_none() {
            return Ok(found);
        }
    }
}

/// All tranches of the fund.
///
/// # Errors
/// What the contract answers.
pub fn tranches(chain: &Chain) -> ChainResult<Vec<fund::TrancheResponse>> {
    let mut all: Vec<fund::TrancheResponse> = vec![];
    loop {
        let query = fund::QueryMsg::Tranches(fund::TranchesQuery {
            start_after: all.last().map(|tranche| tranche.tranche),
            limit: Some(100),
        });
        let page: fund::TranchesResponse = chain.query(&chain.addresses.fund, &query)?;
        if page.tranches.is_empty() {
            return Ok(all);
        }
        all.extend(page.tranches);
    }
}
