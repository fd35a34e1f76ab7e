// SPDX-License-Identifier: GPL-2.0

//! The subject of a question: a process, by its number or its name, or a range of its memory.

use crate::{
    problem::{
        Problem,
        Result, //
    },
    vma::extent::{
        Range,
        RangeError, //
    },
};
use std::{
    path::PathBuf,
    str::FromStr, //
};

/// A process, as the user names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// The process with this number.
    Pid(u32),
    /// The process with this name, as in /proc/PID/comm.
    Name(String),
}

/// The memory that is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    /// The process.
    pub(crate) who: Who,
    /// The part of its memory; `None` for all of it.
    pub(crate) range: Option<Range>,
}

impl FromStr for Subject {
    type Err = Problem;

    /// Reads `PID`, `NAME`, `PID:START-END` or `NAME:START-END`.
    fn from_str(text: &str) -> Result<Self> {
        let (who, range) = split_range(text)?;
        let who = who.parse()?;
        Ok(Self { who, range })
    }
}

impl FromStr for Who {
    type Err = Problem;

    /// Reads `PID` or `NAME`.
    fn from_str(text: &str) -> Result<Self> {
        Ok(match text.parse() {
            Ok(0) => return Err(Problem::new("0 is not a process: write a number from 1 on")),
            Ok(pid) => Self::Pid(pid),
            Err(_) if text.is_empty() => {
                return Err(Problem::new(
                    "a process is missing: write its number or its name",
                ));
            }
            Err(_) => Self::Name(text.to_owned()),
        })
    }
}

/// A file, or a range of the memory that it describes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileSubject {
    /// The path of the file.
    pub(crate) path: PathBuf,
    /// The part of the memory; `None` for all of it.
    pub(crate) range: Option<Range>,
}

impl FromStr for FileSubject {
    type Err = Problem;

    /// Reads `FILE` or `FILE:START-END`.
    fn from_str(text: &str) -> Result<Self> {
        let (path, range) = split_range(text)?;
        Ok(Self {
            path: path.into(),
            range,
        })
    }
}

/// Splits text that may contain colons, and may end with a range.
fn split_range(text: &str) -> Result<(&str, Option<Range>)> {
    Ok(match text.rsplit_once(':') {
        Some((before, range)) if looks_like_range(range) => (before, Some(parse_range(range)?)),
        _ => (text, None),
    })
}

fn looks_like_range(text: &str) -> bool {
    let is_address = |part: &str| {
        let digits = part.strip_prefix("0x").unwrap_or(part);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    text.split_once('-')
        .is_some_and(|(start, end)| is_address(start) && is_address(end))
}

fn parse_range(text: &str) -> Result<Range> {
    let address = |part: &str| {
        let digits = part.strip_prefix("0x").unwrap_or(part);
        usize::from_str_radix(digits, 16)
            .map_err(|_| Problem::new(format!("{part} is not an address of this machine")))
    };
    let (start, end) = text.split_once('-').unwrap_or((text, ""));
    let (start, end) = (address(start)?, address(end)?);
    Range::new(start, end).map_err(|error| {
        Problem::new(match error {
            RangeError::Unaligned(address) => {
                format!("{address:x} is not the address of a page: addresses of pages end with three zeros")
            }
            RangeError::Reversed => format!("{text} is empty: write the lower address first"),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: usize, end: usize) -> Option<Range> {
        Some(Range::new(start, end).expect("it is one"))
    }

    #[test]
    fn processes_and_ranges() {
        for (text, who, range) in [
            ("1", Who::Pid(1), None),
            ("4711:1000-3000", Who::Pid(4711), range(0x1000, 0x3000)),
            ("4711:0x1000-0x3000", Who::Pid(4711), range(0x1000, 0x3000)),
            ("java", Who::Name("java".to_owned()), None),
            ("a:b", Who::Name("a:b".to_owned()), None),
            (
                "a:b:1000-2000",
                Who::Name("a:b".to_owned()),
                range(0x1000, 0x2000),
            ),
            (
                "kworker/0:1-events",
                Who::Name("kworker/0:1-events".to_owned()),
                None,
            ),
            ("-1", Who::Name("-1".to_owned()), None),
        ] {
            let subject: Subject = text.parse().expect("it is a subject");
            assert_eq!(subject, Subject { who, range }, "{text}");
        }
    }

    #[test]
    fn bad_subjects_are_refused() {
        for (text, problem) in [
            ("", "a process is missing: write its number or its name"),
            (
                ":1000-2000",
                "a process is missing: write its number or its name",
            ),
            ("0", "0 is not a process: write a number from 1 on"),
            (
                "1:1000-1000",
                "1000-1000 is empty: write the lower address first",
            ),
            (
                "1:3000-1000",
                "3000-1000 is empty: write the lower address first",
            ),
            (
                "1:1001-2000",
                "1001 is not the address of a page: addresses of pages end with three zeros",
            ),
            (
                "1:1000-10000000000000000",
                "10000000000000000 is not an address of this machine",
            ),
        ] {
            let refused = text.parse::<Subject>().expect_err("it is not a subject");
            assert_eq!(refused.to_string(), problem, "{text}");
        }
    }
}
