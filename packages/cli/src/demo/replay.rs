//! What the loss had to take, worked out again without the index: every pass over a brute-force
//! sort of all positions.

use cosmwasm_std::Event;
use perp_core::allocation::{SetWalk, Share};
use perp_core::hedge::Hedge;
use perp_core::margin::Tier;
use perp_core::policy::{Part, Policy};
use perp_core::position::Position;
use perp_core::score::{Score, ScoreKind};
use perp_core::settlement::{Candidate, Fold, Pass};
use perp_core::MathError;
use perp_interface::market::{
    AccountByIdQuery, AccountResponse, LossResponse, MarketQuery, MarketResponse, QueryMsg,
};
use perp_interface::{AccountId, Lots, MarketId, Quote, Side};
use perp_testkit::order::{brute_force, Standing};
use perp_testkit::receipts::of_kind;
use perp_testkit::scan::Scan;
use perp_testkit::{Chain, ChainError};

use super::book::Receipt;

/// The counterparties of a market before a loss.
#[derive(Clone, Debug)]
pub struct Board {
    scan: Scan,
    market: MarketId,
}

/// What a replay took, with the order of every pass.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    receipts: Vec<Receipt>,
    orders: Vec<(u8, Vec<AccountId>)>,
}

impl Board {
    /// Reads the accounts of one market.
    pub fn take(
        chain: &Chain,
        market: MarketId,
        accounts: &[AccountId],
    ) -> Result<Self, ChainError> {
        let of = &chain.addresses.market;
        let accounts = accounts
            .iter()
            .map(|account| {
                chain.query(
                    of,
                    &QueryMsg::AccountById(AccountByIdQuery { account: *account }),
                )
            })
            .collect::<Result<Vec<AccountResponse>, _>>()?;
        let listed: MarketResponse = chain.query(of, &QueryMsg::Market(MarketQuery { market }))?;
        let capital = chain.query(
            &chain.addresses.fund,
            &perp_interface::fund::QueryMsg::Capital {},
        )?;
        let scan = Scan {
            accounts,
            markets: vec![listed],
            losses: vec![],
            capital,
            market_balance: 0,
            fund_balance: 0,
        };
        Ok(Self { scan, market })
    }

    /// Runs all passes for what the books and the fund left of a loss.
    pub fn replay(
        mut self,
        loss: &LossResponse,
        policy: &Policy,
        events: &[Event],
    ) -> Result<Expected, MathError> {
        let mut out = Expected::default();
        let Some((lots, need)) = left_for_the_queue(loss, events) else {
            return Ok(out);
        };
        let mut fold = Fold::new(lots, need);
        let mut rows = Vec::new();
        while !fold.is_done() {
            let pass = fold.pass;
            let ranked = self.ranked(policy.score, loss);
            out.orders
                .push((pass.number(), ranked.iter().map(|s| s.account).collect()));
            match pass {
                Pass::Kept => self.take_kept(&mut fold, loss, &rows, &mut out)?,
                Pass::Haircut => self.take_open(&mut fold, loss, &ranked, &mut out)?,
                _ => self.close(&mut fold, loss, (&ranked, policy), (&mut rows, &mut out))?,
            }
            if !fold.is_done() && fold.pass == pass {
                fold.pass_is_exhausted(policy);
            }
        }
        Ok(out)
    }

    fn side(loss: &LossResponse) -> Side {
        loss.terms.side.opposite()
    }

    fn ranked(&self, kind: ScoreKind, loss: &LossResponse) -> Vec<Standing> {
        brute_force(
            kind,
            &self.scan,
            (self.market, Self::side(loss)),
            (loss.terms.mark, loss.terms.index),
        )
    }

