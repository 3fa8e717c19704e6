//! As much HTTP/1.1 as the relay answers: one request a connection, a length or chunks.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use shared::protocol::codec::PartReader;
use shared::protocol::frame::Part;

const TIMEOUT: Duration = Duration::from_secs(20);

/// Posts a CBOR body and returns the answer's.
pub(crate) fn post(port: u16, path: &str, body: &[u8]) -> Result<Vec<u8>> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/cbor\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    exchange(port, &[head.as_bytes(), body].concat()).map(|(_, body)| body)
}

/// The status of a GET; none while nobody listens.
pub(crate) fn status(port: u16, path: &str) -> Option<u16> {
    let head = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    exchange(port, head.as_bytes()).ok().map(|(status, _)| status)
}

fn exchange(port: u16, request: &[u8]) -> Result<(u16, Vec<u8>)> {
    let mut line = TcpStream::connect(("127.0.0.1", port))?;
    line.set_read_timeout(Some(TIMEOUT))?;
    line.write_all(request)?;
    let mut answer = Vec::new();
    line.read_to_end(&mut answer)?;
    let split = answer.windows(4).position(|window| window == b"\r\n\r\n").context("the answer was cut in its head")?;
    let (head, rest) = answer.split_at(split);
    let body = rest.get(4..).unwrap_or_default();
    let head = String::from_utf8_lossy(head).to_lowercase();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status")?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    if let Some(length) = length {
        ensure!(body.len() == length, "the answer was cut");
        return Ok((status, body.to_vec()));
    }
    Ok((status, unchunk(body)?))
}

fn unchunk(mut body: &[u8]) -> Result<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|window| window == b"\r\n").context("the answer was cut between chunks")?;
        let size = body.get(..end).map(String::from_utf8_lossy).context("no chunk size")?;
        let size = usize::from_str_radix(&size, 16).context("no chunk size")?;
        let start = end.saturating_add(2);
        if size == 0 {
            return Ok(whole);
        }
        let chunk = body.get(start..start.saturating_add(size)).context("the answer was cut in a chunk")?;
        whole.extend_from_slice(chunk);
        body = body.get(start.saturating_add(size).saturating_add(2)..).context("the answer was cut after a chunk")?;
    }
}

/// The parts of a whole answer of /sync.
pub(crate) fn parts(body: &[u8]) -> Result<Vec<Part>> {
    let mut reader = PartReader::new();
    let parts = reader.push(body)?;
    ensure!(reader.is_between_parts() && !parts.is_empty(), "the answer was cut inside a part");
    Ok(parts)
}
