//! What players could do with the rules, and what other rules would do to them.

mod alternatives;
mod costs;
mod splitting;
