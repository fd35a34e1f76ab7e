// SPDX-License-Identifier: GPL-2.0

//! The VMAs that verbs look at: real ones, and those of an imagined address space.

use crate::{
    process::sys::page_size_of,
    vma::{
        compat::Attributes,
        cut::SplitError,
        extent::PAGE_SIZE,
        flags,
        sys::{
            Name,
            Policy,
            UserfaultfdContext,
            VmaRef,
            EINVAL, //
        },
    },
};

/// A VMA that a verb looks at.
pub(super) trait Subject: Attributes<UserfaultfdContext = UserfaultfdContext> {
    /// Returns the VMA to ask C about that which no verb alters: its file, its driver, its kind of memory. Private
    /// anonymous memory that is only imagined has none.
    fn real(&self) -> Option<&VmaRef>;

    /// Whether its policy places memory as `policy` does.
    fn is_placed_like(&self, policy: &Policy<'_>) -> bool;

    /// Whether its name reads as `name` does.
    fn is_named_like(&self, name: &Name<'_>) -> bool;
}

impl Subject for VmaRef {
    fn real(&self) -> Option<&VmaRef> {
        Some(self)
    }

    fn is_placed_like(&self, policy: &Policy<'_>) -> bool {
        self.policy().is_like(policy)
    }

    fn is_named_like(&self, name: &Name<'_>) -> bool {
        self.name().is_like(name)
    }
}

/// Returns the size of the pages of a VMA, in bytes.
pub(super) fn page_size(vma: &impl Subject) -> usize {
    vma.real().map_or(PAGE_SIZE, page_size_of)
}

/// Whether a page of this size (bytes) starts at the address.
pub(super) fn starts_page(addr: usize, size: usize) -> bool {
    addr & size.wrapping_sub(1) == 0
}

/// Checks that a VMA may be cut at `addr` (bytes), as far as that is known without asking its driver: between huge pages
/// only. Answers to `hugetlb_vm_op_split()`.
pub(super) fn may_be_cut(vma: &impl Subject, addr: usize) -> Result<(), SplitError> {
    if vma.vma_flags().contains(flags::HUGETLB) && !starts_page(addr, page_size(vma)) {
        return Err(SplitError::Driver(EINVAL));
    }
    Ok(())
}
