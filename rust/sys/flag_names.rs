// SPDX-License-Identifier: GPL-2.0

//! What VMA flags are called in the line VmFlags of smaps.

use crate::vma::sys::{
    bindings,
    VmaFlags, //
};
use kernel::fmt;

/// A userfaultfd is told of accesses. `VM_UFFD_RWP`.
pub(crate) const UFFD_RWP: VmaFlags = VmaFlags::of(&[bindings::VMA_UFFD_RWP_BIT]);

/// The flag that each architecture has for itself.
const ARCH_1: &str = if cfg!(CONFIG_ARM64_BTI) { "bt" } else { "ar" };

/// The flags that have a name there, each with its bit. Protection keys have none: smaps has them in a
/// line of their own.
const NAMES: &[(&str, u32)] = &[
    ("rd", bindings::VMA_READ_BIT),
    ("wr", bindings::VMA_WRITE_BIT),
    ("ex", bindings::VMA_EXEC_BIT),
    ("sh", bindings::VMA_SHARED_BIT),
    ("mr", bindings::VMA_MAYREAD_BIT),
    ("mw", bindings::VMA_MAYWRITE_BIT),
    ("me", bindings::VMA_MAYEXEC_BIT),
    ("ms", bindings::VMA_MAYSHARE_BIT),
    ("gd", bindings::VMA_GROWSDOWN_BIT),
    ("pf", bindings::VMA_PFNMAP_BIT),
    ("gu", bindings::VMA_MAYBE_GUARD_BIT),
    ("lo", bindings::VMA_LOCKED_BIT),
    ("io", bindings::VMA_IO_BIT),
    ("sr", bindings::VMA_SEQ_READ_BIT),
    ("rr", bindings::VMA_RAND_READ_BIT),
    ("dc", bindings::VMA_DONTCOPY_BIT),
    ("de", bindings::VMA_DONTEXPAND_BIT),
    ("lf", bindings::VMA_LOCKONFAULT_BIT),
    ("ac", bindings::VMA_ACCOUNT_BIT),
    ("nr", bindings::VMA_NORESERVE_BIT),
    ("ht", bindings::VMA_HUGETLB_BIT),
    ("sf", bindings::VMA_SYNC_BIT),
    (ARCH_1, bindings::VMA_ARCH_1_BIT),
    ("wf", bindings::VMA_WIPEONFORK_BIT),
    ("dd", bindings::VMA_DONTDUMP_BIT),
    ("sd", bindings::VMA_SOFTDIRTY_BIT),
    ("mm", bindings::VMA_MIXEDMAP_BIT),
    ("hg", bindings::VMA_HUGEPAGE_BIT),
    ("nh", bindings::VMA_NOHUGEPAGE_BIT),
    ("mg", bindings::VMA_MERGEABLE_BIT),
    ("um", bindings::VMA_UFFD_MISSING_BIT),
    ("uw", bindings::VMA_UFFD_WP_BIT),
    ("ui", bindings::VMA_UFFD_MINOR_BIT),
    ("ur", bindings::VMA_UFFD_RWP_BIT),
    ("dp", bindings::VMA_DROPPABLE_BIT),
    ("sl", bindings::VMA_SEALED_BIT),
];

/// Flags by their names, with blanks between them; `??` stands for those that have none.
pub(crate) struct Names(pub(crate) VmaFlags);

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut unnamed = self.0;
        let mut blank = "";
        for (name, bit) in NAMES {
            if unnamed == VmaFlags::EMPTY {
                return Ok(());
            }
            let flag = VmaFlags::of(&[*bit]);
            if unnamed.intersects(flag) {
                unnamed = unnamed.without(flag);
                f.write_str(blank)?;
                f.write_str(name)?;
                blank = " ";
            }
        }
        if unnamed != VmaFlags::EMPTY {
            f.write_str(blank)?;
            f.write_str("??")?;
        }
        Ok(())
    }
}
