//! `GET /live`: a socket that only says that a request would bring something. Decodes, closes, keeps time; who may listen
//! and what is news is the relay's to say.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use shared::protocol::codec::encode;
use shared::protocol::limits::{LIVE_ALIVE_S, LIVE_ANSWER_S_MAX, LIVE_HELLO_S_MAX, LIVE_MESSAGE_BYTES_MAX};
use shared::protocol::live::{Signal, decode_signal};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep_until, timeout};

use super::App;
use crate::clock::now_ms;
use crate::live::{Seat, Word};
use crate::relay::NotHeard;

/// How long the other end may take to say who it is.
const HELLO_MAX: Duration = Duration::from_secs(LIVE_HELLO_S_MAX);
/// How long a tablet may be silent before it is asked.
const ALIVE: Duration = Duration::from_secs(LIVE_ALIVE_S);
/// How long it may take to answer, and the line to take one word.
const ANSWER_MAX: Duration = Duration::from_secs(LIVE_ANSWER_S_MAX);
/// Pings of a peer between two questions; browsers send none.
const PINGS_MAX: u32 = 8;
/// Bytes that may wait for the line, beside one message: a close frame.
const WAITING_BYTES_MAX: usize = 1_024;

/// Opens a socket, if there is room for one that has not said yet who listens.
pub(super) async fn live(State(app): State<App>, upgrade: WebSocketUpgrade) -> Response {
    let Ok(hello_permit) = Arc::clone(&app.inner.hellos).try_acquire_owned() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    upgrade
        .max_message_size(LIVE_MESSAGE_BYTES_MAX)
        .max_frame_size(LIVE_MESSAGE_BYTES_MAX)
        .write_buffer_size(0)
        .max_write_buffer_size(WAITING_BYTES_MAX)
        .on_upgrade(move |socket| attend(app, socket, hello_permit))
}

async fn attend(app: App, mut socket: WebSocket, hello_permit: OwnedSemaphorePermit) {
    let mut stopped = app.inner.stopped.clone();
    let said = tokio::select! {
        said = timeout(HELLO_MAX, socket.recv()) => said,
        _ = stopped.changed() => return close(socket, close_code::AWAY).await,
    };
    let Ok(Some(Ok(Message::Binary(hello)))) = said else { return close(socket, close_code::POLICY).await };
    let heard = app.inner.relay.listen(&hello, now_ms()).await;
    drop(hello_permit);
    match heard {
        Ok(seat) => {
            let code = Attended { socket: &mut socket, seat }.serve(&mut stopped).await;
            if let Some(code) = code {
                close(socket, code).await;
            }
        }
        Err(NotHeard::Forbidden) => close(socket, close_code::POLICY).await,
        Err(NotHeard::Later) => close(socket, close_code::AGAIN).await,
    }
}

/// A socket whose device is known.
struct Attended<'a> {
    socket: &'a mut WebSocket,
    seat: Seat,
}

impl Attended<'_> {
    /// Tells until one side ends it; gives the code to close with, or none where nobody is there any more.
    async fn serve(mut self, stopped: &mut tokio::sync::watch::Receiver<()>) -> Option<u16> {
        self.say(Signal::Ready).await?;
        let mut due = Instant::now() + ALIVE;
        let mut is_asked = false;
        let mut pings = 0_u32;
        loop {
            tokio::select! {
                _ = stopped.changed() => return Some(close_code::AWAY),
                word = self.seat.next() => match word {
                    Word::News => self.say(Signal::News).await?,
                    Word::Over => return Some(close_code::POLICY),
                },
                said = self.socket.recv() => match said? {
                    Ok(Message::Binary(bytes)) if is_asked && decode_signal(&bytes) == Ok(Signal::Alive) => {
                        is_asked = false;
                        pings = 0;
                        due = Instant::now() + ALIVE;
                    }
                    Ok(Message::Ping(_) | Message::Pong(_)) if pings < PINGS_MAX => pings = pings.saturating_add(1),
                    Ok(Message::Close(_)) | Err(_) => return None,
                    Ok(Message::Binary(_) | Message::Text(_) | Message::Ping(_) | Message::Pong(_)) => {
                        return Some(close_code::POLICY);
                    }
                },
                () = sleep_until(due) => {
                    if is_asked {
                        return None;
                    }
                    self.say(Signal::Alive).await?;
                    is_asked = true;
                    due = Instant::now() + ANSWER_MAX;
                }
            }
        }
    }

    /// Says one word; none when the line does not take it.
    async fn say(&mut self, signal: Signal) -> Option<()> {
        let message = Message::Binary(Bytes::from(encode(&signal)));
        timeout(ANSWER_MAX, self.socket.send(message)).await.ok()?.ok()
    }
}

/// Says goodbye without a reason, if the line takes it.
async fn close(mut socket: WebSocket, code: u16) {
    let frame = CloseFrame { code, reason: "".into() };
    // Whoever has gone needs no goodbye.
    let _ = timeout(ANSWER_MAX, socket.send(Message::Close(Some(frame)))).await;
}
