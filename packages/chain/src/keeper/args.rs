//! `perps-chain keeper`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use perp_interface::Quote;

use super::endpoint::Endpoint;
use super::executor::Executor;
use super::journal::Owner;
use super::memory::Retry;
use super::on_chain::{DryRun, Newest, OnChain, Sending};
use super::plan::Config;
use super::prices::{FilePrices, Mode, PriceSource, Relay};
use super::read::{Bounds, Reader};
use super::run::{Keeper, Pace};
use super::work::{Contracts, Kind};
use crate::account::market_of_file;
use crate::backoff::Backoff;
use crate::client::{Client, ClientError, GasPrice, Keys, Patience, Sender, HD_PATH};
use crate::stop::{self, Stop};

type Failure = Box<dyn std::error::Error>;

/// What the keeper is told.
#[derive(Debug, Args)]
pub struct KeeperArgs {
    /// The node's RPC address, such as http://127.0.0.1:26657.
    #[arg(long = "node", value_name = "URL")]
    rpc: String,
    /// The chain that the node has to be of.
    #[arg(long)]
    chain_id: String,
    /// Address of the perp-market contract; it names the others.
    #[arg(long, value_name = "ADDRESS", required_unless_present = "addresses")]
    market_contract: Option<String>,
    /// A file with the address: {"market": "..."}.
    #[arg(long, value_name = "FILE", conflicts_with = "market_contract")]
    addresses: Option<PathBuf>,
    /// A file with the keeper's mnemonic, readable by nobody else (mode 0600).
    #[arg(
        long = "key-file",
        value_name = "FILE",
        required_unless_present = "dry_run"
    )]
    key: Option<PathBuf>,
    /// Path of the key under the mnemonic.
    #[arg(long, default_value = HD_PATH)]
    hd_path: String,
    /// What gas costs.
    #[arg(long, default_value = "0.0001ustake")]
    gas_price: GasPrice,
    #[command(flatten)]
    sending: SendingArgs,
    #[command(flatten)]
    duties: DutyArgs,
    #[command(flatten)]
    prices: PriceArgs,
    /// Seconds between two looks when there is nothing to do.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    interval: u64,
    /// Accounts of one page.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    page: u32,
    /// Pages of known accounts that are read again at every look.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pages: u32,
    /// Accounts near their requirement that are read again at every look.
    #[arg(long, default_value_t = 20)]
    near: usize,
    /// Shows metrics at http://ADDRESS/metrics; without a password, so keep it to loopback.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9464")]
    metrics: SocketAddr,
    /// Shows no metrics.
    #[arg(long)]
    no_metrics: bool,
    /// A file for what is under way: with it a killed keeper sends nothing again.
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// Sends nothing; tells what it would send, and simulates it if there is a key.
    #[arg(long)]
    dry_run: bool,
    /// Makes one round and ends.
    #[arg(long)]
    once: bool,
}

#[derive(Debug, Args)]
struct SendingArgs {
    /// Most gas of one transaction.
    #[arg(long, default_value_t = 30_000_000)]
    max_gas: u64,
    /// For how many blocks a transaction is valid.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(2..=1_000))]
    valid_blocks: u64,
    /// Seconds that a transaction is waited for before the keeper goes on without it.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=600))]
    wait: u64,
}

#[derive(Debug, Args)]
struct DutyArgs {
    /// Kinds of work that are left to others; may be given several times.
    #[arg(long, value_enum, value_name = "KIND")]
    skip: Vec<Kind>,
    /// Units of work of one step of the queue; without it as many as the queue allows.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    step_limit: Option<u32>,
    /// Closes a loss at the mark when the queue has not moved it for as long as the market demands.
    #[arg(long)]
    force: bool,
    /// Publishes lights when they are this many blocks old.
    #[arg(long, value_name = "BLOCKS", value_parser = clap::value_parser!(u64).range(1..))]
    lights: Option<u64>,
    /// Collects a market's fees from this many quote units on.
    #[arg(long, value_name = "AMOUNT", default_value_t = 1_000_000)]
    fees_from: u64,
    /// Takes its bounties from this many quote units on.
    #[arg(long, value_name = "AMOUNT", default_value_t = 1_000_000)]
    owed_from: u64,
    /// Blocks that a work waits after a failure; doubled by every further one.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    retry_blocks: u64,
    /// Most blocks that a work waits.
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    most_retry_blocks: u64,
}

#[derive(Debug, Args)]
struct PriceArgs {
    /// Feeds prices from this file: JSON lines or CSV with market, price, publish_time.
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// The file is a recording: it begins now, and its times are moved.
    #[arg(long, requires = "prices")]
    replay: bool,
    /// Feeds the prices of another chain's price-feed: RPC address of its node.
    #[arg(long, value_name = "URL", conflicts_with = "prices",
        requires_all = ["relay_chain_id", "relay_feed", "relay_market"])]
    relay: Option<String>,
    /// The other chain.
    #[arg(long, requires = "relay")]
    relay_chain_id: Option<String>,
    /// Address of its price-feed.
    #[arg(long, requires = "relay", value_name = "ADDRESS")]
    relay_feed: Option<String>,
    /// A market whose price is relayed; may be given several times.
    #[arg(long, requires = "relay", value_name = "MARKET")]
    relay_market: Vec<u16>,
}

