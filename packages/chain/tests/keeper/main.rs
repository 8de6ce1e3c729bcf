//! The keeper against an embedded chain.

mod duties;
mod fates;
mod losses;
mod shell;
#[allow(dead_code)]
#[path = "../../../testkit/tests/suite/situation.rs"]
mod situation;
mod world;
