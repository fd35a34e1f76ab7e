// SPDX-License-Identifier: GPL-2.0

//! The functions that a just-in-time compiler has made, as it tells of them in /tmp/perf-PID.map: the address, the size
//! and the name of each.

use std::{
    collections::BTreeMap,
    fs, //
};

/// The functions, by their first addresses, with those behind their last ones.
#[derive(Default)]
pub(super) struct PerfMap(BTreeMap<u64, (u64, String)>);

impl PerfMap {
    /// Reads that of a process; without a file it has none.
    pub(super) fn of(pid: u32) -> Self {
        let number = own_number(pid).unwrap_or(pid);
        let path = format!("/proc/{pid}/root/tmp/perf-{number}.map");
        let text = fs::read(path).unwrap_or_default();
        Self::parse(&String::from_utf8_lossy(&text))
    }

    /// Reads lines `START SIZE NAME`. A line that is something else is left out: a compiler may be writing it.
    fn parse(text: &str) -> Self {
        let function = |line: &str| {
            let (start, rest) = line.split_once(' ')?;
            let (size, name) = rest.split_once(' ')?;
            let start = hexadecimal(start)?;
            let end = start.checked_add(hexadecimal(size)?)?;
            Some((start, (end, name.to_owned())))
        };
        Self(text.lines().filter_map(function).collect())
    }

    /// Returns the name of the function at an address.
    pub(super) fn name_of(&self, address: u64) -> Option<&str> {
        let (_, (end, name)) = self.0.range(..=address).next_back()?;
        (address < *end).then_some(name.as_str())
    }
}

/// Some compilers write numbers with a prefix, others without.
fn hexadecimal(digits: &str) -> Option<u64> {
    u64::from_str_radix(digits.strip_prefix("0x").unwrap_or(digits), 16).ok()
}

/// Returns the number that a process has for itself.
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
        let map = PerfMap::parse(
            "7f00 10 py::main:/a b.py\n0x00007f20 0x0000000000000008 void J.run(int)\nxyz\n7f30 zz name\n7f40\n",
        );
        for (address, name) in [
            (0x7eff, None),
            (0x7f00, Some("py::main:/a b.py")),
            (0x7f0f, Some("py::main:/a b.py")),
            (0x7f10, None),
            (0x7f20, Some("void J.run(int)")),
            (0x7f28, None),
            (0x7f30, None),
        ] {
            assert_eq!(map.name_of(address), name, "{address:x}");
        }
    }
}
