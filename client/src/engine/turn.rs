//! A lock that is given in the order in which it was asked for.
//!
//! Two loops, the round and the reading of what it brought, want the session again as soon as they have given it back. The lock of
//! `futures` wakes whoever stands first in its list, which may be one of them for ever: a screen would wait until both are done.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use futures::channel::oneshot;
use futures::future::LocalBoxFuture;
use futures::lock::{Mutex, MutexGuard};

/// Something that one task at a time has, each in its turn.
pub struct InTurn<T> {
    gate: Rc<Gate>,
    /// Never more than one task waits here: whoever has passed the gate.
    lock: Mutex<T>,
}

/// Lets one task pass at a time, in the order in which they came.
#[derive(Default)]
struct Gate {
    is_taken: Cell<bool>,
    waiting: RefCell<VecDeque<oneshot::Sender<Turn>>>,
}

/// The right to be the next one. Goes on to who came after when it is dropped, also where nobody took it out of its channel.
struct Turn(Rc<Gate>);

impl Drop for Turn {
    fn drop(&mut self) {
        let next = self.0.waiting.borrow_mut().pop_front();
        match next {
            // One who waits no more gives it back, and it goes on from there.
            Some(next) => drop(next.send(Self(Rc::clone(&self.0)))),
            None => self.0.is_taken.set(false),
        }
    }
}

impl<T> InTurn<T> {
    /// Nobody has it yet.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self { gate: Rc::default(), lock: Mutex::new(value) }
    }

    /// Waits for everybody who asked before. Boxed, so that it is compiled once and not into everybody who waits.
    pub fn lock(&self) -> LocalBoxFuture<'_, MutexGuard<'_, T>> {
        Box::pin(async {
            let _turn = self.turn().await;
            self.lock.lock().await
        })
    }

    async fn turn(&self) -> Option<Turn> {
        if !self.gate.is_taken.replace(true) {
            return Some(Turn(Rc::clone(&self.gate)));
        }
        let (next, turn) = oneshot::channel();
        self.gate.waiting.borrow_mut().push_back(next);
        // Never cancelled: the gate keeps the other end until it gives the turn.
        turn.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures::FutureExt as _;
    use pollster::block_on;

    use super::*;

    #[test]
    fn who_asked_first_has_it_first_and_who_gave_up_holds_nobody_up() {
        block_on(async {
            let shared = InTurn::new(Vec::new());
            let held = shared.lock().await;
            let mut second = pin!(shared.lock());
            let mut third = Box::pin(shared.lock());
            let mut fourth = Box::pin(shared.lock());
            let mut fifth = pin!(shared.lock());
            assert!(second.as_mut().now_or_never().is_none());
            assert!(third.as_mut().now_or_never().is_none());
            assert!(fourth.as_mut().now_or_never().is_none());
            assert!(fifth.as_mut().now_or_never().is_none());
            drop(held);
            // Its turn has come to the second; whoever had it asks again at once and stands behind all others.
            let mut again = pin!(shared.lock());
            assert!(again.as_mut().now_or_never().is_none());
            drop(third);
            let mut guard = second.await;
            guard.push(2);
            drop(guard);
            // The fourth has its turn, and gives up without having taken it.
            drop(fourth);
            assert!(again.as_mut().now_or_never().is_none());
            fifth.await.push(5);
            again.await.push(1);
            assert_eq!(*shared.lock().await, [2, 5, 1]);
        });
    }
}
