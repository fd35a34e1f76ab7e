// SPDX-License-Identifier: GPL-2.0

//! The subject of an answer, and the outcome of the walk over its memory.

use core::fmt;

/// The subject of an answer, and the outcome of the walk over its memory.
pub(crate) struct About<'a> {
    /// The process, or `None` if the answer is about a saved file.
    pub(crate) pid: Option<i32>,
    /// The command of the process, as in /proc/PID/comm, without a newline; or the name of the file.
    pub(crate) command: &'a [u8],
    /// The time at which the first VMA was read, in UTC, formatted for people.
    pub(crate) time: &'a [u8],
    /// The part of the memory that the answer covers.
    pub(crate) scope: Scope,
    /// The outcome of the walk over the memory.
    pub(crate) walk: Walk,
    /// The process that asked the question, if it was not the reader.
    pub(crate) asked_by: Option<i32>,
    /// The source of the answer, if it is not the module.
    pub(crate) origin: Option<&'a dyn Origin>,
}

/// The source of an answer that another program gives instead of the module. `Display` writes the words for people.
pub(crate) trait Origin: fmt::Display {
    /// Writes the source as an object for programs.
    fn write_object(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// A sentence that informs the reader that another process, with this id, asked the question.
pub(crate) struct AskedBy(pub(crate) i32);

impl fmt::Display for AskedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "process {} asked this, not you: write and read through one open file to get your own answer",
            self.0
        )
    }
}

/// The memory that the question is about.
#[derive(Clone, Copy)]
pub(crate) enum Scope {
    /// All memory of a process, with the limit on the number of its VMAs if that is known.
    Process { max_map_count: Option<i32> },
    /// A range of the memory.
    Range,
}

/// The outcome of a walk over the memory of a process.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Walk {
    /// The memory did not change during the walk.
    Undisturbed,
    /// The process changed its memory, or may have changed it, between two steps of the walk.
    Disturbed,
    /// The memory disappeared before all of it was read.
    CutShort,
}

/// A part of the summary, which is written as one piece of text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The answer, and the figures of the process.
    Answer,
    /// The figures of each cause.
    Causes,
    /// The longest runs, and the end.
    Runs,
}

impl Part {
    /// The first part.
    pub(crate) const FIRST: Self = Self::Answer;

    /// Returns the part after this one.
    pub(crate) const fn next(self) -> Option<Self> {
        match self {
            Self::Answer => Some(Self::Causes),
            Self::Causes => Some(Self::Runs),
            Self::Runs => None,
        }
    }
}

/// The minimum number of VMAs that a cause has to cost in a process to be worth reporting.
const WORTH_TELLING: usize = 8;

/// The divisor for large processes: a cause has to cost at least one VMA in this many.
const LITTLE: usize = 50;

impl Scope {
    /// Returns the minimum number of VMAs that a cause has to cost to be part of an answer about `vmas` VMAs.
    pub(crate) fn least(self, vmas: usize) -> usize {
        match self {
            Self::Process { .. } => WORTH_TELLING.max(vmas.div_ceil(LITTLE)),
            Self::Range => 1,
        }
    }
}

impl Walk {
    /// Returns the sentence for people, if there is something to say.
    pub(super) const fn words(self) -> Option<&'static str> {
        match self {
            Self::Undisturbed => None,
            Self::Disturbed => Some(
                "the process may have changed its memory meanwhile: parts of this may be from different times",
            ),
            Self::CutShort => Some(
                "incomplete: only this was seen before the process exited or called execve(), or before a file ended",
            ),
        }
    }

    /// Returns the name for programs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Undisturbed => "undisturbed",
            Self::Disturbed => "disturbed",
            Self::CutShort => "cut short",
        }
    }
}
