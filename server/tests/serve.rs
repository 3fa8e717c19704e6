//! The relay behind its listener: what an idle sync costs on the line, what a first one, and that it stops in time.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops where something is missing")]

use std::sync::Arc;
use std::time::Duration;

use server::assets::Builds;
use server::demo::fill::fill;
use server::demo::tablet::Tablet;
use server::identity::CodeTerms;
use server::random::SeededEntropy;
use server::relay::{Relay, Setup};
use server::serve::{Running, run};
use server::storage::Storage;
use shared::pack::source::embedded;
use shared::protocol::codec::{PartReader, decode_enrol_answer};
use shared::protocol::frame::{EnrolAnswer, EnrolRequest, PROTOCOL_VERSION, Part};
use shared::seal::letter::Identity;
use shared::seal::relay::MasterKey;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// Bytes both ways of one exchange, and the answer's body.
async fn exchange(port: u16, path: &str, body: &[u8]) -> (usize, Vec<u8>) {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/cbor\r\naccept-encoding: zstd\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let request = [head.as_bytes(), body].concat();
    let mut line = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    line.write_all(&request).await.unwrap();
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).await.unwrap();
    let split = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&answer[..split]).to_lowercase();
    let mut body = answer[split + 4..].to_vec();
    if head.contains("transfer-encoding: chunked") {
        body = unchunk(&body);
    }
    if head.contains("content-encoding: zstd") {
        body = zstd::decode_all(body.as_slice()).unwrap();
    }
    (request.len() + answer.len(), body)
}

fn unchunk(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|window| window == b"\r\n").unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return whole;
        }
        whole.extend_from_slice(&body[end + 2..end + 2 + size]);
        body = &body[end + 4 + size..];
    }
}

fn parts(body: &[u8]) -> Vec<Part> {
    PartReader::new().push(body).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_sync_stays_below_a_kilobyte_and_the_relay_stops_in_time() {
    let setup = Setup {
        master: MasterKey::from_bytes([7; 32]),
        older: Vec::new(),
        pack: embedded("belu").unwrap().unwrap(),
        entropy: Arc::new(SeededEntropy::new(3)),
        synthetic: true,
    };
    let now_ms = server::clock::now_ms();
    let relay = Relay::open(Storage::in_memory(), setup, now_ms).await.unwrap();
    let office = Identity::from_seed(&[1; 32]);
    relay.set_recovery_recipient(&office.recipient().to_string(), 1_800_000_000_000).await.unwrap();
    fill(&relay, 42, 12, now_ms).await.unwrap();
    let account = relay.account_of_login("ser1").await.unwrap();
    let terms = CodeTerms { expires_ms: u64::MAX, uses: None, local_only: true };
    let code = relay.make_code(account, terms, now_ms).await.unwrap();

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, stopped) = oneshot::channel::<()>();
    let running = Running { relay: Arc::new(relay), data: None, metrics: None, builds: Builds::Kept };
    let serving = tokio::spawn(run(running, listener, async {
        let _ = stopped.await;
    }));

    let look = EnrolRequest::Look { version: PROTOCOL_VERSION, code: code.clone() };
    let (_, answer) = exchange(port, "/enrol", &shared::protocol::codec::encode(&look)).await;
    let EnrolAnswer::Welcome { tenant, synthetic, .. } = decode_enrol_answer(&answer).unwrap() else {
        panic!("refused")
    };
    assert!(synthetic);
    let (mut tablet, join) = Tablet::join([9; 16], tenant, &code, "Tablet uji");
    let (_, answer) = exchange(port, "/enrol", &join).await;
    tablet.take_joined(account, &decode_enrol_answer(&answer).unwrap()).unwrap();

    let (first_bytes, answer) = exchange(port, "/sync", &tablet.upload()).await;
    let heard = tablet.take(parts(&answer)).unwrap();
    assert_eq!(heard.check, Some(tablet.own_check()));
    let (idle_bytes, answer) = exchange(port, "/sync", &tablet.upload()).await;
    let heard = tablet.take(parts(&answer)).unwrap();
    assert_eq!(heard.items, 0);
    assert!(idle_bytes <= 1024, "an idle sync took {idle_bytes} bytes");
    println!("first sync: {first_bytes} bytes for {} documents; idle: {idle_bytes} bytes", tablet.documents.len());

    let (_, answer) = exchange(port, "/sync", b"nonsense").await;
    assert!(matches!(parts(&answer).as_slice(), [Part::Fault(_)]));
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(5), serving).await.unwrap().unwrap().unwrap();
}
