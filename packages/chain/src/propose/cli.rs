//! The arguments of `perps-chain propose`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, Subcommand, ValueEnum};
use perp_interface::governance::{MigrateMsg, NoticeParams, Operation};
use perp_interface::lens::SampleLoss;
use perp_interface::{Lots, MarketId, Quote, Side};

use super::{Assessor, Chain, Draft, Listing, Migration, ProposeError, ProposeResult};
use super::{Subject, Wish, Writer};
use crate::client::{gov, Client, GasPrice, Keys, Sender, HD_PATH};
use crate::deploy::{Part, Record, RecordFile, Store};
use crate::proposal::ProposalFile;

/// Writes, checks, explains and submits a proposal.
#[derive(Debug, Args)]
pub struct ProposeArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Other parameters of a contract.
    Params(ParamsArgs),
    /// Other parameters of a market.
    Market(MarketArgs),
    /// A new market, registered at the fund.
    List(ListArgs),
    /// Another selection policy of a market.
    Policy(PolicyArgs),
    /// Stops an operation, or lets it go on.
    Pause(PauseArgs),
    /// Other codes for contracts; the fund is told of the market's.
    Migrate(MigrateArgs),
    /// Keeps codes compiled in memory: calls cost less gas.
    Pin(PinArgs),
    /// Names who may become the authority by accepting.
    Authority(AuthorityArgs),
    /// Shows what the proposal of a file would do.
    Impact(ImpactArgs),
}

#[derive(Debug, Args)]
struct NodeArgs {
    /// The addresses file that `deploy` wrote.
    #[arg(long, value_name = "FILE")]
    addresses: PathBuf,
    /// The node's RPC address: reads what is in force.
    #[arg(long, value_name = "URL", requires = "chain_id")]
    node: Option<String>,
    /// The chain; a node of another one is refused.
    #[arg(long)]
    chain_id: Option<String>,
}

#[derive(Debug, Args)]
struct CommonArgs {
    #[command(flatten)]
    node: NodeArgs,
    /// Title; without it what the proposal is about.
    #[arg(long)]
    title: Option<String>,
    /// Summary; without it the title.
    #[arg(long)]
    summary: Option<String>,
    /// A link for clients.
    #[arg(long, default_value = "")]
    metadata: String,
    /// The deposit, such as 1000000ustake; without it the least one of the node's chain.
    #[arg(long)]
    deposit: Option<String>,
    /// A shorter vote with a higher threshold and a higher deposit.
    #[arg(long, requires = "deposit")]
    expedited: bool,
    /// Calls the contracts' `sudo` (MsgSudoContract) instead of their messages of the authority.
    #[arg(long)]
    sudo: bool,
    /// Where the proposal is written; without it to standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Submits it, and prints its number.
    #[arg(long, requires_all = ["node", "key_file", "gas_price"])]
    submit: bool,
    /// A file with the proposer's mnemonic, readable by its owner only.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// The account of the mnemonic.
    #[arg(long, default_value = HD_PATH)]
    hd_path: String,
    /// What gas costs, such as 0.0001ustake.
    #[arg(long)]
    gas_price: Option<String>,
}

#[derive(Debug, Args)]
struct WishArgs {
    /// Changes one field; as often as needed. Keys are those of the message: tiers.0.initial_bps.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// All parameters as JSON; without it those in force.
    #[arg(long, value_name = "FILE")]
    params: Option<PathBuf>,
    /// The version that the proposal is written against; without it the one in force.
    #[arg(long, value_name = "N")]
    expected_version: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Name {
    Market,
    Fund,
    Queue,
    Feed,
    Lens,
}

#[derive(Debug, Args)]
struct ParamsArgs {
    /// Whose.
    #[arg(long, value_enum)]
    contract: Name,
    #[command(flatten)]
    wish: WishArgs,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Debug, Args)]
struct MarketArgs {
    /// Number of the market.
    #[arg(long)]
    market: MarketId,
    #[command(flatten)]
    wish: WishArgs,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Debug, Args)]
struct ListArgs {
    /// Its number.
    #[arg(long)]
    market: MarketId,
    /// Its name.
    #[arg(long)]
    symbol: String,
    /// It gets a tranche of the fund for its own.
    #[arg(long)]
    isolated: bool,
    /// Most that it draws on the fund in a window, in quote units.
    #[arg(long)]
    window_cap: Option<i128>,
    /// Changes one field of the default parameters; as often as needed.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// All parameters as JSON.
    #[arg(long, value_name = "FILE")]
    params: Option<PathBuf>,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Debug, Args)]
