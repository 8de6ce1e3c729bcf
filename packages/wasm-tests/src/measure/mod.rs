//! What is measured, beyond the files themselves.

mod deleverage;
mod messages;
mod ranking;

pub(crate) use deleverage::deleverage;
pub(crate) use messages::messages;
pub(crate) use ranking::ranking;
