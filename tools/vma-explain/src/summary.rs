// SPDX-License-Identifier: GPL-2.0

//! The figures of a process: the last line of an answer for programs, read back. Answers of all sources have that
//! line.

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
    /// The number of the process.
    pub(crate) pid: Option<u32>,
    /// The command of the process.
    #[serde(deserialize_with = "bytes")]
    pub(crate) command: Vec<u8>,
    /// The time when the memory was examined, in UTC.
    pub(crate) time: String,
    /// The name of the [`Walk`] over the memory.
    pub(crate) walk: String,
    /// The number of VMAs of the process.
    pub(crate) vmas: usize,
    /// The number of VMAs that the process may have.
    pub(crate) max_map_count: Option<usize>,
    /// The number of boundaries at which the two VMAs are mergeable.
    pub(crate) mergeable: usize,
    /// The number of VMAs that would remain if all mergeable ones merged.
    pub(crate) remaining: usize,
    /// The causes whose removal would make the most VMAs disappear, step by step.
    pub(crate) steps: Vec<Step>,
    /// The unseen causes, if there may be any.
    pub(crate) unseen: Option<Unseen>,
    /// The source, if it is not the module.
    pub(crate) source: Option<SourceOf>,
    /// All causes.
    pub(crate) causes: Vec<Counted>,
    /// The line that was read.
    #[serde(skip)]
    pub(crate) line: String,
}

/// The boundaries at which there may be causes that could not be seen.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Unseen {
    /// The number of such boundaries.
    pub(crate) boundaries: usize,
}

/// The source of an answer.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct SourceOf {
    /// The name of the source.
    pub(crate) name: String,
}

/// A step: causes to be removed.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Step {
    /// The names of the causes.
    pub(crate) causes: Vec<String>,
    /// The number of VMAs that would remain.
    pub(crate) remaining: usize,
}

/// The figures of a cause.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Counted {
    /// The name of the cause.
    pub(crate) cause: String,
    /// The number of boundaries with this cause.
    pub(crate) boundaries: usize,
}

/// Deserializes a name in which each character stands for a byte.
fn bytes<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Vec<u8>, D::Error> {
    let text = String::deserialize(from)?;
    Ok(bytes_of(&text))
}

/// Returns a name as in answers for programs: each byte becomes a character.
pub(crate) fn text_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Returns the bytes of a name in which each character stands for a byte.
pub(crate) fn bytes_of(text: &str) -> Vec<u8> {
    text.chars().map(|byte| byte as u8).collect()
}

impl Summary {
    /// Reads the last line that `answer` writes.
    pub(crate) fn read(
        answer: impl FnOnce(&mut Output<&mut Vec<u8>>) -> Result<()>,
    ) -> Result<Self> {
        let mut text = Vec::new();
        answer(&mut Output::new(&mut text))?;
        let line = text.trim_ascii_end().rsplit(|byte| *byte == b'\n').next();
        Self::parse(&String::from_utf8_lossy(line.unwrap_or_default()))
    }

    /// Reads the last line of an answer.
    pub(crate) fn parse(line: &str) -> Result<Self> {
        let summary = serde_json::from_str(line).map_err(|error| {
            Problem::new(format!(
                "the answer is not from this version of vma-explain: {error}"
            ))
        })?;
        Ok(Self {
            line: line.to_owned(),
            ..summary
        })
    }

    /// Returns whether all of the memory was seen.
    pub(crate) fn is_whole(&self) -> bool {
        self.walk != Walk::CutShort.name()
    }
}
