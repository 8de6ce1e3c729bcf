//! Who sends.

use super::fate::{Fate, Ticket};
use super::work::Work;

/// Is told of a transaction before it is sent; an error stops it.
pub type Announce<'a> = &'a mut dyn FnMut(&Ticket) -> Result<(), String>;

/// Sends works, and finds out what became of them.
pub trait Executor {
    /// Sends a work and waits for it, for a limited time. Nothing is sent before it was announced.
    fn send(&mut self, work: &Work, announce: Announce<'_>) -> Fate;

    /// What became of a transaction; [`Fate::Unknown`] as long as that is not certain. May note in
    /// the ticket until when it has to be looked for.
    fn look(&mut self, ticket: &Ticket) -> Fate;

    /// What the keeper has for fees, in units of the fee denom, if that can be told.
    fn balance(&self) -> Option<u128>;
}
