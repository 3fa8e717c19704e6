//! `kill-relay`: kills the real relay again and again while a tablet hands in, and looks whether everything that was
//! receipted is there; then asserts on system calls that the receipt waits for the disk.
//!
//! `kill-relay [--kills 100] [--seed 42] [--json]`; the binary is `$SIMPUL_BIN`, `strace` is `$STRACE`.

#[path = "kill_relay/http.rs"]
mod http;
#[path = "kill_relay/relay.rs"]
mod relay;
#[path = "kill_relay/syscalls.rs"]
mod syscalls;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use server::demo::tablet::Tablet;
use shared::command::Edit;
use shared::id::{CaseId, ChangeHash, DocumentId, hash16};
use shared::protocol::frame::{EnrolAnswer, EnrolRequest, PROTOCOL_VERSION};
use shared::value::Scalar;

use relay::Workplace;

/// Longest time between two kills.
const KILL_AFTER_MS_MAX: u64 = 300;
/// A fresh tablet looks at everything after so many kills.
const LOOK_EVERY: u32 = 25;

struct Options {
    kills: u32,
    seed: u64,
    json: bool,
}

fn options() -> Result<Options> {
    let mut options = Options { kills: 100, seed: 42, json: false };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().context("a number is missing")?.parse::<u64>().context("not a number");
        match argument.as_str() {
            "--kills" => options.kills = u32::try_from(number()?)?,
            "--seed" => options.seed = number()?,
            // Other suites' option, when all of them are run with the same ones.
            "--cases" => drop(number()?),
            "--json" => options.json = true,
            other => anyhow::bail!("unknown option {other}"),
        }
    }
    Ok(options)
}

/// Numbers from a seed.
struct Draw {
    seed: u64,
    drawn: u64,
}

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.drawn = self.drawn.wrapping_add(1);
        let bytes = hash16("simpul/kill-relay", &[&self.seed.to_be_bytes(), &self.drawn.to_be_bytes()]);
        let number = u128::from_be_bytes(bytes);
        u64::try_from(number.checked_rem(u128::from(bound)).unwrap_or(0)).unwrap_or(0)
    }
}

/// What the relay has receipted.
type Receipted = BTreeMap<DocumentId, Vec<ChangeHash>>;

struct Writer {
    tablet: Tablet,
    receipted: Receipted,
    unanswered: bool,
    round: i64,
}

impl Writer {
    /// Writes into a few documents and hands in; false = the line broke.
    fn hand_in(&mut self, place: &Workplace) -> Result<bool> {
        let request = if self.unanswered {
            // The relay may or may not have taken it: the same frame again must settle that.
            self.tablet.repeat()
        } else {
            self.write()?;
            self.tablet.upload()
        };
        let sent = self.pending();
        self.unanswered = true;
        let Ok(answer) = http::post(place.port, "/sync", &request) else { return Ok(false) };
        let Ok(parts) = http::parts(&answer) else { return Ok(false) };
        self.unanswered = false;
        let heard = self.tablet.take(parts)?;
        ensure!(heard.code.is_none(), "the relay answered with code {:?}", heard.code);
        ensure!(self.tablet.unsent() == 0, "not everything was receipted: {:?}", heard.receipts);
        for (document, hashes) in sent {
            self.receipted.entry(document).or_default().extend(hashes);
        }
        Ok(true)
    }

    fn pending(&self) -> Receipted {
        let unsent = |held: &server::demo::tablet::HeldDocument| held.pending_hashes();
        self.tablet
            .documents
            .iter()
            .map(|(id, held)| (*id, unsent(held)))
            .filter(|(_, unsent)| !unsent.is_empty())
            .collect()
    }

    fn write(&mut self) -> Result<()> {
        self.round = self.round.saturating_add(1);
        let case = CaseId::from_bytes(self.tablet.draw());
        let core = self.tablet.make(case, "core", None)?;
        let set = |key: &str, value: Scalar| Edit::SetField { key: key.to_owned(), value, seen: Vec::new() };
        self.tablet.edit(core, &set("kode_lapangan", Scalar::Str(format!("L-{}", self.round))), self.round)?;
        let known: Vec<DocumentId> = self.receipted.keys().rev().take(3).copied().collect();
        for document in known {
            let seen = match self.tablet.documents.get(&document) {
                Some(held) => held.document.field("darurat").ops(),
                None => continue,
            };
            let value = Scalar::Bool(self.round.rem_euclid(2) == 0);
            self.tablet.edit(document, &Edit::SetField { key: "darurat".to_owned(), value, seen }, self.round)?;
        }
        Ok(())
    }
}

