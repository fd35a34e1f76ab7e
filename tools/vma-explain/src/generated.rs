// SPDX-License-Identifier: GPL-2.0

//! What is made of the definition of the command line: its manual page, and what shells complete.

use crate::arguments::Arguments;
use clap::{
    Command,
    CommandFactory,
    ValueEnum, //
};
use clap_complete::{
    generate,
    Shell, //
};
use clap_mangen::Man;

/// A text that is made.
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

impl Generated {
    /// Makes it.
    pub(crate) fn text(self) -> Vec<u8> {
        let mut command = Arguments::command();
        let mut text = Vec::new();
        let shell = match self {
            Self::Man => return page(command),
            Self::ManTrace => return page_of(command, "trace"),
            Self::ManDiff => return page_of(command, "diff"),
            Self::Bash => Shell::Bash,
            Self::Zsh => Shell::Zsh,
            Self::Fish => Shell::Fish,
        };
        generate(shell, &mut command, "vma-explain", &mut text);
        text
    }
}

/// The manual page of one of the questions.
fn page_of(mut command: Command, name: &str) -> Vec<u8> {
    command.build();
    let found = command.find_subcommand(name);
    found.map(|found| page(found.clone())).unwrap_or_default()
}

fn page(command: Command) -> Vec<u8> {
    let mut text = Vec::new();
    // Writing to a vector does not fail.
    let _ = Man::new(command).render(&mut text);
    text
}
