// SPDX-License-Identifier: GPL-2.0

//! The VMAs that verbs read: real VMAs, and those of an imagined address space.

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

/// A VMA that a verb reads.
pub(super) trait Subject: Attributes<UserfaultfdContext = UserfaultfdContext> {
    /// Returns the real VMA, from which C reads the properties that no verb alters: its file, its driver, its kind of
    /// memory. Returns `None` for private anonymous memory that is only imagined.
    fn real(&self) -> Option<&VmaRef>;

    /// Returns whether the policy of the VMA places memory as `policy` does.
    fn is_placed_like(&self, policy: &Policy<'_>) -> bool;

    /// Returns whether the name of the VMA has the same text as `name`.
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

/// Returns whether a page of this size (bytes) starts at the address.
pub(super) fn starts_page(addr: usize, size: usize) -> bool {
    addr & size.wrapping_sub(1) == 0
}

/// Checks that a VMA may be cut at `addr` (bytes). The driver is not called; the only rule is that huge pages may not
/// be cut. Answers to `hugetlb_vm_op_split()`.
pub(super) fn may_be_cut(vma: &impl Subject, addr: usize) -> Result<(), SplitError> {
    if vma.vma_flags().contains(flags::HUGETLB) && !starts_page(addr, page_size(vma)) {
        return Err(SplitError::Driver(EINVAL));
    }
    Ok(())
}
