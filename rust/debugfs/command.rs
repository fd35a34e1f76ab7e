// SPDX-License-Identifier: GPL-2.0

//! Reading commands: from bytes that somebody wrote to what they want, or to a sentence that says
//! what is wrong.

use crate::vma::{
    extent::{
        Range,
        RangeError,
        PAGE_SIZE, //
    },
    sys::{
        flags,
        VmaFlags, //
    }, //
};
use kernel::{
    fmt,
    prelude::*, //
};

/// The longest line, in bytes, without the newline.
pub(crate) const LONGEST_LINE: usize = 255;

/// `flags <pid> <start> <end> <change>...`
#[derive(Debug)]
pub(crate) struct FlagsCommand {
    /// The process, in the pid namespace of whoever writes.
    pub(crate) pid: i32,
    /// The memory, which may be that of several VMAs.
    pub(crate) range: Range,
    /// What is to become of their flags.
    pub(crate) change: Change,
}

/// A change to flags: some are set, some cleared, all others stay.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    set: VmaFlags,
    clear: VmaFlags,
    named: VmaFlags,
}

impl Change {
    const NONE: Self = Self {
        set: VmaFlags::EMPTY,
        clear: VmaFlags::EMPTY,
        named: VmaFlags::EMPTY,
    };

    /// The flags as they will be.
    pub(crate) fn apply(&self, flags: VmaFlags) -> VmaFlags {
        flags.without(self.clear).union(self.set)
    }

    /// Whether one of these flags is to be cleared by name.
    pub(crate) fn clears(&self, flags: VmaFlags) -> bool {
        self.named.without(self.set).intersects(flags)
    }
}

/// What is wrong with a command.
#[derive(Debug)]
pub(crate) enum BadCommand<'a> {
    Empty,
    Overlong(usize),
    NotUtf8(usize),
    SeveralLines,
    UnknownVerb(&'a str),
    MissingPid,
    BadPid(&'a str),
    MissingAddress,
    BadAddress(&'a str),
    Unaligned(usize),
    Reversed(usize, usize),
    MissingChange,
    UnknownChange(&'a str),
    Contradiction(&'a str),
    Surplus(&'a str),
}

impl BadCommand<'_> {
    /// The errno for programs.
    pub(crate) fn errno(&self) -> Error {
        match self {
            Self::Overlong(_) => E2BIG,
            Self::NotUtf8(_) => EILSEQ,
            _ => EINVAL,
        }
    }
}

impl fmt::Display for BadCommand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const FORM: &str = "flags <pid> <start> <end> +dontfork";
        const CHANGES: &str = "dontfork, dontdump, seq or rand, with + or - before it";

        match self {
            Self::Empty => write!(f, "the line is empty; write for example: {FORM}"),
            Self::Overlong(length) => write!(
                f,
                "{length} bytes are too long for a line; it may have {LONGEST_LINE}"
            ),
            Self::NotUtf8(position) => {
                write!(f, "the byte at position {position} is not part of any UTF-8 text")
            }
            Self::SeveralLines => write!(f, "there is a second line; write one line at a time"),
            Self::UnknownVerb(verb) => write!(
                f,
                "there is no verb '{}'; the verbs are: flags",
                verb.escape_default()
            ),
            Self::MissingPid => write!(f, "the process id is missing; write: {FORM}"),
            Self::BadPid(pid) => write!(
                f,
                "'{}' is not a process id; write a decimal number from 1 to {}",
                pid.escape_default(),
                i32::MAX
            ),
            Self::MissingAddress => write!(
                f,
                "the range is missing; write two hexadecimal addresses: {FORM}"
            ),
            Self::BadAddress(address) => write!(
                f,
                "'{}' is not an address; write it in hexadecimal, as /proc/PID/maps does",
                address.escape_default()
            ),
            Self::Unaligned(address) => write!(
                f,
                "{address:x} is no multiple of the page size, {PAGE_SIZE:x}; the page starts at {:x}",
                address - address % PAGE_SIZE
            ),
            Self::Reversed(start, end) => write!(
                f,
                "the range {start:x}-{end:x} is empty or reversed; it has to end after it starts"
            ),
            Self::MissingChange => write!(f, "the change is missing; write {CHANGES}"),
            Self::UnknownChange(change) => write!(
                f,
                "there is no change '{}'; write {CHANGES}",
                change.escape_default()
            ),
            Self::Surplus(word) => write!(f, "'{}' is one word too many", word.escape_default()),
            Self::Contradiction(change) => write!(
                f,
                "'{}' contradicts a change before it, or repeats it",
                change.escape_default()
            ),
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
pub(crate) fn parse(bytes: &[u8]) -> Result<FlagsCommand, BadCommand<'_>> {
    let mut words = line_of(bytes)?.split_ascii_whitespace();
    match words.next() {
        None => Err(BadCommand::Empty),
        Some("flags") => parse_flags(words),
        Some(verb) => Err(BadCommand::UnknownVerb(verb)),
    }
}

fn parse_flags<'a>(
    mut words: impl Iterator<Item = &'a str>,
) -> Result<FlagsCommand, BadCommand<'a>> {
    let pid = parse_pid(words.next().ok_or(BadCommand::MissingPid)?)?;
    let range = parse_range(&mut words)?;
    let first = parse_change(Change::NONE, words.next().ok_or(BadCommand::MissingChange)?)?;
    let change = words.try_fold(first, parse_change)?;
    Ok(FlagsCommand { pid, range, change })
}

/// Reads two addresses.
pub(crate) fn parse_range<'a>(
    words: &mut impl Iterator<Item = &'a str>,
) -> Result<Range, BadCommand<'a>> {
    let start = parse_address(words.next().ok_or(BadCommand::MissingAddress)?)?;
    let end = parse_address(words.next().ok_or(BadCommand::MissingAddress)?)?;
    Range::new(start, end).map_err(|error| match error {
        RangeError::Unaligned(address) => BadCommand::Unaligned(address),
        RangeError::Reversed => BadCommand::Reversed(start, end),
    })
}

