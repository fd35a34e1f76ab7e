// SPDX-License-Identifier: GPL-2.0

//! `help`: the purpose of the other files.

use super::command::VERBS;
use crate::{
    sys::debugfs::{
        DebugfsFile,
        Unseen, //
    },
    text::{
        Full,
        Text, //
    }, //
};
use kernel::{
    prelude::*,
    sync::Arc, //
};

const BEFORE_VERBS: &str = "\
ctl            Changes the VMAs of a process. Write lines, read the outcome:
";

const AFTER_VERBS: &str = "\
plan           The same lines: what would be done, and why not more. Changes nothing.
maps           The VMAs of a process, as Rust walks them. Write <pid>, then read.
explain        Why VMAs do not merge. Write <pid>, or <pid> <start> <end>, with
               the word summary behind it or not, then read.
explain.jsonl  The same for programs, an object a line.
engine         The engine of the kernel's own system calls. Write c, rust or shadow; with keep
               behind it, C does not take over when something is wrong.
               Read how many calls each has executed.
stats          How the calls that Rust has decided have ended, and why VMAs have not merged,
               in figures. Write reset to begin anew. Most of these calls one by one: the trace
               events in /sys/kernel/tracing/events/rust_vma.

A kernel that is locked down lets nobody open any of these files, but this one.

Addresses are hexadecimal; <start>-<end> is a range, too, as in /proc/PID/maps. <pid> may be self, or the command
of a process that no other has. A file answers what was written to it through the same
open file, otherwise what was written to it last. If that was refused, it says why; why a write to engine or
stats was refused is said in ctl.
";

/// An open `help` file. It cannot be written, so it is the only file that can be opened under lockdown.
pub(super) struct Help {
    unread: bool,
}

impl DebugfsFile for Help {
    type Shared = ();

    const LONGEST_WRITE: usize = 0;

    fn open(_shared: Arc<()>) -> Result<Self> {
        Ok(Self { unread: false })
    }

    fn write(&mut self, _written: Result<&[u8], Unseen>) -> Result {
        Err(EINVAL)
    }

    fn rewind(&mut self) -> Result {
        self.unread = true;
        Ok(())
    }

    fn produce(&mut self, text: &mut Text) -> Result {
        if core::mem::take(&mut self.unread) {
            write_help(text).map_err(|Full| ENOSPC)?;
        }
        Ok(())
    }
}

fn write_help(text: &mut Text) -> Result<(), Full> {
    text.append_str(BEFORE_VERBS)?;
    for line in VERBS.iter().flat_map(|verb| verb.help) {
        text.append(fmt!("{:17}{line}\n", ""))?;
    }
    text.append_str(AFTER_VERBS)
}
