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
