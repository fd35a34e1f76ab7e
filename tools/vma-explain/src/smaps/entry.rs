// SPDX-License-Identifier: GPL-2.0

//! The entries of smaps: a line with the addresses and the mapped file of a VMA, then a line for each field.

use super::lines::{
    decimal,
    hexadecimal,
    shown,
    split_at,
    Lines, //
};
use crate::problem::{
    Problem,
    Result, //
};
use std::io::BufRead;

/// A VMA, as smaps describes it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Entry {
    /// The number of its first line.
    pub(super) line: usize,
    /// Its first address.
    pub(super) start: usize,
    /// The address after its last one.
    pub(super) end: usize,
    /// The offset in its file, in bytes; zero without a file.
    pub(super) offset: usize,
    /// The device, as smaps writes it.
    pub(super) device: Vec<u8>,
    /// The number of its file's inode on the device; zero without a file.
    pub(super) inode: u64,
    /// A path, a name in brackets, or nothing.
    pub(super) path: Vec<u8>,
    /// The names of its flags; `None` if there was no such line.
    pub(super) flags: Option<Vec<[u8; 2]>>,
    /// Its protection key.
    pub(super) key: usize,
    /// Its resident size, in KiB; `None` if there was no such line.
    pub(super) resident: Option<usize>,
}

/// The order of entries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Each entry is above the one before.
    Ascending,
    /// An entry may describe again a VMA that was described before: the process may change its memory meanwhile.
    MayComeAgain,
}

/// The entries of a file.
pub(super) struct Entries<R> {
    lines: Lines<R>,
    order: Order,
    /// The first line of the next entry.
    ahead: Option<Entry>,
    has_begun: bool,
    /// Whether any entry had flags.
    has_flags: bool,
}

/// The highest protection key.
const LAST_KEY: usize = 15;

impl<R: BufRead> Entries<R> {
    /// Reads the file `name`.
    pub(super) fn of(name: String, lines: R, order: Order) -> Self {
        Self {
            lines: Lines::of(name, lines),
            order,
            ahead: None,
            has_begun: false,
            has_flags: false,
        }
    }

    /// Returns the next entry, or nothing after the last. An entry without flags is cut off, and no entries follow
    /// it.
    pub(super) fn next(&mut self) -> Result<Option<Entry>> {
        if !self.has_begun {
            self.has_begun = true;
            let Some(line) = self.lines.next()? else {
                return Err(self.lines.problem_of_all(format_args!(
                    "has no complete line; it should be a copy of /proc/PID/smaps"
                )));
            };
            self.ahead = Some(self.head(&line)?);
        }
        let Some(mut entry) = self.ahead.take() else {
            return Ok(None);
        };
        while let Some(line) = self.lines.next()? {
            match field(&line) {
                Some((b"VmFlags", flags)) => entry.flags = Some(flag_names(flags)),
                Some((b"ProtectionKey", key)) => {
                    entry.key = self.protection_key(key)?;
                }
                Some((b"Rss", size)) => entry.resident = kibibytes(size),
                Some(_) => {}
                None => {
                    let next = self.head(&line)?;
                    self.check(&entry, &next)?;
                    self.ahead = Some(next);
                    break;
                }
            }
        }
        self.has_flags = self.has_flags || entry.flags.is_some();
        if !self.has_flags {
            return Err(self.without_flags(&entry));
        }
        Ok(Some(entry))
    }

    /// Returns a problem with this entry.
    pub(super) fn problem(&self, entry: &Entry, words: &str) -> Problem {
        self.lines.problem_in(entry.line, format_args!("{words}"))
    }

    /// Reads the first line of an entry.
    fn head(&self, line: &[u8]) -> Result<Entry> {
        if line.ends_with(b"[rollup]") {
            return Err(self.lines.problem(format_args!(
                "this is a copy of smaps_rollup, a sum over all VMAs; use /proc/PID/smaps"
            )));
        }
        head(line, self.lines.number).ok_or_else(|| {
            self.lines.problem(format_args!(
                "{} is neither the first line of a VMA nor a field of one; the file should be a copy of /proc/PID/smaps",
                shown(line)
            ))
        })
    }

    fn protection_key(&self, words: &[u8]) -> Result<usize> {
        let key = decimal(words).filter(|key| *key <= LAST_KEY);
        key.ok_or_else(|| {
            self.lines.problem(format_args!(
                "{} is not a protection key; keys are numbers up to {LAST_KEY}",
                shown(words)
            ))
        })
    }

    /// Fails if `next` cannot follow `entry`.
    fn check(&self, entry: &Entry, next: &Entry) -> Result<()> {
        if entry.flags.is_none() {
            return Err(self.without_flags(entry));
        }
        if self.order == Order::Ascending && next.start < entry.end {
            return Err(self.lines.problem(format_args!(
                "the VMA at {:x} begins before the end of the previous one, at {:x}; is a line missing, or are these two files?",
                next.start, entry.end
            )));
        }
        Ok(())
    }

    fn without_flags(&self, entry: &Entry) -> Problem {
        self.problem(
            entry,
            "this VMA has no line VmFlags; is the file a copy of /proc/PID/maps? It should be one of /proc/PID/smaps",
        )
    }
}

/// Reads the first line of an entry, such as `7f0000000000-7f0000004000 rw-p 00000000 00:00 0    [heap]`.
fn head(line: &[u8], number: usize) -> Option<Entry> {
    let mut rest = line;
    let mut word = || {
        let end = rest.iter().position(|byte| *byte == b' ');
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
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
    let entry = Entry {
        line: number,
        start: hexadecimal(start)?,
        end: hexadecimal(end)?,
        offset: hexadecimal(offset)?,
        device: device.to_vec(),
        inode: decimal(inode)?.try_into().ok()?,
        path: unescaped(without_blanks(rest)),
        ..Entry::default()
    };
    (entry.start < entry.end).then_some(entry)
}

/// Reads a field such as `VmFlags: rd wr`. Returns its name and its value.
fn field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, value) = split_at(line, b':')?;
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let is_name = name.first().is_some_and(u8::is_ascii_uppercase) && name.iter().all(is_letter);
    is_name.then_some((name, value))
}

/// Reads a size such as `      12 kB`.
fn kibibytes(words: &[u8]) -> Option<usize> {
    decimal(words.strip_suffix(b" kB")?)
}

fn flag_names(flags: &[u8]) -> Vec<[u8; 2]> {
    let words = flags.split(|byte| *byte == b' ');
    words.filter_map(|word| word.try_into().ok()).collect()
}

/// Returns the bytes without leading blanks.
fn without_blanks(bytes: &[u8]) -> &[u8] {
    let first = bytes.iter().position(|byte| *byte != b' ');
    bytes
        .get(first.unwrap_or(bytes.len())..)
        .unwrap_or_default()
}

/// Replaces `\012` in a path, as which the kernel writes a newline. The kernel does not escape backslashes, so these
/// four characters in a path are also taken for a newline.
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