    fn close(
        &mut self,
        fold: &mut Fold,
        loss: &LossResponse,
        (ranked, policy): (&[Standing], &Policy),
        (rows, out): (&mut Vec<(AccountId, Quote)>, &mut Expected),
    ) -> Result<(), MathError> {
        let (pass, market) = (fold.pass, self.market);
        let mut visited = 0;
        let shares = sharing(fold, loss, ranked, policy)?;
        for (standing, share) in ranked.iter().zip(shares) {
            if fold.is_done() || fold.pass != pass {
                break;
            }
            if policy.part(pass, &score(policy, loss, standing)) != Part::Takes {
                continue;
            }
            visited += 1;
            let tiers = self.tiers();
            let (position, equity, account) = self.account(standing.account, loss)?;
            let candidate = Candidate {
                position,
                equity,
                other_maintenance: Quote(0),
                tiers: &tiers,
                share,
                hedge: Hedge::default(),
            };
            let Some(fill) = fold.visit(policy, loss.terms.mark, &candidate)? else {
                continue;
            };
            let (rest, profit) = position.reduce(fill.lots, loss.terms.mark)?;
            account.cash = account.cash.plus(profit)?.minus(fill.charge)?;
            put(account, market, rest);
            if fill.kept().0 > 0 {
                rows.push((standing.account, fill.kept()));
            }
            out.receipts.push(Receipt {
                account: standing.account,
                pass: pass.number(),
                rank: visited,
                lots: fill.lots.0,
                charge: fill.charge.0,
                profit: profit.0,
                score_ppm: 0,
            });
        }
        Ok(())
    }

    fn take_kept(
        &mut self,
        fold: &mut Fold,
        loss: &LossResponse,
        rows: &[(AccountId, Quote)],
        out: &mut Expected,
    ) -> Result<(), MathError> {
        for (id, kept) in rows {
            let (_, equity, account) = self.account(*id, loss)?;
            let taken = fold.haircut(*kept, equity)?;
            account.cash = account.cash.minus(taken)?;
            out.note(*id, Pass::Kept, taken);
        }
        Ok(())
    }

    fn take_open(
        &mut self,
        fold: &mut Fold,
        loss: &LossResponse,
        ranked: &[Standing],
        out: &mut Expected,
    ) -> Result<(), MathError> {
        let market = self.market;
        for standing in ranked {
            let (mut position, equity, account) = self.account(standing.account, loss)?;
            let taken = fold.haircut(position.pnl(loss.terms.mark)?, equity)?;
            position.cost = position.cost.plus(taken)?;
            put(account, market, position);
            out.note(standing.account, Pass::Haircut, taken);
        }
        Ok(())
    }

    fn account(
        &mut self,
        id: AccountId,
        loss: &LossResponse,
    ) -> Result<(Position, Quote, &mut AccountResponse), MathError> {
        let market = self.market;
        let missing = MathError::Overflow {
            operation: "account of the board",
        };
        let account = self
            .scan
            .accounts
            .iter_mut()
            .find(|a| a.account == id)
            .ok_or(missing)?;
        let held = account.positions.iter().find(|p| p.market == market);
        let position = held.map_or(Position::flat(loss.terms.index), |p| Position {
            lots: (p.side.sign() * i128::from(p.lots.0)) as i64,
            cost: p.cost,
            index: p.index,
        });
        let (position, _) = position.settle(loss.terms.index)?;
        let equity = account.cash.plus(position.pnl(loss.terms.mark)?)?;
        Ok((position, equity, account))
    }

    fn tiers(&self) -> Vec<Tier> {
        let tiers = self.scan.markets.iter().flat_map(|m| &m.params.tiers);
        tiers
            .map(|t| Tier {
                from: t.from,
                initial_bps: t.initial_bps,
                maintenance_bps: t.maintenance_bps,
            })
            .collect()
    }
}

/// Lots and need when the fund had paid (or, without a payment, when the books had been tried).
fn left_for_the_queue(loss: &LossResponse, events: &[Event]) -> Option<(Lots, Quote)> {
    let opened = of_kind(events, "job_opened");
    let job = opened
        .iter()
        .find(|e| e.number("loss_id") == i128::from(loss.terms.loss_id))?;
    Some((Lots(job.number("lots") as u64), Quote(job.number("need"))))
}

