//! The whole suite on an embedded chain.

mod cascade;
mod preview;
mod situation;
