//! A state that version 0.1 has written, and what the migrations of the contracts make of it.

mod after;
mod golden;
mod jobs;
mod layout;
mod refusals;
mod same;
