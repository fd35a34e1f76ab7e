// SPDX-License-Identifier: GPL-2.0

//! The bits of the flags that all architectures have, with the numbers of include/linux/mm.h of Linux 7.3.

pub(crate) const VMA_READ_BIT: u32 = 0;
pub(crate) const VMA_WRITE_BIT: u32 = 1;
pub(crate) const VMA_EXEC_BIT: u32 = 2;
pub(crate) const VMA_SHARED_BIT: u32 = 3;
pub(crate) const VMA_MAYREAD_BIT: u32 = 4;
pub(crate) const VMA_MAYWRITE_BIT: u32 = 5;
pub(crate) const VMA_MAYEXEC_BIT: u32 = 6;
pub(crate) const VMA_MAYSHARE_BIT: u32 = 7;
pub(crate) const VMA_GROWSDOWN_BIT: u32 = 8;
pub(crate) const VMA_UFFD_MISSING_BIT: u32 = 9;
pub(crate) const VMA_PFNMAP_BIT: u32 = 10;
pub(crate) const VMA_MAYBE_GUARD_BIT: u32 = 11;
pub(crate) const VMA_UFFD_WP_BIT: u32 = 12;
pub(crate) const VMA_LOCKED_BIT: u32 = 13;
pub(crate) const VMA_IO_BIT: u32 = 14;
pub(crate) const VMA_SEQ_READ_BIT: u32 = 15;
pub(crate) const VMA_RAND_READ_BIT: u32 = 16;
pub(crate) const VMA_DONTCOPY_BIT: u32 = 17;
pub(crate) const VMA_DONTEXPAND_BIT: u32 = 18;
pub(crate) const VMA_LOCKONFAULT_BIT: u32 = 19;
pub(crate) const VMA_ACCOUNT_BIT: u32 = 20;
pub(crate) const VMA_NORESERVE_BIT: u32 = 21;
pub(crate) const VMA_HUGETLB_BIT: u32 = 22;
pub(crate) const VMA_SYNC_BIT: u32 = 23;
pub(crate) const VMA_ARCH_1_BIT: u32 = 24;
pub(crate) const VMA_WIPEONFORK_BIT: u32 = 25;
pub(crate) const VMA_DONTDUMP_BIT: u32 = 26;
pub(crate) const VMA_SOFTDIRTY_BIT: u32 = 27;
pub(crate) const VMA_MIXEDMAP_BIT: u32 = 28;
pub(crate) const VMA_HUGEPAGE_BIT: u32 = 29;
pub(crate) const VMA_NOHUGEPAGE_BIT: u32 = 30;
pub(crate) const VMA_MERGEABLE_BIT: u32 = 31;
pub(crate) const VMA_ALLOW_ANY_UNCACHED_BIT: u32 = 39;
pub(crate) const VMA_DROPPABLE_BIT: u32 = 40;
pub(crate) const VMA_UFFD_MINOR_BIT: u32 = 41;
pub(crate) const VMA_SEALED_BIT: u32 = 42;
pub(crate) const VMA_UFFD_RWP_BIT: u32 = 43;
