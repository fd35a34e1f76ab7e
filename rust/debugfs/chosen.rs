// SPDX-License-Identifier: GPL-2.0

//! The choice of a process by writing its id to a file.

use super::{
    command::BadCommand,
    outcome::LastOutcome, //
};
use crate::process::Pid;
use kernel::{
    fmt,
    new_mutex,
    prelude::*,
    sync::{
        Arc,
        Mutex, //
    }, //
};

/// The choice that the last good write to a file has made; its openers share it.
#[pin_data]
pub(super) struct Chosen<T> {
    #[pin]
    choice: Mutex<Option<Arc<T>>>,
    /// The place where refusals are said.
    outcome: Arc<LastOutcome>,
}

impl<T> Chosen<T> {
    /// Returns no choice. Refusals go to `outcome`.
    pub(super) fn new(outcome: Arc<LastOutcome>) -> impl PinInit<Self> {
        pin_init!(Self {
            choice <- new_mutex!(None),
            outcome,
        })
    }

    /// Returns the choice.
    pub(super) fn get(&self) -> Option<Arc<T>> {
        self.choice.lock().clone()
    }

    /// Replaces the choice.
    pub(super) fn set(&self, choice: T) -> Result {
        let choice = Arc::new(choice, GFP_KERNEL)?;
        // The old one is dropped after the lock is released.
        let _old = self.choice.lock().replace(choice);
        Ok(())
    }

    /// Finds a process that the writer may look at, or refuses.
    pub(super) fn find(&self, pid: i32) -> Result<Pid> {
        match Pid::find(pid).and_then(|pid| pid.mm().map(|_| pid)) {
            Ok(pid) => Ok(pid),
            Err(none) => {
                self.outcome.refuse(none.errno(), fmt!("{none}"))?;
                Err(none.errno())
            }
        }
    }

    /// Refuses a write, with this sentence.
    pub(super) fn refuse(&self, errno: Error, why: fmt::Arguments<'_>) -> Result {
        self.outcome.refuse(errno, why)
    }

    /// Refuses a line of this length, in bytes.
    pub(super) fn refuse_overlong(&self, length: usize) -> Result {
        let bad = BadCommand::Overlong(length);
        self.refuse(bad.errno(), fmt!("{bad}"))
    }
}
