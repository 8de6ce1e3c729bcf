//! The steps of the story, a file for each part of it.

pub mod books;
pub mod clock;
pub mod commands;
pub mod compare;
pub mod crash;
pub mod deploy;
pub mod governance;
pub mod markets;
pub mod migration;
pub mod out_of_gas;
pub mod receipts;
pub mod refusals;
pub mod trade;
