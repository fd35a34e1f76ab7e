// SPDX-License-Identifier: GPL-2.0

//! The KUnit fixture: address spaces to experiment on, and the C function to compare with.

use crate::vma::{
    compat::Attributes,
    extent::Range,
    modify::{
        vma_modify_flags,
        Outcome, //
    },
    sys::{
        bindings,
        MmapWriteGuard,
        VmaFlags,
        VmaIter,
        VmaRef, //
    },
};
use core::ptr::NonNull;
use kernel::{
    error::{
        from_err_ptr,
        Error,
        Result, //
    },
    mm::MmWithUser,
    prelude::*,
    sync::aref::ARef, //
};

/// Makes a VMA special, and does nothing else.
pub(crate) const DONTEXPAND: VmaFlags = VmaFlags::of(&[bindings::VMA_DONTEXPAND_BIT]);
/// A flag that a merge keeps from any of its parts.
pub(crate) const MAYBE_GUARD: VmaFlags = VmaFlags::of(&[bindings::VMA_MAYBE_GUARD_BIT]);

/// A file in memory that can be mapped.
///
/// # Invariants
///
/// `ptr` is a file of which we own a reference.
pub(crate) struct TestFile {
    ptr: NonNull<bindings::file>,
}

impl TestFile {
    /// An empty file of that many bytes.
    pub(crate) fn new(size: usize) -> Result<Self> {
        // SAFETY: There is nothing to hold.
        let file = from_err_ptr(unsafe { bindings::rust_vma_kunit_file(size as i64) })?;
        // INVARIANT: The callee made it for us.
        Ok(Self {
            ptr: NonNull::new(file).ok_or(ENOMEM)?,
        })
    }

    /// A file whose driver wants to see mappings closed, if they start at its eighth page or later.
    pub(crate) fn closing() -> Result<Self> {
        // SAFETY: There is nothing to hold.
        let file = from_err_ptr(unsafe { bindings::rust_vma_kunit_driver_file() })?;
        // INVARIANT: The callee made it for us.
        Ok(Self {
            ptr: NonNull::new(file).ok_or(ENOMEM)?,
        })
    }

    /// How many references there are to it: ours, and one for each VMA that maps it.
    pub(crate) fn references(&self) -> usize {
        // SAFETY: The file is valid by the type invariant.
        unsafe { bindings::rust_vma_kunit_file_count(self.ptr.as_ptr()) }
    }
}

impl Drop for TestFile {
    fn drop(&mut self) {
        // SAFETY: By the type invariant the reference is ours.
        unsafe { bindings::rust_vma_kunit_fput(self.ptr.as_ptr()) };
    }
}

/// What a mapping in a test maps.
pub(crate) enum Backing<'a> {
    /// Nothing: private anonymous memory.
    Anonymous,
    /// A file, privately: writes make copies.
    Private(&'a TestFile),
    /// A file, shared: writes go to it.
    Shared(&'a TestFile),
}

/// Which code serves a call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    /// The C function of this kernel.
    C,
    /// Ours.
    Rust,
}

/// What can be seen of a VMA from outside, without addresses of kernel objects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Seen {
    range: Range,
    pgoff: usize,
    anon_pgoff: usize,
    flags: VmaFlags,
    has_file: bool,
    /// The index of the first VMA with the same anon_vma.
    anon_vma: Option<usize>,
    chain_length: u32,
    write_marked: bool,
}

/// Where an iterator is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Position {
    index: usize,
    last: usize,
    status: u32,
    /// The start of the VMA that a step forward then comes to.
    next: Option<usize>,
}

/// All that can be seen after a call.
#[derive(PartialEq, Debug)]
pub(crate) struct Seeing {
    /// The start of the VMA that was returned, or the errno.
    pub(crate) result: Result<usize, i32>,
    pub(crate) position: Position,
    pub(crate) map_count: i32,
    pub(crate) vmas: KVec<Seen>,
}

/// An address space of its own, that no process runs in.
pub(crate) struct TestMm {
    mm: ARef<MmWithUser>,
}

impl TestMm {
    /// An empty address space.
    pub(crate) fn new() -> Result<Self> {
        // SAFETY: There is nothing to hold.
        let mm = NonNull::new(unsafe { bindings::rust_vma_kunit_mm_alloc() }).ok_or(ENOMEM)?;
        // SAFETY: The callee made it for us, with one user; `MmWithUser` is laid out like it.
        let mm = unsafe { ARef::from_raw(mm.cast()) };
        Ok(Self { mm })
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

        let (file, flags) = match backing {
            Backing::Anonymous => (
                core::ptr::null_mut(),
                bindings::MAP_PRIVATE | bindings::MAP_ANONYMOUS,
            ),
            Backing::Private(file) => (file.ptr.as_ptr(), bindings::MAP_PRIVATE),
            Backing::Shared(file) => (file.ptr.as_ptr(), bindings::MAP_SHARED),
        };
        let flags = (flags | bindings::MAP_FIXED) as usize;
        let length = range.end() - range.start();
        // SAFETY: The file, if any, is valid; the address space is our own.
        let addr = self.enter(|| unsafe {
            bindings::vm_mmap(file, range.start(), length, PROT, flags, offset)
        });
        if addr == range.start() {
            Ok(())
        } else {
            Err(Error::from_errno(addr as i32))
        }
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
        let mut guard = MmapWriteGuard::lock_killable(&self.mm)?;
        let mut iter = guard.iter_at(addr);
        let site = iter.site_at(addr).ok_or(EINVAL)?;
        // SAFETY: The VMA is valid and its mmap lock held for write.
        unsafe {
            bindings::rust_vma_kunit_set_flags(site.middle().as_ptr(), &flags.into_raw());
        }
        Ok(())
    }

