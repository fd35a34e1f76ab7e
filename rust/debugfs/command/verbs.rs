// SPDX-License-Identifier: GPL-2.0

//! The verbs: one table, a row for each, with all that is said of it.

use super::{
    bad::BadCommand,
    words::{
        parse_descriptor,
        parse_flag_change,
        parse_modes,
        parse_policy,
        parse_protection,
        Words, //
    },
};
use crate::process::change::{
    Action,
    FlagChange,
    Protection, //
};

/// A verb.
pub(crate) struct Verb {
    /// The first word of its commands.
    pub(super) word: &'static str,
    /// A command with it.
    pub(super) form: &'static str,
    /// Lines of help: the commands that can be given.
    pub(crate) help: &'static [&'static str],
    /// Reads a command, from the word behind the process id on.
    pub(super) read: for<'a> fn(&mut Words<'a>) -> Result<Action<'a>, BadCommand<'a>>,
}

/// All of them.
pub(crate) static VERBS: [Verb; 8] = [
    Verb {
        word: "flags",
        form: "flags <pid> <start> <end> +dontfork",
        help: &[
            "flags <pid> <start> <end> +dontfork",
            "  (dontfork, dontdump, seq, rand; with + or -)",
        ],
        read: |words| {
            let range = words.range()?;
            let first = words.next().ok_or(BadCommand::MissingChange)?;
            let first = parse_flag_change(FlagChange::NONE, first)?;
            let change = words.try_fold(first, parse_flag_change)?;
            Ok(Action::Flags(range, change))
        },
    },
    Verb {
        word: "protect",
        form: "protect <pid> <start> <end> rw-",
        help: &["protect <pid> <start> <end> rw-"],
        read: |words| {
            let range = words.range()?;
            let word = words.next().ok_or(BadCommand::MissingProtection)?;
            Ok(Action::Protect(range, parse_protection(word)?))
        },
    },
    Verb {
        word: "name",
        form: "name <pid> <start> <end> [<name>]",
        help: &["name <pid> <start> <end> [<name>]"],
        read: |words| {
            let range = words.range()?;
            Ok(Action::Name(range, words.name()?))
        },
    },
    Verb {
        word: "policy",
        form: "policy <pid> <start> <end> bind:0",
        help: &["policy <pid> <start> <end> default | bind:0,1 | preferred:0 | interleave:0-1"],
        read: |words| {
            let range = words.range()?;
            let word = words.next().ok_or(BadCommand::MissingPolicy)?;
            Ok(Action::Policy(range, parse_policy(word)?))
        },
    },
    Verb {
        word: "uffd",
        form: "uffd <pid> <start> <end> <descriptor> missing",
        help: &["uffd <pid> <start> <end> <descriptor> missing | wp | minor | none"],
        read: |words| {
            let range = words.range()?;
            let word = words.next().ok_or(BadCommand::MissingDescriptor)?;
            let descriptor = parse_descriptor(word)?;
            Ok(Action::Userfaultfd(range, descriptor, parse_modes(words)?))
        },
    },
    Verb {
        word: "new",
        form: "new <pid> <start> <end> [rw-]",
        help: &["new <pid> <start> <end> [rw-]"],
        read: |words| {
            let range = words.range()?;
            let protection = match words.next() {
                Some(word) => parse_protection(word)?,
                None => Protection::READ.or(Protection::WRITE),
            };
            Ok(Action::New(range, protection))
        },
    },
    Verb {
        word: "extend",
        form: "extend <pid> <start> <end>",
        help: &["extend <pid> <start> <end>"],
        read: |words| Ok(Action::Extend(words.range()?)),
    },
    Verb {
        word: "split",
        form: "split <pid> <address>",
        help: &["split <pid> <address>"],
        read: |words| Ok(Action::Split(words.address()?)),
    },
];

/// How they read, for a sentence that lists them.
pub(super) static WORDS: [&str; VERBS.len()] = {
    let mut words = [""; VERBS.len()];
    let mut i = 0;
    while i < words.len() {
        words[i] = VERBS[i].word;
        i += 1;
    }
    words
};
