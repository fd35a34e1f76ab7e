// SPDX-License-Identifier: GPL-2.0

//! Reading commands: from the bytes that a user wrote to a verb, or to a sentence about the mistake in them.
//!
//! ```text
//!   mod.rs      lines
//!   words.rs    single words: process ids, ranges, protections, nodes
//!   bad.rs      mistakes
//!   verbs.rs    the words of the verbs
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
    change::Prospect,
    Who, //
};

/// A change, and the process that it is about.
#[derive(Debug)]
pub(crate) struct Command<'a> {
    /// The process, in the pid namespace of the writer.
    pub(crate) who: Who,
    /// The change of its memory.
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

/// Whether a line has nothing but blanks, or a comment.
pub(crate) fn is_blank(line: &[u8]) -> bool {
    matches!(line.trim_ascii_start(), [] | [b'#', ..])
}

/// Reads one line, with or without a newline at its end.
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
