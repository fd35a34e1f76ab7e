// SPDX-License-Identifier: GPL-2.0

//! Mistakes in a command: an errno for programs, and a sentence for people.

use crate::{
    process::change::LONGEST_NAME,
    vma::extent::PAGE_SIZE, //
};
use kernel::{
    fmt,
    prelude::*, //
};

/// The longest line, in bytes, without the newline.
pub(crate) const LONGEST_LINE: usize = 255;

/// A mistake in a command.
#[derive(Debug)]
pub(crate) enum BadCommand<'a> {
    /// With an example of a line.
    Empty(&'static str),
    Overlong(usize),
    NotUtf8(usize),
    SeveralLines,
    /// With all verbs.
    UnknownVerb(&'a str, &'static [&'static str]),
    /// With an example of the line that was meant; so too below.
    MissingPid(&'static str),
    BadPid(&'a str),
    MissingRange(&'static str),
    MissingAddress(&'static str),
    BadAddress(&'a str),
    Unaligned(usize),
    Reversed(usize, usize),
    MissingChange,
    UnknownChange(&'a str),
    Contradiction(&'a str),
    MissingProtection,
    BadProtection(&'a str),
    LongName(&'a str),
    BadName(&'a str),
    MissingPolicy,
    BadPolicy(&'a str),
    BadNodes(&'a str),
    SeveralNodes(&'a str),
    MissingDescriptor,
    BadDescriptor(&'a str),
    MissingModes,
    UnknownMode(&'a str),
    Surplus(&'a str),
}

impl BadCommand<'_> {
    /// Returns the errno for programs.
    pub(crate) fn errno(&self) -> Error {
        match self {
            Self::Overlong(_) => E2BIG,
            Self::NotUtf8(_) => EILSEQ,
            _ => EINVAL,
        }
    }
}

impl fmt::Display for BadCommand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const CHANGES: &str = "dontfork, dontdump, seq or rand, with + or - before it";
        const PROTECTION: &str = "three letters, as /proc/PID/maps has them: rw-";
        const POLICIES: &str = "default, bind:0,1, preferred:0 or interleave:0-1";
        const MODES: &str = "missing, wp, minor, or several of them; or none";

        match self {
            Self::Empty(form) => write!(f, "the line is empty; write for example: {form}"),
            Self::Overlong(length) => write!(
                f,
                "{length} bytes are too long for a line; it may have {LONGEST_LINE}"
            ),
            Self::NotUtf8(position) => {
                write!(f, "the byte at position {position} is not part of any UTF-8 text")
            }
            Self::SeveralLines => write!(f, "there is a second line; write one line at a time"),
            Self::UnknownVerb(verb, verbs) => {
                write!(
                    f,
                    "there is no verb '{}'; the verbs are:",
                    verb.escape_default()
                )?;
                let mut separator = " ";
                for verb in *verbs {
                    write!(f, "{separator}{verb}")?;
                    separator = ", ";
                }
                Ok(())
            }
            Self::MissingPid(form) => write!(f, "the process id is missing; write: {form}"),
            Self::BadPid(pid) => write!(
                f,
                "'{}' is not a process id; write a decimal number from 1 to {}",
                pid.escape_default(),
                i32::MAX
            ),
            Self::MissingRange(form) => write!(
                f,
                "the range is missing; write two hexadecimal addresses: {form}"
            ),
            Self::MissingAddress(form) => write!(
                f,
                "the address is missing; write it in hexadecimal: {form}"
            ),
            Self::BadAddress(address) => write!(
                f,
                "'{}' is not an address; write it in hexadecimal, as /proc/PID/maps does",
                address.escape_default()
            ),
            Self::Unaligned(address) => write!(
                f,
                "{address:x} is no multiple of the page size, {PAGE_SIZE:x}; the page starts at {:x}",
                address - address % PAGE_SIZE
            ),
            Self::Reversed(start, end) => write!(
                f,
                "the range {start:x}-{end:x} is empty or reversed; it has to end after it starts"
            ),
            Self::MissingChange => write!(f, "the change is missing; write {CHANGES}"),
            Self::UnknownChange(change) => write!(
                f,
                "there is no change '{}'; write {CHANGES}",
                change.escape_default()
            ),
            Self::Contradiction(change) => write!(
                f,
                "'{}' contradicts a change before it, or repeats it",
                change.escape_default()
            ),
            Self::MissingProtection => write!(f, "the protection is missing; write {PROTECTION}"),
            Self::BadProtection(protection) => write!(
                f,
                "'{}' is not a protection; write {PROTECTION}",
                protection.escape_default()
            ),
            Self::LongName(name) => write!(
                f,
                "a name of {} bytes is too long; it may have {LONGEST_NAME}",
                name.len()
            ),
            Self::BadName(name) => write!(
                f,
                "'{}' cannot be a name; it may have printable ASCII but for \\ ` $ [ and ]",
                name.escape_default()
            ),
            Self::MissingPolicy => write!(f, "the policy is missing; write {POLICIES}"),
            Self::BadPolicy(policy) => write!(
                f,
                "'{}' is not a policy; write {POLICIES}",
                policy.escape_default()
            ),
            Self::BadNodes(nodes) => write!(
                f,
                "'{}' are no nodes; write numbers from 0 to {}, as in 0,2-3",
                nodes.escape_default(),
                usize::BITS - 1
            ),
            Self::SeveralNodes(policy) => write!(
                f,
                "'{}' prefers several nodes; write one of them",
                policy.escape_default()
            ),
            Self::MissingDescriptor => write!(
                f,
                "the descriptor is missing; write the number that the process has its userfaultfd by"
            ),
            Self::BadDescriptor(descriptor) => write!(
                f,
                "'{}' is not a descriptor; write a decimal number from 0 to {}",
                descriptor.escape_default(),
                i32::MAX
            ),
            Self::MissingModes => write!(f, "what it is to be told of is missing; write {MODES}"),
            Self::UnknownMode(mode) => write!(
                f,
                "a userfaultfd is not told of '{}'; write {MODES}",
                mode.escape_default()
            ),
            Self::Surplus(word) => write!(f, "'{}' is one word too many", word.escape_default()),
        }
    }
}
