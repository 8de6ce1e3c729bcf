//! `perps verify-receipt` against the contracts on an embedded chain.

mod absurd;
mod between;
mod command;
mod course;
mod forged;
mod genuine;
mod policies;
#[allow(dead_code)]
#[path = "../../../testkit/tests/suite/random.rs"]
mod random;
#[allow(dead_code)]
#[path = "../../../testkit/tests/suite/situation.rs"]
mod situation;
