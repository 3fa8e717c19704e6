//! HTTP/1.1 over plain TCP, a new connection for every request: the real relay as a tablet's network.
//!
//! As little of HTTP as the relay speaks: a length or chunks, zstd or nothing. An answer is read as it arrives.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use async_trait::async_trait;
use client::platform::{Body, HttpAnswer, HttpRequest, Method, Network, NetworkError};

/// Nothing of ours takes longer.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Bytes taken from an answer at once.
const PIECE_LEN: usize = 16_384;

/// The way to a relay.
#[derive(Debug, Clone, Copy)]
pub struct Http {
    address: SocketAddr,
}

struct Answer {
    status: u16,
    retry_after_s: Option<u32>,
    body: Box<dyn Read>,
}

impl Http {
    /// To the relay at an address.
    #[must_use]
    pub const fn new(address: SocketAddr) -> Self {
        Self { address }
    }

    /// Posts a body and returns the whole answer.
    ///
    /// # Errors
    /// When the line breaks or the relay refuses.
    pub fn post(&self, path: &str, body: &[u8]) -> anyhow::Result<Vec<u8>> {
        let mut answer = self.exchange("POST", path, body, false)?;
        ensure!(answer.status == 200, "{path} answered with status {}", answer.status);
        let mut bytes = Vec::new();
        answer.body.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The status of a page; none while nobody listens.
    #[must_use]
    pub fn status(&self, path: &str) -> Option<u16> {
        self.exchange("GET", path, &[], false).ok().map(|answer| answer.status)
    }

    fn exchange(&self, method: &str, path: &str, body: &[u8], is_deflated: bool) -> anyhow::Result<Answer> {
        let mut line = TcpStream::connect(self.address)?;
        line.set_nodelay(true)?;
        line.set_read_timeout(Some(TIMEOUT))?;
        let encoding = if is_deflated { "content-encoding: deflate\r\n" } else { "" };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/cbor\r\naccept-encoding: zstd\r\n\
             {encoding}content-length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        line.write_all(&[head.as_bytes(), body].concat())?;
        read_answer(BufReader::new(line))
    }
}

fn read_answer(mut line: BufReader<TcpStream>) -> anyhow::Result<Answer> {
    let mut head = Vec::new();
    loop {
        let mut text = String::new();
        ensure!(line.read_line(&mut text)? > 0, "the answer ends in its head");
        if text.trim().is_empty() {
            break;
        }
        head.push(text.trim().to_lowercase());
    }
    let status = head.first().and_then(|line| line.split(' ').nth(1)?.parse().ok()).context("no status")?;
    let field = |name: &str| head.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim));
    let framed: Box<dyn Read> = match (field("transfer-encoding"), field("content-length")) {
        (Some("chunked"), _) => Box::new(Chunks { line, left: 0, begun: false, ended: false }),
        (_, Some(length)) => Box::new(line.take(length.parse()?)),
        (_, None) => Box::new(line),
    };
    let body: Box<dyn Read> = match field("content-encoding") {
        Some("zstd") => Box::new(zstd::stream::read::Decoder::new(framed)?),
        Some(other) => anyhow::bail!("the relay answered in {other}"),
        None => framed,
    };
    let retry_after_s = field("retry-after").and_then(|seconds| seconds.parse().ok());
    Ok(Answer { status, retry_after_s, body })
}

/// A chunked body.
struct Chunks {
    line: BufReader<TcpStream>,
    left: usize,
    begun: bool,
    ended: bool,
}

impl Read for Chunks {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 && !self.ended {
            let mut size = String::new();
            if self.begun {
                self.line.read_line(&mut size)?;
                size.clear();
            }
            self.begun = true;
            self.line.read_line(&mut size)?;
            self.left = usize::from_str_radix(size.trim(), 16)
                .map_err(|_| std::io::Error::new(std::io::ErrorKind::UnexpectedEof, "cut between chunks"))?;
            self.ended = self.left == 0;
        }
        let most = out.len().min(self.left);
        let count = self.line.read(out.get_mut(..most).unwrap_or_default())?;
        if count == 0 && most > 0 {
            return Err(std::io::Error::new(std::io::ErrorKind::UnexpectedEof, "cut inside a chunk"));
        }
        self.left = self.left.saturating_sub(count);
        Ok(count)
    }
}

struct Arriving(Box<dyn Read>);

#[async_trait(?Send)]
impl Body for Arriving {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, NetworkError> {
        let mut piece = vec![0; PIECE_LEN];
        let count = self.0.read(&mut piece).map_err(|_| NetworkError::Cut)?;
        piece.truncate(count);
        Ok((count > 0).then_some(piece))
    }
}

#[async_trait(?Send)]
impl Network for Http {
    async fn send(&self, request: HttpRequest) -> Result<HttpAnswer, NetworkError> {
        let method = match request.method {
            Method::Get => "GET",
            Method::Post => "POST",
        };
        let answer = self
            .exchange(method, &request.path, &request.body, request.is_deflated)
            .map_err(|_| NetworkError::Unreachable)?;
        Ok(HttpAnswer {
            status: answer.status,
            retry_after_s: answer.retry_after_s,
            body: Box::new(Arriving(answer.body)),
        })
    }
}
