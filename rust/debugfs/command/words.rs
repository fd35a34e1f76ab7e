// SPDX-License-Identifier: GPL-2.0

//! Parsers for the single words of commands.

use super::bad::BadCommand;
use crate::{
    process::{
        change::{
            BadFlagChange,
            FlagChange,
            Mode,
            Modes,
            PolicySpec,
            Protection,
            LONGEST_NAME, //
        },
        CommandName,
        Who, //
    },
    vma::extent::{
        Range,
        RangeError,
        PAGE_SIZE, //
    },
};
use core::str::SplitAsciiWhitespace;

/// The words of a line that have not been read yet.
pub(crate) struct Words<'a> {
    line: &'a str,
    words: SplitAsciiWhitespace<'a>,
    /// The number of words that have been read.
    read: usize,
    /// An example of a line with the verb, once the verb is known.
    form: &'static str,
}

impl<'a> Words<'a> {
    /// Returns the words of a line.
    pub(super) fn of(line: &'a str) -> Self {
        Self {
            line,
            words: line.split_ascii_whitespace(),
            read: 0,
            form: "",
        }
    }

    /// Sets the example line that messages about later mistakes show.
    pub(super) fn expect(&mut self, form: &'static str) {
        self.form = form;
    }

    /// Reads a range.
    pub(super) fn range(&mut self) -> Result<Range, BadCommand<'a>> {
        let form = self.form;
        parse_range(self, form)
    }

    /// Reads the address of a page.
    pub(super) fn address(&mut self) -> Result<usize, BadCommand<'a>> {
        let word = self.next().ok_or(BadCommand::MissingAddress(self.form))?;
        let address = parse_address(word)?;
        if address % PAGE_SIZE != 0 {
            return Err(BadCommand::Unaligned(address));
        }
        Ok(address)
    }

    /// Reads an optional name: the rest of the line, spaces included.
    pub(super) fn name(&mut self) -> Result<Option<&'a str>, BadCommand<'a>> {
        self.words = "".split_ascii_whitespace();
        parse_name(self.line, self.read)
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.read += 1;
        self.words.next()
    }
}

/// Reads a range: two addresses as two words, or as one word with a hyphen between them, as in /proc/PID/maps. `form`
/// is an example of the line.
pub(crate) fn parse_range<'a>(
    words: &mut impl Iterator<Item = &'a str>,
    form: &'static str,
) -> Result<Range, BadCommand<'a>> {
    let word = words.next().ok_or(BadCommand::MissingRange(form))?;
    let (start, end) = match word.split_once('-') {
        Some(both) => both,
        None => (word, words.next().ok_or(BadCommand::MissingRange(form))?),
    };
    let (start, end) = (parse_address(start)?, parse_address(end)?);
    Range::new(start, end).map_err(|error| match error {
        RangeError::Unaligned(address) => BadCommand::Unaligned(address),
        RangeError::Reversed => BadCommand::Reversed(start, end),
    })
}

/// Reads a process: its id, `self`, or its command. A word that begins like a number has to be an id.
pub(crate) fn parse_who(word: &str) -> Result<Who, BadCommand<'_>> {
    if let Some(pid) = parse_decimal(word).filter(|pid| *pid > 0) {
        return Ok(Who::Id(pid));
    }
    if word.is_empty() || word.starts_with(|c: char| c.is_ascii_digit() || "+-".contains(c)) {
        return Err(BadCommand::BadPid(word));
    }
    Ok(match word {
        "self" => Who::Caller,
        command => Who::Called(CommandName::new(command)),
    })
}

/// Reads the number of a file descriptor.
pub(super) fn parse_descriptor(word: &str) -> Result<u32, BadCommand<'_>> {
    match parse_decimal(word) {
        Some(descriptor) => Ok(descriptor.unsigned_abs()),
        None => Err(BadCommand::BadDescriptor(word)),
    }
}

/// Reads a decimal number without a sign.
fn parse_decimal(word: &str) -> Option<i32> {
    let digits = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    word.parse().ok().filter(|_| digits)
}

fn parse_address(word: &str) -> Result<usize, BadCommand<'_>> {
    let prefixed = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"));
    let digits = prefixed.unwrap_or(word);
    // from_str_radix() would accept a sign.
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(BadCommand::BadAddress(word));
    }
    usize::from_str_radix(digits, 16).map_err(|_| BadCommand::BadAddress(word))
}

