//! The `simpul` command line: serving, administration on the relay's own machine, backup, the demonstration.
//!
//! Exit status: 0 done, 1 it did not work, 2 the command line is wrong.

mod admin;
mod demo;
mod packs;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::assets::Builds;
use crate::clock::now_ms;
use crate::data::DataFolder;
use crate::random::SystemEntropy;
use crate::relay::{Relay, Setup};
use crate::serve::{Running, run};
use crate::storage::sqlite::Durability;

#[derive(Parser)]
#[command(name = "simpul", about = "The relay of Simpul", arg_required_else_help = true)]
struct Cli {
    /// Folder of the databases.
    #[arg(long, global = true, default_value = "simpul-data")]
    data: PathBuf,
    /// File of the master key; beside the data folder unless given.
    #[arg(long, global = true)]
    master_key: Option<PathBuf>,
    /// A pack's folder, or the name of an embedded one.
    #[arg(long, global = true, default_value = "belu")]
    pack: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves tablets.
    Serve(Serve),
    /// Accounts and their enrolment codes.
    #[command(subcommand)]
    Account(admin::Account),
    /// Enrolled devices.
    #[command(subcommand)]
    Device(admin::Device),
    /// The office's recovery identity.
    #[command(subcommand)]
    Recovery(admin::Recovery),
    /// Jurisdiction packs.
    #[command(subcommand)]
    Pack(packs::PackCommand),
    /// Who may have what.
    #[command(subcommand)]
    Grants(admin::Grants),
    /// The audit log.
    #[command(subcommand)]
    Audit(admin::Audit),
    /// Writes a consistent copy of everything but the master key.
    Backup {
        /// The file to write.
        file: PathBuf,
    },
    /// Fills an empty data folder from a copy; tablets repair themselves.
    Restore {
        /// The file to read.
        file: PathBuf,
    },
    /// Serves an invented caseload.
    Demo(demo::Demo),
}

#[derive(Args)]
struct Serve {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Address of the metrics; must be this machine.
    #[arg(long)]
    metrics: Option<SocketAddr>,
    /// Has tablets drop the build of the client they keep; nothing they have stored is touched.
    #[arg(long)]
    withdraw_client: bool,
}

/// Runs the command line.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,sqlx=warn")),
        )
        .init();
    let outcome =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start").and_then(|runtime| {
            let outcome = runtime.block_on(dispatch(cli));
            runtime.shutdown_timeout(std::time::Duration::from_millis(200));
            outcome
        });
    match outcome {
        Ok(code) => code,
        Err(error) => {
            tell_error(&format!("simpul: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Writes a line to standard output; a reader that has gone away is no error of ours.
pub(crate) fn tell(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

fn tell_error(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Where a command works.
pub(crate) struct Place {
    data: DataFolder,
    pack: String,
}

impl Place {
    /// Opens the relay, and makes it where none is yet, which is said: the folder may be another than was meant.
    async fn found(&self) -> anyhow::Result<Relay> {
        if !self.data.exists() {
            tracing::warn!(data = %self.data.path.display(), "a new relay is set up here");
        }
        self.open(Durability::Full, false).await
    }

    /// Opens a relay that is there. A new and empty one would answer whatever is asked of the wrong folder.
    async fn existing(&self) -> anyhow::Result<Relay> {
        anyhow::ensure!(
            self.data.exists(),
            "{}: no relay was set up here; --data names its folder",
            self.data.path.display()
        );
        self.open(Durability::Full, false).await
    }

    /// Opens the relay over its folder.
    async fn open(&self, durability: Durability, synthetic: bool) -> anyhow::Result<Relay> {
        let entropy = Arc::new(SystemEntropy);
        let pack = packs::load(&self.pack)?;
        let master = self.data.master_key(entropy.as_ref())?;
        let storage = self.data.open(durability).await?;
        let setup = Setup { master, older: Vec::new(), pack, entropy, synthetic };
        Ok(Relay::open(storage, setup, now_ms()).await?)
    }
}

async fn dispatch(cli: Cli) -> anyhow::Result<ExitCode> {
    let place = Place { data: DataFolder::new(cli.data, cli.master_key), pack: cli.pack };
    match cli.command {
        Command::Serve(options) => serve(&place, &options).await?,
        Command::Account(command @ admin::Account::Add { .. }) => {
            admin::account(&place.found().await?, command).await?
        }
        Command::Account(command) => admin::account(&place.existing().await?, command).await?,
        Command::Device(command) => admin::device(&place.existing().await?, &command).await?,
        Command::Recovery(command) => admin::recovery(&place, &command).await?,
        Command::Grants(admin::Grants::Verify) => {
            let changed = place.existing().await?.verify_grants(now_ms()).await?;
            tell(&format!("{changed} grants differed and were put right"));
        }
        Command::Audit(command) => return admin::audit(&place.existing().await?, command).await,
        Command::Pack(packs::PackCommand::Check { folder, against }) => {
            return packs::check(&folder, against.as_deref());
        }
        Command::Backup { file } => {
            crate::backup::write(&place.data, &file).await?;
            tell(&format!("{}", file.display()));
        }
        Command::Restore { file } => {
            crate::backup::restore(&place.data, &file, &SystemEntropy, now_ms()).await?;
            tell("restored; tablets will offer what is missing");
        }
        Command::Demo(options) => demo::run_demo(&place, &options).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn serve(place: &Place, options: &Serve) -> anyhow::Result<()> {
    let relay = place.found().await?;
    let metrics = match options.metrics {
        Some(address) if !address.ip().is_loopback() => anyhow::bail!("metrics are for this machine only"),
        Some(address) => Some(TcpListener::bind(address).await?),
        None => None,
    };
    let listener =
        TcpListener::bind(options.listen).await.with_context(|| format!("cannot listen on {}", options.listen))?;
    let builds = if options.withdraw_client { Builds::Withdrawn } else { Builds::Kept };
    tracing::info!(listen = %options.listen, "serving");
    let running = Running { relay: Arc::new(relay), data: Some(place.data.clone()), metrics, builds };
    run(running, listener, stop_signal()?).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Ends with SIGTERM or SIGINT.
fn stop_signal() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    })
}
