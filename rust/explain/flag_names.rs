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

const fn named(name: &'static str, bit: u32, words: &'static str, cause: Cause) -> Named {
    Named {
        name,
        bit,
        words,
        cause,
    }
}

/// The name and the words of the flag that each architecture has for itself.
const ARCH_1: (&str, &str) = if host::ARCH_1_IS_BTI {
    ("bt", "PROT_BTI")
} else {
    ("ar", "a flag of this architecture")
};

/// The flags that have a name there. Protection keys have none: smaps has them in a line of their own.
pub(super) const NAMED: &[Named] = &[
    named("rd", host::VMA_READ_BIT, "may be read", Cause::AccessRights),
    named(
        "wr",
        host::VMA_WRITE_BIT,
        "may be written",
        Cause::AccessRights,
    ),
    named(
        "ex",
        host::VMA_EXEC_BIT,
        "may be executed",
        Cause::AccessRights,
    ),
    named("sh", host::VMA_SHARED_BIT, "MAP_SHARED", Cause::OtherFlags),
    named(
        "mr",
        host::VMA_MAYREAD_BIT,
        "mprotect may allow to read",
        Cause::OtherFlags,
    ),
    named(
        "mw",
        host::VMA_MAYWRITE_BIT,
        "mprotect may allow to write",
        Cause::OtherFlags,
    ),
    named(
        "me",
        host::VMA_MAYEXEC_BIT,
        "mprotect may allow to execute",
        Cause::OtherFlags,
    ),
    named(
        "ms",
        host::VMA_MAYSHARE_BIT,
        "may be shared",
        Cause::OtherFlags,
    ),
    named(
        "gd",
        host::VMA_GROWSDOWN_BIT,
        "MAP_GROWSDOWN",
        Cause::OtherFlags,
    ),
    named(
        "pf",
        host::VMA_PFNMAP_BIT,
        "page frames of a driver",
        Cause::OtherFlags,
    ),
    named(
        "gu",
        host::VMA_MAYBE_GUARD_BIT,
        "MADV_GUARD_INSTALL was used",
        Cause::OtherFlags,
    ),
    named("lo", host::VMA_LOCKED_BIT, "mlock", Cause::Locked),
    named(
        "io",
        host::VMA_IO_BIT,
        "memory of a device",
        Cause::OtherFlags,
    ),
    named(
        "sr",
        host::VMA_SEQ_READ_BIT,
        "MADV_SEQUENTIAL",
        Cause::ReadAhead,
    ),
    named(
        "rr",
        host::VMA_RAND_READ_BIT,
        "MADV_RANDOM",
        Cause::ReadAhead,
    ),
    named(
        "dc",
        host::VMA_DONTCOPY_BIT,
        "MADV_DONTFORK",
        Cause::DontFork,
    ),
    named(
        "de",
        host::VMA_DONTEXPAND_BIT,
        "mremap cannot enlarge it",
        Cause::OtherFlags,
    ),
    named(
        "lf",
        host::VMA_LOCKONFAULT_BIT,
        "MLOCK_ONFAULT",
        Cause::Locked,
    ),
    named(
        "ac",
        host::VMA_ACCOUNT_BIT,
        "accounted as committed memory",
        Cause::AccessRights,
    ),
    named(
        "nr",
        host::VMA_NORESERVE_BIT,
        "MAP_NORESERVE",
        Cause::NoReserve,
    ),
    named(
        "ht",
        host::VMA_HUGETLB_BIT,
        "MAP_HUGETLB",
        Cause::OtherFlags,
    ),
    named("sf", host::VMA_SYNC_BIT, "MAP_SYNC", Cause::OtherFlags),
    named(ARCH_1.0, host::VMA_ARCH_1_BIT, ARCH_1.1, Cause::OtherFlags),
    named(
        "wf",
        host::VMA_WIPEONFORK_BIT,
        "MADV_WIPEONFORK",
        Cause::WipeOnFork,
    ),
    named(
        "dd",
        host::VMA_DONTDUMP_BIT,
        "MADV_DONTDUMP",
        Cause::DontDump,
    ),
    named(
        "sd",
        host::VMA_SOFTDIRTY_BIT,
        "soft-dirty",
        Cause::OtherFlags,
    ),
    named(
        "mm",
        host::VMA_MIXEDMAP_BIT,
        "pages of a driver",
        Cause::OtherFlags,
    ),
    named(
        "hg",
        host::VMA_HUGEPAGE_BIT,
        "MADV_HUGEPAGE",
        Cause::HugePages,
    ),
    named(
        "nh",
        host::VMA_NOHUGEPAGE_BIT,
        "MADV_NOHUGEPAGE",
        Cause::HugePages,
    ),
    named(
        "mg",
        host::VMA_MERGEABLE_BIT,
        "MADV_MERGEABLE",
        Cause::Mergeable,
    ),
    named(
        "um",
        host::VMA_UFFD_MISSING_BIT,
        "userfaultfd, missing pages",
        Cause::Userfaultfd,
    ),
    named(
        "uw",
        host::VMA_UFFD_WP_BIT,
        "userfaultfd, write-protected",
        Cause::Userfaultfd,
    ),
    named(
        "ui",
        host::VMA_UFFD_MINOR_BIT,
        "userfaultfd, minor faults",
        Cause::Userfaultfd,
    ),
    named(
        "ur",
        host::VMA_UFFD_RWP_BIT,
        "userfaultfd, accesses",
        Cause::Userfaultfd,
    ),
    named(
        "dp",
        host::VMA_DROPPABLE_BIT,
        "MAP_DROPPABLE",
        Cause::OtherFlags,
    ),
    named("sl", host::VMA_SEALED_BIT, "mseal", Cause::Sealed),
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
