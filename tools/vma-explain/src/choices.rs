// SPDX-License-Identifier: GPL-2.0

//! The choices of a user.

use clap::ValueEnum;

/// The readers of an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// People read sentences.
    People,
    /// Programs read objects.
    Programs,
}

/// The detail of an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// The summary.
    Summary,
    /// The summary and each boundary.
    Boundaries,
}

/// A source of answers, by its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum SourceName {
    /// A program that runs in the kernel: sees everything
    Bpf,
    /// The file explain of the module rust_vma, in debugfs: sees everything
    Module,
    /// /proc/PID/smaps and numa_maps: shows less, but needs no privilege for your own processes
    Smaps,
}

/// A text that is generated from the definition of the arguments.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Generated {
    /// The manual page
    Man,
    /// The manual page of trace
    ManTrace,
    /// The manual page of diff
    ManDiff,
    /// Completions for bash
    Bash,
    /// Completions for zsh
    Zsh,
    /// Completions for fish
    Fish,
}