/// Reads a process id.
pub(crate) fn parse_pid(word: &str) -> Result<i32, BadCommand<'_>> {
    let digits = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    match word.parse() {
        Ok(pid) if digits && pid > 0 => Ok(pid),
        _ => Err(BadCommand::BadPid(word)),
    }
}

fn parse_address(word: &str) -> Result<usize, BadCommand<'_>> {
    let digits = word.strip_prefix("0x").unwrap_or(word);
    // from_str_radix() would take a sign.
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(BadCommand::BadAddress(word));
    }
    usize::from_str_radix(digits, 16).map_err(|_| BadCommand::BadAddress(word))
}

/// Adds one change, `+name` or `-name`, to those before it.
///
/// What each does is what madvise does for it: `+seq` also ends `+rand` and the other way round.
fn parse_change(so_far: Change, word: &str) -> Result<Change, BadCommand<'_>> {
    let (flag, excluded) = match word.strip_prefix(['+', '-']) {
        Some("dontfork") => (flags::DONTCOPY, VmaFlags::EMPTY),
        Some("dontdump") => (flags::DONTDUMP, VmaFlags::EMPTY),
        Some("seq") => (flags::SEQ_READ, flags::RAND_READ),
        Some("rand") => (flags::RAND_READ, flags::SEQ_READ),
        _ => return Err(BadCommand::UnknownChange(word)),
    };
    let named = so_far.named.union(flag);

    let change = if word.starts_with('+') {
        if so_far.set.intersects(excluded) {
            return Err(BadCommand::Contradiction(word));
        }
        Change {
            set: so_far.set.union(flag),
            clear: so_far.clear.union(excluded),
            named,
        }
    } else {
        Change {
            set: so_far.set,
            clear: so_far.clear.union(flag),
            named,
        }
    };
    if so_far.named.intersects(flag) {
        return Err(BadCommand::Contradiction(word));
    }
    Ok(change)
}
