// SPDX-License-Identifier: GPL-2.0

//! `help`: describes the other files.

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
plan           Says what ctl would do with the same lines, and why not more. Changes nothing.
maps           The VMAs of a process, as Rust walks them. Write <pid>, then read.
explain        Why VMAs do not merge. Write <pid> [summary], or <pid> <start> <end> [summary],
               then read.
explain.jsonl  The same for programs, one object per line.
engine         The engine of the kernel's own system calls. Write c, rust or shadow; with keep
               after it, there is no fallback to C if a call goes wrong.
               Read how many calls each engine has executed.
stats          Counts how the calls that Rust decided have ended, and why VMAs have not merged.
               Write reset to count from zero again. The trace events in
               /sys/kernel/tracing/events/rust_vma show most of these calls one by one.

On a locked-down kernel, nobody can open any of these files except this one.

Addresses are hexadecimal. A range may be written <start>-<end>, as in /proc/PID/maps. <pid> may be self, or a
command that only one process has. A read returns the answer to the last write through the same open file, or,
if there was none, to the last write to the file. If that write was refused, the answer says why; for engine and
stats, ctl says why.
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