struct PolicyArgs {
    /// Number of the market.
    #[arg(long)]
    market: MarketId,
    /// Over how many times the lots of a loss it is spread.
    #[arg(long)]
    breadth: Option<u32>,
    /// profit_leverage, leverage or profit.
    #[arg(long)]
    score: Option<String>,
    /// Whether nobody is charged more than profit.
    #[arg(long)]
    protect_principal: Option<bool>,
    /// Least lots of a share.
    #[arg(long)]
    min_fill: Option<u64>,
    /// Back to the default of the queue's parameters.
    #[arg(long, conflicts_with_all = ["breadth", "score", "protect_principal", "min_fill", "sets", "params"])]
    default: bool,
    #[command(flatten)]
    wish: WishArgs,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Debug, Args)]
struct PauseArgs {
    /// opening, resting, staking or market:N.
    #[arg(long, value_parser = operation)]
    operation: Operation,
    /// Stops it.
    #[arg(long, required_unless_present = "off", conflicts_with = "off")]
    on: bool,
    /// Lets it go on.
    #[arg(long)]
    off: bool,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Debug, Args)]
struct MigrateArgs {
    /// Which; several in order, each with its --code-id.
    #[arg(long, value_enum, required = true)]
    contract: Vec<Name>,
    /// The code that it gets.
    #[arg(long, required = true)]
    code_id: Vec<u64>,
    /// How long changes wait from then on, in seconds; needed by contracts of version 0.2.
    #[arg(long, value_name = "SECONDS", requires = "step")]
    notice: Option<u64>,
    /// Between two steps, in seconds.
    #[arg(long, value_name = "SECONDS", requires = "notice")]
    step: Option<u64>,
    /// Who may tighten and pause from then on.
    #[arg(long, value_name = "ADDRESS")]
    guardian: Option<String>,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Debug, Args)]
struct PinArgs {
    /// Which, with commas; without them all of the addresses file.
    #[arg(long, value_delimiter = ',')]
    code_ids: Vec<u64>,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Debug, Args)]
struct AuthorityArgs {
    /// Who.
    #[arg(long, value_name = "ADDRESS")]
    candidate: String,
    /// At which contract; without it at all.
    #[arg(long, value_enum)]
    contract: Vec<Name>,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Debug, Args)]
struct ImpactArgs {
    /// The proposal.
    file: PathBuf,
    #[command(flatten)]
    node: NodeArgs,
    /// A loss whose counterparties are compared where a policy changes.
    #[arg(long, value_name = "MARKET:SIDE:LOTS[:NEED]", value_parser = sample_loss)]
    loss: Option<SampleLoss>,
    /// Writes JSON.
    #[arg(long)]
    json: bool,
}

impl Name {
    const fn part(self) -> Part {
        match self {
            Self::Market => Part::Market,
            Self::Fund => Part::Fund,
            Self::Queue => Part::Queue,
            Self::Feed => Part::Feed,
            Self::Lens => Part::Lens,
        }
    }

    fn subject(self) -> ProposeResult<Subject> {
        match self {
            Self::Market => Ok(Subject::Exchange),
            Self::Fund => Ok(Subject::Fund),
            Self::Queue => Ok(Subject::Queue),
            Self::Feed => Ok(Subject::Feed),
            Self::Lens => Err(ProposeError::BadArguments("the lens has no parameters")),
        }
    }
}

impl WishArgs {
    fn read(&self) -> ProposeResult<Wish> {
        Ok(Wish {
            params: self.params.as_deref().map(json_file).transpose()?,
            sets: self.sets.clone(),
            expected_version: self.expected_version,
        })
    }
}

fn operation(text: &str) -> Result<Operation, String> {
    match text {
        "opening" => Ok(Operation::Opening),
        "resting" => Ok(Operation::Resting),
        "staking" => Ok(Operation::Staking),
        _ => {
            let number = text.strip_prefix("market:").and_then(|n| n.parse().ok());
            let market = number.map(Operation::Market);
            market.ok_or_else(|| "one of opening, resting, staking, market:N".to_owned())
        }
    }
}

fn sample_loss(text: &str) -> Result<SampleLoss, String> {
    let fields: Vec<&str> = text.split(':').collect();
    let (market, side, lots, need) = match fields.as_slice() {
        [market, side, lots] => (market, side, lots, None),
        [market, side, lots, need] => (market, side, lots, Some(need)),
        _ => return Err("MARKET:SIDE:LOTS[:NEED]".to_owned()),
    };
    let number = |what: &str| format!("'{what}' is no number");
    Ok(SampleLoss {
        market: market.parse().map_err(|_| number(market))?,
        side: match *side {
            "long" => Side::Long,
            "short" => Side::Short,
            other => return Err(format!("'{other}' is neither long nor short")),
        },
        lots: Lots(lots.parse().map_err(|_| number(lots))?),
        need: match need {
            Some(need) => Some(Quote(need.parse().map_err(|_| number(need))?)),
            None => None,
        },
        mark: None,
    })
}

