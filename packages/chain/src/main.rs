//! The `perps-chain` command.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use perps_chain::account::{market_of_file, AccountName, Contracts};
use perps_chain::client::{Client, Keys, Sender, HD_PATH};
use perps_chain::deploy;
use perps_chain::keeper::args::KeeperArgs;
use perps_chain::node::Node;
use perps_chain::notify::{Format, Notifier};
use perps_chain::place::Level;
use perps_chain::propose::{self, cli::ProposeArgs};
use perps_chain::source::OnChain;
use perps_chain::stop;
use perps_chain::watch::{watch, Watch};
use perps_chain::webhook::{Delivery, Webhook};
use perps_cli::verify::{export, Transaction};
use serde_json::json;

/// Attempts for one question of a command that asks many and then ends.
const ATTEMPTS: u32 = 5;

/// The suite on a live chain: `watch`, `export` and `receipt` read it over REST, the others use a node's RPC.
#[derive(Debug, Parser)]
#[command(name = "perps-chain", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Follows an account's place in the queue and tells when it changes.
    Watch(WatchArgs),
    /// Writes the whole state at a height, for `perps verify-receipt --before`.
    Export(ExportArgs),
    /// Writes the events of a transaction, for `perps verify-receipt --events`.
    Receipt(ReceiptArgs),
    /// Stores and creates the contracts, so that they know each other and governance owns them.
    Deploy(DeployArgs),
    /// Liquidates, moves losses on, and sends whatever else waits for somebody.
    Keeper(Box<KeeperArgs>),
    /// Writes, checks, explains and submits proposals about the contracts.
    Propose(Box<ProposeArgs>),
}

#[derive(Debug, Args)]
struct NodeArgs {
    /// The node's REST address, such as https://rest.example:1317.
    #[arg(long)]
    node: String,
    /// Seconds after which a request is given up.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
}

