// SPDX-License-Identifier: GPL-2.0

//! The parts of `mprotect()` besides merging and splitting.

use super::within;
use crate::vma::{
    extent::Range,
    flags::VmaFlags,
    sys::{
        bindings,
        Site,
        Vma,
        VmaRef, //
    },
};
use core::ptr::null_mut;
use kernel::{
    error::to_result,
    mm::MmWithUser,
    prelude::*, //
};

/// A set of the accesses that memory allows: `PROT_READ`, `PROT_WRITE` and `PROT_EXEC`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Protection(usize);

impl Protection {
    /// No access.
    pub(crate) const NONE: Self = Self(0);
    /// Reading.
    pub(crate) const READ: Self = Self(bindings::PROT_READ as usize);
    /// Writing.
    pub(crate) const WRITE: Self = Self(bindings::PROT_WRITE as usize);
    /// Executing.
    pub(crate) const EXEC: Self = Self(bindings::PROT_EXEC as usize);

    /// Returns the union of both sets.
    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns whether this set allows every access of `other`.
    pub(crate) const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(super) const fn into_raw(self) -> usize {
        self.0
    }
}

/// Returns the flags that a VMA with the flags `before` will have with this protection. `vma` is `None` for private
/// anonymous memory that is not mapped yet.
///
/// Fails with `EOPNOTSUPP` if that needs a protection key that only the process itself can create. Answers to
/// `calc_vm_prot_bits()`, and the step of `do_mprotect_pkey()` that uses it.
pub(crate) fn flags_protected(
    vma: Option<&VmaRef>,
    before: VmaFlags,
    protection: Protection,
) -> Result<VmaFlags> {
    let mut flags = VmaFlags::EMPTY.into_raw();
    // SAFETY: The VMA is valid or null.
    to_result(unsafe {
        bindings::rust_vma_flags_protected(
            vma.map_or(null_mut(), VmaRef::as_ptr),
            &before.into_raw(),
            protection.0,
            &mut flags,
        )
    })?;
    Ok(VmaFlags::from_raw(flags))
}

/// Returns whether the process has forbidden itself (`PR_SET_MDWE`) to make writable memory executable.
pub(crate) fn denies_write_exec(mm: &MmWithUser) -> bool {
    // SAFETY: The mm is valid.
    unsafe { bindings::rust_vma_denies_write_exec(mm.as_raw()) }
}

/// Returns whether this architecture allows the combination of flags. Answers to `arch_validate_flags()`.
pub(crate) fn architecture_allows(flags: VmaFlags) -> bool {
    // SAFETY: The call only reads the flags.
    unsafe { bindings::rust_vma_arch_allows(&flags.into_raw()) }
}

/// Checks that the security modules allow a change of protection: `requested` is the protection in the request, `done`
/// is the protection that is applied. Fails with their errno. Answers to `security_file_mprotect()`.
pub(crate) fn security_allows(vma: &VmaRef, requested: Protection, done: Protection) -> Result {
    // SAFETY: The VMA is valid.
    to_result(unsafe {
        bindings::rust_vma_security_allows_protection(vma.as_ptr(), requested.0, done.0)
    })
}

/// Checks that the driver of a VMA allows these flags for this part. Fails with the driver's errno. Answers to the
/// `mprotect` hook.
pub(crate) fn driver_allows(site: &mut Site<'_, '_>, part: Range, flags: VmaFlags) -> Result {
    within(site.middle(), part)?;
    // SAFETY: The VMA is valid and covers the part, and its mmap lock is held for write.
    to_result(unsafe {
        bindings::rust_vma_driver_allows_protection(
            site.middle().as_ptr(),
            part.start(),
            part.end(),
            &flags.into_raw(),
        )
    })
}

/// Checks that the pages in this part of a VMA may become inaccessible. Fails with `EACCES` for page frames that the
/// kernel does not own, on machines that forbid it.
pub(crate) fn may_become_inaccessible(
    site: &mut Site<'_, '_>,
    part: Range,
    flags: VmaFlags,
) -> Result {
    within(site.middle(), part)?;
    // SAFETY: The VMA is valid and covers the part, and its mmap lock is held for write.
    to_result(unsafe {
        bindings::rust_vma_pages_may_be_inaccessible(
            site.middle().as_ptr(),
            part.start(),
            part.end(),
            &flags.into_raw(),
        )
    })
}

/// Sets the protection flags of a VMA to those in `flags`, and changes the protection of the pages in `part` to match.
///
/// Sleeps. Does nothing if the part does not lie within the VMA. Answers to `vma_flags_reset_once()`,
/// `vma_set_page_prot()` and `change_protection()`.
pub(crate) fn protect(vma: &mut Vma<'_, '_>, part: Range, flags: VmaFlags) {
    if within(vma, part).is_err() {
        return;
    }
    vma.start_write();
    // SAFETY: The VMA is valid and write-locked, and covers the part.
    unsafe {
        bindings::rust_vma_replace_flags_at_once(vma.as_raw(), &flags.into_raw());
        bindings::rust_vma_protect_pages(vma.as_raw(), part.start(), part.end());
    }
}
