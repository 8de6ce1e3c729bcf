//! `perps-chain` against a small HTTP server in front of an embedded chain.

mod deploy;
mod export;
mod follow;
mod live;
mod propose;
mod rpc;
mod site;
#[allow(dead_code)]
#[path = "../../../testkit/tests/suite/situation.rs"]
mod situation;
