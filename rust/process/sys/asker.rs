// SPDX-License-Identifier: GPL-2.0

//! A thread that has asked a question, for those who read the answer.

use super::find::Pid;
use crate::vma::sys::bindings;
use kernel::prelude::*;

/// A thread that has asked something. It may exit meanwhile.
pub(crate) struct Asker {
    thread: Pid,
    session: Pid,
    process: i32,
}

impl Asker {
    /// The calling thread, unless it is exiting.
    pub(crate) fn current() -> Option<Self> {
        let (thread, session) = Pid::of_caller()?;
        Some(Self {
            thread,
            session,
            process: current!().tgid_nr_ns(None),
        })
    }

    /// Returns the id of its process, as its own pid namespace has it.
    pub(crate) fn pid(&self) -> i32 {
        self.process
    }

    /// Whether the caller reads what this thread has asked, as far as that can be told: it is the same thread, or its
    /// process descends from that of this thread, as what a shell runs does. If this thread has exited (`tee`), it
    /// is enough that both are of one session.
    pub(crate) fn is_behind_caller(&self) -> bool {
        match self.thread.task() {
            // SAFETY: The task is valid.
            Some(thread) => unsafe { bindings::rust_vma_is_behind_caller(thread.as_ptr()) },
            None => Pid::of_caller().is_some_and(|(_, session)| session.is_same(&self.session)),
        }
    }
}
