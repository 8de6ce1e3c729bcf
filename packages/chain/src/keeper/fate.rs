//! What became of a work, and what that means for the next try.

use crate::client::{ClientError, TxOutcome};

/// A block and what it cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Included {
    /// Its height.
    pub height: u64,
    /// Gas that was used.
    pub gas_used: u64,
}

/// A transaction whose fate is not known yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ticket {
    /// Its hash; none: whether it was signed is not known either.
    pub hash: Option<String>,
    /// The last height at which it may be included; none: not known yet.
    pub until: Option<u64>,
}

/// Why a work failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// There is nothing to do now: somebody was faster, or it is too early. Nobody's fault.
    NotNow,
    /// More gas than there is.
    OutOfGas,
    /// The contract or the chain refuses.
    Refused,
    /// The node cannot be reached; nothing was sent.
    Unreachable,
}

impl Reason {
    /// Its name in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotNow => "not_now",
            Self::OutOfGas => "out_of_gas",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
        }
    }
}

/// What became of a work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is on the chain and succeeded.
    Done(Included),
    /// It certainly had no effect, and never will.
    Failed {
        /// Why.
        reason: Reason,
        /// In words.
        what: String,
        /// The block, if it is on the chain and cost a fee.
        included: Option<Included>,
    },
    /// It never will be on the chain.
    Expired,
    /// It may be on the chain, or come there.
    Unknown(Ticket, String),
    /// A dry run: nothing was sent.
    Unsent {
        /// What it would use, if the node could tell.
        gas: Option<u64>,
    },
}

/// What a contract answers when there is nothing to do, or not yet.
const NOT_NOW: [&str; 21] = [
    "account_locked",
    "already_covered",
    "job_in_flight",
    "job_not_first",
    "loss_closed",
    "loss_not_first",
    "losses_open",
    "market_deleveraging",
    "market_has_job",
    "no_fees",
    "not_due",
    "not_liquidatable",
    "nothing_owed",
    "nothing_pending",
    "nothing_ranked",
    "price_from_future",
    "price_out_of_order",
    "stale_price",
    "too_early",
    "unknown_job",
    "unknown_loss",
];

/// Codes of the SDK.
const OUT_OF_GAS: u32 = 11;
/// Another transaction of the account came before it, or is still to come.
const WRONG_SEQUENCE: u32 = 32;
/// The transaction came after its last height.
const TX_TIMEOUT: u32 = 30;
/// More gas than a block has.
const INVALID_GAS_LIMIT: u32 = 41;

/// Sorts a refusal. The contract is called directly, so its code is not redacted.
pub fn reason(codespace: &str, code: u32, log: &str) -> Reason {
    let of_gas = codespace == "sdk" && matches!(code, OUT_OF_GAS | INVALID_GAS_LIMIT);
    if of_gas || log.contains("out of gas") {
        return Reason::OutOfGas;
    }
    // A simulation answers with another code.
    let of_sequence =
        (codespace == "sdk" && code == WRONG_SEQUENCE) || log.contains("account sequence mismatch");
    if of_sequence || NOT_NOW.iter().any(|code| says(log, code)) {
        return Reason::NotNow;
    }
    Reason::Refused
}

/// `loss_closed:` is a code, `my_loss_closed:` and `loss_closed_by` are others.
fn says(log: &str, code: &str) -> bool {
    log.match_indices(code).any(|(at, _)| {
        let before = log[..at].chars().next_back();
        let after = log[at + code.len()..].chars().next();
        after == Some(':') && !before.is_some_and(|c| c == '_' || c.is_ascii_alphanumeric())
    })
}

impl From<&TxOutcome> for Included {
    fn from(outcome: &TxOutcome) -> Self {
        Self {
            height: outcome.height,
            gas_used: outcome.gas_used,
        }
    }
}

