// SPDX-License-Identifier: GPL-2.0

//! Mistakes in a command.

use crate::{
    process::change::{
        LONGEST_NAME,
        MOST_CHANGES, //
    },
    refusal::refusals,
    sys::debugfs::Unseen,
    vma::extent::PAGE_SIZE, //
};
use kernel::{
    fmt,
    prelude::*, //
};

/// The longest line, in bytes, without the newline.
pub(crate) const LONGEST_LINE: usize = 255;

/// The longest message about a line, in bytes: the whole line quoted, with every byte escaped (`\u{7f}`), the words
/// around it, and a note.
pub(crate) const LONGEST_SENTENCE: usize = 6 * LONGEST_LINE + 512;

const CHANGES: &str = "dontfork, dontdump, seq or rand, with + or - in front";
const PROTECTION: &str = "three letters, as in /proc/PID/maps: rw-";
const POLICIES: &str = "default, bind:0,1, preferred:0 or interleave:0-1";
const MODES: &str = "missing, wp or minor, or several of them; or none";
const LAST_NODE: u32 = usize::BITS - 1;
const LAST_NUMBER: i32 = i32::MAX;

refusals! {
    /// A mistake in a command. `form` is an example of a correct line.
    #[derive(Debug)]
    pub(crate) enum BadCommand<'a> {
        Empty(form: &'static str) => EINVAL, ("the line is empty; write for example: {form}"),
        Overlong(length: usize) => E2BIG, (
            "a line of {length} bytes is too long; write at most {LONGEST_LINE}"
        ),
        Unread(errno: Error) => *errno, ("the write could not be read"),
        NotUtf8(position: usize) => EILSEQ, (
            "the byte at position {position} is not valid UTF-8"
        ),
        SeveralLines => EINVAL, ("there is a second line; write one line at a time"),
        UnknownVerb(verb: &'a str, verbs: &'static [&'static str]) => EINVAL, (
            "there is no verb {}; the verbs are: {}", QuotedWord(verb), Listed(verbs)
        ),
        MissingPid(form: &'static str) => EINVAL, ("the process is missing; write: {form}"),
        BadPid(pid: &'a str) => EINVAL, (
            "{} is not a process; write an id, in decimal from 1 to {LAST_NUMBER}, a command, or self",
            QuotedWord(pid)
        ),
        MissingRange(form: &'static str) => EINVAL, (
            "the range is missing; write two hexadecimal addresses: {form}"
        ),
        MissingAddress(form: &'static str) => EINVAL, (
            "the address is missing; write it in hexadecimal: {form}"
        ),
        BadAddress(address: &'a str) => EINVAL, (
            "{} is not an address; write one in hexadecimal, as in /proc/PID/maps", QuotedWord(address)
        ),
        Unaligned(address: usize) => EINVAL, (
            "{address:x} is not a multiple of the page size, {PAGE_SIZE:x}; the page starts at {:x}",
            address - address % PAGE_SIZE
        ),
        Reversed(start: usize, end: usize) => EINVAL, (
            "the range {start:x}-{end:x} is empty or reversed; it has to end after it starts"
        ),
        MissingChange => EINVAL, ("the change is missing; write {CHANGES}"),
        UnknownChange(change: &'a str) => EINVAL, (
            "there is no change {}; write {CHANGES}", QuotedWord(change)
        ),
        Contradiction(change: &'a str) => EINVAL, (
            "{} contradicts or repeats an earlier word", QuotedWord(change)
        ),
        MissingProtection => EINVAL, ("the protection is missing; write {PROTECTION}"),
        BadProtection(protection: &'a str) => EINVAL, (
            "{} is not a protection; write {PROTECTION}", QuotedWord(protection)
        ),
        LongName(name: &'a str) => EINVAL, (
            "a name of {} bytes is too long; write at most {LONGEST_NAME}", name.len()
        ),
        BadName(name: &'a str) => EINVAL, (
            "{} cannot be a name; write printable ASCII, except \\ ` $ [ and ]", QuotedWord(name)
        ),
        MissingPolicy => EINVAL, ("the policy is missing; write {POLICIES}"),
        BadPolicy(policy: &'a str) => EINVAL, (
            "{} is not a policy; write {POLICIES}", QuotedWord(policy)
        ),
        BadNodes(nodes: &'a str) => EINVAL, (
            "{} is not a list of nodes; write numbers from 0 to {LAST_NODE}, as in 0,2-3", QuotedWord(nodes)
        ),
        SeveralNodes(policy: &'a str) => EINVAL, (
            "{} prefers several nodes; write only one", QuotedWord(policy)
        ),
        MissingDescriptor => EINVAL, (
            "the descriptor is missing; write the number of the process's userfaultfd"
        ),
        BadDescriptor(descriptor: &'a str) => EINVAL, (
            "{} is not a descriptor; write a decimal number from 0 to {LAST_NUMBER}",
            QuotedWord(descriptor)
        ),
        MissingModes => EINVAL, ("the events to register for are missing; write {MODES}"),
        UnknownMode(mode: &'a str) => EINVAL, (
            "{} is not an event of a userfaultfd; write {MODES}", QuotedWord(mode)
        ),
        Joined => EINVAL, (
            "only plan takes commands joined by 'and'; here, write one command per line"
        ),
        NothingJoined => EINVAL, ("a command is missing after 'and'"),
        ManyJoined => EINVAL, (
            "more than {MOST_CHANGES} commands are joined by 'and'"
        ),
        OtherProcess => EINVAL, (
            "commands joined by 'and' have to name one process, in the same words"
        ),
        Surplus(word: &'a str) => EINVAL, ("{} is one word too many", QuotedWord(word)),
    }
}

impl From<Unseen> for BadCommand<'_> {
    fn from(unseen: Unseen) -> Self {
        match unseen {
            Unseen::Overlong(length) => Self::Overlong(length),
            Unseen::Unread(errno) => Self::Unread(errno),
        }
    }
}

/// A word of a command, quoted.
struct QuotedWord<'a>(&'a str);

impl fmt::Display for QuotedWord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.0.escape_default())
    }
}

/// A list of words, separated by commas.
struct Listed<'a>(&'a [&'a str]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for word in self.0 {
            write!(f, "{separator}{word}")?;
            separator = ", ";
        }
        Ok(())
    }
}
