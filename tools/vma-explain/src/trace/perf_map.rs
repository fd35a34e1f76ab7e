// SPDX-License-Identifier: GPL-2.0

//! The functions that a just-in-time compiler has made, from its file /tmp/perf-PID.map, which has the address, the
//! size and the name of each.
//!
//! The file belongs to another user, who may have written anything to it.

use super::sys::{
    CodeRange,
    MOST_RANGES, //
};
use std::{
    collections::HashMap,
    fs::{
        self,
        File,
        OpenOptions, //
    },
    io::{
        BufRead,
        BufReader,
        Read, //
    },
    os::unix::fs::{
        MetadataExt,
        OpenOptionsExt, //
    },
};

/// The most bytes that are read from the beginning of a file.
const MOST: u64 = 256 << 20;

/// The most functions that are kept to find their ranges.
const MOST_FUNCTIONS: usize = 1 << 20;

/// Returns the names of the functions at those of these addresses that are in the file of a process.
pub(super) fn names_of(pid: u32, addresses: &[u64]) -> HashMap<u64, String> {
    if addresses.is_empty() {
        return HashMap::new();
    }
    match open(pid) {
        Some(file) => find(BufReader::new(file.take(MOST)), addresses),
        None => HashMap::new(),
    }
}

/// Opens the file, if it is a regular file, and belongs to the process's owner or to root.
fn open(pid: u32) -> Option<File> {
    let number = own_number(pid).unwrap_or(pid);
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(format!("/proc/{pid}/root/tmp/perf-{number}.map"))
        .ok()?;
    let status = file.metadata().ok()?;
    let owner = fs::metadata(format!("/proc/{pid}")).ok()?.uid();
    (status.is_file() && (status.uid() == owner || status.uid() == 0)).then_some(file)
}

/// Searches the functions for the addresses.
fn find(lines: impl BufRead, addresses: &[u64]) -> HashMap<u64, String> {
    let mut names = HashMap::new();
    for_each_function(lines, |start, end, name| {
        for address in addresses
            .iter()
            .filter(|address| (start..end).contains(*address))
        {
            // A later line describes newer code.
            names.insert(*address, String::from_utf8_lossy(name).into_owned());
        }
    });
    names
}

/// Visits the functions in lines `START SIZE NAME`. Skips other lines: a compiler may be writing them.
fn for_each_function(mut lines: impl BufRead, mut visit: impl FnMut(u64, u64, &[u8])) {
    /// The longest line that is read, in bytes.
    const LONGEST: u64 = 4096;

    let mut line = Vec::new();
    loop {
        line.clear();
        let read = lines.by_ref().take(LONGEST).read_until(b'\n', &mut line);
        if !read.is_ok_and(|length| length != 0) {
            return;
        }
        if let Some((start, end, name)) = function(&line) {
            visit(start, end, name);
        }
    }
}

/// The ranges of the functions in the file of a process, which may grow.
pub(super) struct Ranges {
    pid: u32,
    /// The length of the file when it was read, in bytes.
    length: u64,
    found: [CodeRange; MOST_RANGES],
}

impl Ranges {
    /// Returns the ranges of a process whose file was not read yet.
    pub(super) fn of(pid: u32) -> Self {
        Self {
            pid,
            length: 0,
            found: Default::default(),
        }
    }

    /// Returns ranges that have all functions. Reads the file only if its length has changed. Without a file, all
    /// ranges are empty.
    pub(super) fn now(&mut self) -> [CodeRange; MOST_RANGES] {
        let file = open(self.pid);
        let length = file
            .as_ref()
            .and_then(|file| Some(file.metadata().ok()?.len()));
        if let (Some(file), Some(length)) = (file, length.filter(|length| *length != self.length)) {
            self.found = ranges(BufReader::new(file.take(MOST)));
            self.length = length;
        }
        self.found
    }
}

