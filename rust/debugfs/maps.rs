// SPDX-License-Identifier: GPL-2.0

//! `maps`: the VMAs of a process, as Rust finds them in the maple tree.
//!
//! Write a process id, then read (`question.rs` describes which question a read answers). If there is no question,
//! readers see their own process. A line looks like this:
//!
//! ```text
//! 700000000000-700000004000 rw-p 700000000 anon faulted dontfork
//! range                     |    |         |    |       advice and other flags
//!                           |    |         |    has its own anonymous pages (an anon_vma)
//!                           |    |         what it maps: anon, shared, or a file (its path is last)
//!                           |    page offset, in pages
//!                           permissions, as in /proc/PID/maps
//! ```
//!
//! The list is produced piece by piece. The mmap lock is held for read while a piece is produced, and
//! released between pieces; a VMA that changes meanwhile may be listed in its old or in its new state.

use super::{
    command::{
        self,
        BadCommand, //
    },
    question::{
        refuse,
        LastQuestion,
        Question,
        Reply, //
    }, //
};
use crate::{
    explain::{
        rights::Rights,
        text::ForPeople,
        AskedBy, //
    },
    process::{
        current_mm,
        give_way,
        grab,
        path_of,
        Pid,
        Who, //
    },
    sys::debugfs::{
        DebugfsFile,
        Unseen, //
    },
    text::{
        Full,
        Text, //
    },
    vma::{
        compat::Attributes,
        flags::{
            self,
            VmaFlags, //
        },
        sys::{
            VmaRef,
            VmaWalk, //
        },
    },
};
use kernel::{
    mm::Mm,
    prelude::*,
    str::BStr,
    sync::{
        aref::ARef,
        Arc, //
    }, //
};

/// The longest path that is shown, in bytes.
const LONGEST_PATH: usize = 4096;

/// An open `maps` file.
pub(super) struct Maps {
    question: Question<Pid>,
    path: KVec<u8>,
    reply: Reply<Pid, List>,
}

/// The part of a list that has not been read yet.
struct List {
    /// The process that asked, if it was not the reader. `None` once this has been reported.
    asked_by: Option<i32>,
    mm: ARef<Mm>,
    /// The address at which the unread part starts.
    from: usize,
}

impl DebugfsFile for Maps {
    type Shared = LastQuestion<Pid>;

    const LONGEST_WRITE: usize = command::LONGEST_LINE + 1;

    fn open(last: Arc<LastQuestion<Pid>>) -> Result<Self> {
        Ok(Self {
            question: Question::new(last),
            path: KVec::from_elem(0, LONGEST_PATH, GFP_KERNEL)?,
            reply: Reply::Nothing,
        })
    }

    fn write(&mut self, written: Result<&[u8], Unseen>) -> Result {
        self.question.ask(|reason| {
            let who = parse(written).map_err(|bad| refuse(reason, bad.errno(), fmt!("{bad}")))?;
            Pid::find_to_look_at(who).map_err(|none| refuse(reason, none.errno(), fmt!("{none}")))
        })
    }

    fn rewind(&mut self) -> Result {
        // If the new list fails to begin, the old one must not remain.
        self.reply = Reply::Nothing;
        self.reply = self.question.reply(|pid, asked_by| {
            let mm = match pid {
                Some(pid) => pid.mm().map_err(|none| none.errno())?,
                None => current_mm().ok_or(ESRCH)?,
            };
            Ok(List {
                asked_by,
                mm: grab(&mm),
                from: 0,
            })
        })?;
        Ok(())
    }

    fn produce(&mut self, text: &mut Text) -> Result {
        let path = &mut self.path;
        self.reply
            .produce::<ForPeople>(text, |list, text| match list.asked_by.take() {
                Some(pid) => text
                    .append(format_args!("{}\n", AskedBy(pid)))
                    .map_err(|Full| ENOSPC),
                None => list.produce(path, text),
            })
    }
}

impl List {
    /// Lists more VMAs, until there is no room for another line or other tasks wait for the lock.
    fn produce(&mut self, path: &mut [u8], text: &mut Text) -> Result {
        give_way(&self.mm);
        // If the process has exited meanwhile, the list ends.
        let Some(mm) = self.mm.mmget_not_zero() else {
            return Ok(());
        };
        let mut walk = VmaWalk::lock_killable(&mm, self.from)?;
        let mut listed = 0;
        while let Some(vma) = walk.next() {
            let path = path_of(vma, path).unwrap_or_default();
            match describe(vma, path, text) {
                Ok(()) => self.from = vma.end(),
                // An empty text would end the list, so this line has to fit.
                Err(Full) if text.as_bytes().is_empty() => {
                    describe(vma, b"(its path is too long)", text).map_err(|Full| ENOSPC)?;
                    self.from = vma.end();
                }
                Err(Full) => break,
            }
            listed += 1;
            if walk.gives_way(listed) {
                break;
            }
        }
        Ok(())
    }
}

fn parse(written: Result<&[u8], Unseen>) -> Result<Who, BadCommand<'_>> {
    command::parse_who(command::line_of(written?)?.trim_ascii())
}

/// Appends one line about `vma`, which maps the file at `path`, if any.
fn describe(vma: &VmaRef, path: &[u8], text: &mut Text) -> Result<(), Full> {
    let has = |flag: VmaFlags| vma.vma_flags().contains(flag);
    let [read, write, execute, shared] = Rights::of(vma.vma_flags()).letters();
    let word = |flag, word| if has(flag) { word } else { "" };

    let kind = match (vma.file(), has(flags::MAYSHARE)) {
        (None, _) => " anon",
        (Some(_), true) => " shared",
        (Some(_), false) => " file",
    };
    text.append(fmt!(
        "{:012x}-{:012x} {}{}{}{} {:x}{}{}{}{}{}{}{}{}{}{}\n",
        vma.start(),
        vma.end(),
        read,
        write,
        execute,
        shared,
        vma.extent().pgoff.pages(),
        kind,
        if vma.anon_vma().is_some() {
            " faulted"
        } else {
            ""
        },
        word(flags::DONTCOPY, " dontfork"),
        word(flags::DONTDUMP, " dontdump"),
        word(flags::SEQ_READ, " seq"),
        word(flags::RAND_READ, " rand"),
        word(flags::SEALED, " sealed"),
        if vma.vma_flags().intersects(flags::SPECIAL) {
            " special"
        } else {
            ""
        },
        if path.is_empty() { "" } else { " " },
        BStr::from_bytes(path),
    ))
}
