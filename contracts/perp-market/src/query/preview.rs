//! What a loss would take now: the fold of the execution, run on a working set that is thrown
//! away.

use cosmwasm_std::{Deps, Env, QuerierWrapper};
use perp_core::allocation::{Offer, SetWalk};
use perp_core::class::{class_floor, class_of};
use perp_core::merge::{compare, Entry, Ranked};
use perp_core::policy::Part;
use perp_core::position::Position;
use perp_core::score::{base, order_key, Score};
use perp_core::settlement::Pass;
use perp_interface::loss::{Candidate, LossTerms, SharingSetMsg};
use perp_interface::market::{PreviewQuery, PreviewResponse, PreviewTaking};
use perp_interface::params::validate_policy;
use perp_interface::queue::{PolicyQuery, QueryMsg, Top, TopResponse};
use perp_interface::{AccountId, Lots, PerLot, Policy, Price, Quote, ScoreKind, Side};

use super::page;
use crate::adl::{Adl, Receipt};
use crate::desk::Desk;
use crate::error::ContractResult;
use crate::ledger::Ledger;
use crate::prices::Marks;
use crate::ranking;
use crate::state::{links, Account, Links, Loss, PARAMS};

/// No account has this number: it stands for the bankrupt one.
const IMAGINED: AccountId = 0;

/// A ranking that is kept up as the execution would keep it: who was touched is ranked anew.
struct Board {
    policy: Policy,
    side: Side,
    base: PerLot,
    ranked: Vec<Ranked>,
    /// The last position that was read from the head on, if there are further ones.
    head_ends: Option<Ranked>,
    /// The queue has no further positions that could be charged.
    whole: bool,
    /// Every sharing set was known to its end.
    exact: bool,
}

/// Runs all passes over the first positions of the ranking.
pub fn preview(deps: Deps<'_>, env: &Env, query: &PreviewQuery) -> ContractResult<PreviewResponse> {
    let links = links(deps.storage)?;
    let limit = page(query.limit, 100, 500) as u32;
    let policy = policy(deps, &links, query)?;
    let mut adl = imagine(deps, env, query, (&links, policy))?;
    let terms = adl.loss.terms.clone();
    let mut board = Board::read(deps.querier, &links, (&terms, policy), limit)?;
    for ranked in &board.ranked {
        adl.desk
            .ledger
            .load_account(deps.storage, ranked.entry.account)?;
    }
    let markets = adl.desk.ledger.market_ids();
    let now = env.block.time.seconds();
    adl.desk.ledger.marks = Marks::query(deps.querier, &links.feed, &markets, now)?;
    adl.desk.ledger.marks.freeze(terms.market, terms.mark);
    while !adl.fold().is_done() {
        let pass = adl.fold().pass;
        if pass == Pass::Kept {
            // What is asked of kept profit leaves less cash, and with it another place.
            adl.visit_kept(deps.storage, u32::MAX)?;
            board.rerank(&adl)?;
            continue;
        }
        let candidates = board.candidates(&mut adl)?;
        adl.visit(&candidates)?;
        // A real ranking is whole in the third pass; a page of it may not be.
        if pass == adl.fold().pass
            && !adl.fold().is_done()
            && (!board.whole || pass == Pass::AtMark)
        {
            break;
        }
        adl.end_pass(board.whole, pass)?;
        board.rerank(&adl)?;
    }
    Ok(answer(&adl, board.exact, query.account))
}

fn policy(deps: Deps<'_>, links: &Links, query: &PreviewQuery) -> ContractResult<Policy> {
    if let Some(policy) = query.policy {
        validate_policy(&policy)?;
        return Ok(policy);
    }
    let market = query.market;
    let in_force = QueryMsg::Policy(PolicyQuery { market });
    Ok(deps.querier.query_wasm_smart(&links.queue, &in_force)?)
}

/// A bankrupt account with this position and nothing else, and its loss.
fn imagine(
    deps: Deps<'_>,
    env: &Env,
    query: &PreviewQuery,
    (links, policy): (&Links, Policy),
) -> ContractResult<Adl> {
    let (_, params) = PARAMS.load(deps.storage)?;
    let now = env.block.time.seconds();
    let mut ledger = Ledger::new(now);
    ledger.load_market(deps.storage, query.market)?;
    let index = ledger.market(query.market)?.state.index;
    let mark = match query.mark {
        Some(mark) => Price::new(mark.0)?,
        None => Marks::query(deps.querier, &links.feed, &[query.market].into(), now)?
            .of_any_age(query.market)?,
    };
    let lots = if query.lots.is_zero() {
        Lots::ZERO
    } else {
        Lots::new(query.lots.0)?
    };
    let opened = match lots.0 {
        0 => Position::flat(index),
        _ => {
            Position::flat(index)
                .trade(query.side, lots, mark)?
                .position
        }
    };
    let positions = if lots.is_zero() {
        vec![]
    } else {
        vec![(query.market, opened)]
    };
    ledger.imagine(
        IMAGINED,
        Account {
            positions,
            locked: true,
            ..Account::default()
        },
    );
    let terms = LossTerms {
        loss_id: 0,
        market: query.market,
        side: query.side,
        mark,
        index,
    };
    let need = query.need.or_zero();
    Ok(Adl::new(
        Desk::new(ledger, params),
        Loss::new(terms, IMAGINED, (lots, need, Quote::ZERO), env.block.height),
        policy,
    ))
}