/// Returns ranges that have all functions. The largest gaps between functions are between the ranges.
fn ranges(lines: impl BufRead) -> [CodeRange; MOST_RANGES] {
    let mut functions = Vec::new();
    for_each_function(lines, |start, end, _| {
        // A range must not be empty, and the file may be anybody's.
        if start != end && functions.len() < MOST_FUNCTIONS {
            functions.push((start, end));
        }
    });
    functions.sort_unstable();
    let reached = functions.iter().scan(0, |reached, (_, end)| {
        *reached = (*reached).max(*end);
        Some(*reached)
    });
    let reached: Vec<u64> = reached.collect();
    // The gaps above a function, each with its place in the list, the largest first.
    let above = functions.iter().skip(1).zip(&reached).enumerate();
    let gaps = above.map(|(place, ((start, _), reached))| (start.saturating_sub(*reached), place));
    let mut gaps: Vec<(u64, usize)> = gaps.filter(|(gap, _)| *gap != 0).collect();
    gaps.sort_unstable_by(|one, other| other.cmp(one));
    let mut lasts: Vec<usize> = gaps
        .into_iter()
        .take(MOST_RANGES - 1)
        .map(|(_, place)| place)
        .collect();
    lasts.extend(functions.len().checked_sub(1));
    lasts.sort_unstable();

    let mut found = [CodeRange::default(); MOST_RANGES];
    let mut first = 0;
    for (range, last) in found.iter_mut().zip(lasts) {
        let (start, _) = functions[first];
        *range = CodeRange {
            start,
            size: reached[last] - start,
        };
        first = last + 1;
    }
    found
}

fn function(line: &[u8]) -> Option<(u64, u64, &[u8])> {
    let mut words = line.trim_ascii_end().splitn(3, |byte| *byte == b' ');
    let start = hexadecimal(words.next()?)?;
    let end = start.checked_add(hexadecimal(words.next()?)?)?;
    Some((start, end, words.next()?))
}

/// Reads a hexadecimal number. Some compilers write it with a prefix, others without.
fn hexadecimal(digits: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(digits).ok()?;
    u64::from_str_radix(digits.strip_prefix("0x").unwrap_or(digits), 16).ok()
}

/// Returns the number that a process has in its own pid namespace.
fn own_number(pid: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let numbers = status
        .lines()
        .find_map(|line| line.strip_prefix("NSpid:"))?;
    numbers.split_whitespace().next_back()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_around_functions() {
        let found = |text: &str| {
            let ranges = ranges(text.as_bytes()).into_iter();
            let ranges = ranges.filter(|range| range.size != 0);
            ranges
                .map(|range| (range.start, range.size))
                .collect::<Vec<_>>()
        };
        assert_eq!(found(""), []);
        assert_eq!(found("1000 0 empty\n9000 10 a\n"), [(0x9000, 0x10)]);
        assert_eq!(found("1000 10 a\n1010 10 b\n1008 4 c\n"), [(0x1000, 0x20)]);
        assert_eq!(
            found("9000 10 b\nzz\n1000 10 a\n"),
            [(0x1000, 0x10), (0x9000, 0x10)]
        );
        // The smallest gaps are inside a range.
        let many: String = (1..=20u64)
            .map(|i| format!("{:x} 10 f\n", i * i * 0x100))
            .collect();
        let ranges = found(&many);
        assert_eq!(ranges.len(), MOST_RANGES);
        assert_eq!(ranges[0], (0x100, 13 * 13 * 0x100 + 0x10 - 0x100));
        assert_eq!(ranges[7], (20 * 20 * 0x100, 0x10));
    }

    #[test]
    fn functions() {
        let text = b"7f00 10 py::main:/a b.py\n0x00007f20 0x0000000000000008 void J.run(int)\nxyz\n7f30 zz name\n7f40\n\
            ffffffffffffffff 10 too long\n\xff\xff\n7f50 8 old\n7f50 8 new";
        let addresses = [
            0x7eff, 0x7f00, 0x7f0f, 0x7f10, 0x7f20, 0x7f28, 0x7f30, 0x7f51,
        ];
        let names = find(&text[..], &addresses);
        let found = addresses.map(|address| names.get(&address).map(String::as_str));
        assert_eq!(
            found,
            [
                None,
                Some("py::main:/a b.py"),
                Some("py::main:/a b.py"),
                None,
                Some("void J.run(int)"),
                None,
                None,
                Some("new"),
            ]
        );
    }
}
