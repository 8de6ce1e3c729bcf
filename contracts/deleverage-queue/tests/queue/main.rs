//! The queue on an embedded chain, between a market that settles by script and a fund that is an
//! ordinary address.

mod audit;
mod audit_query;
mod governance;
mod jobs;
mod lights;
mod market;
mod rank;
mod refresh;
mod steps;
mod suite;
mod top;
mod update;
mod update_in_job;
mod wire;