impl Board {
    fn read(
        querier: QuerierWrapper<'_>,
        links: &Links,
        (terms, policy): (&LossTerms, Policy),
        limit: u32,
    ) -> ContractResult<Self> {
        let side = terms.side.opposite();
        let base = base(side, terms.mark, terms.index)?;
        let page = |pass| -> ContractResult<Vec<Ranked>> {
            let top = QueryMsg::Top(Top {
                market: terms.market,
                side,
                mark: terms.mark,
                index: terms.index,
                score: Some(policy.score),
                pass,
                limit: Some(limit),
            });
            let top: TopResponse = querier.query_wasm_smart(&links.queue, &top)?;
            let at = (policy.score, side, base);
            let ranked = top
                .positions
                .iter()
                .map(|p| rank(at, (p.account, p.lots.0), (p.entry, p.class)));
            Ok(ranked.collect())
        };
        let mut ranked = page(None)?;
        let mut whole = ranked.len() < limit as usize;
        let head_ends = ranked.last().copied().filter(|_| !whole);
        let only_winners = policy.score.descends() && policy.needs_profit(Pass::Profit);
        if let (Some(last), true) = (&head_ends, only_winners) {
            // Winners come last where leverage ranks: they are read from where they begin, that is
            // where the one pass begins that takes from winners under every policy.
            let winners = page(Some(Pass::Haircut))?;
            whole = winners.len() < limit as usize;
            let further = winners.into_iter().filter(|r| compare(last, r).is_lt());
            ranked.extend(further);
        }
        Ok(Self {
            policy,
            side,
            base,
            ranked,
            head_ends,
            whole,
            exact: true,
        })
    }

    /// The candidates of the current pass, with their shares if it shares.
    fn candidates(&mut self, adl: &mut Adl) -> ContractResult<Vec<Candidate>> {
        let (pass, lots) = (adl.fold().pass, adl.fold().lots);
        let shares = self.policy.shares(pass);
        let mut walk = SetWalk::new(lots, self.policy.breadth);
        let (mut candidates, mut is_full) = (Vec::new(), !shares);
        let mut ends = self.whole;
        for ranked in &self.ranked {
            // At the mark everybody takes part, also those between what was read.
            let gap = self.head_ends.as_ref().filter(|_| pass == Pass::AtMark);
            if gap.is_some_and(|last| compare(last, ranked).is_lt()) {
                break;
            }
            match self.policy.part(pass, &ranked.score) {
                Part::Takes => (),
                Part::Sits => continue,
                Part::Ends => {
                    ends = true;
                    break;
                }
            }
            let position = (Lots(ranked.entry.lots), &ranked.score);
            let offer = if is_full {
                Offer::Full
            } else {
                walk.offer(&self.policy, lots, position)?
            };
            is_full = offer == Offer::Full;
            let share = match offer {
                Offer::Inside(share) => Some(share.lots),
                Offer::Outside | Offer::Full => None,
            };
            candidates.push(Candidate {
                account: ranked.entry.account,
                rank: candidates.len() as u32 + 1,
                profit_per_lot: PerLot(ranked.score.profit),
                class: ranked.class,
                share,
            });
        }
        // Positions that were not read would share too.
        self.exact &= is_full || ends;
        if shares {
            let (lots, weight) = (walk.set.lots.into(), walk.set.weight.into());
            adl.set_sharing(Some(&SharingSetMsg { lots, weight }));
        }
        Ok(candidates)
    }

    /// Puts everybody who was touched to the place that its key would get.
    fn rerank(&mut self, adl: &Adl) -> ContractResult<()> {
        let (market, at) = (
            adl.loss.terms.market,
            (self.policy.score, self.side, self.base),
        );
        let touched: std::collections::BTreeSet<_> = adl
            .desk
            .ledger
            .touched()
            .iter()
            .map(|(id, _)| *id)
            .collect();
        let mut ranked = Vec::with_capacity(self.ranked.len());
        for old in &self.ranked {
            let id = old.entry.account;
            if !touched.contains(&id) {
                ranked.push(*old);
            } else if let Some(now) = ranking::inputs(&adl.desk.ledger, id, market)? {
                let class = class_of(now.collateral.0);
                ranked.push(rank(at, (id, now.lots.0), (now.entry, class)));
            }
        }
        ranked.sort_by(compare);
        self.ranked = ranked;
        Ok(())
    }
}

fn rank(
    (kind, side, base): (ScoreKind, Side, PerLot),
    (account, lots): (AccountId, u64),
    (entry, class): (PerLot, u16),
) -> Ranked {
    let entry = Entry {
        order: order_key(side, entry),
        account,
        lots,
        stamp: 0,
    };
    Ranked {
        class,
        entry,
        score: Score::at(kind, base, entry.order, class_floor(class)),
    }
}

fn answer(adl: &Adl, exact: bool, only: Option<AccountId>) -> PreviewResponse {
    let takings = adl.receipts().iter().map(|receipt| match receipt {
        Receipt::Fill(f) => PreviewTaking {
            account: f.account,
            pass: f.pass,
            rank: f.rank,
            lots: f.lots,
            profit: f.profit,
            charge: f.charge,
        },
        Receipt::Haircut(h) => PreviewTaking {
            account: h.account,
            pass: h.pass,
            rank: 0,
            lots: Lots::ZERO,
            profit: Quote::ZERO,
            charge: h.amount,
        },
    });
    let fold = adl.fold();
    PreviewResponse {
        mark: adl.loss.terms.mark,
        index: adl.loss.terms.index,
        takings: takings
            .filter(|t| only.is_none_or(|id| id == t.account))
            .collect(),
        raised: Quote(adl.loss.adl_taken.0 + adl.loss.haircut.0),
        bad_debt: adl.loss.bad_debt,
        lots_left: fold.lots,
        need_left: fold.need,
        complete: exact && fold.is_done(),
    }
}
