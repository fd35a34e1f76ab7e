// SPDX-License-Identifier: GPL-2.0

//! What is made of the definition of the command line: its manual page, and what shells complete.

use crate::arguments::Arguments;
use clap::{
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
            Self::Man => {
                // Writing to a vector does not fail.
                let _ = Man::new(command).render(&mut text);
                return text;
            }
            Self::Bash => Shell::Bash,
            Self::Zsh => Shell::Zsh,
            Self::Fish => Shell::Fish,
        };
        generate(shell, &mut command, "vma-explain", &mut text);
        text
    }
}
