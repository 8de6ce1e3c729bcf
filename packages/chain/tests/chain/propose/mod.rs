//! `perps-chain propose` on the embedded chain: what is written is what the contracts take.

mod effects;
mod templates;
mod world;
mod writer;
