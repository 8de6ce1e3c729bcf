//! A loss as the definition has it, and the sums of what the events say was taken for it.

use std::collections::{BTreeSet, VecDeque};

use perp_core::cover::BookClose;
use perp_core::settlement::Fold;
use perp_interface::loss::LossTerms;
use perp_interface::market::LossResponse;
use perp_interface::{AccountId, Lots, Pass, Policy, Price, Quote};

use super::events::{EventsError, Record};
use super::receipt::Receipt;
use super::report::{Deviation, Kind, LossReport};
use super::walk::Walk;
use super::VerifyError;

/// Profit that a fill of this loss kept.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Whose.
    pub account: AccountId,
    /// How much.
    pub kept: Quote,
    /// It gave nothing at the end of a step, which may or may not have come to it.
    pub doubtful: bool,
}

/// What the receipts add up to.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    book_lots: Lots,
    adl_lots: Lots,
    slippage: Quote,
    fund_used: Quote,
    adl_taken: Quote,
    haircut: Quote,
    bad_debt: Quote,
}

/// The loss.
#[derive(Clone, Debug)]
pub struct Loss {
    /// Frozen terms.
    pub terms: LossTerms,
    /// The bankrupt account.
    pub account: AccountId,
    /// What is left of it by the definition.
    pub fold: Fold,
    /// The job's way, once there is one.
    pub walk: Option<Walk>,
    /// Kept profit that was not asked for yet.
    pub rows: VecDeque<Row>,
    /// Fills by the definition.
    pub fills: u32,
    /// Who has had a receipt in the current pass.
    pub earlier: BTreeSet<(AccountId, bool)>,
    /// Somebody forced it: the caller chose the order there.
    pub forced: bool,
    /// It is closed.
    pub closed: bool,
    book: Option<BookClose>,
    lots: Lots,
    need: Quote,
    sums: Sums,
    receipts: u32,
}

impl Loss {
    /// A loss that the transaction opens; its book comes first.
    pub fn opened(terms: LossTerms, account: AccountId, (lots, need): (Lots, Quote)) -> Self {
        Self {
            terms,
            account,
            fold: Fold::new(lots, need),
            walk: None,
            rows: VecDeque::new(),
            fills: 0,
            earlier: BTreeSet::new(),
            forced: false,
            closed: false,
            book: Some(book(lots, need, Quote::ZERO)),
            lots,
            need,
            sums: Sums::default(),
            receipts: 0,
        }
    }

    /// A loss that the state holds open.
    pub fn of_state(loss: &LossResponse) -> Self {
        Self {
            fold: Fold {
                pass: loss.pass,
                ..Fold::new(loss.lots_left, loss.need_left)
            },
            fills: loss.fills,
            book: None,
            sums: Sums {
                book_lots: loss.book_lots,
                adl_lots: loss.adl_lots,
                slippage: loss.slippage,
                fund_used: loss.fund_used,
                adl_taken: loss.adl_taken,
                haircut: loss.haircut,
                bad_debt: loss.bad_debt,
            },
            ..Self::opened(loss.terms.clone(), loss.account, (loss.lots, loss.need))
        }
    }