impl NodeArgs {
    fn connect(&self) -> Result<Node, Box<dyn std::error::Error>> {
        Ok(Node::new(&self.node, Duration::from_secs(self.timeout))?)
    }
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct MarketArgs {
    /// Address of the perp-market contract; it names the others.
    #[arg(long, alias = "market", value_name = "ADDRESS")]
    market_contract: Option<String>,
    /// A file with the address: {"market": "..."}.
    #[arg(long, value_name = "FILE")]
    addresses: Option<PathBuf>,
}

impl MarketArgs {
    fn address(&self) -> Result<String, String> {
        match (&self.market_contract, &self.addresses) {
            (Some(address), _) => Ok(address.clone()),
            (None, Some(path)) => market_of_file(path),
            (None, None) => Err("neither --market-contract nor --addresses".to_owned()),
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum On {
    /// Another light, a position that comes or goes.
    Light,
    /// Also another 5 % of the queue.
    Band,
    /// Also other lots ahead, or another size.
    Lots,
}

#[derive(Debug, Args)]
struct WatchArgs {
    /// The account: its number, its owner's address, or address/subaccount.
    account: AccountName,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    market: MarketArgs,
    /// What counts as a change.
    #[arg(long, value_enum, default_value_t = On::Lots)]
    on: On,
    /// Seconds between two looks.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    interval: u64,
    /// Posts every change as JSON to this address.
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
    /// Looks once and ends; an error ends it with code 1.
    #[arg(long)]
    once: bool,
    /// Writes changes as JSON, one a line.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct ExportArgs {
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    market: MarketArgs,
    /// The block whose state is read; without it the newest. For a transaction of height H: H - 1.
    #[arg(long)]
    height: Option<u64>,
    /// Where the state is written.
    #[arg(long, value_name = "STATE.json")]
    out: PathBuf,
}

#[derive(Debug, Args)]
struct ReceiptArgs {
    #[command(flatten)]
    node: NodeArgs,
    /// Hash of the transaction.
    #[arg(long)]
    tx: String,
    /// Where the events are written.
    #[arg(long, value_name = "EVENTS.json")]
    out: PathBuf,
}

#[derive(Debug, Args)]
struct DeployArgs {
    /// The node's RPC address, such as http://localhost:26657.
    #[arg(long, required_unless_present = "embedded")]
    node: Option<String>,
    /// The chain; a node of another one is refused.
    #[arg(long, required_unless_present = "embedded")]
    chain_id: Option<String>,
    /// What to deploy; scripts/deploy/localnet.json is an example.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// A file with the deployer's mnemonic, readable by its owner only.
    #[arg(long, value_name = "FILE", required_unless_present = "embedded")]
    key_file: Option<PathBuf>,
    /// The account of the mnemonic.
    #[arg(long, default_value = HD_PATH)]
    hd_path: String,
    /// The folder that scripts/build-wasm.sh writes.
    #[arg(long, value_name = "DIR", default_value = "artifacts")]
    artifacts: PathBuf,
    /// The addresses file: written after every step, and read by the next run.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Goes through the same steps in process, with the contracts that are built in.
    #[arg(long, conflicts_with_all = ["node", "chain_id", "key_file"])]
    embedded: bool,
}

type CommandResult = Result<(), Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Watch(args) => follow(&args),
        Command::Export(args) => export_state(&args),
        Command::Receipt(args) => receipt(&args),
        Command::Deploy(args) => deploy_suite(&args),
        Command::Keeper(args) => args.run(),
        Command::Propose(args) => propose::cli::run(&args).map_err(Into::into),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn follow(args: &WatchArgs) -> CommandResult {
    let (stopper, stop) = stop::channel();
    stopper.on_ctrl_c()?;
    let node = args.node.connect()?;
    let first = node.clone().attempts(ATTEMPTS);
    let state = first.at(first.latest()?);
    let contracts = Contracts::of(&state, &args.market.address()?)?;
    let account = args.account.resolve(&state, &contracts.market)?;
    let webhook = args.webhook.clone().map(|url| {
        let complain = |what: String| eprintln!("perps-chain: {what}");
        Webhook::start(url, Delivery::default(), complain)
    });
    let config = Watch {
        account,
        level: match args.on {
            On::Light => Level::Light,
            On::Band => Level::Band,
            On::Lots => Level::Lots,
        },
        interval: Duration::from_secs(args.interval),
        pause: Duration::from_secs(1),
        most_pause: Duration::from_secs(60),
        once: args.once,
    };
    let mut notifier: Notifier<Box<dyn std::io::Write>> = Notifier {
        out: Box::new(std::io::stdout()),
        err: Box::new(std::io::stderr()),
        format: if args.json {
            Format::Json
        } else {
            Format::Line
        },
        webhook,
    };
    let source = OnChain { node, contracts };
    Ok(watch(&source, &config, &mut notifier, &stop).map_err(|e| e.to_string())?)
}

fn export_state(args: &ExportArgs) -> CommandResult {
    let node = args.node.connect()?.attempts(ATTEMPTS);
    let block = match args.height {
        Some(height) => node.block(height)?,
        None => node.latest()?,
    };
    let state = export(&node.at(block), &args.market.address()?)?;
    write(&args.out, &serde_json::to_string(&state)?)?;
    println!(
        "{} accounts, {} markets, {} open losses at height {}",
        state.accounts.len(),
        state.markets.len(),
        state.losses.len(),
        state.height
    );
    Ok(())
}

fn receipt(args: &ReceiptArgs) -> CommandResult {
    let node = args.node.connect()?.attempts(ATTEMPTS);
    let answer = node.transaction(&args.tx)?;
    let read = Transaction::parse(&answer.to_string())?;
    let of = |key: &str| answer.pointer(&format!("/tx_response/{key}")).cloned();
    let height = of("height").and_then(|h| h.as_str()?.parse::<u64>().ok());
    let height = height.ok_or("the transaction has no height")?;
    let events = json!({
        "hash": of("txhash"),
        "height": height,
        "time": read.time.ok_or("the transaction has no time")?,
        "events": of("events"),
    });
    write(&args.out, &events.to_string())?;
    println!(
        "{} events of the suite at height {height}; the state before it is that of --height {}",
        read.records.len(),
        height.saturating_sub(1)
    );
    Ok(())
}

fn deploy_suite(args: &DeployArgs) -> CommandResult {
    let config = deploy::Config::read(&args.config)?;
    let mut file = deploy::RecordFile(args.out.clone());
    let mut say = |line: &str| println!("{line}");
    let (Some(node), Some(chain_id), Some(key_file)) = (&args.node, &args.chain_id, &args.key_file)
    else {
        if args.out.exists() {
            let out = args.out.display();
            return Err(format!("{out} exists, and the embedded chain is a new one").into());
        }
        let mut target = deploy::Embedded::default();
        let artifacts = deploy::Embedded::artifacts();
        deploy::deploy(&mut target, &mut file, &config, &artifacts, &mut say)?;
        return Ok(());
    };
    let artifacts = deploy::artifact::read(&args.artifacts)?;
    let client = Client::connect(node, chain_id)?;
    let keys = Keys::from_mnemonic_file(key_file, &args.hd_path, &client.bech32_prefix()?)?;
    let sender = Sender::new(client, keys, config.gas_price.parse()?);
    let mut target = deploy::OnChain::new(sender);
    deploy::deploy(&mut target, &mut file, &config, &artifacts, &mut say)?;
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, format!("{text}\n"))
        .map_err(|e| format!("cannot write {}: {e}", path.display()))
}
