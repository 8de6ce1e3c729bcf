//! The suite on a live chain, through a node's REST interface: follows an account's place in the
//! queue, and fetches what `perps verify-receipt` needs; and through its RPC: deploys the suite and
//! sends transactions ([`client`]).
//!
//! Apart from `perps-cli`, so that whoever only runs the demo builds no TLS.

pub mod account;
pub mod backoff;
pub mod client;
pub mod deploy;
pub mod keeper;
pub mod node;
pub mod notify;
pub mod place;
pub mod proposal;
pub mod propose;
pub mod source;
pub mod stop;
pub mod watch;
pub mod webhook;
