// SPDX-License-Identifier: GPL-2.0

//! What came of a command, in words, for whoever reads `ctl`.

use super::command::LONGEST_LINE;
use crate::text::Text;
use kernel::{
    fmt,
    new_mutex,
    prelude::*,
    sync::{
        Arc,
        Mutex,
        UniqueArc, //
    }, //
};

/// How long a summary may be, in bytes: a whole line that is quoted, with every byte escaped
/// (`\u{7f}`), a sentence around it, and a note.
const LONGEST_SUMMARY: usize = 6 * LONGEST_LINE + 512;

/// How long the details may be, in bytes: about a hundred VMAs.
const LONGEST_DETAILS: usize = 8000;

/// What came of a command: one line that says it all, then a line for each VMA.
pub(super) struct Outcome {
    /// One line.
    pub(super) summary: Text,
    /// A line for each VMA, as long as there is room.
    pub(super) details: Text,
}

impl Outcome {
    /// Nothing to say yet. Fails with `ENOMEM`.
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            summary: Text::with_capacity(LONGEST_SUMMARY)?,
            details: Text::with_capacity(LONGEST_DETAILS)?,
        })
    }

    /// Says why a command was refused, which changed nothing. Returns the error for the writer.
    pub(super) fn refuse(&mut self, errno: Error, why: fmt::Arguments<'_>) -> Result {
        self.summarize(fmt!(
            "refused ({}): {why}; nothing has changed",
            ErrnoName(errno)
        ));
        Err(errno)
    }

    /// Adds a line to the summary. One that does not fit is left out rather than cut.
    pub(super) fn summarize(&mut self, line: fmt::Arguments<'_>) {
        let _ = self.summary.append(fmt!("{line}\n"));
    }
}

/// The outcome of the last command that anybody gave.
#[pin_data]
pub(super) struct LastOutcome {
    #[pin]
    outcome: Mutex<Option<Arc<Outcome>>>,
}

impl LastOutcome {
    /// No command was given yet.
    pub(super) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            outcome <- new_mutex!(None),
        })
    }

    /// Replaces it.
    pub(super) fn set(&self, outcome: Arc<Outcome>) {
        // The old one is freed after the lock is released.
        let _old = self.outcome.lock().replace(outcome);
    }

    /// Says why something was refused that was written to another file. Returns the error for the
    /// writer.
    pub(super) fn refuse(&self, errno: Error, why: fmt::Arguments<'_>) -> Result {
        let mut outcome = UniqueArc::new(Outcome::new()?, GFP_KERNEL)?;
        let result = outcome.refuse(errno, why);
        self.set(outcome.into());
        result
    }

    /// The outcome, if a command was given.
    pub(super) fn get(&self) -> Option<Arc<Outcome>> {
        self.outcome.lock().clone()
    }
}

/// The name of an errno, as programs spell it.
pub(super) struct ErrnoName(pub(super) Error);

impl fmt::Display for ErrnoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (E2BIG, "E2BIG"),
            (EILSEQ, "EILSEQ"),
            (EINTR, "EINTR"),
            (EINVAL, "EINVAL"),
            (ENOMEM, "ENOMEM"),
            (ESRCH, "ESRCH"),
        ];
        match names.iter().find(|(errno, _)| *errno == self.0) {
            Some((_, name)) => f.write_str(name),
            None => write!(f, "errno {}", -self.0.to_errno()),
        }
    }
}
