//! The keeper of `perps-chain keeper`, held back to some kinds of work, so that the story can stop in between.

use std::collections::BTreeSet;

use perps_chain::deploy::Part;
use perps_chain::keeper::on_chain::{Newest, OnChain, Sending};
use perps_chain::keeper::plan::Config;
use perps_chain::keeper::read::{Bounds, Reader};
use perps_chain::keeper::run::Keeper;
use perps_chain::keeper::work::{Contracts, Kind};
use perps_chain::stop;

use crate::error::{ensure, PlayError, PlayResult};
use crate::play::Play;

/// Most rounds of one task: the first look may not show everything.
const MOST_ROUNDS: u32 = 60;

/// Who keeps.
pub const KEEPER: &str = "keeper";

impl Play {
    /// Lets a keeper do these kinds of work until something is so. Tells how many works it sent.
    ///
    /// # Errors
    /// What stops a keeper; `Wrong` if it does not come to that.
    pub fn keep(
        &self,
        kinds: &[Kind],
        until: impl Fn(&Self) -> PlayResult<bool>,
    ) -> PlayResult<usize> {
        let failed = |what: String| PlayError::Wrong(format!("the keeper: {what}"));
        let querier = Newest(self.net.client.clone());
        let contracts = Contracts::of_market(&querier, self.suite.at(Part::Market)?);
        let contracts = contracts.map_err(|e| failed(e.to_string()))?;
        let sender = self.net.new_sender(KEEPER)?;
        let me = sender.address().to_owned();
        let reader = Reader::new(contracts.clone(), Bounds::default(), Some(me));
        let chain = OnChain::new(sender, contracts, Sending::default());
        let skip: BTreeSet<Kind> = Kind::ALL.into_iter().collect();
        let config = Config {
            skip: skip
                .into_iter()
                .filter(|kind| !kinds.contains(kind))
                .collect(),
            ..Config::default()
        };
        let (_stopper, stop) = stop::channel();
        let mut keeper = Keeper::new((querier, chain), reader, config).out(Box::new(Indented));
        let mut done = 0;
        for _ in 0..MOST_ROUNDS {
            if until(self)? {
                return Ok(done);
            }
            let round = keeper.round(&stop).map_err(|e| failed(e.to_string()))?;
            done += round.done;
        }
        ensure(until(self)?, || {
            format!("the keeper does not come to an end with {kinds:?}")
        })?;
        Ok(done)
    }
}

/// What the keeper says, under the step that it belongs to.
struct Indented;

impl std::io::Write for Indented {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        for line in String::from_utf8_lossy(bytes)
            .lines()
            .filter(|line| !line.is_empty())
        {
            println!("      {line}");
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
