// SPDX-License-Identifier: GPL-2.0

//! The names that VMA flags have in the line VmFlags of smaps, and what else is said of each.

use crate::vma::{
    causes::Cause,
    flags::VmaFlags,
    host, //
};
use core::fmt;

/// All that is said of a flag.
pub(super) struct Named {
    /// Its name in smaps.
    pub(super) name: &'static str,
    bit: u32,
    /// What sets it, or what it means.
    pub(super) words: &'static str,
    /// The cause of a difference in it, as people see it.
    cause: Cause,
}

/// A table of flags: the name, the bit, the cause, the words.
macro_rules! named {
    ($($name:expr, $bit:ident, $cause:ident, $words:expr;)*) => {
        &[$(Named {
            name: $name,
            bit: host::$bit,
            words: $words,
            cause: Cause::$cause,
        }),*]
    };
}

/// The name and the words of the flag that each architecture has for itself.
const ARCH_1: (&str, &str) = if host::ARCH_1_IS_BTI {
    ("bt", "PROT_BTI")
} else {
    ("ar", "a flag of this architecture")
};

/// The flags that have a name there. Protection keys have none: smaps has them in a line of their own.
pub(super) const NAMED: &[Named] = named![
    "rd",    VMA_READ_BIT,         AccessRights, "may be read";
    "wr",    VMA_WRITE_BIT,        AccessRights, "may be written";
    "ex",    VMA_EXEC_BIT,         AccessRights, "may be executed";
    "sh",    VMA_SHARED_BIT,       OtherFlags,   "MAP_SHARED";
    "mr",    VMA_MAYREAD_BIT,      OtherFlags,   "mprotect may allow to read";
    "mw",    VMA_MAYWRITE_BIT,     OtherFlags,   "mprotect may allow to write";
    "me",    VMA_MAYEXEC_BIT,      OtherFlags,   "mprotect may allow to execute";
    "ms",    VMA_MAYSHARE_BIT,     OtherFlags,   "may be shared";
    "gd",    VMA_GROWSDOWN_BIT,    OtherFlags,   "MAP_GROWSDOWN";
    "pf",    VMA_PFNMAP_BIT,       OtherFlags,   "page frames of a driver";
    "gu",    VMA_MAYBE_GUARD_BIT,  OtherFlags,   "MADV_GUARD_INSTALL was used";
    "lo",    VMA_LOCKED_BIT,       Locked,       "mlock";
    "io",    VMA_IO_BIT,           OtherFlags,   "memory of a device";
    "sr",    VMA_SEQ_READ_BIT,     ReadAhead,    "MADV_SEQUENTIAL";
    "rr",    VMA_RAND_READ_BIT,    ReadAhead,    "MADV_RANDOM";
    "dc",    VMA_DONTCOPY_BIT,     DontFork,     "MADV_DONTFORK";
    "de",    VMA_DONTEXPAND_BIT,   OtherFlags,   "mremap cannot enlarge it";
    "lf",    VMA_LOCKONFAULT_BIT,  Locked,       "MLOCK_ONFAULT";
    "ac",    VMA_ACCOUNT_BIT,      AccessRights, "accounted as committed memory";
    "nr",    VMA_NORESERVE_BIT,    NoReserve,    "MAP_NORESERVE";
    "ht",    VMA_HUGETLB_BIT,      OtherFlags,   "MAP_HUGETLB";
    "sf",    VMA_SYNC_BIT,         OtherFlags,   "MAP_SYNC";
    ARCH_1.0, VMA_ARCH_1_BIT,      OtherFlags,   ARCH_1.1;
    "wf",    VMA_WIPEONFORK_BIT,   WipeOnFork,   "MADV_WIPEONFORK";
    "dd",    VMA_DONTDUMP_BIT,     DontDump,     "MADV_DONTDUMP";
    "sd",    VMA_SOFTDIRTY_BIT,    OtherFlags,   "soft-dirty";
    "mm",    VMA_MIXEDMAP_BIT,     OtherFlags,   "pages of a driver";
    "hg",    VMA_HUGEPAGE_BIT,     HugePages,    "MADV_HUGEPAGE";
    "nh",    VMA_NOHUGEPAGE_BIT,   HugePages,    "MADV_NOHUGEPAGE";
    "mg",    VMA_MERGEABLE_BIT,    Mergeable,    "MADV_MERGEABLE";
    "um",    VMA_UFFD_MISSING_BIT, Userfaultfd,  "userfaultfd, missing pages";
    "uw",    VMA_UFFD_WP_BIT,      Userfaultfd,  "userfaultfd, write-protected";
    "ui",    VMA_UFFD_MINOR_BIT,   Userfaultfd,  "userfaultfd, minor faults";
    "ur",    VMA_UFFD_RWP_BIT,     Userfaultfd,  "userfaultfd, accesses";
    "dp",    VMA_DROPPABLE_BIT,    OtherFlags,   "MAP_DROPPABLE";
    "sl",    VMA_SEALED_BIT,       Sealed,       "mseal";
];

/// What stands for flags without a name, and what it means.
pub(super) const UNNAMED: (&str, &str) = ("??", "flags that smaps has no name for");

/// The name of the flag with each bit; of those that have none, nothing.
static NAME_OF: [&str; VmaFlags::BITS] = {
    let mut names = [""; VmaFlags::BITS];
    let mut i = 0;
    while i < NAMED.len() {
        let Named { name, bit, .. } = NAMED[i];
        if (bit as usize) < VmaFlags::BITS {
            names[bit as usize] = name;
        }
        i += 1;
    }
    names
};

/// The cause of a difference in the flag with that bit, as people see it.
pub(super) const fn cause_of_flag(bit: usize) -> Cause {
    let mut i = 0;
    while i < NAMED.len() {
        if NAMED[i].bit as usize == bit {
            return NAMED[i].cause;
        }
        i += 1;
    }
    Cause::OtherFlags
}

/// Flags by their names, in the order of their bits, with blanks between them; [`UNNAMED`] at the end
/// stands for those that have none.
pub(crate) struct Names(pub(crate) VmaFlags);

impl Names {
    /// Writes them.
    pub(crate) fn write_to(&self, out: &mut impl fmt::Write) -> fmt::Result {
        let mut some_unnamed = false;
        let mut is_first = true;
        for bit in self.0.bits() {
            match NAME_OF.get(bit) {
                Some(name) if !name.is_empty() => {
                    if !core::mem::take(&mut is_first) {
                        out.write_str(" ")?;
                    }
                    out.write_str(name)?;
                }
                _ => some_unnamed = true,
            }
        }
        if some_unnamed {
            if !is_first {
                out.write_str(" ")?;
            }
            out.write_str(UNNAMED.0)?;
        }
        Ok(())
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_to(f)
    }
}
