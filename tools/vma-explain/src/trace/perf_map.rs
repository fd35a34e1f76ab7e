// SPDX-License-Identifier: GPL-2.0

//! The functions that a just-in-time compiler has made, from its file /tmp/perf-PID.map, which has the address, the
//! size and the name of each.
//!
//! The file belongs to another user, who may have written anything to it.

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

/// Searches lines `START SIZE NAME` for the addresses. Skips other lines: a compiler may be writing them.
fn find(mut lines: impl BufRead, addresses: &[u64]) -> HashMap<u64, String> {
    /// The longest line that is read, in bytes.
    const LONGEST: u64 = 4096;

    let mut names = HashMap::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = lines.by_ref().take(LONGEST).read_until(b'\n', &mut line);
        if !read.is_ok_and(|length| length != 0) {
            return names;
        }
        let Some((start, end, name)) = function(&line) else {
            continue;
        };
        for address in addresses
            .iter()
            .filter(|address| (start..end).contains(*address))
        {
            // A later line describes newer code.
            names.insert(*address, String::from_utf8_lossy(name).into_owned());
        }
    }
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
