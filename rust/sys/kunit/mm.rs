// SPDX-License-Identifier: GPL-2.0

//! Address spaces to experiment on.

use super::TestFile;
use crate::vma::{
    compat::Attributes,
    extent::Range,
    flags::VmaFlags,
    sys::{
        bindings,
        map_count,
        MmapWriteGuard,
        VmaRef, //
    },
};
use core::ptr::{
    null_mut,
    NonNull, //
};
use kernel::{
    error::from_err_ptr,
    mm::MmWithUser,
    prelude::*,
    sync::aref::ARef, //
};

/// What a mapping in a test maps.
pub(crate) enum Backing<'a> {
    /// Nothing: private anonymous memory.
    Anonymous,
    /// A file, privately: writes make copies.
    Private(&'a TestFile),
    /// A file, shared: writes go to it.
    Shared(&'a TestFile),
}

impl Backing<'_> {
    /// The file, as C calls it.
    pub(super) fn file(&self) -> *mut bindings::file {
        match self {
            Self::Anonymous => null_mut(),
            Self::Private(file) | Self::Shared(file) => file.as_raw(),
        }
    }
}

/// An address space of its own, that no process runs in.
pub(crate) struct TestMm {
    mm: ARef<MmWithUser>,
}

impl TestMm {
    /// An empty address space.
    pub(crate) fn new() -> Result<Self> {
        // SAFETY: There is nothing to hold.
        Self::own(unsafe { bindings::rust_vma_kunit_mm_alloc() })
    }

    /// An address space like this one, as a child has it after fork.
    pub(crate) fn fork(&self) -> Result<Self> {
        // SAFETY: The mm is valid, and its lock is not held by this thread.
        Self::own(from_err_ptr(unsafe {
            bindings::rust_vma_kunit_fork(self.mm.as_raw())
        })?)
    }

    /// Takes over an address space that was just made.
    fn own(mm: *mut bindings::mm_struct) -> Result<Self> {
        let mm = NonNull::new(mm).ok_or(ENOMEM)?;
        // SAFETY: The callee made it for us, with one user; `MmWithUser` is laid out like it.
        let mm = unsafe { ARef::from_raw(mm.cast()) };
        Ok(Self { mm })
    }

    /// The address space, as the engine has it.
    pub(crate) fn mm(&self) -> &MmWithUser {
        &self.mm
    }

    /// How many VMAs there are.
    pub(crate) fn map_count(&self) -> i32 {
        map_count(&self.mm)
    }

    /// Runs `f` in the address space, as if its process made system calls.
    fn enter<R>(&self, f: impl FnOnce() -> R) -> R {
        // SAFETY: KUnit's threads are kernel threads without an address space, and the mm is kept
        // alive by our reference.
        unsafe { bindings::kthread_use_mm(self.mm.as_raw()) };
        let result = f();
        // SAFETY: As above.
        unsafe { bindings::kthread_unuse_mm(self.mm.as_raw()) };
        result
    }

    /// Maps `backing`, from `offset` bytes on, over `range`.
    pub(crate) fn map(&self, backing: &Backing<'_>, range: Range, offset: usize) -> Result {
        const PROT: usize = (bindings::PROT_READ | bindings::PROT_WRITE) as usize;
        // Nothing is charged, as nothing is charged for what a test makes appear.
        const FLAGS: u32 = bindings::MAP_FIXED | bindings::MAP_NORESERVE;

        let flags = match backing {
            Backing::Anonymous => bindings::MAP_PRIVATE | bindings::MAP_ANONYMOUS,
            Backing::Private(_) => bindings::MAP_PRIVATE,
            Backing::Shared(_) => bindings::MAP_SHARED,
        };
        let length = range.end() - range.start();
        // SAFETY: The file, if any, is valid; the address space is our own.
        let addr = self.enter(|| unsafe {
            bindings::vm_mmap(
                backing.file(),
                range.start(),
                length,
                PROT,
                (flags | FLAGS) as usize,
                offset,
            )
        });
        if addr == range.start() {
            Ok(())
        } else {
            Err(Error::from_errno(addr as i32))
        }
    }

    /// Unmaps `range`.
    pub(crate) fn unmap(&self, range: Range) -> Result {
        let length = range.end() - range.start();
        // SAFETY: The address space is our own.
        kernel::error::to_result(
            self.enter(|| unsafe { bindings::vm_munmap(range.start(), length) }),
        )
    }

    /// Writes a byte to memory, faulting the page in.
    pub(crate) fn write_byte(&self, addr: usize, byte: u8) -> Result {
        // SAFETY: Writes to user memory of our own address space, and fails if there is none.
        let done = self.enter(|| unsafe { bindings::rust_vma_kunit_put_byte(addr, byte) });
        done.then_some(()).ok_or(EFAULT)
    }

    /// Reads a byte from memory.
    pub(crate) fn read_byte(&self, addr: usize) -> Result<u8> {
        let mut byte = 0;
        // SAFETY: Reads user memory of our own address space, and fails if there is none.
        let done = self.enter(|| unsafe { bindings::rust_vma_kunit_get_byte(addr, &mut byte) });
        done.then_some(byte).ok_or(EFAULT)
    }

    /// Adds flags to the VMA at `addr` behind everybody's back, with no merging or splitting.
    pub(crate) fn force_flags(&self, addr: usize, flags: VmaFlags) -> Result {
        self.with_vma(addr, |vma| {
            // SAFETY: The VMA is valid and its mmap lock held for write.
            unsafe { bindings::rust_vma_kunit_set_flags(vma.as_ptr(), &flags.into_raw()) };
        })
    }

    /// The flags of the VMA at `addr`.
    pub(crate) fn flags_at(&self, addr: usize) -> Result<VmaFlags> {
        self.with_vma(addr, |vma| vma.vma_flags())
    }

    /// Makes the VMA at `addr` look as if it was moved there from `from` once it had been faulted
    /// in, which it was not yet.
    pub(crate) fn came_from(&self, addr: usize, from: usize) -> Result {
        self.with_vma(addr, |vma| {
            // SAFETY: As in `force_flags()`.
            unsafe { bindings::rust_vma_kunit_came_from(vma.as_ptr(), from) };
        })
    }

    /// Calls `f` with the VMA at `addr`, the mmap lock held for write.
    pub(super) fn with_vma<R>(&self, addr: usize, f: impl FnOnce(&VmaRef) -> R) -> Result<R> {
        let mut guard = MmapWriteGuard::lock_killable(&self.mm)?;
        let mut iter = guard.iter_at(addr);
        let site = iter.site_at(addr).ok_or(EINVAL)?;
        Ok(f(site.middle()))
    }

    /// Lets the VMA that ended at `range` cover it again, after [`Action::Shrink`].
    ///
    /// [`Action::Shrink`]: super::Action::Shrink
    pub(crate) fn grow_back(&self, range: Range) -> Result {
        let _guard = MmapWriteGuard::lock_killable(&self.mm)?;
        // SAFETY: The lock is held for write.
        kernel::error::to_result(unsafe {
            bindings::rust_vma_kunit_grow_back(self.mm.as_raw(), range.start() - 1, range.end())
        })
    }
}
