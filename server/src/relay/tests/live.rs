//! Sockets over real lines: who may open one, what is told over it, and when it is closed.

use std::net::SocketAddr;
use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use shared::protocol::codec::encode;
use shared::protocol::limits::{
    LIVE_ACCOUNT_SOCKETS_MAX, LIVE_ALIVE_S, LIVE_ANSWER_S_MAX, LIVE_HELLO_S_MAX, LIVE_HELLOS_MAX,
    LIVE_MESSAGE_BYTES_MAX,
};
use shared::protocol::live::{Signal, decode_signal};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::{World, draft, set};
use crate::assets::Builds;
use crate::demo::tablet::Tablet;
use crate::serve::{Running, run};

const POLICY: u16 = 1008;
const AGAIN: u16 = 1013;
const AWAY: u16 = 1001;
/// Nothing of these tests takes longer.
const LONG: Duration = Duration::from_secs(30);

struct House {
    world: World,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    running: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl House {
    async fn new() -> Self {
        let world = World::new().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let running = Running { relay: world.relay.clone(), data: None, metrics: None, builds: Builds::Kept };
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(run(running, listener, async {
            let _ = stopped.await;
        }));
        Self { world, address, stop, running }
    }

    async fn line(&self) -> Result<Socket, tokio_tungstenite::tungstenite::Error> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        client_async(format!("ws://{}/live", self.address), stream).await.map(|(socket, _)| Socket(socket))
    }

    /// A socket that says this first.
    async fn says(&self, message: Message) -> Socket {
        let mut socket = self.line().await.unwrap();
        socket.0.send(message).await.unwrap();
        socket
    }

    async fn opens(&self, tablet: &mut Tablet) -> Socket {
        let mut socket = self.says(Message::binary(tablet.hello())).await;
        assert_eq!(socket.hears().await, Heard::Said(Signal::Ready));
        socket
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Said(Signal),
    Closed(u16),
    Cut,
}

struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    async fn hears(&mut self) -> Heard {
        match timeout(LONG, self.0.next()).await.expect("nothing was said") {
            Some(Ok(Message::Binary(bytes))) => Heard::Said(decode_signal(&bytes).unwrap()),
            Some(Ok(Message::Close(Some(frame)))) => Heard::Closed(frame.code.into()),
            Some(Ok(other)) => panic!("the relay said {other:?}"),
            Some(Err(_)) | None => Heard::Cut,
        }
    }

    /// Nothing is said for as long as several looks of the relay take.
    async fn is_silent(&mut self) -> bool {
        timeout(Duration::from_millis(2_500), self.0.next()).await.is_err()
    }
}

/// Stops the clock, which would run ahead of the lines whenever everybody waits, until the result is dropped.
fn stand_still() -> std::sync::mpsc::Sender<()> {
    let (standing, until) = std::sync::mpsc::channel();
    tokio::task::spawn_blocking(move || until.recv());
    tokio::time::pause();
    standing
}

/// Lets so many seconds pass, and what a timer rounds them up to.
async fn pass(seconds: u64) {
    tokio::time::advance(Duration::from_secs(seconds) + Duration::from_millis(10)).await;
}

/// The last byte of a hello is one of its signature.
fn forged(mut hello: Vec<u8>) -> Vec<u8> {
    *hello.last_mut().unwrap() ^= 1;
    hello
}

#[tokio::test]
async fn whoever_may_not_listen_is_closed_alike() {
    let mut house = House::new().await;
    let mut tablet = house.world.tablet("pkt1", "PKT").await;
    let mut stopped = house.world.tablet("pkt2", "PKT").await;
    house.world.relay.stop_account(stopped.account, house.world.now).await.unwrap();
    let used = tablet.hello();
    let mut first = house.says(Message::binary(used.clone())).await;
    assert_eq!(first.hears().await, Heard::Said(Signal::Ready));
    let mut older = tablet.hello();
    let newer = house.opens(&mut tablet).await;
    let (_, join) = Tablet::join([200; 16], house.world.relay.tenant(), "", "Tablet asing");
    let mut stranger = Tablet::join([200; 16], house.world.relay.tenant(), "", "Tablet asing").0;
    let refused = [
        Message::binary(forged(tablet.hello())),
        Message::binary(stranger.hello()),
        Message::binary(used),
        Message::binary(core::mem::take(&mut older)),
        Message::binary(stopped.hello()),
        Message::binary(tablet.upload()),
        Message::binary(join),
        Message::binary(Vec::new()),
        Message::binary(vec![0; LIVE_MESSAGE_BYTES_MAX]),
        Message::text("halo"),
    ];
    for message in refused {
        let told = format!("{message:?}");
        assert_eq!(house.says(message).await.hears().await, Heard::Closed(POLICY), "{told}");
    }
    let mut large = house.says(Message::binary(vec![0; LIVE_MESSAGE_BYTES_MAX + 1])).await;
    assert!(matches!(large.hears().await, Heard::Closed(_) | Heard::Cut));
    assert_eq!(house.world.relay.hub().count(), 1, "none of them sat down");
    drop(newer);
}

