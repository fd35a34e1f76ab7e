// SPDX-License-Identifier: GPL-2.0

//! An answer for programs that was saved.

use crate::{
    explain::text::Printable,
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
        BufReader, //
    },
    path::Path,
};

/// What is compared of an answer.
pub(super) struct Saved {
    /// The figures.
    pub(super) summary: Summary,
    /// The VMAs, if the answer tells of them.
    pub(super) vmas: Vec<Vma>,
}

/// A VMA: where it is, and what.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Vma {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Its rights, its kind, which one of that kind, and its name.
    pub(super) is: String,
}

/// A line, as far as it is of use here.
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

/// What a VMA is, as far as it is not what the one before was.
#[derive(Clone, Default, Deserialize)]
struct Nature {
    rights: Option<String>,
    kind: Option<String>,
    which: Option<String>,
    #[serde(default, deserialize_with = "told")]
    name: Option<Option<String>>,
}

/// Tells a null from a member that is not there.
fn told<'de, D: serde::Deserializer<'de>>(
    from: D,
) -> std::result::Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

impl Saved {
    /// Reads a file.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let name = path.display();
        let file = File::open(path)
            .map_err(|error| Problem::new(format!("{name} cannot be opened: {error}")))?;
        Self::of(&name.to_string(), BufReader::new(file))
    }

    /// Reads the lines of the file `name`.
    pub(super) fn of(name: &str, lines: impl BufRead) -> Result<Self> {
        let mut kinds = HashMap::new();
        let mut is = Nature::default();
        let mut vmas = Vec::new();
        for (index, text) in lines.lines().enumerate() {
            let problem = |words: String| {
                Problem::new(format!(
                    "{name}, line {}: {words}; the file should be what --json prints",
                    index + 1
                ))
            };
            let text = text.map_err(|error| problem(format!("it cannot be read: {error}")))?;
            let line: Line =
                serde_json::from_str(&text).map_err(|error| problem(error.to_string()))?;
            if line.refused.is_some() {
                return Err(problem(line.reason.unwrap_or_default()));
            }
            if line.answer.is_some() {
                let summary = Summary::parse(&text)?;
                return Ok(Self { summary, vmas });
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
                let is = is.in_words(&kinds);
                // One that may have changed since it was told of is told again.
                while vmas.last().is_some_and(|last: &Vma| last.start >= start) {
                    vmas.pop();
                }
                vmas.push(Vma { start, end, is });
            }
        }
        Err(Problem::new(format!(
            "{name} has no summary at its end: it is not all of an answer"
        )))
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
