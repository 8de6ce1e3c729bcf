//! What governs every contract of the suite in the same way: authority, guardian, notices of changes, pauses
//! and migrations.
//!
//! Storage and checks of senders are here; how parameters move is arithmetic and is `perp_core::change`.

mod control;
mod error;
mod migration;
mod pause;
mod slot;

pub use control::{authority, establish, govern, require_authority, response, Control, CONTROL};
pub use error::{GovernanceError, GovernanceResult};
pub use migration::{migrate, Migration, Origin};
pub use pause::{is_paused, set_pause, PAUSED};
pub use slot::{Change, Slot, Versioned};
