// SPDX-License-Identifier: GPL-2.0

//! Reading commands: from bytes that somebody wrote to an action, or to a sentence that says what is wrong.
//!
//! ```text
//!   mod.rs      lines
//!   words.rs    single words: process ids, ranges, protections, nodes
//!   bad.rs      mistakes
//!   verbs.rs    the verbs
//! ```

mod bad;
mod verbs;
mod words;

pub(crate) use self::{
    bad::{
        BadCommand,
        LONGEST_LINE, //
    },
    verbs::VERBS,
    words::{
        parse_pid,
        parse_range, //
    },
};
use self::{
    verbs::WORDS,
    words::Words, //
};
use crate::process::change::Action;

/// An action, and the process that it is for.
#[derive(Debug)]
pub(crate) struct Command<'a> {
    /// The process, in the pid namespace of the writer.
    pub(crate) pid: i32,
    /// The change of its memory.
    pub(crate) action: Action<'a>,
}

/// Returns the one line that somebody has written, without the newline at its end, if there is one.
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

/// Reads one line, with or without a newline at its end.
pub(crate) fn parse(bytes: &[u8]) -> Result<Command<'_>, BadCommand<'_>> {
    let mut words = Words::of(line_of(bytes)?);
    let [first, ..] = &VERBS;
    let word = words.next().ok_or(BadCommand::Empty(first.form))?;
    let verb = VERBS.iter().find(|verb| verb.word == word);
    let verb = verb.ok_or(BadCommand::UnknownVerb(word, &WORDS))?;

    words.expect(verb.form);
    let pid = parse_pid(words.next().ok_or(BadCommand::MissingPid(verb.form))?)?;
    let action = (verb.read)(&mut words)?;
    match words.next() {
        Some(word) => Err(BadCommand::Surplus(word)),
        None => Ok(Command { pid, action }),
    }
}
