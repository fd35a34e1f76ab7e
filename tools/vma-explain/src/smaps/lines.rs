// SPDX-License-Identifier: GPL-2.0

//! Reads the lines of a file, with their numbers, and the words and numbers in them.

use crate::problem::{
    Problem,
    Result, //
};
use std::{
    fmt,
    io::{
        BufRead,
        ErrorKind,
        Read, //
    },
    str,
};

/// The limit for the length of a line, in bytes. Lines of smaps are shorter: a path has at most 4096 bytes, each of
/// which may be written as four characters.
const LONGEST_LINE: u64 = 1 << 15;

/// The lines of a file.
pub(super) struct Lines<R> {
    name: String,
    lines: R,
    /// The number of the last line that was read.
    pub(super) number: usize,
}

impl<R: BufRead> Lines<R> {
    /// Returns the lines of the file `name`.
    pub(super) fn of(name: String, lines: R) -> Self {
        Self {
            name,
            lines,
            number: 0,
        }
    }

    /// Returns the next line. A last line without a newline was cut off, and is left out.
    pub(super) fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let lines = self.lines.by_ref();
        let read = lines.take(LONGEST_LINE).read_until(b'\n', &mut line);
        let read = read.map_err(|error| match error.kind() {
            ErrorKind::PermissionDenied => Problem::new(format!(
                "you may not read {}: be the owner of the process, or root",
                self.name
            )),
            _ => Problem::new(format!("{} cannot be read: {error}", self.name)),
        })?;
        self.number += 1;
        if read as u64 == LONGEST_LINE {
            return Err(self.problem(format_args!("the line is too long")));
        }
        if line.pop() != Some(b'\n') {
            return Ok(None);
        }
        if line.ends_with(b"\r") {
            line.pop();
        }
        Ok(Some(line))
    }

    /// Returns a problem with the last line that was read.
    pub(super) fn problem(&self, words: fmt::Arguments<'_>) -> Problem {
        self.problem_in(self.number, words)
    }

    /// Returns a problem with the line that has this number.
    pub(super) fn problem_in(&self, number: usize, words: fmt::Arguments<'_>) -> Problem {
        Problem::new(format!("{}, line {number}: {words}", self.name))
    }

    /// Returns a problem with the whole file.
    pub(super) fn problem_of_all(&self, words: fmt::Arguments<'_>) -> Problem {
        Problem::new(format!("{} {words}", self.name))
    }
}

/// Returns the bytes before and after the separator.
pub(super) fn split_at(bytes: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let place = bytes.iter().position(|byte| *byte == separator)?;
    let (before, after) = bytes.split_at(place);
    Some((before, after.get(1..)?))
}

/// Reads a hexadecimal number without a sign.
pub(super) fn hexadecimal(digits: &[u8]) -> Option<usize> {
    number(digits, 16)
}

/// Reads a decimal number without a sign, which may have blanks around it.
pub(super) fn decimal(digits: &[u8]) -> Option<usize> {
    number(digits.trim_ascii(), 10)
}

fn number(digits: &[u8], radix: u32) -> Option<usize> {
    let digits = str::from_utf8(digits).ok()?;
    let has_no_sign = digits.bytes().all(|digit| digit.is_ascii_alphanumeric());
    usize::from_str_radix(digits, radix)
        .ok()
        .filter(|_| has_no_sign)
}

/// Returns the beginning of a line in a readable form.
pub(super) fn shown(line: &[u8]) -> String {
    const SHOWN: usize = 40;
    let cut = line.get(..SHOWN).unwrap_or(line);
    let dots = if cut.len() < line.len() { "..." } else { "" };
    format!("\"{}{dots}\"", cut.escape_ascii())
}
