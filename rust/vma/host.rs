// SPDX-License-Identifier: GPL-2.0

//! Everything that the pure files take from their host: the bit of each flag, the page size, and errnos.
//!
//! In the kernel and on the shim, the numbers come from C, and the errnos from the kernel crate or its
//! stand-in. The separate crate of the pure files, tests/host, replaces this file.

use super::sys::bindings;

pub(crate) use super::sys::{
    bindings::{
        VMA_ACCOUNT_BIT,
        VMA_ALLOW_ANY_UNCACHED_BIT,
        VMA_ARCH_1_BIT,
        VMA_DONTCOPY_BIT,
        VMA_DONTDUMP_BIT,
        VMA_DONTEXPAND_BIT,
        VMA_DROPPABLE_BIT,
        VMA_EXEC_BIT,
        VMA_GROWSDOWN_BIT,
        VMA_HIGH_ARCH_0_BIT,
        VMA_HUGEPAGE_BIT,
        VMA_HUGETLB_BIT,
        VMA_IO_BIT,
        VMA_LOCKED_BIT,
        VMA_LOCKONFAULT_BIT,
        VMA_MAYBE_GUARD_BIT,
        VMA_MAYEXEC_BIT,
        VMA_MAYREAD_BIT,
        VMA_MAYSHARE_BIT,
        VMA_MAYWRITE_BIT,
        VMA_MERGEABLE_BIT,
        VMA_MIXEDMAP_BIT,
        VMA_NOHUGEPAGE_BIT,
        VMA_NORESERVE_BIT,
        VMA_PFNMAP_BIT,
        VMA_RAND_READ_BIT,
        VMA_READ_BIT,
        VMA_SEALED_BIT,
        VMA_SEQ_READ_BIT,
        VMA_SHARED_BIT,
        VMA_SOFTDIRTY_BIT,
        VMA_SYNC_BIT,
        VMA_UFFD_MINOR_BIT,
        VMA_UFFD_MISSING_BIT,
        VMA_UFFD_RWP_BIT,
        VMA_UFFD_WP_BIT,
        VMA_WIPEONFORK_BIT,
        VMA_WRITE_BIT, //
    },
    Error,
    ENOMEM, //
};

/// The number of words in a set of VMA flags.
pub(crate) const FLAG_WORDS: usize = size_of::<bindings::vma_flags_t>() / size_of::<usize>();

/// Whether the kernel was built with `CONFIG_MEM_SOFT_DIRTY`.
pub(crate) const TRACKS_SOFT_DIRTY: bool = bindings::RUST_VMA_TRACKS_SOFT_DIRTY != 0;

/// Whether `VMA_ARCH_1_BIT` marks memory with arm64's branch target identification.
pub(crate) const ARCH_1_IS_BTI: bool = cfg!(CONFIG_ARM64_BTI);

/// The bits of a protection key, the lowest one first.
pub(crate) const PROTECTION_KEY_BITS: &[u32] = {
    const FIRST: u32 = VMA_HIGH_ARCH_0_BIT;
    if cfg!(CONFIG_X86_INTEL_MEMORY_PROTECTION_KEYS) {
        &[FIRST, FIRST + 1, FIRST + 2, FIRST + 3]
    } else if cfg!(CONFIG_ARM64_POE) {
        &[FIRST, FIRST + 1, FIRST + 2]
    } else {
        &[]
    }
};

/// The bit number for a flag that this kernel was built without.
const NO_BIT: u32 = u32::MAX;

/// The bit that marks shadow stacks.
pub(crate) const SHADOW_STACK_BIT: u32 = if cfg!(CONFIG_X86_USER_SHADOW_STACK) {
    VMA_HIGH_ARCH_0_BIT + 5
} else if cfg!(CONFIG_ARM64_GCS) {
    VMA_HIGH_ARCH_0_BIT + 6
} else {
    NO_BIT
};

/// The bit that marks memory with arm64 memory tags.
pub(crate) const MTE_BIT: u32 = if cfg!(CONFIG_ARM64_MTE) {
    VMA_HIGH_ARCH_0_BIT + 4
} else {
    NO_BIT
};

/// The bit that marks memory that can have arm64 memory tags.
pub(crate) const MTE_ALLOWED_BIT: u32 = if cfg!(CONFIG_ARM64_MTE) {
    VMA_HIGH_ARCH_0_BIT + 5
} else {
    NO_BIT
};

/// The base-2 logarithm of the page size.
pub(crate) const PAGE_SHIFT: usize = bindings::PAGE_SHIFT as usize;
