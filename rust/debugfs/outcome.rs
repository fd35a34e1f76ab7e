// SPDX-License-Identifier: GPL-2.0

//! The outcome of a command, in words, for readers of `ctl`.

use super::command::LONGEST_LINE;
use crate::{
    errno::ErrnoName,
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

/// How long a summary may be, in bytes: a whole line that is quoted, with every byte escaped
/// (`\u{7f}`), a sentence around it, and a note.
const LONGEST_SUMMARY: usize = 6 * LONGEST_LINE + 512;

/// How long the details may be, in bytes: about a hundred VMAs.
const LONGEST_DETAILS: usize = 8000;

/// How long a sentence about lines that are not listed may be, in bytes.
const LONGEST_GAP: usize = 128;

/// How much is kept of what came of the lines before the last one, in bytes.
const LONGEST_STORY: usize = 16384;

/// The outcome of a write, command by command: one line that sums it up, then a line for each VMA.
pub(super) struct WriteOutcome {
    /// Which line of several it is that is being carried out.
    line: Option<usize>,
    /// The outcome of the lines before it, as long as there is room.
    story: Text,
    /// How many of them there was no room for.
    untold: usize,
    /// Says so.
    gap: Text,
    /// One line.
    summary: Text,
    /// A line for each VMA, as long as there is room.
    pub(super) details: Text,
}

/// How many lines were written at once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    One,
    Several,
}

impl WriteOutcome {
    /// Nothing to say yet, of one line or of several. Fails with `ENOMEM`.
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
            summary: Text::with_capacity(LONGEST_SUMMARY)?,
            details: Text::with_capacity(LONGEST_DETAILS)?,
        })
    }

    /// Begins the outcome of that line of several, counted from one.
    pub(super) fn begin_line(&mut self, number: usize) {
        self.line = Some(number);
        if self.summary.as_bytes().is_empty() {
            return;
        }
        // Either both or neither: details without their summary would belong to the line before.
        let told = self.untold == 0
            && self.story.room() >= self.summary.as_bytes().len() + self.details.as_bytes().len()
            && self.story.append_text(&self.summary).is_ok()
            && self.story.append_text(&self.details).is_ok();
        if !told {
            self.untold += 1;
            self.gap.clear();
            let _ = self.gap.append(fmt!(
                "(lines carried out before the next one, and not listed: {})\n",
                self.untold
            ));
        }
        self.summary.clear();
        self.details.clear();
    }

    /// Copies as much as fits into `text`, from that byte on; says how many bytes.
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

    /// Says why a command was refused, which changed nothing. Returns the error for the writer.
    pub(super) fn refuse(&mut self, errno: Error, why: fmt::Arguments<'_>) -> Result {
        // Of several lines, those before may have.
        let unchanged = match self.line {
            Some(_) => "nothing has changed by this line, and none after it is carried out",
            None => "nothing has changed",
        };
        self.summarize(fmt!("refused ({}): {why}; {unchanged}", ErrnoName(errno)));
        Err(errno)
    }

    /// Adds a line to the summary. One that does not fit is left out rather than cut.
    pub(super) fn summarize(&mut self, line: fmt::Arguments<'_>) {
        let _ = match self.line {
            Some(number) => self.summary.append(fmt!("line {number}: {line}\n")),
            None => self.summary.append(fmt!("{line}\n")),
        };
    }
}

/// The outcome of the last command that anybody gave.
#[pin_data]
pub(super) struct LastOutcome {
    #[pin]
    outcome: Mutex<Option<Arc<WriteOutcome>>>,
}

impl LastOutcome {
    /// No command was given yet.
    pub(super) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            outcome <- new_mutex!(None),
        })
    }

    /// Replaces it.
    pub(super) fn set(&self, outcome: Arc<WriteOutcome>) {
        // The old one is freed after the lock is released.
        let _old = self.outcome.lock().replace(outcome);
    }

    /// Says why something was refused that was written to another file. Returns the error for the
    /// writer.
    pub(super) fn refuse(&self, errno: Error, why: fmt::Arguments<'_>) -> Result {
        let mut outcome = UniqueArc::new(WriteOutcome::new(Lines::One)?, GFP_KERNEL)?;
        let result = outcome.refuse(errno, why);
        self.set(outcome.into());
        result
    }

    /// The outcome, if a command was given.
    pub(super) fn get(&self) -> Option<Arc<WriteOutcome>> {
        self.outcome.lock().clone()
    }
}