fn enrol(place: &Workplace, code: &str, seed: [u8; 16]) -> Result<Tablet> {
    let look = EnrolRequest::Look { version: PROTOCOL_VERSION, code: code.to_owned() };
    let answer = http::post(place.port, "/enrol", &shared::protocol::codec::encode(&look))?;
    let EnrolAnswer::Welcome { tenant, member, .. } = shared::protocol::codec::decode_enrol_answer(&answer)? else {
        anyhow::bail!("the code was refused");
    };
    let (mut tablet, request) = Tablet::join(seed, tenant, code, "Tablet uji");
    let answer = http::post(place.port, "/enrol", &request)?;
    tablet.take_joined(member.account, &shared::protocol::codec::decode_enrol_answer(&answer)?)?;
    Ok(tablet)
}

/// A fresh tablet of the same account fetches everything and looks for every receipted change.
fn missing(place: &Workplace, code: &str, number: u32, receipted: &Receipted) -> Result<usize> {
    let mut seed = [0xab; 16];
    let (end, _) = seed.split_at_mut(4);
    end.copy_from_slice(&number.to_be_bytes());
    let mut tablet = enrol(place, code, seed)?;
    loop {
        let request = tablet.upload();
        let answer = http::post(place.port, "/sync", &request)?;
        let heard = tablet.take(http::parts(&answer)?)?;
        ensure!(heard.code.is_none(), "the relay answered with code {:?}", heard.code);
        if !heard.more {
            ensure!(heard.check == Some(tablet.own_check()), "tablet and relay disagree on the check");
            break;
        }
    }
    let absent = |(document, hashes): (&DocumentId, &Vec<ChangeHash>)| match tablet.documents.get(document) {
        Some(held) => held.document.missing(hashes).len(),
        None => hashes.len(),
    };
    Ok(receipted.iter().map(absent).sum())
}

fn work(options: &Options) -> Result<serde_json::Value> {
    let place = Workplace::new()?;
    let code = place.found(options.seed)?;
    let mut draw = Draw { seed: options.seed, drawn: 0 };
    let serving = place.serve()?;
    let tablet = enrol(&place, &code, [7; 16])?;
    serving.kill()?;
    let mut writer = Writer { tablet, receipted: Receipted::new(), unanswered: false, round: 0 };
    let (mut lost, mut uploads) = (0_usize, 0_u32);
    for kill in 1..=options.kills {
        let serving = place.serve()?;
        let reaper = serving.kill_after(Duration::from_millis(draw.below(KILL_AFTER_MS_MAX)));
        while writer.hand_in(&place)? {
            uploads = uploads.saturating_add(1);
        }
        reaper.wait()?;
        if kill.checked_rem(LOOK_EVERY) == Some(0) || kill == options.kills {
            let serving = place.serve()?;
            lost = lost.saturating_add(missing(&place, &code, kill, &writer.receipted)?);
            serving.kill()?;
        }
        eprintln!("kill-relay: {kill}/{} kills, {uploads} uploads answered, {lost} lost", options.kills);
    }
    place.check_integrity()?;
    let changes: usize = writer.receipted.values().map(Vec::len).sum();
    // The last kill may have cut an answer off after its upload was stored; sent again it appends nothing to be traced.
    if writer.unanswered {
        let serving = place.serve()?;
        ensure!(writer.hand_in(&place)?, "the relay did not answer");
        serving.kill()?;
    }
    let durable = syscalls::receipt_waits_for_the_disk(&place, &mut writer)?;
    let tests =
        [("everything receipted is there", lost == 0 && changes > 0), ("the receipt waits for fdatasync", durable)];
    let passed = tests.iter().filter(|(_, ok)| *ok).count();
    Ok(json!({
        "suite": "kill-relay", "seed": options.seed, "kills": options.kills, "uploads": uploads,
        "receipted_changes": changes, "lost_changes": lost, "synced_before_receipt": durable,
        "passed": passed, "failed": tests.len().saturating_sub(passed),
        "tests": tests.map(|(name, ok)| json!({"name": name, "ok": ok})),
    }))
}

fn main() -> ExitCode {
    let outcome = options().and_then(|options| work(&options).map(|report| (options.json, report)));
    match outcome {
        Ok((json, report)) => {
            let passed = report.get("failed") == Some(&json!(0));
            if json {
                println!("{report}");
            } else {
                println!("{report:#}");
            }
            if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("kill-relay: {error:#}");
            println!("{}", json!({"suite": "kill-relay", "passed": 0, "failed": 1, "error": format!("{error:#}")}));
            ExitCode::FAILURE
        }
    }
}
