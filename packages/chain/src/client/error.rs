//! What can go wrong between us and a chain. Every text begins with a stable code.

use std::path::PathBuf;

use thiserror::Error;

use super::tx::TxOutcome;

/// Result of the client.
pub type ClientResult<T> = Result<T, ClientError>;

/// A question or a transaction that did not work out.
#[derive(Debug, Error)]
pub enum ClientError {
    /// No address of a node.
    #[error("node_url: '{0}' is no node's RPC address")]
    NodeUrl(String),
    /// The node cannot be reached, or not in time. The same may work later.
    #[error("node_unreachable: {url}: {what}")]
    Unreachable {
        /// The node.
        url: String,
        /// What went wrong.
        what: String,
    },
    /// The node refuses the request itself.
    #[error("node_refused: {url}: {what}")]
    Refused {
        /// The node.
        url: String,
        /// In its words.
        what: String,
    },
    /// The answer is no answer to the question.
    #[error("bad_answer: {what}")]
    BadAnswer {
        /// What is wrong with it.
        what: String,
    },
    /// The node is one of another chain.
    #[error("wrong_chain: the node is of chain {actual}, expected {expected}")]
    WrongChain {
        /// The chain that was asked for.
        expected: String,
        /// The chain of the node.
        actual: String,
    },
    /// The chain answers a query with an error, such as that of a contract.
    #[error("query_failed: {path}: {log} ({codespace} code {code})")]
    Query {
        /// The gRPC method.
        path: String,
        /// Whose code it is: `sdk`, `wasm`, ...
        codespace: String,
        /// Never 0.
        code: u32,
        /// In the chain's words.
        log: String,
    },
    /// A file with a mnemonic that others can read.
    #[error("key_file_exposed: {path} can be read by others (mode {mode:o}); run: chmod 600 {path}", path = .path.display())]
    KeyFileExposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A file with a mnemonic that cannot be used. What it contains is never shown.
    #[error("key_file: {path}: {what}", path = .path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// Something of a transaction that cannot be written.
    #[error("bad_input: {0}")]
    BadInput(String),
    /// `CheckTx` or the simulation refuses the transaction: it is not on the chain and never will be.
    #[error("check_failed: {log} ({codespace} code {code})")]
    Check {
        /// Whose code it is.
        codespace: String,
        /// Never 0.
        code: u32,
        /// In the chain's words.
        log: String,
    },
    /// The transaction is on the chain, cost its fee and changed nothing else.
    #[error("tx_failed: {log} ({codespace} code {code}, tx {hash}, height {height})",
        log = .0.raw_log, codespace = .0.codespace, code = .0.code, hash = .0.hash, height = .0.height)]
    Failed(Box<TxOutcome>),
    /// The chain passed the last height at which the transaction was valid without it: it never
    /// will be on the chain, and sending the same work again is safe.
    #[error("tx_expired: {hash} was not included until height {height}: it never will be")]
    Expired {
        /// Its hash, hexadecimal.
        hash: String,
        /// The last height at which it was valid.
        height: u64,
    },
    /// The node fell silent while the transaction was under way. Look for the hash before the same
    /// work is sent again: until `height` has passed it may still be included.
    #[error("tx_unknown: {hash} may still be included until height {height}: {what}")]
    Unknown {
        /// Its hash, hexadecimal.
        hash: String,
        /// The last height at which it is valid.
        height: u64,
        /// Why nothing is known.
        what: String,
    },
    /// A simulation says that the transaction needs more gas than any of ours may: a faulty node does
    /// not decide what is paid.
    #[error("gas_too_high: the node's simulation gives {gas} of gas, at most {most} is paid for")]
    GasTooHigh {
        /// The limit that follows from the simulation.
        gas: u64,
        /// The most that is paid for.
        most: u64,
    },
    /// Something did not happen in time.
    #[error("wait_timeout: {0}")]
    Timeout(String),
}

impl ClientError {
    /// The stable code that the text begins with.
    pub fn code(&self) -> String {
        let text = self.to_string();
        text.split(':').next().unwrap_or_default().to_owned()
    }

    /// Whether the same question may be answered later.
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }

    /// Whether a contract's stable error code occurs in what the chain answered. Below the first
    /// level a chain redacts errors, so this is for tests and messages, not for decisions.
    pub fn mentions(&self, code: &str) -> bool {
        self.to_string().contains(&format!("{code}:"))
    }

    /// The sequence that the chain expects, if it refused another one.
    pub fn expected_sequence(&self) -> Option<u64> {
        match self {
            Self::Check { log, .. } | Self::Query { log, .. } => expected_sequence(log),
            _ => None,
        }
    }
}

/// Reads `account sequence mismatch, expected 7, got 5`.
fn expected_sequence(log: &str) -> Option<u64> {
    let rest = log.split("account sequence mismatch, expected ").nth(1)?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expected_sequence_is_read_from_what_the_chain_says() {
        let said = |log: &str| ClientError::Check {
            codespace: "sdk".to_owned(),
            code: 32,
            log: log.to_owned(),
        };
        let mismatch = "account sequence mismatch, expected 17, got 15: incorrect account sequence";
        let cases = [
            (mismatch, Some(17)),
            (
                "rpc error: account sequence mismatch, expected 0, got 3: x",
                Some(0),
            ),
            ("account sequence mismatch, expected , got 3", None),
            ("insufficient fee", None),
        ];
        for (log, expected) in cases {
            assert_eq!(said(log).expected_sequence(), expected, "{log}");
        }
        let unreachable = ClientError::Unreachable {
            url: "x".to_owned(),
            what: mismatch.to_owned(),
        };
        assert_eq!(unreachable.expected_sequence(), None);
    }

    #[test]
    fn a_text_begins_with_its_code() {
        let error = ClientError::WrongChain {
            expected: "a".to_owned(),
            actual: "b".to_owned(),
        };
        assert_eq!(error.code(), "wrong_chain");
        assert!(!error.may_pass());
    }
}
