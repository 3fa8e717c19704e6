//! A line of a given length between a tablet and a relay, which counts what goes over it.
//!
//! Every byte arrives half a round trip after it was sent, and a new connection costs one round trip more, as TCP's
//! opening does. Rate is not limited. Counts TCP payload; each direction's head ends at the first empty line.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::clock::Stopwatch;

/// What went over the line in one direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flow {
    /// Bytes up to and with the first empty line.
    pub head: u64,
    /// Bytes behind it.
    pub body: u64,
}

/// What went over the line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// From the tablet.
    pub up: Flow,
    /// To the tablet.
    pub down: Flow,
    /// Connections opened.
    pub connections: u64,
}

#[derive(Default)]
struct Book(Mutex<Counted>);

#[derive(Clone, Copy)]
enum Direction {
    Up,
    Down,
}

impl Book {
    fn change(&self, act: impl FnOnce(&mut Counted)) {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn count(&self, direction: Direction, head: usize, body: usize) {
        let (head, body) = (u64::try_from(head).unwrap_or(0), u64::try_from(body).unwrap_or(0));
        self.change(|counted| {
            let flow = match direction {
                Direction::Up => &mut counted.up,
                Direction::Down => &mut counted.down,
            };
            flow.head = flow.head.saturating_add(head);
            flow.body = flow.body.saturating_add(body);
        });
    }
}

/// A line that counts. It lives as long as the program.
pub struct Proxy {
    address: SocketAddr,
    rtt_ms: Arc<AtomicU64>,
    book: Arc<Book>,
}

impl Proxy {
    /// A line to a relay.
    ///
    /// # Errors
    /// When no port is free.
    pub fn start(relay: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let proxy = Self { address: listener.local_addr()?, rtt_ms: Arc::default(), book: Arc::new(Book::default()) };
        let (rtt_ms, book) = (Arc::clone(&proxy.rtt_ms), Arc::clone(&proxy.book));
        std::thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let Ok(far) = TcpStream::connect(relay) else { continue };
                book.change(|counted| counted.connections = counted.connections.saturating_add(1));
                let rtt = Duration::from_millis(rtt_ms.load(Ordering::Relaxed));
                join(&near, &far, Direction::Up, rtt, &book);
                join(&far, &near, Direction::Down, rtt, &book);
            }
        });
        Ok(proxy)
    }

    /// Where tablets connect.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Makes the line longer or shorter for connections from now on.
    pub fn set_rtt_ms(&self, rtt_ms: u64) {
        self.rtt_ms.store(rtt_ms, Ordering::Relaxed);
    }

    /// What went over the line since the last time somebody asked.
    #[must_use]
    pub fn take(&self) -> Counted {
        std::mem::take(&mut self.book.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn join(from: &TcpStream, to: &TcpStream, direction: Direction, rtt: Duration, book: &Arc<Book>) {
    let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone()) else { return };
    // Small packets must not wait for each other inside the proxy.
    let _ = to.set_nodelay(true);
    let opening = match direction {
        Direction::Up => rtt,
        Direction::Down => Duration::ZERO,
    };
    let delay = rtt / 2;
    let book = Arc::clone(book);
    let (sender, receiver) = channel();
    std::thread::spawn(move || deliver(&to, &receiver));
    std::thread::spawn(move || {
        let mut from = from;
        let mut head = Head::default();
        let mut buffer = vec![0; 65_536];
        let mut wait = delay.saturating_add(opening);
        while let Ok(count) = from.read(&mut buffer) {
            let bytes = buffer.get(..count).unwrap_or_default().to_vec();
            if bytes.is_empty() {
                break;
            }
            let in_head = head.count(&bytes);
            book.count(direction, in_head, bytes.len().saturating_sub(in_head));
            if sender.send((Stopwatch::start(), wait, bytes)).is_err() {
                break;
            }
            wait = delay;
        }
    });
}

fn deliver(mut to: &TcpStream, arriving: &Receiver<(Stopwatch, Duration, Vec<u8>)>) {
    while let Ok((sent, wait, bytes)) = arriving.recv() {
        let left = wait.saturating_sub(Duration::from_secs_f64(sent.elapsed_ms() / 1000.0));
        std::thread::sleep(left);
        if to.write_all(&bytes).is_err() {
            return;
        }
    }
    // The other side may already be gone.
    let _ = to.shutdown(Shutdown::Write);
}

/// Finds the end of a head in a stream of pieces.
#[derive(Default)]
struct Head {
    matched: usize,
}

impl Head {
    /// How many of these bytes belong to the head.
    fn count(&mut self, bytes: &[u8]) -> usize {
        const END: &[u8; 4] = b"\r\n\r\n";
        for (index, byte) in bytes.iter().enumerate() {
            match END.get(self.matched) {
                None => return index,
                Some(wanted) if wanted == byte => self.matched = self.matched.saturating_add(1),
                Some(_) => self.matched = usize::from(*byte == b'\r'),
            }
        }
        bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_ends_at_the_first_empty_line_wherever_it_is_cut() {
        let whole = b"POST / HTTP/1.1\r\nhost: x\r\n\r\nbody\r\n\r\n";
        for cut in 0..whole.len() {
            let mut head = Head::default();
            let (first, second) = whole.split_at(cut);
            assert_eq!(head.count(first) + head.count(second), 28, "cut at {cut}");
        }
    }
}
