//! `localnet.json`.

use std::path::Path;

use serde_json::json;

use crate::error::{PlayError, PlayResult};
use crate::home;
use crate::play::Play;

/// Writes steps, figures and gas.
///
/// # Errors
/// `File`.
pub fn write(play: &Play, path: &Path) -> PlayResult<()> {
    let mut report = play.figures.clone();
    report.insert("chain_id".to_owned(), json!(play.net.client.chain_id()));
    report.insert("steps".to_owned(), json!(play.passed));
    report.insert("ante".to_owned(), json!(play.net.gas.ante()));
    report.insert("messages".to_owned(), json!(play.net.gas.costs()));
    let text =
        serde_json::to_string_pretty(&report).map_err(|e| PlayError::Wrong(e.to_string()))?;
    home::write(path, &format!("{text}\n"))
}