    /// Sets and clears flags in `range`, which lies in one VMA, and tells all that can be seen
    /// afterwards, and what Rust says it has done.
    pub(crate) fn modify_flags(
        &self,
        engine: Engine,
        range: Range,
        set: VmaFlags,
        clear: VmaFlags,
    ) -> Result<(Seeing, Option<Outcome>)> {
        let mut guard = MmapWriteGuard::lock_killable(&self.mm)?;
        let mut iter = guard.iter_at(range.start());
        let mut outcome = None;

        let result = match engine {
            Engine::Rust => {
                let site = iter.site_at(range.start()).ok_or(EINVAL)?;
                let flags = site.middle().vma_flags().without(clear).union(set);
                vma_modify_flags(site, range, flags)
                    .map(|mut modified| {
                        outcome = Some(modified.outcome);
                        modified.vma.set_advice(flags);
                        modified.vma.start()
                    })
                    .map_err(|error| Error::from(error).to_errno())
            }
            Engine::C => {
                // SAFETY: The lock is held, and the iterator is the only one at the tree.
                let vma = from_err_ptr(unsafe {
                    bindings::rust_vma_kunit_modify_flags(
                        raw_iter(&mut iter),
                        self.mm.as_raw(),
                        range.start(),
                        range.end(),
                        &set.into_raw(),
                        &clear.into_raw(),
                    )
                });
                // SAFETY: What is returned is a VMA of the tree.
                vma.map(|vma| unsafe { VmaRef::from_raw(vma) }.start())
                    .map_err(|error| error.to_errno())
            }
        };

        // SAFETY: The lock is still held for write.
        unsafe { bindings::rust_vma_validate_mm(self.mm.as_raw()) };
        let position = position(&mut iter);
        let seeing = Seeing {
            result,
            position,
            // SAFETY: As above.
            map_count: unsafe { bindings::rust_vma_map_count(self.mm.as_raw()) },
            vmas: look(&mut iter)?,
        };
        Ok((seeing, outcome))
    }

    /// All VMAs.
    pub(crate) fn look(&self) -> Result<KVec<Seen>> {
        let mut guard = MmapWriteGuard::lock_killable(&self.mm)?;
        look(&mut guard.iter_at(0))
    }
}

fn raw_iter(iter: &mut VmaIter<'_>) -> *mut bindings::vma_iterator {
    // `VmaIter` is laid out as a `vma_iterator`.
    core::ptr::from_mut(iter).cast()
}

/// Where an iterator is; it is moved by asking.
fn position(iter: &mut VmaIter<'_>) -> Position {
    let raw = raw_iter(iter);
    // SAFETY: The iterator is valid.
    let (index, last, status) = unsafe { ((*raw).mas.index, (*raw).mas.last, (*raw).mas.status) };
    // SAFETY: The iterator is valid and its lock held; VMAs of the tree are valid.
    let next = unsafe {
        let next = bindings::rust_vma_next(raw);
        (!next.is_null()).then(|| VmaRef::from_raw(next).start())
    };
    Position {
        index,
        last,
        status,
        next,
    }
}

fn look(iter: &mut VmaIter<'_>) -> Result<KVec<Seen>> {
    let mut vmas: KVec<Seen> = KVec::new();
    let mut anon_vmas = KVec::new();

    iter.set(0);
    while let Some(vma) = iter.find(usize::MAX) {
        let anon_vma = vma.anon_vma();
        anon_vmas.push(anon_vma, GFP_KERNEL)?;
        // SAFETY: The VMA is valid and its lock held.
        let (chain_length, write_marked) = unsafe {
            (
                bindings::rust_vma_kunit_chain_length(vma.as_ptr()),
                bindings::rust_vma_kunit_is_write_marked(vma.as_ptr()),
            )
        };
        let extent = vma.extent();
        let seen = Seen {
            range: extent.range,
            pgoff: extent.pgoff.pages(),
            anon_pgoff: extent.anon_pgoff.pages(),
            flags: vma.vma_flags(),
            has_file: vma.file().is_some(),
            anon_vma: anon_vma.and_then(|_| anon_vmas.iter().position(|other| *other == anon_vma)),
            chain_length,
            write_marked,
        };
        vmas.push(seen, GFP_KERNEL)?;
    }
    Ok(vmas)
}

/// A limit on the number of VMAs that holds while this exists.
pub(crate) struct MaxMapCount {
    before: i32,
}

impl MaxMapCount {
    /// Sets `vm.max_map_count`.
    pub(crate) fn set(count: i32) -> Self {
        let before = crate::vma::sys::max_map_count();
        // SAFETY: Writes an integer. Others may see it: tests run alone.
        unsafe { bindings::rust_vma_kunit_set_max_map_count(count) };
        Self { before }
    }
}

impl Drop for MaxMapCount {
    fn drop(&mut self) {
        // SAFETY: As above.
        unsafe { bindings::rust_vma_kunit_set_max_map_count(self.before) };
    }
}