/// Reads a change to flags, `+name` or `-name`, and adds it to the changes before it.
pub(super) fn parse_flag_change(
    before: FlagChange,
    word: &str,
) -> Result<FlagChange, BadCommand<'_>> {
    before.and(word).map_err(|bad| match bad {
        BadFlagChange::Unknown => BadCommand::UnknownChange(word),
        BadFlagChange::Contradiction => BadCommand::Contradiction(word),
    })
}

/// Reads a protection, as /proc/PID/maps writes it: `rw-`.
pub(super) fn parse_protection(word: &str) -> Result<Protection, BadCommand<'_>> {
    let bad = BadCommand::BadProtection(word);
    let Ok(letters) = <[u8; 3]>::try_from(word.as_bytes()) else {
        return Err(bad);
    };
    let allowed = [
        (b'r', Protection::READ),
        (b'w', Protection::WRITE),
        (b'x', Protection::EXEC),
    ];
    let mut protection = Protection::NONE;
    for (letter, (expected, one)) in letters.into_iter().zip(allowed) {
        if letter == expected {
            protection = protection.or(one);
        } else if letter != b'-' {
            return Err(bad);
        }
    }
    Ok(protection)
}

/// Reads the rest of a line after its first `words` words: a name, or nothing.
fn parse_name(line: &str, words: usize) -> Result<Option<&str>, BadCommand<'_>> {
    let mut rest = line;
    for _ in 0..words {
        rest = rest.trim_ascii_start();
        let end = rest.find(|c: char| c.is_ascii_whitespace());
        rest = end.and_then(|end| rest.get(end..)).unwrap_or("");
    }
    let name = rest.trim_ascii();
    if name.is_empty() {
        return Ok(None);
    }
    if name.len() > LONGEST_NAME {
        return Err(BadCommand::LongName(name));
    }
    // The kernel accepts no other characters, so that names are safe in brackets and in shell quotes.
    let taken = |byte: u8| matches!(byte, b' '..=b'~') && !b"\\`$[]".contains(&byte);
    if !name.bytes().all(taken) {
        return Err(BadCommand::BadName(name));
    }
    Ok(Some(name))
}

/// Reads a policy: `default`, `bind:0,2-3`, `preferred:0` or `interleave:0,1`.
pub(super) fn parse_policy(word: &str) -> Result<PolicySpec, BadCommand<'_>> {
    let (mode, nodes) = match word.split_once(':') {
        None => (word, None),
        Some((mode, nodes)) => (mode, Some(nodes)),
    };
    let mode = match (mode, nodes) {
        ("default", None) => Mode::Default,
        ("bind", Some(_)) => Mode::Bind,
        ("preferred", Some(_)) => Mode::Preferred,
        ("interleave", Some(_)) => Mode::Interleave,
        _ => return Err(BadCommand::BadPolicy(word)),
    };
    let nodes = match nodes {
        None => 0,
        Some(nodes) => parse_nodes(nodes).ok_or(BadCommand::BadNodes(nodes))?,
    };
    if mode == Mode::Preferred && nodes.count_ones() > 1 {
        return Err(BadCommand::SeveralNodes(word));
    }
    Ok(PolicySpec { mode, nodes })
}

/// Reads a comma-separated list of nodes and ranges of nodes. Returns one bit for each node.
fn parse_nodes(list: &str) -> Option<usize> {
    let parse_node = |word: &str| {
        let node = u32::try_from(parse_decimal(word)?).ok()?;
        (node < usize::BITS).then_some(node)
    };
    let mut nodes = 0;
    for item in list.split(',') {
        let (first, last) = item.split_once('-').unwrap_or((item, item));
        let (first, last) = (parse_node(first)?, parse_node(last)?);
        if first > last {
            return None;
        }
        // The bits from the first to the last.
        nodes |= (usize::MAX >> (usize::BITS - 1 - (last - first))) << first;
    }
    Some(nodes)
}

/// Reads the modes of a userfaultfd: `missing`, `wp`, `minor`, or `none`.
pub(super) fn parse_modes<'a>(
    words: &mut impl Iterator<Item = &'a str>,
) -> Result<Modes, BadCommand<'a>> {
    let first = words.next().ok_or(BadCommand::MissingModes)?;
    if first == "none" {
        return Ok(Modes::NONE);
    }
    let add = |modes: Modes, word: &'a str| {
        let mode = match word {
            "missing" => Modes::MISSING,
            "wp" => Modes::WRITE_PROTECT,
            "minor" => Modes::MINOR,
            _ => return Err(BadCommand::UnknownMode(word)),
        };
        if modes.has(mode) {
            return Err(BadCommand::Contradiction(word));
        }
        Ok(modes.and(mode))
    };
    words.try_fold(add(Modes::NONE, first)?, add)
}
