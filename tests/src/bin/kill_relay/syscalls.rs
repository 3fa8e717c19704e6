//! Asserts on system calls that a receipt waits for the disk: a kill leaves the page cache as it is, so killing alone
//! would pass without any sync at all.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::Writer;
use super::relay::Workplace;

/// What a traced line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    /// Bytes went into the database's log.
    Append,
    /// A sync came back.
    Synced,
    /// The head of an answer left.
    Answer,
}

fn call(line: &str) -> Option<Call> {
    let ended_well = line.trim_end().ends_with("= 0");
    if line.contains("write") && line.contains("simpul.db-wal>") {
        Some(Call::Append)
    } else if (line.contains("fdatasync") || line.contains("fsync")) && ended_well {
        Some(Call::Synced)
    } else if line.contains("HTTP/1.1 200") {
        Some(Call::Answer)
    } else {
        None
    }
}

/// Hands in under strace; true when a completed sync lies between the last append and the answer.
pub(crate) fn receipt_waits_for_the_disk(place: &Workplace, writer: &mut Writer) -> Result<bool> {
    let strace = std::env::var("STRACE").unwrap_or_else(|_| "strace".to_owned());
    let trace = place.trace_file();
    let serving = place.serve_traced(&strace, &trace).context("the relay does not start under strace")?;
    let before = std::fs::read_to_string(&trace)?.lines().count();
    let answered = writer.hand_in(place)?;
    ensure!(answered, "the relay did not answer under strace");
    // The trace is written behind; its last lines come with the end of the process.
    std::thread::sleep(Duration::from_millis(200));
    let text = std::fs::read_to_string(&trace)?;
    serving.kill()?;
    let calls: Vec<Call> = text.lines().skip(before).filter_map(call).collect();
    let answer = calls.iter().rposition(|call| *call == Call::Answer).context("no answer was traced")?;
    let upto = calls.get(..answer).unwrap_or_default();
    let append = upto.iter().rposition(|call| *call == Call::Append).context("no append was traced")?;
    Ok(upto.iter().skip(append).any(|call| *call == Call::Synced))
}
