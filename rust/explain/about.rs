// SPDX-License-Identifier: GPL-2.0

//! Whose memory an answer is about, and how it was looked at.

use core::fmt;

/// The subject of an answer, and the course of the walk over it.
pub(crate) struct About<'a> {
    /// The process; none if all that is known of it is a file that was saved.
    pub(crate) pid: Option<i32>,
    /// Its command, as in /proc/PID/comm, without a newline; or the name of the file.
    pub(crate) command: &'a [u8],
    /// The time at which the first VMA was looked at, as people write it, in UTC.
    pub(crate) time: &'a [u8],
    /// The part of its memory.
    pub(crate) scope: Scope,
    /// How the walk over it went.
    pub(crate) walk: Walk,
    /// The process that asked the question, if it was not the reader.
    pub(crate) asked_by: Option<i32>,
    /// The source of the answer, if it is not the module.
    pub(crate) origin: Option<&'a dyn Origin>,
}

/// The source of an answer that another program gives in place of the module. Its words are for people.
pub(crate) trait Origin: fmt::Display {
    /// Writes it as an object for programs.
    fn write_object(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// A sentence for a reader who sees the answer to a question of this other process.
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

/// The memory that was asked about.
#[derive(Clone, Copy)]
pub(crate) enum Scope {
    /// All of a process, which may have so many VMAs, if that is known.
    Process { max_map_count: Option<i32> },
    /// A range of it.
    Range,
}

/// How a walk over the memory of a process went.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Walk {
    /// Nothing changed meanwhile.
    Undisturbed,
    /// The process changed its memory, or may have, while nobody looked.
    Disturbed,
    /// The memory went before all of it was seen.
    CutShort,
}

/// A part of the summary, which is one piece of text.
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

    /// The part after this one.
    pub(crate) const fn next(self) -> Option<Self> {
        match self {
            Self::Answer => Some(Self::Causes),
            Self::Causes => Some(Self::Runs),
            Self::Runs => None,
        }
    }
}

/// In a process, causes that cost fewer VMAs than this are nothing to speak of.
const WORTH_TELLING: usize = 8;

/// Nor are those that cost less than one of so many.
const LITTLE: usize = 50;

impl Scope {
    /// The fewest VMAs that an answer is given for, of so many.
    pub(crate) fn least(self, vmas: usize) -> usize {
        match self {
            Self::Process { .. } => WORTH_TELLING.max(vmas.div_ceil(LITTLE)),
            Self::Range => 1,
        }
    }
}

impl Walk {
    /// The sentence for people, if there is something to say.
    pub(super) const fn words(self) -> Option<&'static str> {
        match self {
            Self::Undisturbed => None,
            Self::Disturbed => Some(
                "the process may have changed its memory meanwhile: perhaps not all of this was so at one time",
            ),
            Self::CutShort => Some(
                "incomplete: only this was seen before the process exited or called execve(), or before a file ended",
            ),
        }
    }

    /// The name for programs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Undisturbed => "undisturbed",
            Self::Disturbed => "disturbed",
            Self::CutShort => "cut short",
        }
    }
}