/// One request may fail quickly: the keeper itself tries again, and has to hear that it shall stop.
const PATIENCE: Patience = Patience {
    timeout: Duration::from_secs(5),
    attempts: 2,
};

impl KeeperArgs {
    /// Keeps until it is asked to stop.
    ///
    /// # Errors
    /// What is wrong with the arguments, the key or the chain; with `--once` also what is wrong
    /// with the round.
    pub fn run(&self) -> Result<(), Failure> {
        let (stopper, stop) = stop::channel();
        stopper.on_ctrl_c()?;
        let Some(client) = self.connect(&stop)? else {
            return Ok(());
        };
        let market = match (&self.market_contract, &self.addresses) {
            (Some(address), _) => address.clone(),
            (None, Some(path)) => market_of_file(path)?,
            (None, None) => return Err("neither --market-contract nor --addresses".into()),
        };
        let querier = Newest(client.clone());
        let contracts = Contracts::of_market(&querier, &market)?;
        let chain = match &self.key {
            Some(path) => {
                let keys = Keys::from_mnemonic_file(path, &self.hd_path, &client.bech32_prefix()?)?;
                Some(Sender::new(client, keys, self.gas_price.clone()))
            }
            None => None,
        };
        let me = chain.as_ref().map(|sender| sender.address().to_owned());
        let owner = Owner {
            chain_id: self.chain_id.clone(),
            market,
            sender: me.clone().unwrap_or_default(),
        };
        let reader = Reader::new(contracts.clone(), self.bounds(), me);
        let sending = self.sending();
        let chain = chain.map(|sender| OnChain::new(sender, contracts, sending));
        match chain {
            Some(chain) if !self.dry_run => self.keep(querier, chain, (reader, owner), &stop),
            chain => self.keep(querier, DryRun(chain), (reader, owner), &stop),
        }
    }

    /// A node that cannot be reached is waited for; none if it shall stop meanwhile.
    fn connect(&self, stop: &Stop) -> Result<Option<Client>, Failure> {
        let pace = self.pace();
        let mut backoff = Backoff::new(pace.retry, pace.most_retry);
        loop {
            match Client::connect_with(&self.rpc, &self.chain_id, PATIENCE) {
                Ok(client) => return Ok(Some(client)),
                Err(error @ ClientError::Unreachable { .. }) if !self.once => {
                    eprintln!("perps-chain: {error}");
                    if stop.within(backoff.failed()) {
                        return Ok(None);
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn keep<E: Executor>(
        &self,
        querier: Newest,
        executor: E,
        (reader, owner): (Reader, Owner),
        stop: &Stop,
    ) -> Result<(), Failure> {
        let keeper = Keeper::new((querier, executor), reader, self.config());
        let mut keeper = keeper.out(Box::new(std::io::stdout()));
        // A dry run neither sends nor settles: the journal of the one that does is not its own.
        if let Some(path) = self.journal.as_ref().filter(|_| !self.dry_run) {
            keeper = keeper.journal(path, owner)?;
        }
        if let Some(source) = self.prices.source()? {
            keeper = keeper.prices(source);
        }
        let metrics = keeper.metrics();
        let shown = (!self.no_metrics && !self.once).then_some(self.metrics);
        let endpoint = shown.map(|address| Endpoint::start(address, metrics));
        let _endpoint = endpoint.transpose()?;
        if self.once {
            keeper.round(stop)?;
            return Ok(());
        }
        Ok(keeper.run(&self.pace(), stop)?)
    }

    fn pace(&self) -> Pace {
        Pace {
            interval: Duration::from_secs(self.interval),
            ..Pace::default()
        }
    }

    fn bounds(&self) -> Bounds {
        Bounds {
            page: self.page,
            pages: self.pages,
            near: self.near,
            ..Bounds::default()
        }
    }

    const fn sending(&self) -> Sending {
        Sending {
            max_gas: self.sending.max_gas,
            valid_blocks: self.sending.valid_blocks,
            wait: Duration::from_secs(self.sending.wait),
        }
    }

    fn config(&self) -> Config {
        let duties = &self.duties;
        Config {
            skip: duties.skip.iter().copied().collect(),
            step_limit: duties.step_limit,
            force: duties.force,
            lights_blocks: duties.lights,
            fees_from: Quote(i128::from(duties.fees_from)),
            owed_from: Quote(i128::from(duties.owed_from)),
            retry: Retry {
                first: duties.retry_blocks,
                most: duties.most_retry_blocks,
            },
            ..Config::default()
        }
    }
}

impl PriceArgs {
    fn source(&self) -> Result<Option<Box<dyn PriceSource>>, Failure> {
        if let Some(path) = &self.prices {
            let mode = if self.replay {
                Mode::Replay
            } else {
                Mode::Follow
            };
            return Ok(Some(Box::new(FilePrices::new(path, mode))));
        }
        let (Some(url), Some(chain_id), Some(feed)) =
            (&self.relay, &self.relay_chain_id, &self.relay_feed)
        else {
            return Ok(None);
        };
        // The other chain may be away for a while: that is no reason not to liquidate on this one.
        let (url, chain_id) = (url.clone(), chain_id.clone());
        let connect = move || Client::connect_with(&url, &chain_id, PATIENCE);
        let relay = Relay::new(Box::new(connect), feed.clone(), self.relay_market.clone());
        Ok(Some(Box::new(relay)))
    }
}
