// SPDX-License-Identifier: GPL-2.0

//! The entries of smaps: a line that says where a VMA lies and what it maps, and its fields, a line each.

use crate::problem::{
    Problem,
    Result, //
};
use std::{
    io::{
        BufRead,
        ErrorKind, //
    },
    str,
};

/// A VMA, as smaps tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Entry {
    /// The number of its first line.
    pub(super) line: usize,
    /// Its first address.
    pub(super) start: usize,
    /// The address behind its last one.
    pub(super) end: usize,
    /// The offset in its file, in bytes; zero without a file.
    pub(super) offset: usize,
    /// The device, as smaps writes it.
    pub(super) device: Vec<u8>,
    /// The number of its file's inode there; zero without a file.
    pub(super) inode: u64,
    /// A path, a name in brackets, or nothing.
    pub(super) path: Vec<u8>,
    /// The names of its flags; none if there was no such line.
    pub(super) flags: Option<Vec<[u8; 2]>>,
    /// Its protection key.
    pub(super) key: usize,
}

/// The entries of a file.
pub(crate) struct Entries<R> {
    lines: Lines<R>,
    /// The first line of the next entry.
    ahead: Option<Entry>,
    has_begun: bool,
}

impl<R: BufRead> Entries<R> {
    /// Reads `name`.
    pub(crate) fn of(name: String, lines: R) -> Self {
        Self {
            lines: Lines {
                name,
                lines,
                number: 0,
            },
            ahead: None,
            has_begun: false,
        }
    }

    /// Returns the next entry, or nothing after the last.
    pub(super) fn next(&mut self) -> Result<Option<Entry>> {
        if !self.has_begun {
            self.ahead = match self.lines.next()? {
                Some(line) => Some(self.head(&line)?),
                None => return Err(self.lines.empty()),
            };
            self.has_begun = true;
        }
        let Some(mut entry) = self.ahead.take() else {
            return Ok(None);
        };
        while let Some(line) = self.lines.next()? {
            match field(&line) {
                Some((b"VmFlags", flags)) => entry.flags = Some(flag_names(flags)),
                Some((b"ProtectionKey", key)) => {
                    entry.key = decimal(key).ok_or_else(|| {
                        self.lines
                            .problem(format_args!("{} is not a key", shown(key)))
                    })?;
                }
                Some(_) => {}
                None => {
                    let next = self.head(&line)?;
                    self.check_order(&entry, &next)?;
                    self.ahead = Some(next);
                    break;
                }
            }
        }
        Ok(Some(entry))
    }

    /// Reads the first line of an entry.
    fn head(&self, line: &[u8]) -> Result<Entry> {
        if line.ends_with(b"[rollup]") {
            return Err(self.lines.problem(format_args!(
                "this is what smaps_rollup prints, a sum over all VMAs; take /proc/PID/smaps"
            )));
        }
        head(line, self.lines.number).ok_or_else(|| {
            self.lines.problem(format_args!(
                "{} is neither the first line of a VMA nor a field of one; the file should be what /proc/PID/smaps has",
                shown(line)
            ))
        })
    }

    fn check_order(&self, entry: &Entry, next: &Entry) -> Result<()> {
        if next.start < entry.end {
            return Err(self.lines.problem(format_args!(
                "the VMA at {:x} begins below the end of the one before, at {:x}; is a line missing, or are these two files?",
                next.start, entry.end
            )));
        }
        if entry.flags.is_none() {
            return Err(self.lines.problem(format_args!(
                "the VMA before, in line {}, has no line VmFlags; is this what /proc/PID/maps has? Take /proc/PID/smaps",
                entry.line
            )));
        }
        Ok(())
    }
}

/// The lines of a file, which are counted.
struct Lines<R> {
    name: String,
    lines: R,
    /// The number of the last line that was read.
    number: usize,
}