/// Runs it.
///
/// # Errors
/// [`ProposeError`]; nothing is written or sent then.
pub fn run(args: &ProposeArgs) -> ProposeResult<()> {
    match &args.what {
        What::Impact(args) => impact(args),
        What::Params(args) => {
            let subject = args.contract.subject()?;
            let (wish, about) = (args.wish.read()?, format!("Change the {subject}"));
            written(&args.common, &about, |writer| writer.change(subject, &wish))
        }
        What::Market(args) => {
            let subject = Subject::Market(args.market);
            let (wish, about) = (args.wish.read()?, format!("Change the {subject}"));
            written(&args.common, &about, |writer| writer.change(subject, &wish))
        }
        What::List(args) => list(args),
        What::Policy(args) => policy(args),
        What::Pause(args) => {
            let verb = if args.on { "Stop" } else { "Go on with" };
            let about = format!("{verb} {}", args.operation);
            let (operation, on) = (args.operation, args.on);
            written(&args.common, &about, |writer| writer.pause(operation, on))
        }
        What::Migrate(args) => migrate(args),
        What::Pin(args) => written(&args.common, "Pin the contracts", |writer| {
            writer.pin(&args.code_ids)
        }),
        What::Authority(args) => {
            let about = format!("Name {} as the next authority", args.candidate);
            let mut parts: Vec<Part> = args.contract.iter().map(|name| name.part()).collect();
            if parts.is_empty() {
                parts.extend(Part::ALL.into_iter().filter(|part| *part != Part::Lens));
            }
            let candidate = &args.candidate;
            written(&args.common, &about, |writer| {
                writer.authority(candidate, &parts)
            })
        }
    }
}

fn list(args: &ListArgs) -> ProposeResult<()> {
    let listing = Listing {
        market: args.market,
        symbol: args.symbol.clone(),
        isolated: args.isolated,
        window_cap: args.window_cap.map(Quote),
    };
    let wish = Wish {
        params: args.params.as_deref().map(json_file).transpose()?,
        sets: args.sets.clone(),
        expected_version: None,
    };
    let about = format!("List {} as market {}", args.symbol, args.market);
    written(&args.common, &about, |writer| writer.list(&listing, &wish))
}

fn policy(args: &PolicyArgs) -> ProposeResult<()> {
    let subject = Subject::Policy(args.market);
    let mut wish = args.wish.read()?;
    let fields = [
        ("breadth", args.breadth.map(|n| n.to_string())),
        ("score", args.score.clone()),
        (
            "protect_principal",
            args.protect_principal.map(|b| b.to_string()),
        ),
        ("min_fill", args.min_fill.map(|n| n.to_string())),
    ];
    for (key, value) in fields {
        wish.sets
            .extend(value.map(|value| format!("{key}={value}")));
    }
    let about = format!("Change the {subject}");
    written(&args.common, &about, |writer| match args.default {
        true => writer.default_again(args.market, &wish),
        false => writer.change(subject, &wish),
    })
}

fn migrate(args: &MigrateArgs) -> ProposeResult<()> {
    if args.contract.len() != args.code_id.len() {
        let what = "as many --code-id as --contract";
        return Err(ProposeError::BadArguments(what));
    }
    let pairs = args.contract.iter().zip(&args.code_id);
    let migrations: Vec<Migration> = pairs
        .map(|(name, code_id)| Migration {
            part: name.part(),
            code_id: *code_id,
        })
        .collect();
    let notice = args.notice.zip(args.step);
    let msg = MigrateMsg {
        notice: notice.map(|(notice_seconds, step_seconds)| NoticeParams {
            notice_seconds,
            step_seconds,
        }),
        guardian: args.guardian.clone(),
    };
    let names: Vec<&str> = migrations.iter().map(|m| m.part.name()).collect();
    let about = format!("Migrate {}", names.join(", "));
    written(&args.common, &about, |writer| {
        writer.migrate(&migrations, &msg)
    })
}

