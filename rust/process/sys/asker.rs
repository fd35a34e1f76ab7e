// SPDX-License-Identifier: GPL-2.0

//! The thread that asked a question, for comparison with the thread that reads the answer.

use super::find::Pid;
use crate::vma::sys::bindings;
use kernel::prelude::*;

/// The thread that asked a question. It may have exited since.
pub(crate) struct Asker {
    thread: Pid,
    session: Pid,
    process: i32,
}

impl Asker {
    /// Returns the calling thread, or `None` if it is exiting.
    pub(crate) fn current() -> Option<Self> {
        let (thread, session) = Pid::of_caller()?;
        Some(Self {
            thread,
            session,
            process: current!().tgid_nr_ns(None),
        })
    }

    /// Returns the id of the thread's process in the pid namespace of that process.
    pub(crate) fn pid(&self) -> i32 {
        self.process
    }

    /// Returns whether the caller appears to read the answer to its own question: the caller is this thread, or its
    /// process descends from that of this thread, like a command that a shell runs. If this thread has exited
    /// (`tee`), it is enough that both belong to the same session.
    pub(crate) fn is_behind_caller(&self) -> bool {
        match self.thread.task() {
            // SAFETY: The task is valid.
            Some(thread) => unsafe { bindings::rust_vma_is_behind_caller(thread.as_ptr()) },
            None => Pid::of_caller().is_some_and(|(_, session)| session.is_same(&self.session)),
        }
    }
}
