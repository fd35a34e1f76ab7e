// SPDX-License-Identifier: GPL-2.0

//! `ctl`: changes the VMAs of a process.
//!
//! Write lines (see `command/`), then read their outcome (see `outcome.rs`). Lines after the first one that fails are
//! ignored. A reader gets the outcome of the last write through the same open file. If there was none, the reader
//! gets the outcome of the last write through any open file.

use super::{
    command::{
        is_blank,
        parse_joined,
        BadCommand,
        Joined, //
    },
    outcome::{
        LastOutcome,
        Lines,
        WriteOutcome, //
    }, //
};
use crate::{
    errno::ErrnoName,
    process::change::carry_out,
    sys::debugfs::{
        DebugfsFile,
        Unseen, //
    },
    text::Text, //
};
use core::marker::PhantomData;
use kernel::{
    prelude::*,
    sync::{
        Arc,
        UniqueArc, //
    }, //
};

/// The largest write, in bytes.
const LONGEST_WRITE: usize = 4096;

/// A handler of commands: it carries them out, or predicts them.
pub(super) trait Treat: Send + Unpin + 'static {
    /// Handles the commands of a line, and writes their outcome to `outcome`.
    fn treat(commands: &Joined<'_>, outcome: &mut WriteOutcome) -> Result;
}

/// The handler that carries commands out.
pub(super) struct Ctl;

impl Treat for Ctl {
    fn treat(commands: &Joined<'_>, outcome: &mut WriteOutcome) -> Result {
        let change = match commands.only() {
            Ok(change) => change,
            Err(bad) => return outcome.refuse(bad.errno(), fmt!("{bad}")),
        };
        let (result, counts) = carry_out(commands.who, &change, &mut outcome.details);
        let result = match result {
            Ok(()) => {
                outcome.summarize(fmt!("done: {counts}"));
                Ok(())
            }
            Err(failure) if counts.nothing_changed() => {
                outcome.refuse(failure.errno(), fmt!("{failure}"))
            }
            Err(failure) => {
                let errno = failure.errno();
                outcome.summarize(fmt!(
                    "stopped ({}): {failure}; before that: {counts}",
                    ErrnoName(errno)
                ));
                Err(errno)
            }
        };
        if counts.unlisted > 0 {
            outcome.summarize(fmt!("({} more VMAs are not listed)", counts.unlisted));
        }
        result
    }
}

/// An open file that takes commands.
pub(super) struct Commands<T> {
    _treat: PhantomData<T>,
    last: Arc<LastOutcome>,
    /// The outcome of the last write through this open file.
    own: Option<Arc<WriteOutcome>>,
    /// The outcome that is being read, and the number of bytes read so far.
    unread: Option<(Arc<WriteOutcome>, usize)>,
}

impl<T: Treat> DebugfsFile for Commands<T> {
    type Shared = LastOutcome;

    const LONGEST_WRITE: usize = LONGEST_WRITE;

    fn open(last: Arc<LastOutcome>) -> Result<Self> {
        Ok(Self {
            _treat: PhantomData,
            last,
            own: None,
            unread: None,
        })
    }

    fn write(&mut self, written: Result<&[u8], Unseen>) -> Result {
        let (outcome, result) =
            treat::<T>(written).unwrap_or_else(|errno| (self.last.without_memory(), Err(errno)));
        self.last.set(outcome.clone());
        self.own = Some(outcome);
        result
    }

    fn rewind(&mut self) -> Result {
        let outcome = self.own.clone().or_else(|| self.last.get());
        self.unread = outcome.map(|outcome| (outcome, 0));
        Ok(())
    }

    fn produce(&mut self, text: &mut Text) -> Result {
        if let Some((outcome, read)) = &mut self.unread {
            *read += outcome.copy(*read, text);
        }
        Ok(())
    }
}

/// Handles the lines of a write. Returns the outcome, and the result for the writer. Fails with `ENOMEM` before it
/// handles any line.
fn treat<T: Treat>(written: Result<&[u8], Unseen>) -> Result<(Arc<WriteOutcome>, Result)> {
    let text = written.map(|bytes| bytes.strip_suffix(b"\n").unwrap_or(bytes));
    let lines = match text {
        Ok(text) if text.contains(&b'\n') => Lines::Several,
        _ => Lines::One,
    };
    // Allocated first, so that every outcome can be reported.
    let mut outcome = UniqueArc::new(WriteOutcome::new(lines)?, GFP_KERNEL)?;
    let result = match text {
        Ok(text) => outcome
            .require_administrator()
            .and_then(|()| run_lines::<T>(text, lines, &mut outcome)),
        Err(Unseen::Overlong(length)) => outcome.refuse(
            E2BIG,
            fmt!("a write of {length} bytes is too long; write at most {LONGEST_WRITE} at a time"),
        ),
        Err(unseen) => {
            let bad = BadCommand::from(unseen);
            outcome.refuse(bad.errno(), fmt!("{bad}"))
        }
    };
    Ok((outcome.into(), result))
}

/// Handles the lines in order, up to the first one that fails. Skips blank lines and comments, unless there are no
/// other lines.
fn run_lines<T: Treat>(text: &[u8], lines: Lines, outcome: &mut WriteOutcome) -> Result {
    let all = || text.split(|&byte| byte == b'\n');
    let has_command = all().any(|line| !is_blank(line));
    for (index, line) in all().enumerate() {
        if has_command && is_blank(line) {
            continue;
        }
        if lines == Lines::Several {
            outcome.begin_line(index + 1);
        }
        match parse_joined(line) {
            Ok(commands) => T::treat(&commands, outcome)?,
            Err(bad) => return outcome.refuse(bad.errno(), fmt!("{bad}")),
        }
    }
    Ok(())
}