fn score(policy: &Policy, loss: &LossResponse, standing: &Standing) -> Score {
    let side = loss.terms.side.opposite();
    Score {
        kind: policy.score,
        profit: standing.profit(side, loss.terms.mark, loss.terms.index),
        collateral: standing.floor,
    }
}

/// The sharing set of a pass that shares; nobody shares in the others or at breadth 1.
fn sharing(
    fold: &mut Fold,
    loss: &LossResponse,
    ranked: &[Standing],
    policy: &Policy,
) -> Result<Vec<Option<Share>>, MathError> {
    if !policy.shares(fold.pass) {
        return Ok(vec![None; ranked.len()]);
    }
    let (mut walk, mut is_full) = (SetWalk::new(fold.lots, policy.breadth), false);
    let mut shares = Vec::with_capacity(ranked.len());
    for standing in ranked {
        let score = score(policy, loss, standing);
        let takes = policy.part(fold.pass, &score) == Part::Takes;
        is_full = is_full || takes && walk.is_full(policy, fold.lots, &score);
        shares.push(if takes && !is_full {
            Some(walk.add(Lots(standing.lots), policy.weight_per_lot(&score))?)
        } else {
            None
        });
    }
    fold.set = walk.set;
    Ok(shares)
}

fn put(account: &mut AccountResponse, market: MarketId, position: Position) {
    account.positions.retain_mut(|p| {
        if p.market == market {
            p.lots = position.size();
            p.cost = position.cost;
            p.index = position.index;
        }
        p.market != market || p.lots.0 > 0
    });
}

impl Expected {
    fn note(&mut self, account: AccountId, pass: Pass, taken: Quote) {
        if taken.0 > 0 {
            self.receipts.push(Receipt {
                account,
                pass: pass.number(),
                rank: 0,
                lots: 0,
                charge: taken.0,
                profit: 0,
                score_ppm: 0,
            });
        }
    }

    /// Pairs of one pass that were taken against its brute-force order: the later of the two came
    /// first, or came although the earlier, which the replay takes from, was passed over.
    pub fn inversions(&self, taken: &[Receipt]) -> u64 {
        let mut count = 0;
        for (pass, order) in &self.orders {
            let place = |account: AccountId| {
                order
                    .iter()
                    .position(|a| *a == account)
                    .unwrap_or(usize::MAX)
            };
            let got: Vec<usize> = taken
                .iter()
                .filter(|r| r.pass == *pass)
                .map(|r| place(r.account))
                .collect();
            for (i, first) in got.iter().enumerate() {
                count += got[i + 1..].iter().filter(|later| *later < first).count() as u64;
            }
            let wanted = self
                .receipts
                .iter()
                .filter(|r| r.pass == *pass)
                .map(|r| place(r.account));
            for missed in wanted.filter(|place| !got.contains(place)) {
                count += got.iter().filter(|place| **place > missed).count() as u64;
            }
        }
        count
    }

    /// The first receipt that is not what the replay took, to the lot and the unit.
    pub fn difference(&self, taken: &[Receipt]) -> Option<String> {
        let bare = |r: &Receipt| (r.account, r.pass, r.lots, r.charge);
        let (got, want) = (
            taken.iter().map(bare).collect::<Vec<_>>(),
            self.receipts.iter().map(bare).collect::<Vec<_>>(),
        );
        if got == want {
            return None;
        }
        let at = got
            .iter()
            .zip(&want)
            .position(|(a, b)| a != b)
            .unwrap_or(got.len().min(want.len()));
        Some(format!(
            "receipt {at}: the queue took {:?}, the replay {:?} (account, pass, lots, charge)",
            got.get(at),
            want.get(at)
        ))
    }
}
