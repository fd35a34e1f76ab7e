// SPDX-License-Identifier: GPL-2.0

//! Reading commands: from bytes that somebody wrote to what they want, or to a sentence that says
//! what is wrong.
//!
//! ```text
//!   mod.rs      what can be asked for, and the verbs
//!   words.rs    single words: process ids, ranges, protections, nodes
//!   change.rs   changes to flags
//!   bad.rs      what can be wrong
//! ```

mod bad;
mod change;
mod words;

use self::words::{
    next_address,
    parse_descriptor,
    parse_modes,
    parse_name,
    parse_placement,
    parse_protection, //
};
pub(crate) use self::{
    bad::BadCommand,
    change::Change,
    words::{
        parse_pid,
        parse_range,
        LONGEST_NAME, //
    },
};
use crate::{
    process::sys::{
        policy::Mode,
        protection::Protection,
        userfaultfd::Modes, //
    },
    vma::extent::Range, //
};

/// The longest line, in bytes, without the newline.
pub(crate) const LONGEST_LINE: usize = 255;

/// What is to be done, and to whom.
#[derive(Debug)]
pub(crate) struct Command<'a> {
    /// The process, in the pid namespace of whoever writes.
    pub(crate) pid: i32,
    /// What is to be done to its memory.
    pub(crate) action: Action<'a>,
}

/// What is to be done to the memory of a process. A range may be that of several VMAs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action<'a> {
    /// Flags that are advice are set and cleared.
    Flags(Range, Change),
    /// It may be accessed so.
    Protect(Range, Protection),
    /// It is given this name, or none.
    Name(Range, Option<&'a str>),
    /// It is placed so.
    Policy(Range, Placement),
    /// A userfaultfd, the one with this descriptor, is told of it from now on, or no longer.
    Userfaultfd(Range, u32, Modes),
    /// It is mapped, where nothing is.
    New(Range, Protection),
    /// It is added to the VMA that ends where it starts.
    Extend(Range),
    /// The VMA there is cut in two, at this address (bytes).
    Split(usize),
}

/// Where memory is placed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Placement {
    /// How.
    pub(crate) mode: Mode,
    /// On which nodes, a bit for each.
    pub(crate) nodes: usize,
}

/// The first word of a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verb {
    Flags,
    Protect,
    Name,
    Policy,
    Userfaultfd,
    New,
    Extend,
    Split,
}

impl Verb {
    const ALL: [Self; 8] = [
        Self::Flags,
        Self::Protect,
        Self::Name,
        Self::Policy,
        Self::Userfaultfd,
        Self::New,
        Self::Extend,
        Self::Split,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::Flags => "flags",
            Self::Protect => "protect",
            Self::Name => "name",
            Self::Policy => "policy",
            Self::Userfaultfd => "uffd",
            Self::New => "new",
            Self::Extend => "extend",
            Self::Split => "split",
        }
    }

    /// What a command with it looks like.
    const fn form(self) -> &'static str {
        match self {
            Self::Flags => "flags <pid> <start> <end> +dontfork",
            Self::Protect => "protect <pid> <start> <end> rw-",
            Self::Name => "name <pid> <start> <end> [<name>]",
            Self::Policy => "policy <pid> <start> <end> bind:0",
            Self::Userfaultfd => "uffd <pid> <start> <end> <descriptor> missing",
            Self::New => "new <pid> <start> <end> [rw-]",
            Self::Extend => "extend <pid> <start> <end>",
            Self::Split => "split <pid> <address>",
        }
    }
}

/// The one line that somebody has written, without the newline at its end, if there is one.
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
    let line = line_of(bytes)?;
    let mut words = line.split_ascii_whitespace();
    let word = words.next().ok_or(BadCommand::Empty)?;
    let verb = Verb::ALL
        .into_iter()
        .find(|verb| verb.word() == word)
        .ok_or(BadCommand::UnknownVerb(word))?;
    let form = verb.form();

    let pid = parse_pid(words.next().ok_or(BadCommand::MissingPid(form))?)?;
    let action = match verb {
        Verb::Split => Action::Split(next_address(&mut words, form)?),
        Verb::Name => {
            let range = parse_range(&mut words, form)?;
            // A name may have spaces in it: it is the rest of the line, after four words.
            let name = parse_name(line)?;
            return Ok(Command {
                pid,
                action: Action::Name(range, name),
            });
        }
        Verb::Flags => {
            let range = parse_range(&mut words, form)?;
            let first = words.next().ok_or(BadCommand::MissingChange)?;
            let change = words.try_fold(Change::NONE.and(first)?, Change::and)?;
            Action::Flags(range, change)
        }
        Verb::Protect => {
            let range = parse_range(&mut words, form)?;
            let word = words.next().ok_or(BadCommand::MissingProtection)?;
            Action::Protect(range, parse_protection(word)?)
        }
        Verb::Policy => {
            let range = parse_range(&mut words, form)?;
            let word = words.next().ok_or(BadCommand::MissingPolicy)?;
            Action::Policy(range, parse_placement(word)?)
        }
        Verb::Userfaultfd => {
            let range = parse_range(&mut words, form)?;
            let word = words.next().ok_or(BadCommand::MissingDescriptor)?;
            let descriptor = parse_descriptor(word)?;
            Action::Userfaultfd(range, descriptor, parse_modes(&mut words)?)
        }
        Verb::New => {
            let range = parse_range(&mut words, form)?;
            let protection = match words.next() {
                Some(word) => parse_protection(word)?,
                None => Protection::READ.or(Protection::WRITE),
            };
            Action::New(range, protection)
        }
        Verb::Extend => Action::Extend(parse_range(&mut words, form)?),
    };
    match words.next() {
        Some(word) => Err(BadCommand::Surplus(word)),
        None => Ok(Command { pid, action }),
    }
}
