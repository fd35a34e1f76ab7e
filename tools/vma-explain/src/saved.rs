// SPDX-License-Identifier: GPL-2.0

//! An answer for programs, read back: its figures and its VMAs.

use crate::{
    explain::text::Printable,
    output::Output,
    problem::{
        Problem,
        Result, //
    },
    summary::{
        bytes_of,
        Summary, //
    },
};
use serde::Deserialize;
use std::{
    collections::HashMap,
    fs::File,
    io::{
        BufRead,
        BufReader,
        Read, //
    },
    path::Path,
};

/// The contents of an answer.
pub(crate) struct Saved {
    /// The figures.
    pub(crate) summary: Summary,
    /// The VMAs, if the answer lists them.
    pub(crate) vmas: Vec<Vma>,
}

/// A VMA: its addresses and its description.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Vma {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The description: the rights, the kind, the item of that kind, and the name.
    pub(crate) is: String,
}

/// The limit for the length of a line, in bytes. All lines are shorter.
const LONGEST_LINE: u64 = 1 << 20;

/// The members of a line that are used here.
#[derive(Deserialize)]
struct Line {
    kinds: Option<HashMap<String, String>>,
    refused: Option<String>,
    reason: Option<String>,
    vma: Option<[String; 2]>,
    is: Option<Nature>,
    upper: Option<[String; 2]>,
    upper_is: Option<Nature>,
    answer: Option<Vec<String>>,
}

/// The members of a VMA's description that differ from the VMA before.
#[derive(Clone, Default, Deserialize)]
struct Nature {
    rights: Option<String>,
    kind: Option<String>,
    which: Option<String>,
    #[serde(default, deserialize_with = "told")]
    name: Option<Option<String>>,
}

/// Deserializes a member. Distinguishes a null from a missing member.
fn told<'de, D: serde::Deserializer<'de>>(
    from: D,
) -> std::result::Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

impl Saved {
    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let name = path.display();
        let file = File::open(path)
            .map_err(|error| Problem::new(format!("{name} cannot be opened: {error}")))?;
        Self::of(&name.to_string(), BufReader::new(file))
    }

    /// Reads the lines that `answer` writes.
    pub(crate) fn from(
        answer: impl FnOnce(&mut Output<&mut Vec<u8>>) -> Result<()>,
    ) -> Result<Self> {
        let mut text = Vec::new();
        answer(&mut Output::new(&mut text))?;
        Self::of("the answer", text.as_slice())
    }

    /// Reads the lines of the file `name`.
    pub(crate) fn of(name: &str, lines: impl BufRead) -> Result<Self> {
        let mut kinds = HashMap::new();
        let mut is = Nature::default();
        let mut vmas: Vec<Vma> = Vec::new();
        let mut summary: Option<Summary> = None;
        let mut lines = lines;
        for number in 1.. {
            let problem = |words: String| {
                Problem::new(format!(
                    "{name}, line {number}: {words}; the file should be the output of --json about one process"
                ))
            };
            let mut text = String::new();
            let read = lines.by_ref().take(LONGEST_LINE).read_line(&mut text);
            match read.map_err(|error| problem(format!("the line cannot be read: {error}")))? {
                0 => break,
                length if length as u64 == LONGEST_LINE => {
                    return Err(problem("the line is too long".to_owned()));
                }
                _ => {}
            }
            if summary.is_some() {
                return Err(problem("there is a line after the summary".to_owned()));
            }
            let line: Line =
                serde_json::from_str(&text).map_err(|error| problem(error.to_string()))?;
            if line.refused.is_some() {
                return Err(problem(line.reason.unwrap_or_default()));
            }
            if line.answer.is_some() {
                summary = Some(Summary::parse(&text)?);
                continue;
            }
            kinds.extend(line.kinds.unwrap_or_default());
            if let Some(all) = line.is {
                is = all;
            }
            if let Some(more) = line.upper_is {
                is.change_to(more);
            }
            if let Some([start, end]) = line.vma.or(line.upper) {
                let address = |digits: &str| {
                    usize::from_str_radix(digits, 16)
                        .map_err(|_| problem(format!("{digits:?} is not an address")))
                };
                let (start, end) = (address(&start)?, address(&end)?);
                if start >= end {
                    return Err(problem("a VMA ends where it begins, or before".to_owned()));
                }
                let is = is.in_words(&kinds);
                // A VMA that may have changed since its last line has another line.
                while vmas.last().is_some_and(|last: &Vma| last.start >= start) {
                    vmas.pop();
                }
                vmas.push(Vma { start, end, is });
            }
        }
        let summary = summary.ok_or_else(|| {
            Problem::new(format!(
                "{name} has no summary at its end: the answer is incomplete"
            ))
        })?;
        if !vmas.is_empty() && vmas.len() != summary.vmas {
            return Err(Problem::new(format!(
                "{name} has {} VMAs, but its summary has {}: lines are missing, or in another order",
                vmas.len(),
                summary.vmas
            )));
        }
        Ok(Self { summary, vmas })
    }
}

impl Nature {
    fn change_to(&mut self, more: Self) {
        if more.rights.is_some() {
            self.rights = more.rights;
        }
        if more.kind.is_some() {
            (self.kind, self.which) = (more.kind, more.which);
        }
        if more.name.is_some() {
            self.name = more.name;
        }
    }

    fn in_words(&self, kinds: &HashMap<String, String>) -> String {
        let kind = self.kind.as_deref().unwrap_or_default();
        let kind = kinds.get(kind).map_or(kind, String::as_str);
        let mut words = format!("{} {kind}", self.rights.as_deref().unwrap_or_default());
        if let Some(which) = &self.which {
            words += &format!(" {}", Printable(&bytes_of(which)));
        }
        if let Some(Some(name)) = &self.name {
            words += &format!(", named \"{}\"", Printable(&bytes_of(name)));
        }
        words
    }
}
