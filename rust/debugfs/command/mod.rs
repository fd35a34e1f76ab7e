// SPDX-License-Identifier: GPL-2.0

//! Parses commands: turns the bytes that a user wrote into a verb and its arguments, or into a message about the
//! mistake in them.
//!
//! ```text
//!   mod.rs      lines
//!   words.rs    single words: process ids, ranges, protections, nodes
//!   bad.rs      mistakes
//!   verbs.rs    the table of verbs
//! ```

mod bad;
mod verbs;
mod words;

pub(crate) use self::{
    bad::{
        BadCommand,
        LONGEST_LINE,
        LONGEST_SENTENCE, //
    },
    verbs::VERBS,
    words::{
        parse_range,
        parse_who, //
    },
};
use self::{
    verbs::WORDS,
    words::Words, //
};
use crate::process::{
    change::{
        Prospect,
        MOST_CHANGES, //
    },
    Who, //
};

/// A change, and the process whose memory it changes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Command<'a> {
    /// The process, in the pid namespace of the writer.
    pub(crate) who: Who,
    /// The change to its memory.
    pub(crate) change: Prospect<'a>,
}

/// Returns the one line that a user wrote, without a newline at its end.
pub(crate) fn line_of(bytes: &[u8]) -> Result<&str, BadCommand<'_>> {
    let line = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    if line.len() > LONGEST_LINE {
        return Err(BadCommand::Overlong(line.len()));
    }
    let line = core::str::from_utf8(line).map_err(|e| BadCommand::NotUtf8(e.valid_up_to()))?;
    if line.contains('\n') {
        return Err(BadCommand::SeveralLines);
    }
    Ok(line)
}

/// Returns whether a line is blank or a comment.
pub(crate) fn is_blank(line: &[u8]) -> bool {
    matches!(line.trim_ascii_start(), [] | [b'#', ..])
}

/// The commands of one line, joined by `and`, all about the same process.
#[derive(Debug)]
pub(crate) struct Joined<'a> {
    /// The process, in the pid namespace of the writer.
    pub(crate) who: Who,
    changes: [Option<Prospect<'a>>; MOST_CHANGES],
}

impl<'a> Joined<'a> {
    /// Returns the changes, in order.
    pub(crate) fn changes(&self) -> impl Iterator<Item = Prospect<'a>> + Clone + '_ {
        self.changes.iter().copied().flatten()
    }

    /// Returns the only change. Fails if there are several.
    pub(crate) fn only(&self) -> Result<Prospect<'a>, BadCommand<'a>> {
        let mut changes = self.changes();
        match (changes.next(), changes.next()) {
            (Some(change), None) => Ok(change),
            _ => Err(BadCommand::Joined),
        }
    }

    /// Adds a command.
    fn add(&mut self, command: &Command<'a>) -> Result<(), BadCommand<'a>> {
        if command.who != self.who {
            return Err(BadCommand::OtherProcess);
        }
        let place = self.changes.iter_mut().find(|change| change.is_none());
        *place.ok_or(BadCommand::ManyJoined)? = Some(command.change);
        Ok(())
    }
}

/// Parses the commands of one line, which `and` separates. A newline at the end is optional.
pub(crate) fn parse_joined(bytes: &[u8]) -> Result<Joined<'_>, BadCommand<'_>> {
    let (mut line, mut behind) = cut_at_joint(bytes);
    let first = parse(line)?;
    let mut joined = Joined {
        who: first.who,
        changes: [None; MOST_CHANGES],
    };
    joined.add(&first)?;
    let mut rest = bytes;
    while let Some(start) = behind {
        rest = rest.get(start..).unwrap_or_default();
        (line, behind) = cut_at_joint(rest);
        let position = bytes.len() - rest.len();
        let command = parse(line).map_err(|bad| match bad {
            BadCommand::Empty(_) => BadCommand::NothingJoined,
            BadCommand::NotUtf8(at) => BadCommand::NotUtf8(position + at),
            other => other,
        })?;
        joined.add(&command)?;
    }
    Ok(joined)
}

/// Returns the first command of a line, and the byte offset of the next command, if there is one.
///
/// After the verb `name`, `and` separates commands only if a verb follows; otherwise it is part of the name.
fn cut_at_joint(line: &[u8]) -> (&[u8], Option<usize>) {
    const JOINT: &[u8] = b"and";
    let word_at = |at: usize| {
        let word = line.get(at..).unwrap_or_default();
        let length = word.iter().position(u8::is_ascii_whitespace);
        word.get(..length.unwrap_or(word.len())).unwrap_or_default()
    };
    let next_word = |from: usize| {
        let rest = line.get(from..).unwrap_or_default();
        let blanks = rest.iter().position(|byte| !byte.is_ascii_whitespace());
        blanks.map(|blanks| from + blanks)
    };
    let is_verb = |word: &[u8]| WORDS.iter().any(|verb| verb.as_bytes() == word);

    let first = next_word(0);
    let gives_name = first.is_some_and(|at| word_at(at) == b"name");
    let mut place = first;
    while let Some(at) = place {
        let word = word_at(at);
        let behind = next_word(at + word.len());
        let joins = word == JOINT
            && place != first
            && (!gives_name || behind.is_some_and(|at| is_verb(word_at(at))));
        if joins {
            return (line.get(..at).unwrap_or(line), Some(at + word.len()));
        }
        place = behind;
    }
    (line, None)
}

/// Parses one command. A newline at the end is optional.
pub(crate) fn parse(bytes: &[u8]) -> Result<Command<'_>, BadCommand<'_>> {
    let mut words = Words::of(line_of(bytes)?);
    let [first, ..] = &VERBS;
    let word = words.next().filter(|_| !is_blank(bytes));
    let word = word.ok_or(BadCommand::Empty(first.form))?;
    let row = VERBS.iter().find(|row| row.word == word);
    let row = row.ok_or(BadCommand::UnknownVerb(word, &WORDS))?;

    words.expect(row.form);
    let who = parse_who(words.next().ok_or(BadCommand::MissingPid(row.form))?)?;
    let change = (row.read)(&mut words)?;
    match words.next() {
        Some(word) => Err(BadCommand::Surplus(word)),
        None => Ok(Command { who, change }),
    }
}
