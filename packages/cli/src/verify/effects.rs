//! What single events do to the state: losses that open, fills on the book, the fund's payment, and
//! whatever else happens before the queue's turn.

use std::collections::BTreeSet;

use perp_core::bankruptcy::{needs, Exposure};
use perp_core::units::LOTS_BOUND;
use perp_interface::loss::LossTerms;
use perp_interface::params::validate_policy;
use perp_interface::{AccountId, LossId, Lots, MarketId, Policy, Price, Quote, Side};

use super::events::Record;
use super::loss::Loss;
use super::replay::Replay;
use super::report::{Deviation, Kind};
use super::state::{are_terms, StateError};
use super::walk::Walk;
use super::VerifyError;

/// Events that a market's answer to one message may consist of, so that its report to the ranking
/// comes after them.
const OF_ONE_MESSAGE: [&str; 10] = [
    "loss_opened",
    "loss_book_fill",
    "order_removed",
    "order_rested",
    "loss_closed",
    "cover",
    "trade",
    "liquidation",
    "deposit",
    "withdraw",
];

impl Replay {
    pub(super) fn event(&mut self, record: &Record) -> Result<(), VerifyError> {
        let kind = record.kind.as_str();
        if kind == "submessage_failed" && record.text("kind")? == "update" {
            // The queue never heard of it: these accounts wait for a refresh.
            self.board.take_touched();
        }
        if !OF_ONE_MESSAGE.contains(&kind) {
            self.tell_ranking()?;
        }
        match kind {
            "loss_opened" => self.loss_opened(record),
            "loss_book_fill" => self.loss_book_fill(record),
            "fund_paid" => self.fund_paid(record),
            "cover" => self.cover(record),
            "job_opened" => self.job_opened(record),
            "job_closed" => self.job_closed(record),
            "loss_closed" => self.loss_closed(record),
            "order_removed" => self.order_removed(record),
            "trade" => self.trade(record),
            "liquidation" => {
                self.sold_down = Some(record.number("account")?);
                Ok(())
            }
            "deposit" => self.deposit(record, 1),
            "withdraw" => self.deposit(record, -1),
            "price_set" => {
                let (market, price) = (record.number("market")?, record.number("price")?);
                self.board.set_price(market, Price::new(price)?);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn loss_opened(&mut self, record: &Record) -> Result<(), VerifyError> {
        let account: AccountId = record.number("account")?;
        let market: MarketId = record.number("market")?;
        if !self.board.account(account)?.locked {
            self.freeze(record.number("loss_id")?, account)?;
        }
        let terms = LossTerms {
            loss_id: record.number("loss_id")?,
            market,
            side: record.side("side")?,
            mark: Price::new(record.number("mark")?)?,
            index: record.number("index")?,
        };
        let lots: Lots = record.number("lots")?;
        let need = record.amount("need")?;
        if !are_terms(&terms) || lots.0 >= LOTS_BOUND {
            return Err(StateError::Loss(terms.loss_id).into());
        }
        self.board.gate(market, Some(account))?;
        let held = self.board.position(account, market)?;
        let wanted = self.needs.get(&market).copied().unwrap_or_default();
        let index = self.board.market(market)?.index;
        let fields: [(String, String, &str); 4] = [
            (
                self.board.price(market)?.to_string(),
                terms.mark.to_string(),
                "the mark is frozen at the feed's price",
            ),
            (
                index.to_string(),
                terms.index.to_string(),
                "funding is frozen as accrued to the block's time",
            ),
            (
                held.size().to_string(),
                lots.to_string(),
                "all lots of the account are closed",
            ),
            (
                wanted.to_string(),
                need.to_string(),
                "the deficit is shared by the account's own losses in its markets",
            ),
        ];
        for (expected, got, why) in fields {
            if expected != got {
                let why = format!("{why} (loss_opened)");
                let id = terms.loss_id;
                self.deviate(Deviation::of_loss(id, Kind::Terms, expected, got, why));
            }
        }
        let loss = Loss::opened(terms.clone(), account, (lots, need));
        self.losses.insert(terms.loss_id, loss);
        Ok(())
    }

    /// Settles the account's funding and works out what each of its markets needs.
    fn freeze(&mut self, loss_id: LossId, id: AccountId) -> Result<(), VerifyError> {
        let account = self.board.account(id)?.clone();
        let held = account.positions.iter().map(|p| p.market);
        let markets: BTreeSet<_> = held.chain(account.debts.iter().map(|d| d.market)).collect();
        let mut exposures = Vec::with_capacity(markets.len());
        for market in &markets {
            self.board.settle(id, *market)?;
            let position = self.board.position(id, *market)?;
            let debt = account.debts.iter().find(|d| d.market == *market);
            exposures.push(Exposure {
                pnl: position.pnl(self.board.price(*market)?)?,
                debt: debt.map_or(Quote::ZERO, |d| d.amount),
            });
        }
        let (equity, _) = self.board.health(id, None)?;
        if equity.0 >= 0 {
            let why = "only a bankrupt account is frozen";
            let got = format!("equity {equity} of account {id}");
            let kind = Kind::Terms;
            self.deviate(Deviation::of_loss(
                loss_id,
                kind,
                "equity below 0",
                got,
                why,
            ));
        }
        let shares = needs(Quote(-equity.0).or_zero(), &exposures)?;
        self.needs = markets.into_iter().zip(shares).collect();
        self.board.lock(id, true)
    }

    fn loss_book_fill(&mut self, record: &Record) -> Result<(), VerifyError> {
        let (loss_id, maker): (LossId, AccountId) =
            (record.number("loss_id")?, record.number("maker")?);
        let price = Price::new(record.number("price")?)?;
        let lots = Lots::new(record.number("lots")?)?;
        let loss = self.losses.get_mut(&loss_id);
        let loss = loss.ok_or(VerifyError::UnderWay(loss_id))?;
        loss.book_fill(price, lots)?;
        let (market, side, account) = (loss.terms.market, loss.terms.side, loss.account);
        self.board.fill_maker((maker, market), side, lots, price)?;
        self.board
            .trade((account, market), side.opposite(), lots, price)
    }

    /// Ends the attempts on the book that are under way.
    pub(super) fn finish_books(&mut self) -> Result<(), VerifyError> {
        for loss in self.losses.values_mut() {
            if let Some((drawn, _)) = loss.finish_book()? {
                let place = (loss.account, loss.terms.market);
                self.board.move_cash(place, loss.terms.side, drawn)?;
            }
        }
        Ok(())
    }

    fn fund_paid(&mut self, record: &Record) -> Result<(), VerifyError> {
        self.finish_books()?;
        let (loss_id, paid): (LossId, Quote) = (record.number("loss_id")?, record.amount("paid")?);
        match self.losses.get_mut(&loss_id) {
            Some(loss) if paid.0 > 0 => loss.escrow(paid),
            _ => {}
        }
        Ok(())
    }

    fn cover(&mut self, record: &Record) -> Result<(), VerifyError> {
        let loss_id: LossId = record.number("loss_id")?;
        let paid = record.amount("paid")?;
        let loss = self.losses.get_mut(&loss_id);
        let loss = loss.ok_or(VerifyError::UnderWay(loss_id))?;
        let (drawn, left) = loss.finish_book()?.unwrap_or_default();
        let place = (loss.account, loss.terms.market);
        let (side, fold) = (loss.terms.side, loss.fold);
        self.board.move_cash(place, side, drawn)?;
        let fields = [
            ("returned", left.min(paid).to_string()),
            ("lots_left", fold.lots.to_string()),
            ("need_left", fold.need.to_string()),
        ];
        for (name, expected) in fields {
            let got = record.text(name)?.to_owned();
            if got != expected {
                let why = format!("`{name}` of the fund's payment after its fills");
                self.deviate(Deviation::of_loss(loss_id, Kind::Cover, expected, got, why));
            }
        }
        Ok(())
    }

    fn job_opened(&mut self, record: &Record) -> Result<(), VerifyError> {
        self.finish_books()?;
        self.tell_ranking()?;
        let loss_id: LossId = record.number("loss_id")?;
        let policy = Policy {
            score: record.score("score")?,
            breadth: record.number("breadth")?,
            protect_principal: record.number("protect_principal")?,
            min_fill: record.number("min_fill")?,
        };
        validate_policy(&policy).map_err(|_| StateError::Loss(loss_id))?;
        let loss = self.losses.get_mut(&loss_id);
        let loss = loss.ok_or(VerifyError::UnderWay(loss_id))?;
        let (market, fold) = (loss.terms.market, loss.fold);
        let mut fields = vec![
            ("lots", fold.lots.to_string(), "what the books left"),
            ("need", fold.need.to_string(), "what the fund left"),
        ];
        if let Some(now) = self.policies.get(&market) {
            let why = "the policy in force at the opening";
            let principal = now.protect_principal.to_string();
            fields.push(("score", now.score.to_string(), why));
            fields.push(("breadth", now.breadth.to_string(), why));
            fields.push(("protect_principal", principal, why));
            fields.push(("min_fill", now.min_fill.to_string(), why));
        }
        if loss.walk.is_none() {
            let walk = Walk::new(loss.terms.clone(), policy, fold.pass);
            self.jobs.insert(market, (loss_id, walk.side()));
            loss.walk = Some(walk);
        }
        for (name, expected, why) in fields {
            let got = record.text(name)?.to_owned();
            if got != expected {
                let why = format!("`{name}` of job_opened: {why}");
                self.deviate(Deviation::of_loss(loss_id, Kind::Cover, expected, got, why));
            }
        }
        Ok(())
    }

    fn job_closed(&mut self, record: &Record) -> Result<(), VerifyError> {
        let closed: LossId = record.number("loss_id")?;
        self.jobs.retain(|_, (loss_id, _)| *loss_id != closed);
        Ok(())
    }

    /// A loss that the book or the fund has closed.
    fn loss_closed(&mut self, record: &Record) -> Result<(), VerifyError> {
        self.finish_books()?;
        self.close(record)
    }

    fn order_removed(&mut self, record: &Record) -> Result<(), VerifyError> {
        // An order that its account could not bear was tried and taken back: the ranking is told
        // of the account although nothing changed, which repairs an older key.
        if matches!(
            record.text("reason")?,
            "margin" | "stale_price" | "deleveraging"
        ) {
            let (account, market) = (record.number("account")?, record.number("market")?);
            self.board.touch_all(account, market);
        }
        Ok(())
    }

    fn trade(&mut self, record: &Record) -> Result<(), VerifyError> {
        let market: MarketId = record.number("market")?;
        let (maker, taker): (AccountId, AccountId) =
            (record.number("maker")?, record.number("taker")?);
        let side = record.side("side")?;
        let price = Price::new(record.number("price")?)?;
        let lots = Lots::new(record.number("lots")?)?;
        let board = &mut self.board;
        board.fill_maker((maker, market), side.opposite(), lots, price)?;
        board.trade((taker, market), side, lots, price)?;
        board.charge_fee((taker, market), side, record.amount("taker_fee")?)
    }

    fn deposit(&mut self, record: &Record, sign: i128) -> Result<(), VerifyError> {
        let (account, amount): (AccountId, Quote) =
            (record.number("account")?, record.amount("amount")?);
        if sign > 0 && !self.board.knows(account) {
            self.board.open_account(account, record.text("owner")?);
        }
        let amount = Quote(sign * amount.0);
        self.board.move_cash((account, 0), Side::Long, amount)
    }
}