#[tokio::test]
async fn what_one_writes_is_told_to_whom_it_concerns_and_to_nobody_else() {
    let mut house = House::new().await;
    let mut author = house.world.tablet("pkt1", "PKT").await;
    let mut other = house.world.tablet("pkt2", "PKT").await;
    let mut duty = house.world.tablet("mks1", "MKS").await;
    let mut of_author = house.opens(&mut author).await;
    let mut of_other = house.opens(&mut other).await;
    let mut of_duty = house.opens(&mut duty).await;
    let (_, core, _) = draft(&mut author);
    house.world.sync(&mut author).await;
    assert!(of_duty.is_silent().await, "a draft is nobody's business");
    author.edit(core, &set("darurat", true), 2).unwrap();
    house.world.sync(&mut author).await;
    assert_eq!(of_duty.hears().await, Heard::Said(Signal::News));
    assert_eq!(house.world.sync(&mut duty).await.items, 3, "two documents, and that there is a danger");
    assert!(of_duty.is_silent().await, "what was fetched is no news");
    assert!(of_author.is_silent().await, "its own edit is no news to it");
    assert!(of_other.is_silent().await);
}

#[tokio::test]
async fn a_storm_of_edits_is_a_few_words_and_whoever_reads_nothing_keeps_nobody_waiting() {
    let mut house = House::new().await;
    let mut author = house.world.tablet("pkt1", "PKT").await;
    let mut duty = house.world.tablet("mks1", "MKS").await;
    let mut registrar = house.world.tablet("ser1", "SER").await;
    let mut of_duty = house.opens(&mut duty).await;
    let deaf = house.opens(&mut registrar).await;
    let (_, core, intake) = draft(&mut author);
    author.edit(core, &set("darurat", true), 2).unwrap();
    let began = Instant::now();
    for number in 0..100 {
        author.edit(intake, &set("tgl_lapor", super::text(&format!("2026-11-{:02}", number % 28 + 1))), 3).unwrap();
        house.world.sync(&mut author).await;
    }
    let took = began.elapsed();
    assert_eq!(of_duty.hears().await, Heard::Said(Signal::News));
    let mut words = 1;
    while let Ok(Some(Ok(Message::Binary(_)))) = timeout(Duration::from_millis(2_500), of_duty.0.next()).await {
        words += 1;
    }
    assert!(words <= took.as_secs() + 2, "{words} words in {took:?}");
    assert!(house.world.sync(&mut duty).await.items >= 2);
    drop(deaf);
}

#[tokio::test]
async fn the_newest_socket_of_a_device_wins_and_an_account_has_so_many() {
    let mut house = House::new().await;
    let account = house.world.account("mks1", "MKS").await;
    let mut tablets = Vec::new();
    let mut sockets = Vec::new();
    for _ in 0..LIVE_ACCOUNT_SOCKETS_MAX {
        let mut tablet = house.world.tablet_of(account).await;
        sockets.push(house.opens(&mut tablet).await);
        tablets.push(tablet);
    }
    let again = house.opens(&mut tablets[0]).await;
    assert_eq!(sockets[0].hears().await, Heard::Closed(POLICY));
    let mut one_more = house.world.tablet_of(account).await;
    let mut turned_away = house.says(Message::binary(one_more.hello())).await;
    assert_eq!(turned_away.hears().await, Heard::Closed(AGAIN));
    drop(again);
    while house.world.relay.hub().count() >= LIVE_ACCOUNT_SOCKETS_MAX {
        tokio::task::yield_now().await;
    }
    house.opens(&mut one_more).await;
}

