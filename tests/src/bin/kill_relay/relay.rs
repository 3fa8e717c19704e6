//! The real binary: started, killed, started again over the same folder.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use server::storage::sqlite::{Durability, SqliteBackend};

use super::http;

/// How long a start may take.
const START_MAX: Duration = Duration::from_secs(30);

/// A data folder and a port.
pub(crate) struct Workplace {
    folder: tempfile::TempDir,
    binary: PathBuf,
    pub(crate) port: u16,
}

/// A running relay.
pub(crate) struct Serving {
    child: Child,
    /// The child is a tracer, and the relay the tracer's child.
    is_traced: bool,
}

/// A relay that will be killed.
pub(crate) struct Reaper(JoinHandle<Result<()>>);

impl Workplace {
    pub(crate) fn new() -> Result<Self> {
        let binary = std::env::var_os("SIMPUL_BIN").context("SIMPUL_BIN does not name the relay's binary")?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        Ok(Self { folder: tempfile::tempdir()?, binary: binary.into(), port })
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg("--data").arg(self.data()).stdin(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Founds a relay without cases and gives the registrar's code, which enrols any number of tablets on this machine.
    pub(crate) fn found(&self, seed: u64) -> Result<String> {
        let port = self.port.to_string();
        let mut command = self.command();
        command.args(["demo", "--size", "0", "--json", "--port", &port, "--seed", &seed.to_string()]);
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().context("no standard output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        Serving { child, is_traced: false }.kill()?;
        let ready: serde_json::Value = serde_json::from_str(&line).context("the relay did not become ready")?;
        let accounts = ready.get("accounts").and_then(serde_json::Value::as_array).context("no accounts")?;
        accounts
            .iter()
            .find(|account| account.get("account").and_then(serde_json::Value::as_str) == Some("ser1"))
            .and_then(|account| account.get("enrol_code")?.as_str().map(str::to_owned))
            .context("no registrar")
    }

    /// Starts the relay and waits until it is ready.
    pub(crate) fn serve(&self) -> Result<Serving> {
        let mut command = self.command();
        command.args(["serve", "--listen", &format!("127.0.0.1:{}", self.port)]).stdout(Stdio::null());
        self.wait_ready(command.spawn()?, false)
    }

    /// Starts the relay with its system calls written to a file.
    pub(crate) fn serve_traced(&self, strace: &str, trace: &std::path::Path) -> Result<Serving> {
        let calls = "trace=fdatasync,fsync,pwrite64,write,writev,sendto";
        let mut command = Command::new(strace);
        command.args(["-f", "-y", "-s", "48", "-e", calls, "-o"]).arg(trace).arg(&self.binary);
        command.arg("--data").arg(self.data()).args(["serve", "--listen", &format!("127.0.0.1:{}", self.port)]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.wait_ready(command.spawn()?, true)
    }

    #[expect(clippy::disallowed_methods, reason = "a test program waits by the real clock")]
    fn wait_ready(&self, child: Child, is_traced: bool) -> Result<Serving> {
        let mut serving = Serving { child, is_traced };
        let started = Instant::now();
        while http::status(self.port, "/health/ready") != Some(200) {
            ensure!(serving.child.try_wait()?.is_none(), "the relay ended while starting");
            ensure!(started.elapsed() < START_MAX, "the relay did not become ready");
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(serving)
    }

    /// Asks SQLite whether the files are sound after all this.
    pub(crate) fn check_integrity(&self) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            for name in [server::data::DATABASE, server::data::KEYS] {
                let backend = SqliteBackend::open(&self.data().join(name), Durability::Full).await?;
                backend.check_integrity().await?;
            }
            Ok(())
        })
    }

    pub(crate) fn trace_file(&self) -> PathBuf {
        self.folder.path().join("trace")
    }
}

impl Serving {
    /// Kills it without a warning.
    pub(crate) fn kill(mut self) -> Result<()> {
        // Under a tracer the relay is the tracer's child: it would outlive it. The tracer ends with what it traces.
        if !self.is_traced {
            self.child.kill()?;
        }
        for relay in self.traced()? {
            let killed = Command::new("kill").args(["-9", &relay]).status()?;
            ensure!(killed.success(), "the traced relay could not be killed");
        }
        self.child.wait()?;
        Ok(())
    }

    /// The relay's process, if the child is its tracer.
    fn traced(&self) -> Result<Vec<String>> {
        if !self.is_traced {
            return Ok(Vec::new());
        }
        let tracer = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{tracer}/task/{tracer}/children"))?;
        Ok(children.split_whitespace().map(str::to_owned).collect())
    }

    /// Kills it without a warning, later.
    pub(crate) fn kill_after(self, delay: Duration) -> Reaper {
        Reaper(std::thread::spawn(move || {
            std::thread::sleep(delay);
            self.kill()
        }))
    }
}

impl Reaper {
    pub(crate) fn wait(self) -> Result<()> {
        self.0.join().map_err(|_| anyhow::anyhow!("the killing thread failed"))?
    }
}
