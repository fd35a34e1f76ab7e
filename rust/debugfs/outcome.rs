// SPDX-License-Identifier: GPL-2.0

//! The outcome of a write, in words, for readers of `ctl` and `plan`.

use super::command::{
    BadCommand,
    LONGEST_SENTENCE, //
};
use crate::{
    errno::ErrnoName,
    process::may_administer,
    sys::debugfs::Unseen,
    text::Text, //
};
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

/// The maximum size of the details, in bytes: about a hundred VMAs.
const LONGEST_DETAILS: usize = 16000;

/// The maximum size of the summary of several changes by `plan`, in bytes, without the lists of their parts.
const LONGEST_FORECAST: usize = 4096;

/// The longest sentence about the number of lines that are not listed, in bytes.
const LONGEST_GAP: usize = 128;

/// The maximum size of the outcomes that are kept for the lines before the last one, in bytes.
const LONGEST_STORY: usize = 16384;

/// The reason for refusing a writer who may not administer the machine.
const NOT_ADMINISTRATOR: &str = "this needs CAP_SYS_ADMIN, which you do not have";

/// The outcome of a write: for each command, one line that sums it up, then a line for each VMA.
pub(super) struct WriteOutcome {
    /// The number of the line that is being carried out, if several lines were written.
    line: Option<usize>,
    /// The outcomes of the earlier lines, as far as they fit.
    story: Text,
    /// The number of earlier lines whose outcomes did not fit.
    untold: usize,
    /// The sentence that reports that number.
    gap: Text,
    /// The lines that sum up the last command.
    summary: Text,
    /// A line for each VMA of the last command, as far as the lines fit.
    pub(super) details: Text,
}

/// The number of lines in a write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    One,
    Several,
}

impl WriteOutcome {
    /// Returns an empty outcome. Fails with `ENOMEM`.
    pub(super) fn new(lines: Lines) -> Result<Self> {
        let (story, gap) = match lines {
            Lines::One => (0, 0),
            Lines::Several => (LONGEST_STORY, LONGEST_GAP),
        };
        Ok(Self {
            line: None,
            story: Text::with_capacity(story)?,
            untold: 0,
            gap: Text::with_capacity(gap)?,
            summary: Text::with_capacity(LONGEST_SENTENCE + LONGEST_FORECAST)?,
            details: Text::with_capacity(LONGEST_DETAILS)?,
        })
    }

    /// Returns the outcome of a write that was refused because there was no memory for its outcome. Fails with
    /// `ENOMEM`.
    fn without_memory() -> Result<Self> {
        let mut outcome = Self {
            line: None,
            story: Text::with_capacity(0)?,
            untold: 0,
            gap: Text::with_capacity(0)?,
            summary: Text::with_capacity(128)?,
            details: Text::with_capacity(0)?,
        };
        let _ = outcome.refuse(ENOMEM, fmt!("there was no memory for the outcome"));
        Ok(outcome)
    }

    /// Begins the outcome of line `number`, counted from one.
    pub(super) fn begin_line(&mut self, number: usize) {
        self.line = Some(number);
        if self.summary.as_bytes().is_empty() {
            return;
        }
        // Append both or neither: details without their summary would seem to belong to the previous line.
        let told = self.untold == 0
            && self.story.room() >= self.summary.as_bytes().len() + self.details.as_bytes().len()
            && self.story.append_text(&self.summary).is_ok()
            && self.story.append_text(&self.details).is_ok();
        if !told {
            self.untold += 1;
            self.gap.clear();
            let _ = self.gap.append(fmt!(
                "(earlier lines that were carried out and are not listed: {})\n",
                self.untold
            ));
        }
        self.summary.clear();
        self.details.clear();
    }

    /// Copies as much of the outcome, from byte `from` on, as fits into `text`. Returns the number of bytes copied.
    pub(super) fn copy(&self, from: usize, text: &mut Text) -> usize {
        let mut skip = from;
        let mut copied = 0;
        for part in [&self.story, &self.gap, &self.summary, &self.details] {
            let part = part.as_bytes();
            let rest = part.get(skip..).unwrap_or(&[]);
            skip = skip.saturating_sub(part.len());
            copied += text.append_some(rest);
        }
        copied
    }

    /// Fails if the writer may not administer the machine, and records the refusal.
    pub(super) fn require_administrator(&mut self) -> Result {
        if may_administer() {
            return Ok(());
        }
        self.refuse(EPERM, fmt!("{NOT_ADMINISTRATOR}"))
    }

    /// Sums up a command that was refused and changed nothing. Returns the error for the writer.
    pub(super) fn refuse(&mut self, errno: Error, why: fmt::Arguments<'_>) -> Result {
        // Lines before this one may have changed something.
        let unchanged = match self.line {
            Some(_) => "this line has changed nothing, and no line after it is carried out",
            None => "nothing has changed",
        };
        self.summarize(fmt!("refused ({}): {why}; {unchanged}", ErrnoName(errno)));
        Err(errno)
    }

    /// Adds a line to the summary. A line that does not fit is left out rather than cut.
    pub(super) fn summarize(&mut self, line: fmt::Arguments<'_>) {
        let _ = match self.line {
            Some(number) => self.summary.append(fmt!("line {number}: {line}\n")),
            None => self.summary.append(fmt!("{line}\n")),
        };
    }
}

/// The outcome of the last write.
#[pin_data]
pub(super) struct LastOutcome {
    #[pin]
    outcome: Mutex<Option<Arc<WriteOutcome>>>,
    /// The outcome that is used if there is no memory for the actual one.
    without_memory: Arc<WriteOutcome>,
}

impl LastOutcome {
    /// Returns an initializer that holds no outcome yet. Fails with `ENOMEM`.
    pub(super) fn new() -> Result<impl PinInit<Self>> {
        let without_memory = Arc::new(WriteOutcome::without_memory()?, GFP_KERNEL)?;
        Ok(pin_init!(Self {
            outcome <- new_mutex!(None),
            without_memory,
        }))
    }

    /// Returns the outcome of a write that was refused because there was no memory for its outcome.
    pub(super) fn without_memory(&self) -> Arc<WriteOutcome> {
        self.without_memory.clone()
    }

    /// Replaces the outcome.
    pub(super) fn set(&self, outcome: Arc<WriteOutcome>) {
        // The old outcome is freed after the lock is released.
        let _old = self.outcome.lock().replace(outcome);
    }

    /// Replaces the outcome with the refusal of a write to another file. Returns the error for the writer.
    pub(super) fn refuse(&self, errno: Error, why: fmt::Arguments<'_>) -> Result {
        let place = WriteOutcome::new(Lines::One)
            .and_then(|outcome| Ok(UniqueArc::new(outcome, GFP_KERNEL)?));
        let Ok(mut outcome) = place else {
            self.set(self.without_memory());
            return Err(errno);
        };
        let result = outcome.refuse(errno, why);
        self.set(outcome.into());
        result
    }

    /// Refuses a write to another file whose bytes could not be read. Returns the error for the writer.
    pub(super) fn refuse_unseen(&self, unseen: Unseen) -> Result {
        let bad = BadCommand::from(unseen);
        self.refuse(bad.errno(), fmt!("{bad}"))
    }

    /// Fails if a writer to another file may not administer the machine, and records the refusal.
    pub(super) fn require_administrator(&self) -> Result {
        if may_administer() {
            return Ok(());
        }
        self.refuse(EPERM, fmt!("{NOT_ADMINISTRATOR}"))
    }

    /// Returns the outcome.
    pub(super) fn get(&self) -> Option<Arc<WriteOutcome>> {
        self.outcome.lock().clone()
    }
}
