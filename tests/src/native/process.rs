//! The real relay as a process over its own files, and its command line.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use client::engine::rows::Owner;
use shared::id::{TabletId, hash16, hash32};
use shared::protocol::codec::encode;
use shared::protocol::frame::{EnrolAnswer, EnrolRequest, PROTOCOL_VERSION};
use shared::protocol::sign::join_message;
use shared::seal::sign::DeviceSecret;

use super::clock::Stopwatch;
use super::http::Http;

/// How long a start may take, milliseconds.
const START_MS_MAX: f64 = 30_000.0;

/// A data folder with the relay that works on it.
pub struct Folder {
    folder: tempfile::TempDir,
    binary: PathBuf,
}

/// A running relay; killed when it is dropped.
pub struct Serving {
    child: Child,
    address: SocketAddr,
}

impl Folder {
    /// An empty folder with a pack in it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(binary: PathBuf, pack: &[(&str, &str)]) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        for (path, text) in pack {
            let file = folder.path().join("pack").join(path);
            std::fs::create_dir_all(file.parent().unwrap_or(Path::new("")))?;
            std::fs::File::create(file)?.write_all(text.as_bytes())?;
        }
        Ok(Self { folder, binary })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg("--data").arg(self.folder.path().join("data")).arg("--pack").arg(self.folder.path().join("pack"));
        command.stdin(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Runs one administrative command and returns what it prints.
    ///
    /// # Errors
    /// When it fails.
    pub fn run(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.command().args(arguments).stderr(Stdio::piped()).output()?;
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.success(), "simpul {} failed: {complaint}", arguments.join(" "));
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// Starts the relay and waits until it is ready.
    ///
    /// # Errors
    /// When it does not become ready.
    pub fn serve(&self) -> anyhow::Result<Serving> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = self.command();
        let child = command.args(["serve", "--listen", &address.to_string()]).stdout(Stdio::null()).spawn()?;
        let mut serving = Serving { child, address };
        let watch = Stopwatch::start();
        while Http::new(address).status("/health/ready") != Some(200) {
            ensure!(serving.child.try_wait()?.is_none(), "the relay ended while starting");
            ensure!(watch.elapsed_ms() < START_MS_MAX, "the relay did not become ready");
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(serving)
    }
}

impl Serving {
    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Processor time it has used, milliseconds.
    ///
    /// # Errors
    /// Where there is no `/proc`.
    pub fn cpu_ms(&self) -> anyhow::Result<f64> {
        let mut sum = 0.0;
        for task in std::fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            sum += run_ms(&task?.path().join("schedstat"))?;
        }
        Ok(sum)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Nothing to do about a relay that cannot be killed; the folder goes anyway.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Processor time this thread has used, milliseconds.
///
/// # Errors
/// Where there is no `/proc`.
pub fn own_cpu_ms() -> anyhow::Result<f64> {
    run_ms(Path::new("/proc/thread-self/schedstat"))
}

fn run_ms(schedstat: &Path) -> anyhow::Result<f64> {
    let text = std::fs::read_to_string(schedstat)?;
    let nanoseconds: f64 = text.split(' ').next().context("an empty schedstat")?.parse()?;
    Ok(nanoseconds / 1_000_000.0)
}

/// Enrols a tablet with a one-time code, as the tablet does, but without a vault of its own: what is sealed to the
/// office opens nothing.
///
/// # Errors
/// When the relay refuses.
pub fn enrol(http: &Http, code: &str, tablet_name: &str) -> anyhow::Result<Owner> {
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    let look = EnrolRequest::Look { version: PROTOCOL_VERSION, code: code.clone() };
    let welcome: EnrolAnswer = minicbor::decode(&http.post("/enrol", &encode(&look))?)?;
    let EnrolAnswer::Welcome { tenant, member, synthetic, .. } = welcome else {
        anyhow::bail!("the code was not taken: {welcome:?}")
    };
    let seed = hash32("tests/device", &[tablet_name.as_bytes(), code.as_bytes()]);
    let secret = DeviceSecret::from_seed(&seed);
    let public_key = *secret.public().as_bytes();
    let tablet = TabletId::from_bytes(hash16("tests/tablet", &[tablet_name.as_bytes()]));
    let slot = b"age-encryption.org/v1\n-> synthetic\n".to_vec();
    let message = join_message(tenant, &code, &public_key, tablet, tablet_name, &slot);
    let join = EnrolRequest::Join {
        version: PROTOCOL_VERSION,
        code,
        public_key,
        tablet,
        tablet_name: tablet_name.to_owned(),
        slot,
        signature: *secret.sign(&message).as_bytes(),
    };
    let joined: EnrolAnswer = minicbor::decode(&http.post("/enrol", &encode(&join))?)?;
    let EnrolAnswer::Joined { device, relay_recipient, .. } = joined else {
        anyhow::bail!("the tablet was not taken: {joined:?}")
    };
    Ok(Owner { tenant, account: member.account, device, seed, relay_recipient, member, synthetic })
}
