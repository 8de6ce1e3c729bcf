//! The feed on an embedded chain.

mod governance;
mod prices_query;
mod set_prices;
mod suite;
mod wire;