    /// A fill of the loss on the book.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn book_fill(&mut self, price: Price, lots: Lots) -> Result<(), VerifyError> {
        let (side, mark) = (self.terms.side, self.terms.mark);
        let open = (self.fold.lots, self.fold.need);
        let book = self
            .book
            .get_or_insert_with(|| book(open.0, open.1, Quote::ZERO));
        book.fill(side, mark, price, lots)?;
        self.sums.book_lots = self.sums.book_lots.plus(lots)?;
        Ok(())
    }

    /// Starts the fund's attempt with what it pays.
    pub fn escrow(&mut self, paid: Quote) {
        self.book = Some(book(self.fold.lots, self.fold.need, paid));
    }

    /// Ends an attempt on the book. Returns what it brought the account, and what is left of the
    /// escrow; none if there was no attempt.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn finish_book(&mut self) -> Result<Option<(Quote, Quote)>, VerifyError> {
        let Some(mut book) = self.book.take() else {
            return Ok(None);
        };
        let left = book.finish()?;
        self.sums.slippage = self.sums.slippage.plus(book.slippage)?;
        self.sums.fund_used = self.sums.fund_used.plus(book.drawn)?;
        self.fold = Fold::new(book.lots, book.need);
        Ok(Some((book.drawn, left)))
    }

    /// The policy of its job; where there is none, nothing is charged by one.
    pub fn policy(&self) -> Policy {
        self.walk.as_ref().map(Walk::policy).unwrap_or_default()
    }

    /// Adds up receipts as the events say them.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn add_up(&mut self, receipts: &[Receipt]) -> Result<(), VerifyError> {
        for receipt in receipts {
            self.receipts += 1;
            self.earlier.insert(receipt.identity());
            let sums = &mut self.sums;
            sums.adl_lots = sums.adl_lots.plus(receipt.lots())?;
            if receipt.fill.is_some() || receipt.pass == Pass::Kept.number() {
                sums.adl_taken = sums.adl_taken.plus(receipt.charge)?;
            } else {
                sums.haircut = sums.haircut.plus(receipt.charge)?;
            }
        }
        Ok(())
    }

    /// Adds bad debt as the events say it.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn add_bad_debt(&mut self, amount: Quote) -> Result<(), VerifyError> {
        self.sums.bad_debt = self.sums.bad_debt.plus(amount)?;
        Ok(())
    }

    /// Compares the market's closing sums with the receipts, and checks that nothing is missing.
    ///
    /// # Errors
    /// An event that is not what its type says.
    pub fn check_sums(&self, closed: &Record) -> Result<Vec<Deviation>, EventsError> {
        let sums = &self.sums;
        let fields = [
            ("slippage", sums.slippage),
            ("fund_used", sums.fund_used),
            ("adl_taken", sums.adl_taken),
            ("haircut", sums.haircut),
            ("bad_debt", sums.bad_debt),
        ];
        let mut found = Vec::new();
        let mut sum = |expected: String, got: String, why: String| {
            let id = self.terms.loss_id;
            found.push(Deviation::of_loss(id, Kind::Sum, expected, got, why));
        };
        let mut paid = Some(0i128);
        for (name, of_receipts) in fields {
            let stated: Quote = closed.number(name)?;
            if stated != of_receipts {
                let why = format!("`{name}` at the close is the sum of what the events took");
                sum(of_receipts.to_string(), stated.to_string(), why);
            }
            if name != "slippage" {
                paid = paid.and_then(|paid| paid.checked_add(of_receipts.0));
            }
        }
        let owed = self.need.0.checked_add(sums.slippage.0);
        if owed != paid || owed.is_none() {
            let why = "need + slippage = fund used + ADL + haircut + bad debt";
            sum(shown(owed), shown(paid), why.to_owned());
        }
        let lots = sums.book_lots.0.checked_add(sums.adl_lots.0);
        if lots != Some(self.lots.0) {
            let why = "lots = closed on the book + closed by the queue";
            sum(self.lots.to_string(), shown(lots), why.to_owned());
        }
        Ok(found)
    }

    /// What was checked.
    pub fn report(&self) -> LossReport {
        let sums = self.sums;
        LossReport {
            loss_id: self.terms.loss_id,
            market: self.terms.market,
            side: self.terms.side,
            mark: self.terms.mark,
            index: self.terms.index,
            receipts: self.receipts,
            lots: self.lots,
            need: self.need,
            book_lots: sums.book_lots,
            adl_lots: sums.adl_lots,
            slippage: sums.slippage,
            fund_used: sums.fund_used,
            adl_taken: sums.adl_taken,
            haircut: sums.haircut,
            bad_debt: sums.bad_debt,
            closed: self.closed,
            forced: self.forced,
        }
    }
}

fn shown<T: ToString>(number: Option<T>) -> String {
    number.map_or("out of range".to_owned(), |n| n.to_string())
}

const fn book(lots: Lots, need: Quote, escrow: Quote) -> BookClose {
    BookClose {
        lots,
        need,
        escrow,
        slippage: Quote::ZERO,
        drawn: Quote::ZERO,
    }
}
