//! Follows the chain and tells when an account's place changes.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use perp_interface::{AccountId, MarketId};
use perps_cli::verify::Block;

use crate::backoff::Backoff;
use crate::notify::Notifier;
use crate::place::{Change, Level, Place};
use crate::source::{Source, SourceError};
use crate::stop::Stop;

/// What to watch, and how.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    /// The account.
    pub account: AccountId,
    /// What is told.
    pub level: Level,
    /// Between two looks.
    pub interval: Duration,
    /// After a first failure; it doubles up to `most_pause`.
    pub pause: Duration,
    /// After many failures.
    pub most_pause: Duration,
    /// Look once and end.
    pub once: bool,
}

/// What was last told.
#[derive(Debug, Default)]
struct Seen {
    height: u64,
    places: Option<BTreeMap<MarketId, Place>>,
}

/// Watches until it is stopped. A node that does not answer, or not in time, is asked again; each
/// new reason is told once.
///
/// # Errors
/// With `once`, what went wrong; otherwise only that nobody reads the lines any more.
pub fn watch<W: Write>(
    source: &impl Source,
    config: &Watch,
    notifier: &mut Notifier<W>,
    stop: &Stop,
) -> Result<(), SourceError> {
    let mut seen = Seen::default();
    let mut backoff = Backoff::new(config.pause, config.most_pause);
    let mut trouble: Option<String> = None;
    loop {
        let pause = match look(source, config.account, &seen) {
            Ok((block, places)) => {
                if trouble.take().is_some() {
                    notifier.complain("the node answers again")?;
                }
                backoff.succeeded();
                tell(config, &mut seen, (block, places), notifier)?;
                config.interval
            }
            Err(error) if config.once => return Err(error),
            Err(error) => {
                let what = error.to_string();
                if trouble.as_ref() != Some(&what) {
                    notifier.complain(&what)?;
                    trouble = Some(what);
                }
                backoff.failed()
            }
        };
        if config.once || stop.within(pause) {
            return Ok(());
        }
    }
}

/// Places of one block.
type Looked = (Block, BTreeMap<MarketId, Place>);

fn look(source: &impl Source, account: AccountId, seen: &Seen) -> Result<Looked, SourceError> {
    let block = source.latest()?;
    if block.height < seen.height {
        let (height, newest) = (block.height, seen.height);
        return Err(format!("the node is behind: height {height} after {newest}").into());
    }
    let places = source.places(account, block)?;
    let places = places.into_iter().filter_map(|(m, p)| Some((m, p?)));
    Ok((block, places.collect()))
}

fn tell<W: Write>(
    config: &Watch,
    seen: &mut Seen,
    (block, places): Looked,
    notifier: &mut Notifier<W>,
) -> Result<(), SourceError> {
    seen.height = block.height;
    let is_new = seen.places.is_some();
    let told = seen.places.get_or_insert_default();
    let markets: Vec<_> = told.keys().chain(places.keys()).copied().collect();
    for market in markets {
        let (before, after) = (told.get(&market).copied(), places.get(&market).copied());
        let change = Change::seen((config.account, market), block, (before, after));
        if !change.is_of(config.level) {
            continue;
        }
        notifier.tell(&change, is_new)?;
        match after {
            Some(place) => told.insert(market, place),
            None => told.remove(&market),
        };
    }
    Ok(())
}
