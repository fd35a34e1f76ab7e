// SPDX-License-Identifier: GPL-2.0

//! The subject of a question: a process, or a range of its memory, and the level of detail.

use super::super::{
    command::{
        self,
        BadCommand, //
    },
    question::refuse, //
};
use crate::{
    process::{
        Pid,
        Who, //
    },
    sys::debugfs::Unseen,
    text::Text,
    vma::extent::Range, //
};
use kernel::{
    fmt,
    prelude::*, //
};

/// The syntax of a question.
const FORM: &str = "<pid>, or <pid> <start> <end>, with or without summary after it";

/// The memory that is explained, and the level of detail.
pub(in super::super) struct Subject {
    pub(super) pid: Pid,
    pub(super) range: Option<Range>,
    pub(super) level: Level,
}

/// The level of detail of an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Boundaries,
    Summary,
}

impl Subject {
    /// Parses a line, and finds its process. Fails, and writes the reason to `reason`, if the line has a mistake or
    /// the writer may not inspect that process.
    pub(super) fn parse(written: Result<&[u8], Unseen>, reason: &mut Text) -> Result<Self> {
        let (who, range, level) = match parse(written) {
            Ok(parsed) => parsed,
            Err(bad) => return Err(refuse(reason, bad.errno(), fmt!("{}", BadQuestion(bad)))),
        };
        match Pid::find_to_look_at(who) {
            Ok(pid) => Ok(Self { pid, range, level }),
            Err(none) => Err(refuse(reason, none.errno(), fmt!("{none}"))),
        }
    }
}

/// A mistake in a question.
struct BadQuestion<'a>(BadCommand<'a>);

impl fmt::Display for BadQuestion<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            BadCommand::Empty(form) => write!(f, "the line is empty; write {form}"),
            BadCommand::MissingRange(form) => {
                write!(f, "a range has two hexadecimal addresses; write {form}")
            }
            bad => f.write_fmt(fmt!("{bad}")),
        }
    }
}

fn parse(written: Result<&[u8], Unseen>) -> Result<(Who, Option<Range>, Level), BadCommand<'_>> {
    let mut words = command::line_of(written?)?
        .split_ascii_whitespace()
        .peekable();

    let who = command::parse_who(words.next().ok_or(BadCommand::Empty(FORM))?)?;
    let range = match words.peek() {
        None | Some(&"summary") => None,
        Some(_) => Some(command::parse_range(&mut words, FORM)?),
    };
    let level = match words.next() {
        None => Level::Boundaries,
        Some("summary") => Level::Summary,
        Some(word) => return Err(BadCommand::Surplus(word)),
    };
    match words.next() {
        None => Ok((who, range, level)),
        Some(word) => Err(BadCommand::Surplus(word)),
    }
}
