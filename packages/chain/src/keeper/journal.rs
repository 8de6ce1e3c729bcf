//! What is under way, in a file: a keeper that was killed does not send it again.
//!
//! Hash and last valid height are written before a transaction is sent: whoever reads them finds it, or waits
//! until it can no longer be included.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::fate::Ticket;
use super::work::Key;

/// A journal that cannot be used.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The file cannot be read or written.
    #[error("journal_file: {path}: {error}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        error: io::Error,
    },
    /// The file is no journal.
    #[error("journal_text: {path}: {error}", path = .path.display())]
    Text {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: serde_json::Error,
    },
    /// The file is another keeper's, or of another chain: its heights and hashes mean nothing here.
    #[error("journal_owner: {path} belongs to {found}, not to {expected}", path = .path.display())]
    Owner {
        /// The file.
        path: PathBuf,
        /// Who works here.
        expected: Box<Owner>,
        /// Whose it is.
        found: Box<Owner>,
    },
}

/// Whose journal it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The chain.
    pub chain_id: String,
    /// The market contract.
    pub market: String,
    /// The keeper.
    pub sender: String,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {} of {}", self.sender, self.market, self.chain_id)
    }
}

/// A work that was under way.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    key: Key,
    hash: Option<String>,
    until: Option<u64>,
}

/// Content of the file.
#[derive(Debug, Serialize, Deserialize)]
struct Content {
    owner: Owner,
    works: Vec<Entry>,
}

/// The file.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    owner: Owner,
    written: String,
}

impl Journal {
    /// Opens a journal, with what was under way when it was last written.
    ///
    /// # Errors
    /// [`JournalError`]; a file that is not there is an empty journal.
    pub fn open(path: &Path, owner: Owner) -> Result<(Self, BTreeMap<Key, Ticket>), JournalError> {
        let path = path.to_owned();
        let written = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(JournalError::File { path, error }),
        };
        let entries = if written.is_empty() {
            Vec::new()
        } else {
            let read = serde_json::from_str(&written);
            let content: Content = read.map_err(|error| JournalError::Text {
                path: path.clone(),
                error,
            })?;
            if content.owner != owner {
                return Err(JournalError::Owner {
                    path,
                    expected: Box::new(owner),
                    found: Box::new(content.owner),
                });
            }
            content.works
        };
        let in_flight = entries.into_iter().map(|entry| {
            let ticket = Ticket {
                hash: entry.hash,
                until: entry.until,
            };
            (entry.key, ticket)
        });
        let in_flight = in_flight.collect();
        let journal = Self {
            path,
            owner,
            written,
        };
        Ok((journal, in_flight))
    }

    /// Writes what is under way, before it is sent and after it is known. Replaced as a whole, so
    /// that a file that is read is never half of one.
    ///
    /// # Errors
    /// `File`.
    pub fn write(&mut self, in_flight: &BTreeMap<Key, Ticket>) -> Result<(), JournalError> {
        let entries = in_flight.iter().map(|(key, ticket)| Entry {
            key: *key,
            hash: ticket.hash.clone(),
            until: ticket.until,
        });
        let content = Content {
            owner: self.owner.clone(),
            works: entries.collect(),
        };
        let failed = |error| JournalError::File {
            path: self.path.clone(),
            error,
        };
        let text = serde_json::to_string(&content).map_err(|e| failed(e.into()))?;
        if text == self.written {
            return Ok(());
        }
        let mut name = self.path.clone().into_os_string();
        name.push(".new");
        let new = PathBuf::from(name);
        let file = fs::write(&new, &text).and_then(|()| fs::File::open(&new)?.sync_all());
        file.and_then(|()| fs::rename(&new, &self.path))
            .map_err(failed)?;
        self.written = text;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::work::Kind;
    use super::*;

    #[test]
    fn what_was_under_way_is_read_back() {
        let name = format!("perps-keeper-journal-{}.json", std::process::id());
        let path = std::env::temp_dir().join(name);
        let owner = Owner {
            chain_id: "local-1".to_owned(),
            market: "m".to_owned(),
            sender: "k".to_owned(),
        };
        let open = |owner: &Owner| Journal::open(&path, owner.clone());
        let (mut journal, in_flight) = open(&owner).expect("none yet");
        assert!(in_flight.is_empty());
        let key = |kind| Key { kind, of: 7 };
        let signed = Ticket {
            hash: Some("AB".to_owned()),
            until: Some(99),
        };
        let in_flight = BTreeMap::from([
            (key(Kind::Liquidate), Ticket::default()),
            (key(Kind::ResumeLoss), signed),
        ]);
        journal.write(&in_flight).expect("writes");
        assert_eq!(open(&owner).expect("reads").1, in_flight);
        let other = Owner {
            chain_id: "local-2".to_owned(),
            ..owner.clone()
        };
        let error = open(&other).expect_err("of another chain").to_string();
        assert!(error.starts_with("journal_owner: "), "{error}");
        journal.write(&BTreeMap::new()).expect("writes");
        assert!(open(&owner).expect("reads").1.is_empty());
        fs::write(&path, "[{").expect("writes");
        let error = open(&owner).expect_err("no journal").to_string();
        assert!(error.starts_with("journal_text: "), "{error}");
        fs::remove_file(&path).expect("removes");
    }
}
