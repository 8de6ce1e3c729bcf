//! Commands that talk to a node are a program of their own, `perps-chain`, so that whoever runs the
//! demo builds no TLS. It stands next to this one.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use clap::Args;

use crate::CommandResult;

/// What is passed on as it is.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub struct Passed {
    /// See `perps-chain help`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// Runs a command of `perps-chain`.
pub fn run(command: &str, passed: &Passed) -> CommandResult {
    let beside = std::env::current_exe()?
        .with_file_name(format!("perps-chain{}", std::env::consts::EXE_SUFFIX));
    if !beside.is_file() {
        return Err(format!(
            "`perps {command}` is done by perps-chain, which is not built: cargo build --release --package perps-chain"
        )
        .into());
    }
    let mut child = Command::new(&beside);
    child.arg(command).args(&passed.arguments);
    execute(child).map_err(|e| format!("cannot run {}: {e}", beside.display()).into())
}

/// Becomes the other program: signals and exit codes are its own.
#[cfg(unix)]
fn execute(mut child: Command) -> std::io::Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(child.exec())
}

#[cfg(not(unix))]
fn execute(mut child: Command) -> std::io::Result<ExitCode> {
    let status = child.status()?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
