// SPDX-License-Identifier: GPL-2.0

//! The figures of a process: the last line of an answer for programs, read back. Every source gives that line.

use crate::{
    explain::Walk,
    output::Output,
    problem::{
        Problem,
        Result, //
    },
};
use serde::{
    Deserialize,
    Deserializer, //
};

/// The figures of a process.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Summary {
    /// Its number.
    pub(crate) pid: Option<u32>,
    /// Its command.
    #[serde(deserialize_with = "bytes")]
    pub(crate) command: Vec<u8>,
    /// The time when it was looked at, in UTC.
    pub(crate) time: String,
    /// How the walk over its memory went.
    pub(crate) walk: String,
    /// The number of its VMAs.
    pub(crate) vmas: usize,
    /// The number of VMAs that it may have.
    pub(crate) max_map_count: Option<usize>,
    /// The boundaries at which nothing keeps two VMAs apart.
    pub(crate) mergeable: usize,
    /// How many VMAs would remain if those that are mergeable merged.
    pub(crate) remaining: usize,
    /// The causes without which the most VMAs would disappear, one step after the other.
    pub(crate) steps: Vec<Step>,
    /// What could not be seen, if there is anything.
    pub(crate) unseen: Option<Unseen>,
    /// The source, if it is not the module.
    pub(crate) source: Option<SourceOf>,
    /// All causes.
    pub(crate) causes: Vec<Counted>,
    /// The line that has all of this and more.
    #[serde(skip)]
    pub(crate) line: String,
}

/// The boundaries at which there may be causes that could not be seen.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Unseen {
    /// How many there are.
    pub(crate) boundaries: usize,
}

/// The source of an answer.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct SourceOf {
    /// Its name.
    pub(crate) name: String,
}

/// Causes to be removed.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Step {
    /// Their names.
    pub(crate) causes: Vec<String>,
    /// How many VMAs would remain.
    pub(crate) remaining: usize,
}

/// The figures of a cause.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Counted {
    /// Its name.
    pub(crate) cause: String,
    /// How many boundaries have it.
    pub(crate) boundaries: usize,
}

/// Reads a name, of which each byte is a character of its own.
fn bytes<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Vec<u8>, D::Error> {
    let text = String::deserialize(from)?;
    Ok(bytes_of(&text))
}

/// Returns a name as answers for programs have it: each byte is a character of its own.
pub(crate) fn text_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Returns the bytes of a name, of which each is a character of its own.
pub(crate) fn bytes_of(text: &str) -> Vec<u8> {
    text.chars().map(|byte| byte as u8).collect()
}

impl Summary {
    /// Reads the last line of what `answer` writes.
    pub(crate) fn read(
        answer: impl FnOnce(&mut Output<&mut Vec<u8>>) -> Result<()>,
    ) -> Result<Self> {
        let mut text = Vec::new();
        answer(&mut Output::new(&mut text))?;
        let line = text.trim_ascii_end().rsplit(|byte| *byte == b'\n').next();
        Self::parse(&String::from_utf8_lossy(line.unwrap_or_default()))
    }

    /// Reads a last line.
    pub(crate) fn parse(line: &str) -> Result<Self> {
        let summary = serde_json::from_str(line).map_err(|error| {
            Problem::new(format!("an answer is not one of this version: {error}"))
        })?;
        Ok(Self {
            line: line.to_owned(),
            ..summary
        })
    }

    /// Whether all of its memory was seen.
    pub(crate) fn is_whole(&self) -> bool {
        self.walk != Walk::CutShort.name()
    }
}