/// The fate of a transaction that is in a block.
pub fn of_outcome(outcome: &TxOutcome) -> Fate {
    let included = Included::from(outcome);
    if outcome.code == 0 {
        return Fate::Done(included);
    }
    Fate::Failed {
        reason: reason(&outcome.codespace, outcome.code, &outcome.raw_log),
        what: outcome.raw_log.clone(),
        included: Some(included),
    }
}

/// The fate of a simulation that failed: nothing was sent.
pub fn of_simulation(error: &ClientError) -> Fate {
    let reason = match error {
        ClientError::Check {
            codespace,
            code,
            log,
        } => reason(codespace, *code, log),
        error if error.may_pass() => Reason::Unreachable,
        _ => Reason::Refused,
    };
    Fate::Failed {
        reason,
        what: error.to_string(),
        included: None,
    }
}

/// The fate of a transaction that was not sent, or not seen in a block. Whatever is not certain is
/// unknown: waiting costs a few blocks, sending twice may cost somebody a position.
pub fn of_sending(error: &ClientError) -> Fate {
    match error {
        ClientError::Failed(outcome) => of_outcome(outcome),
        ClientError::Expired { .. } => Fate::Expired,
        ClientError::Unknown { hash, height, what } => {
            let ticket = Ticket {
                hash: Some(hash.clone()),
                until: Some(*height),
            };
            Fate::Unknown(ticket, what.clone())
        }
        // An earlier broadcast of the same bytes may have been included in time.
        ClientError::Check {
            codespace, code, ..
        } if codespace == "sdk" && *code == TX_TIMEOUT => {
            Fate::Unknown(Ticket::default(), error.to_string())
        }
        // Questions come before the first broadcast; after it the client says `Unknown`.
        ClientError::Check { .. }
        | ClientError::Query { .. }
        | ClientError::Unreachable { .. }
        | ClientError::BadInput(_) => of_simulation(error),
        _ => Fate::Unknown(Ticket::default(), error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_sorted_by_their_codes() {
        let wasm = "failed to execute message; message index: 0: ";
        let end = ": execute wasm contract failed";
        for (log, expected) in [
            ("not_liquidatable: account 3 has 5", Reason::NotNow),
            ("job_not_first: loss 4 waits for loss 2", Reason::NotNow),
            ("unauthorized: sender a is not a feeder", Reason::Refused),
            (
                "dispatch: submessages: codespace: wasm, code: 5",
                Reason::Refused,
            ),
            ("my_loss_closed: another code", Reason::Refused),
            ("loss_closed_by: another code", Reason::Refused),
            ("my_loss_closed: but then loss_closed: 3", Reason::NotNow),
        ] {
            let log = format!("{wasm}{log}{end}");
            assert_eq!(reason("wasm", 5, &log), expected, "{log}");
        }
        assert_eq!(
            reason("sdk", 11, "out of gas in location"),
            Reason::OutOfGas
        );
        assert_eq!(reason("sdk", 41, "limit exceeds block"), Reason::OutOfGas);
        assert_eq!(reason("wasm", 11, "not_due: later"), Reason::NotNow);
        assert_eq!(reason("sdk", 32, "sequence mismatch"), Reason::NotNow);
    }

    #[test]
    fn only_what_is_certain_counts_as_not_sent() {
        let check = |code| ClientError::Check {
            codespace: "sdk".to_owned(),
            code,
            log: "refused".to_owned(),
        };
        let unreachable = ClientError::Unreachable {
            url: "u".to_owned(),
            what: "w".to_owned(),
        };
        let refused = ClientError::Refused {
            url: "u".to_owned(),
            what: "w".to_owned(),
        };
        assert!(matches!(of_sending(&check(5)), Fate::Failed { .. }));
        assert!(matches!(of_sending(&unreachable), Fate::Failed { .. }));
        assert!(matches!(of_sending(&check(30)), Fate::Unknown(..)));
        assert!(matches!(of_sending(&refused), Fate::Unknown(..)));
        assert!(matches!(of_simulation(&refused), Fate::Failed { .. }));
    }
}