impl<R: BufRead> Lines<R> {
    /// Returns the next line, without a newline.
    fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let read = self.lines.read_until(b'\n', &mut line);
        let read = read.map_err(|error| match error.kind() {
            ErrorKind::PermissionDenied => Problem::new(format!(
                "{} is not yours to read: be the owner of the process, or root",
                self.name
            )),
            _ => Problem::new(format!("{} cannot be read: {error}", self.name)),
        })?;
        self.number += 1;
        if line.ends_with(b"\n") {
            line.pop();
        }
        Ok((read != 0).then_some(line))
    }

    fn problem(&self, words: std::fmt::Arguments<'_>) -> Problem {
        Problem::new(format!("{}, line {}: {words}", self.name, self.number))
    }

    fn empty(&self) -> Problem {
        Problem::new(format!(
            "{} is empty; it should be what /proc/PID/smaps has, and that of a thread of the kernel, or of a process \
             that has exited, is empty",
            self.name
        ))
    }
}

/// Reads `7f0000000000-7f0000004000 rw-p 00000000 00:00 0    [heap]`.
fn head(line: &[u8], number: usize) -> Option<Entry> {
    let mut rest = line;
    let mut word = || {
        let end = rest
            .iter()
            .position(|byte| *byte == b' ')
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after.strip_prefix(b" ").unwrap_or(after);
        word
    };
    let (range, rights, offset, device, inode) = (word(), word(), word(), word(), word());
    let (start, end) = split_at(range, b'-')?;
    let is_rights = rights.len() == 4 && rights.iter().all(|letter| b"rwxsp-".contains(letter));
    let (major, minor) = split_at(device, b':')?;
    if !is_rights || hexadecimal(major).is_none() || hexadecimal(minor).is_none() {
        return None;
    }
    let first = rest
        .iter()
        .position(|byte| *byte != b' ')
        .unwrap_or(rest.len());
    let entry = Entry {
        line: number,
        start: hexadecimal(start)?,
        end: hexadecimal(end)?,
        offset: hexadecimal(offset)?,
        device: device.to_vec(),
        inode: decimal(inode)?.try_into().ok()?,
        path: unescaped(&rest[first..]),
        ..Entry::default()
    };
    (entry.start < entry.end).then_some(entry)
}

/// Reads `VmFlags: rd wr`: the name, and what follows.
fn field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, value) = split_at(line, b':')?;
    let is_name = |name: &[u8]| {
        let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        name.first().is_some_and(u8::is_ascii_uppercase) && name.iter().all(is_letter)
    };
    is_name(name).then_some((name, value))
}

fn flag_names(flags: &[u8]) -> Vec<[u8; 2]> {
    let words = flags.split(|byte| *byte == b' ');
    words.filter_map(|word| word.try_into().ok()).collect()
}

fn split_at(bytes: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let place = bytes.iter().position(|byte| *byte == separator)?;
    let (before, after) = bytes.split_at(place);
    Some((before, after.get(1..)?))
}

fn hexadecimal(digits: &[u8]) -> Option<usize> {
    number(digits, 16)
}

fn decimal(digits: &[u8]) -> Option<usize> {
    number(digits.trim_ascii(), 10)
}

fn number(digits: &[u8], radix: u32) -> Option<usize> {
    let digits = str::from_utf8(digits).ok()?;
    // Without a sign.
    let is_number = digits.bytes().all(|digit| digit.is_ascii_alphanumeric());
    usize::from_str_radix(digits, radix)
        .ok()
        .filter(|_| is_number)
}

/// The kernel writes a newline in a path as `\012`, and nothing else in another way.
fn unescaped(path: &[u8]) -> Vec<u8> {
    let mut rest = path;
    let mut plain = Vec::with_capacity(path.len());
    while let Some((first, others)) = rest.split_first() {
        let (byte, after) = match others.strip_prefix(b"012") {
            Some(after) if *first == b'\\' => (b'\n', after),
            _ => (*first, others),
        };
        plain.push(byte);
        rest = after;
    }
    plain
}

/// The beginning of a line, as people read it.
fn shown(line: &[u8]) -> String {
    const SHOWN: usize = 40;
    let cut = line.get(..SHOWN).unwrap_or(line);
    let dots = if cut.len() < line.len() { "..." } else { "" };
    format!("\"{}{dots}\"", cut.escape_ascii())
}
