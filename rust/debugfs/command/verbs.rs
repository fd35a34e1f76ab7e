// SPDX-License-Identifier: GPL-2.0

//! The table of verbs, one row per verb.

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
    FlagChange,
    Prospect,
    Protection,
    Verb, //
};

/// A verb's word, its help, and the function that reads its arguments.
pub(crate) struct VerbWords {
    /// The verb, which is the first word of a command.
    pub(super) word: &'static str,
    /// An example of a command with this verb.
    pub(super) form: &'static str,
    /// The lines about the verb in the file `help`.
    pub(crate) help: &'static [&'static str],
    /// Reads the words after the process.
    pub(super) read: for<'a> fn(&mut Words<'a>) -> Result<Prospect<'a>, BadCommand<'a>>,
}

/// The table of verbs.
pub(crate) static VERBS: [VerbWords; 11] = [
    VerbWords {
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
            Ok(Verb::Flags(range, change).into())
        },
    },
    VerbWords {
        word: "protect",
        form: "protect <pid> <start> <end> rw-",
        help: &["protect <pid> <start> <end> rw-"],
        read: |words| {
            let range = words.range()?;
            let word = words.next().ok_or(BadCommand::MissingProtection)?;
            Ok(Verb::Protect(range, parse_protection(word)?).into())
        },
    },
    VerbWords {
        word: "name",
        form: "name <pid> <start> <end> [<name>]",
        help: &["name <pid> <start> <end> [<name>]"],
        read: |words| {
            let range = words.range()?;
            Ok(Verb::Name(range, words.name()?).into())
        },
    },
    VerbWords {
        word: "policy",
        form: "policy <pid> <start> <end> bind:0",
        help: &["policy <pid> <start> <end> default | bind:0,1 | preferred:0 | interleave:0-1"],
        read: |words| {
            let range = words.range()?;
            let word = words.next().ok_or(BadCommand::MissingPolicy)?;
            Ok(Verb::Policy(range, parse_policy(word)?).into())
        },
    },
    VerbWords {
        word: "uffd",
        form: "uffd <pid> <start> <end> <descriptor> missing",
        help: &["uffd <pid> <start> <end> <descriptor> missing | wp | minor | none"],
        read: |words| {
            let range = words.range()?;
            let word = words.next().ok_or(BadCommand::MissingDescriptor)?;
            let descriptor = parse_descriptor(word)?;
            Ok(Verb::Userfaultfd(range, descriptor, parse_modes(words)?).into())
        },
    },
    VerbWords {
        word: "new",
        form: "new <pid> <start> <end> [rw-]",
        help: &["new <pid> <start> <end> [rw-]"],
        read: |words| {
            let range = words.range()?;
            let protection = match words.next() {
                Some(word) => parse_protection(word)?,
                None => Protection::READ.or(Protection::WRITE),
            };
            Ok(Verb::New(range, protection).into())
        },
    },
    VerbWords {
        word: "extend",
        form: "extend <pid> <start> <end>",
        help: &["extend <pid> <start> <end>"],
        read: |words| Ok(Verb::Extend(words.range()?).into()),
    },
    VerbWords {
        word: "split",
        form: "split <pid> <address>",
        help: &["split <pid> <address>"],
        read: |words| Ok(Verb::Split(words.address()?).into()),
    },
    VerbWords {
        word: "merge",
        form: "merge <pid> <start> <end>",
        help: &["merge <pid> <start> <end>"],
        read: |words| Ok(Verb::Merge(words.range()?).into()),
    },
    VerbWords {
        word: "unmap",
        form: "unmap <pid> <start> <end>",
        help: &["unmap <pid> <start> <end>  (plan only)"],
        read: |words| Ok(Prospect::Unmap(words.range()?)),
    },
    VerbWords {
        word: "move",
        form: "move <pid> <start> <end> <address>",
        help: &["move <pid> <start> <end> <address>  (plan only)"],
        read: |words| {
            let range = words.range()?;
            Ok(Prospect::Move(range, words.address()?))
        },
    },
];

/// The words of all verbs.
pub(super) static WORDS: [&str; VERBS.len()] = {
    let mut words = [""; VERBS.len()];
    let mut i = 0;
    while i < words.len() {
        words[i] = VERBS[i].word;
        i += 1;
    }
    words
};
