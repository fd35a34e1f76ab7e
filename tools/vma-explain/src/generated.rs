// SPDX-License-Identifier: GPL-2.0

//! Texts that are generated from the definition of the command line: manual pages and shell completions.

use crate::{
    arguments::Arguments,
    choices::Generated, //
};
use clap::{
    Command,
    CommandFactory, //
};
use clap_complete::{
    generate,
    Shell, //
};
use clap_mangen::Man;

/// Generates a text.
pub(crate) fn text_of(what: Generated) -> Vec<u8> {
    let mut command = Arguments::command();
    let mut text = Vec::new();
    let shell = match what {
        Generated::Man => return page(command),
        Generated::ManTrace => return page_of(command, "trace"),
        Generated::ManDiff => return page_of(command, "diff"),
        Generated::Bash => Shell::Bash,
        Generated::Zsh => Shell::Zsh,
        Generated::Fish => Shell::Fish,
    };
    generate(shell, &mut command, "vma-explain", &mut text);
    text
}

/// Returns the manual page of a subcommand.
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
