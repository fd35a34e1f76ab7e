// SPDX-License-Identifier: GPL-2.0

//! `maps`: the VMAs of a process, as Rust walks the maple tree.
//!
//! Write a process id, then read; before the first write, readers see their own process. A line is
//!
//! ```text
//! 700000000000-700000004000 rw-p 700000000 anon faulted dontfork
//! range                     |    |         |    |       advice and other flags
//!                           |    |         |    has anonymous pages of its own (an anon_vma)
//!                           |    |         what it maps: anon, shared, or a file (its path is last)
//!                           |    page offset, in pages
//!                           permissions, as in /proc/PID/maps
//! ```
//!
//! The list is produced piece by piece. The mmap lock is held for read while a piece is made, and
//! released between pieces; a VMA that changes meanwhile may be seen before or after the change.

use super::{
    chosen::Chosen,
    command::{
        self,
        BadCommand, //
    }, //
};
use crate::{
    process::{
        current_mm,
        grab,
        path_of,
        Pid, //
    },
    sys::debugfs::DebugfsFile,
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

/// One reading of the list.
pub(super) struct Maps {
    target: Arc<Chosen<Pid>>,
    path: KVec<u8>,
    /// The address space that is listed, and the address up to which it has been.
    position: Option<(ARef<Mm>, usize)>,
}

impl DebugfsFile for Maps {
    type Shared = Chosen<Pid>;

    const LONGEST_WRITE: usize = command::LONGEST_LINE + 1;

    fn open(target: Arc<Chosen<Pid>>) -> Result<Self> {
        Ok(Self {
            target,
            path: KVec::from_elem(0, LONGEST_PATH, GFP_KERNEL)?,
            position: None,
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result {
        match read_pid(bytes) {
            Ok(pid) => self.target.set(self.target.find(pid)?),
            Err(bad) => self.target.refuse(bad.errno(), fmt!("{bad}")),
        }
    }

    fn refuse_overlong(&mut self, length: usize) -> Result {
        self.target.refuse_overlong(length)
    }

    fn rewind(&mut self) -> Result {
        let mm = match self.target.get() {
            Some(pid) => pid.mm().map_err(|none| none.errno())?,
            None => current_mm().ok_or(ESRCH)?,
        };
        self.position = Some((grab(&mm), 0));
        Ok(())
    }

    fn produce(&mut self, text: &mut Text) -> Result {
        let Some((mm, from)) = &mut self.position else {
            return Ok(());
        };
        // If the process has exited meanwhile, the list ends.
        let Some(mm) = mm.mmget_not_zero() else {
            return Ok(());
        };
        let mut walk = VmaWalk::lock_killable(&mm, *from)?;
        while let Some(vma) = walk.next() {
            let path = path_of(vma, &mut self.path).unwrap_or_default();
            match describe(vma, path, text) {
                Ok(()) => *from = vma.end(),
                // An empty text would end the list, so this line has to fit.
                Err(Full) if text.as_bytes().is_empty() => {
                    describe(vma, b"(its path is too long)", text).map_err(|Full| ENOSPC)?;
                    *from = vma.end();
                }
                Err(Full) => break,
            }
        }
        Ok(())
    }
}

fn read_pid(bytes: &[u8]) -> Result<i32, BadCommand<'_>> {
    let text = core::str::from_utf8(bytes).map_err(|e| BadCommand::NotUtf8(e.valid_up_to()))?;
    command::parse_pid(text.trim_ascii())
}

/// Appends one line about `vma`, which maps the file at `path`, if any.
fn describe(vma: &VmaRef, path: &[u8], text: &mut Text) -> Result<(), Full> {
    let has = |flag: VmaFlags| vma.vma_flags().contains(flag);
    let letter = |flag, set, unset| if has(flag) { set } else { unset };
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
        letter(flags::READ, 'r', '-'),
        letter(flags::WRITE, 'w', '-'),
        letter(flags::EXEC, 'x', '-'),
        letter(flags::MAYSHARE, 's', 'p'),
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
