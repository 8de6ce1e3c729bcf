//! `perps verify-receipt`: re-checks whom a loss was taken from, and how much.
//!
//! The state before a transaction is sorted by the definition of the ranking, never read from the
//! index, and the passes of the job are gone through again. What the events of the transaction say
//! is compared with that: every receipt, field by field, and every sum.
//!
//! A job may take several transactions. Each is replayed on the state before it, so that what
//! others did in between does not matter; where the job stood is carried over.

mod board;
mod clock;
mod compare;
mod effects;
mod events;
mod export;
mod keys;
mod loss;
mod print;
mod receipt;
mod replay;
mod report;
mod settle;
mod state;
mod step;
mod take;
mod walk;

use perp_core::MathError;
use perp_interface::{AccountId, LossId, MarketId};
use thiserror::Error;

pub use self::clock::seconds;
pub use self::events::{to_json as events_to_json, EventsError, Record, Transaction};
pub use self::export::{export, Block, ExportError, Querier, QueryError};
pub use self::print::print_report;
pub use self::replay::Replay;
pub use self::report::{Deviation, Kind, LossReport, OldKeyNote, Report};
pub use self::state::{Contracts, MarketPolicy, OldKey, QueueState, State, StateError, FORMAT};

/// Input with which nothing can be verified.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum VerifyError {
    /// A file of events.
    #[error(transparent)]
    Events(#[from] EventsError),
    /// A file of state.
    #[error(transparent)]
    State(#[from] StateError),
    /// Numbers that no chain can hold.
    #[error("the numbers of the input leave their range: {0}")]
    Math(#[from] MathError),
    /// An account of the events is not in the state.
    #[error("account {0} of the events is not in the state before them")]
    UnknownAccount(AccountId),
    /// A market of the events is not in the state.
    #[error("market {0} of the events is not in the state before them")]
    UnknownMarket(MarketId),
    /// The feed has no price there.
    #[error("the state has no price for market {0}")]
    NoPrice(MarketId),
    /// A state that is younger than what came after it.
    #[error("the transaction's block ({transaction} s) is before the state's ({state} s)")]
    TimeRunsBack {
        /// Time of the state.
        state: u64,
        /// Time of the transaction.
        transaction: u64,
    },
    /// A job that began before the first transaction.
    #[error("the job of loss {0} began before the first state: begin with the transaction that opened it")]
    UnderWay(LossId),
    /// A transaction in between was left out.
    #[error("loss {loss_id}: {what} in the state before transaction {transaction}: a transaction of its job was left out")]
    LeftOut {
        /// The loss.
        loss_id: LossId,
        /// Which transaction, from 1.
        transaction: usize,
        /// What does not fit.
        what: String,
    },
    /// Who bought from a solvent account, and at what price, is in no event.
    #[error("the events sell account {0} down before the queue's steps: the state between the two is needed, and no node has it")]
    SoldDown(AccountId),
    /// Nothing to check.
    #[error("the events touch no loss: there is nothing to verify")]
    NoLoss,
}

/// A transaction and the state before it.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Before.
    pub before: State,
    /// What happened.
    pub transaction: Transaction,
}

/// Verifies the transactions of one or more jobs, in order.
///
/// # Errors
/// [`VerifyError`] if the input is no state or no events, or does not hold what is needed.
pub fn verify(pairs: impl IntoIterator<Item = Pair>) -> Result<Report, VerifyError> {
    let mut replay = Replay::default();
    for Pair {
        before,
        mut transaction,
    } in pairs
    {
        before.validate()?;
        transaction.keep_only(&before.contracts);
        let time = transaction.time.unwrap_or(before.time);
        replay.read(&before, time)?;
        replay.apply(&transaction)?;
    }
    replay.finish()
}