/// Makes the messages, explains them, writes the file and submits it.
fn written(
    args: &CommonArgs,
    about: &str,
    make: impl FnOnce(&Writer<'_>) -> ProposeResult<Draft>,
) -> ProposeResult<()> {
    let record = record(&args.node.addresses)?;
    let client = connect(&args.node, &record)?;
    let writer = Writer {
        record: &record,
        chain: client.as_ref().map(|client| client as &dyn Chain),
        sudo: args.sudo,
        at: would_pass_at(client.as_ref())?,
    };
    let draft = make(&writer)?;
    draft.notes.iter().for_each(|note| eprintln!("{note}"));
    let file = file_of(args, about, draft, client.as_ref())?;
    let text = serde_json::to_string_pretty(&file);
    let text = text.map_err(|e| ProposeError::BadParams(e.to_string()))?;
    match &args.out {
        Some(path) => fs::write(path, format!("{text}\n")).map_err(|e| bad_file(path, e))?,
        None => println!("{text}"),
    }
    if args.submit {
        submit(args, client, &file)?;
    }
    Ok(())
}

fn file_of(
    args: &CommonArgs,
    about: &str,
    draft: Draft,
    client: Option<&Client>,
) -> ProposeResult<ProposalFile> {
    let deposit = match (&args.deposit, client) {
        (Some(deposit), _) => deposit.clone(),
        (None, Some(client)) => {
            let coins = client.gov_params()?.min_deposit.into_iter();
            let coins = coins.map(|(amount, denom)| format!("{amount}{denom}"));
            coins.collect::<Vec<_>>().join(",")
        }
        (None, None) => {
            let what = "the least deposit: name one with --deposit, or the node with --node";
            return Err(ProposeError::NeedsNode(what));
        }
    };
    let title = args.title.clone().unwrap_or_else(|| about.to_owned());
    let file = ProposalFile {
        messages: draft.messages,
        metadata: args.metadata.clone(),
        deposit,
        summary: args.summary.clone().unwrap_or_else(|| title.clone()),
        title,
        expedited: args.expedited,
    };
    // A deposit that is none is refused before anything is written.
    file.to_proposal()?;
    Ok(file)
}

fn submit(args: &CommonArgs, client: Option<Client>, file: &ProposalFile) -> ProposeResult<()> {
    let (Some(client), Some(key), Some(price)) = (client, &args.key_file, &args.gas_price) else {
        let what = "--submit takes --node, --key-file and --gas-price";
        return Err(ProposeError::BadArguments(what));
    };
    let price: GasPrice = price.parse()?;
    let keys = Keys::from_mnemonic_file(key, &args.hd_path, &client.bech32_prefix()?)?;
    let sender = Sender::new(client, keys, price);
    let message = gov::submit(sender.address(), &file.to_proposal()?);
    let done = sender.send(vec![message], "")?;
    let id = done.number("submit_proposal", "proposal_id")?;
    eprintln!("submitted in {} at height {}", done.hash, done.height);
    println!("{id}");
    Ok(())
}

fn impact(args: &ImpactArgs) -> ProposeResult<()> {
    let text = fs::read_to_string(&args.file).map_err(|e| bad_file(&args.file, e))?;
    let file: ProposalFile = serde_json::from_str(&text).map_err(|e| bad_file(&args.file, e))?;
    let record = record(&args.node.addresses)?;
    let client = connect(&args.node, &record)?;
    let client = client.ok_or(ProposeError::NeedsNode("what is in force: --node"))?;
    let assessor = Assessor {
        record: &record,
        chain: &client,
        at: would_pass_at(Some(&client))?,
        loss: args.loss,
    };
    let assessments = assessor.assess(&file)?;
    if args.json {
        let text = serde_json::to_string_pretty(&assessments);
        println!(
            "{}",
            text.map_err(|e| ProposeError::BadParams(e.to_string()))?
        );
        return Ok(());
    }
    for line in assessments.iter().flat_map(|a| a.lines()) {
        println!("{line}");
    }
    Ok(())
}

/// Now and the time of the vote.
fn would_pass_at(client: Option<&Client>) -> ProposeResult<u64> {
    let vote = match client {
        Some(client) => client.gov_params()?.voting_period.as_secs(),
        None => 0,
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    Ok(now.unwrap_or_default().as_secs().saturating_add(vote))
}

fn record(path: &Path) -> ProposeResult<Record> {
    let record = RecordFile(path.to_owned()).load()?;
    record.ok_or_else(|| bad_file(path, "there is no such file"))
}

fn connect(args: &NodeArgs, record: &Record) -> ProposeResult<Option<Client>> {
    let (Some(node), Some(chain_id)) = (&args.node, &args.chain_id) else {
        return Ok(None);
    };
    if *chain_id != record.chain_id {
        return Err(ProposeError::Deploy(
            crate::deploy::DeployError::OtherChain {
                recorded: record.chain_id.clone(),
                actual: chain_id.clone(),
            },
        ));
    }
    Ok(Some(Client::connect(node, chain_id)?))
}

fn json_file(path: &Path) -> ProposeResult<serde_json::Value> {
    let text = fs::read_to_string(path).map_err(|e| bad_file(path, e))?;
    serde_json::from_str(&text).map_err(|e| bad_file(path, e))
}

fn bad_file(path: &Path, what: impl ToString) -> ProposeError {
    ProposeError::File {
        path: path.to_owned(),
        what: what.to_string(),
    }
}
