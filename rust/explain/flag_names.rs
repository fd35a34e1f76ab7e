// SPDX-License-Identifier: GPL-2.0

//! The names that VMA flags have in the line VmFlags of smaps.

use crate::vma::{
    flags::VmaFlags,
    host, //
};
use core::fmt;

/// The flag that each architecture has for itself.
const ARCH_1: &str = if host::ARCH_1_IS_BTI { "bt" } else { "ar" };

/// The flags that have a name there, each with its bit. Protection keys have none: smaps has them in a
/// line of their own.
const NAMES: &[(&str, u32)] = &[
    ("rd", host::VMA_READ_BIT),
    ("wr", host::VMA_WRITE_BIT),
    ("ex", host::VMA_EXEC_BIT),
    ("sh", host::VMA_SHARED_BIT),
    ("mr", host::VMA_MAYREAD_BIT),
    ("mw", host::VMA_MAYWRITE_BIT),
    ("me", host::VMA_MAYEXEC_BIT),
    ("ms", host::VMA_MAYSHARE_BIT),
    ("gd", host::VMA_GROWSDOWN_BIT),
    ("pf", host::VMA_PFNMAP_BIT),
    ("gu", host::VMA_MAYBE_GUARD_BIT),
    ("lo", host::VMA_LOCKED_BIT),
    ("io", host::VMA_IO_BIT),
    ("sr", host::VMA_SEQ_READ_BIT),
    ("rr", host::VMA_RAND_READ_BIT),
    ("dc", host::VMA_DONTCOPY_BIT),
    ("de", host::VMA_DONTEXPAND_BIT),
    ("lf", host::VMA_LOCKONFAULT_BIT),
    ("ac", host::VMA_ACCOUNT_BIT),
    ("nr", host::VMA_NORESERVE_BIT),
    ("ht", host::VMA_HUGETLB_BIT),
    ("sf", host::VMA_SYNC_BIT),
    (ARCH_1, host::VMA_ARCH_1_BIT),
    ("wf", host::VMA_WIPEONFORK_BIT),
    ("dd", host::VMA_DONTDUMP_BIT),
    ("sd", host::VMA_SOFTDIRTY_BIT),
    ("mm", host::VMA_MIXEDMAP_BIT),
    ("hg", host::VMA_HUGEPAGE_BIT),
    ("nh", host::VMA_NOHUGEPAGE_BIT),
    ("mg", host::VMA_MERGEABLE_BIT),
    ("um", host::VMA_UFFD_MISSING_BIT),
    ("uw", host::VMA_UFFD_WP_BIT),
    ("ui", host::VMA_UFFD_MINOR_BIT),
    ("ur", host::VMA_UFFD_RWP_BIT),
    ("dp", host::VMA_DROPPABLE_BIT),
    ("sl", host::VMA_SEALED_BIT),
];

/// The name of the flag with each bit; of those that have none, nothing.
static NAME_OF: [&str; VmaFlags::BITS] = {
    let mut names = [""; VmaFlags::BITS];
    let mut i = 0;
    while i < NAMES.len() {
        let (name, bit) = NAMES[i];
        if (bit as usize) < VmaFlags::BITS {
            names[bit as usize] = name;
        }
        i += 1;
    }
    names
};

/// Flags by their names, in the order of their bits, with blanks between them; `??` at the end stands for
/// those that have none.
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
        match (some_unnamed, is_first) {
            (true, true) => out.write_str("??"),
            (true, false) => out.write_str(" ??"),
            (false, _) => Ok(()),
        }
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_to(f)
    }
}