#[tokio::test]
async fn whoever_says_nothing_holds_a_few_places_for_a_while() {
    let house = House::new().await;
    let mut silent = Vec::new();
    for _ in 0..LIVE_HELLOS_MAX {
        silent.push(house.line().await.unwrap());
    }
    assert!(house.line().await.is_err(), "one more is turned away before it is a socket");
    let _standing = stand_still();
    pass(LIVE_HELLO_S_MAX).await;
    for socket in &mut silent {
        assert_eq!(socket.hears().await, Heard::Closed(POLICY));
    }
}

#[tokio::test]
async fn a_tablet_that_answers_stays_and_one_that_does_not_is_cut() {
    let mut house = House::new().await;
    let mut tablet = house.world.tablet("pkt1", "PKT").await;
    let mut socket = house.opens(&mut tablet).await;
    let _standing = stand_still();
    for _ in 0..3 {
        pass(LIVE_ALIVE_S).await;
        assert_eq!(socket.hears().await, Heard::Said(Signal::Alive));
        socket.0.send(Message::binary(encode(&Signal::Alive))).await.unwrap();
        // What is answered was read after what was said before.
        socket.0.send(Message::Ping(Vec::new().into())).await.unwrap();
        assert!(matches!(socket.0.next().await, Some(Ok(Message::Pong(_)))));
    }
    pass(LIVE_ALIVE_S).await;
    assert_eq!(socket.hears().await, Heard::Said(Signal::Alive));
    pass(LIVE_ANSWER_S_MAX).await;
    assert_eq!(socket.hears().await, Heard::Cut);
    assert_eq!(house.world.relay.hub().count(), 0);
}

#[tokio::test]
async fn what_is_not_asked_for_ends_the_socket() {
    let mut house = House::new().await;
    let mut tablet = house.world.tablet("pkt1", "PKT").await;
    for message in [Message::binary(encode(&Signal::Alive)), Message::binary(tablet.hello()), Message::text("?")] {
        let mut socket = house.opens(&mut tablet).await;
        socket.0.send(message).await.unwrap();
        assert_eq!(socket.hears().await, Heard::Closed(POLICY));
    }
    let mut socket = house.opens(&mut tablet).await;
    for _ in 0..100 {
        let _ = socket.0.send(Message::Ping(Vec::new().into())).await;
    }
    loop {
        match timeout(LONG, socket.0.next()).await.expect("pings go on for ever") {
            Some(Ok(Message::Pong(_))) => {}
            Some(Ok(Message::Close(_)) | Err(_)) | None => break,
            Some(Ok(other)) => panic!("the relay said {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_revoked_device_is_closed_at_once_also_by_another_process() {
    let mut house = House::new().await;
    let mut one = house.world.tablet("mks1", "MKS").await;
    let mut two = house.world.tablet("mks2", "MKS").await;
    let mut three = house.world.tablet("mks3", "MKS").await;
    let mut of_one = house.opens(&mut one).await;
    let mut of_two = house.opens(&mut two).await;
    let mut of_three = house.opens(&mut three).await;
    house.world.relay.revoke_device(1, house.world.now).await.unwrap();
    assert_eq!(of_one.hears().await, Heard::Closed(POLICY));
    // Another process commits to the same storage, and nobody here is told of it.
    let mut tx = house.world.relay.storage().write().await.unwrap();
    let mut record = tx.view().device(two.device).await.unwrap().unwrap();
    let position = tx.next_position().await.unwrap();
    record.revoked = Some(position);
    tx.put_device(two.device, &record).await.unwrap();
    tx.put_ended_position(position).await.unwrap();
    tx.commit().await.unwrap();
    let began = Instant::now();
    assert_eq!(of_two.hears().await, Heard::Closed(POLICY));
    assert!(began.elapsed() < Duration::from_secs(2));
    assert!(of_three.is_silent().await);
    house.world.relay.stop_account(three.account, house.world.now).await.unwrap();
    assert_eq!(of_three.hears().await, Heard::Closed(POLICY));
}

#[tokio::test]
async fn a_relay_that_stops_says_goodbye_to_everybody() {
    let mut house = House::new().await;
    let mut tablet = house.world.tablet("pkt1", "PKT").await;
    let mut seated = house.opens(&mut tablet).await;
    let mut unknown = house.line().await.unwrap();
    let began = Instant::now();
    house.stop.send(()).unwrap();
    assert_eq!(seated.hears().await, Heard::Closed(AWAY));
    assert_eq!(unknown.hears().await, Heard::Closed(AWAY));
    timeout(LONG, house.running).await.unwrap().unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_secs(3));
}
