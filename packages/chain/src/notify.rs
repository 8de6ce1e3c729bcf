//! Where changes go: a line each, and perhaps a webhook.

use std::io::Write;

use crate::place::Change;
use crate::webhook::Webhook;

/// How a change is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Line,
    /// One JSON object a line.
    Json,
}

/// Writes and posts.
#[derive(Debug)]
pub struct Notifier<W> {
    /// Where lines go.
    pub out: W,
    /// Where complaints go.
    pub err: W,
    /// How they are written.
    pub format: Format,
    /// Where JSON is posted.
    pub webhook: Option<Webhook>,
}

impl<W: Write> Notifier<W> {
    /// Tells of a change. What was there when the watch began is written, but not posted.
    ///
    /// # Errors
    /// If nobody reads the lines any more.
    pub fn tell(&mut self, change: &Change, is_new: bool) -> std::io::Result<()> {
        let json = serde_json::to_string(change).map_err(std::io::Error::other)?;
        match self.format {
            Format::Line => writeln!(self.out, "{}", change.line())?,
            Format::Json => writeln!(self.out, "{json}")?,
        }
        self.out.flush()?;
        match self
            .webhook
            .as_ref()
            .filter(|_| is_new)
            .map(|w| w.post(json))
        {
            Some(Err(dropped)) => self.complain(dropped),
            _ => Ok(()),
        }
    }

    /// Says what went wrong.
    ///
    /// # Errors
    /// If nobody reads the lines any more.
    pub fn complain(&mut self, what: &str) -> std::io::Result<()> {
        writeln!(self.err, "perps-chain: {what}")?;
        self.err.flush()
    }
}
