//! The `perps-chain` command itself, beside this program.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{ensure, PlayError, PlayResult};
use crate::net::Net;

/// Longest time that a keeper may take to end: its transaction may wait for a block.
const PATIENCE: Duration = Duration::from_secs(30);

/// The command, told where the chain and the suite are.
#[derive(Clone, Debug)]
pub struct PerpsChain {
    program: PathBuf,
    common: Vec<String>,
    paid: Vec<String>,
}

impl PerpsChain {
    /// For the suite of an addresses file; `by` signs.
    ///
    /// # Errors
    /// `Script` if the command was not built.
    pub fn new(net: &Net, addresses: &Path, by: &str) -> PlayResult<Self> {
        let here = std::env::current_exe().map_err(|e| failed("perps-chain", e))?;
        let program = here.with_file_name("perps-chain");
        if !program.is_file() {
            return Err(failed(
                "perps-chain",
                "not built: cargo build -p perps-chain",
            ));
        }
        let chain = &net.home.chain;
        let shown = |path: &Path| path.display().to_string();
        let gas_price = format!("{}{}", chain.gas_price, chain.fee_denom);
        Ok(Self {
            program,
            common: options(&[
                ("--node", &chain.rpc),
                ("--chain-id", &chain.chain_id),
                ("--addresses", &shown(addresses)),
            ]),
            paid: options(&[
                ("--key-file", &shown(&net.home.mnemonic(by))),
                ("--gas-price", &gas_price),
            ]),
        })
    }

    /// What it writes to standard output.
    ///
    /// # Errors
    /// `Script` with what it says when it fails.
    pub fn run(&self, words: &[&str]) -> PlayResult<String> {
        self.output(self.command(words), words)
    }

    /// The same with the key, for what is sent.
    ///
    /// # Errors
    /// As [`PerpsChain::run`].
    pub fn pay(&self, words: &[&str]) -> PlayResult<String> {
        let mut command = self.command(words);
        command.args(&self.paid);
        self.output(command, words)
    }

    /// Starts it with the key, and does not wait for it.
    ///
    /// # Errors
    /// `Script`.
    pub fn start(&self, words: &[&str]) -> PlayResult<Running> {
        let mut command = self.command(words);
        command.args(&self.paid).stdout(Stdio::null());
        let child = command.spawn().map_err(|e| failed(&words.join(" "), e))?;
        Ok(Running(child))
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(words).args(&self.common);
        command
    }

    fn output(&self, mut command: Command, words: &[&str]) -> PlayResult<String> {
        let what = words.join(" ");
        let done = command.output().map_err(|e| failed(&what, e))?;
        if done.status.success() {
            return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
        }
        Err(failed(&what, String::from_utf8_lossy(&done.stderr)))
    }
}

/// A command that runs. It does not outlive the play.
#[derive(Debug)]
pub struct Running(Child);

impl Running {
    /// Asks it to end, as a service manager does; it must end by itself and well.
    ///
    /// # Errors
    /// `Script`, `Wrong`.
    pub fn terminate(mut self) -> PlayResult<()> {
        let failed = |e: std::io::Error| failed("kill -TERM", e);
        let script = ["-c", "kill -TERM \"$0\"", &self.0.id().to_string()];
        Command::new("bash").args(script).status().map_err(failed)?;
        let start = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().map_err(failed)? {
                return ensure(status.success(), || format!("after SIGTERM: {status}"));
            }
            ensure(start.elapsed() < PATIENCE, || {
                format!("it runs {PATIENCE:?} after SIGTERM")
            })?;
            thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nothing is left to kill after a good end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn options(pairs: &[(&str, &str)]) -> Vec<String> {
    let words = pairs.iter().flat_map(|(name, value)| [*name, *value]);
    words.map(str::to_owned).collect()
}

fn failed(what: &str, why: impl std::fmt::Display) -> PlayError {
    PlayError::Script(format!("{what}: {why}"))
}
