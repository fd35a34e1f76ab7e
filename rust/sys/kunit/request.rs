// SPDX-License-Identifier: GPL-2.0

//! Requests: what callers in C fill in, made by C as those callers make them.

use super::{
    action::Came,
    in_c::start_of,
    in_rust::{
        failed,
        placed, //
    },
    leaves::Watch,
    raw_iter,
    seen::SeenRequest,
    Ask,
    Backing,
    Context,
    Engine,
    Failure,
    Leaf,
    Said,
    TestMm,
    TestName,
    TestPolicy, //
};
use crate::{
    sys::hook::{
        rust_vma_hook_expand,
        rust_vma_hook_merge_new_range, //
    },
    vma::{
        compat::{
            Attributes,
            Candidate,
            Joining,
            Source, //
        },
        expand::{
            vma_expand,
            Expansion, //
        },
        extent::{
            Extent,
            PageOffset,
            Range, //
        },
        merge::IfNoMemory,
        new_range::{
            vma_merge_new_vma,
            NewRange, //
        },
        sys::{
            bindings,
            Gap,
            MmapWriteGuard,
            Uprobes,
            VmaFlags,
            VmaIter,
            VmaRef,
            PAGE_SHIFT, //
        },
    },
};
use core::{
    mem::MaybeUninit,
    ptr::{
        null_mut,
        NonNull, //
    },
};
use kernel::prelude::*;

/// A request.
///
/// # Invariants
///
/// `raw` satisfies the contract of the C function that `ask` is about. The mmap lock is held for
/// write as long as this exists.
pub(super) struct Request<'a> {
    raw: bindings::vma_merge_struct,
    ask: Ask<'a>,
    range: Range,
}

impl<'a> Request<'a> {
    /// The request about `range`, and the iterator that it names, in its place. Fails if the VMAs
    /// are not what it is about.
    pub(super) fn new(
        mm: &TestMm,
        iter: &mut VmaIter<'_>,
        ask: &Ask<'a>,
        range: Range,
    ) -> Result<Self> {
        let mut raw = MaybeUninit::uninit();
        // SAFETY: The iterator shows that the lock is held, and is the only one at the tree.
        unsafe { make(raw.as_mut_ptr(), raw_iter(iter), mm, ask, range)? };
        // INVARIANT: C has made it so.
        Ok(Self {
            // SAFETY: C has filled it in.
            raw: unsafe { raw.assume_init() },
            ask: *ask,
            range,
        })
    }

    /// What the caller finds in it.
    pub(super) fn seen(&self) -> SeenRequest {
        SeenRequest::of(&self.raw)
    }

    /// Lets C serve it.
    pub(super) fn serve_in_c(&mut self) -> Result<Option<usize>, i32> {
        let vmg = &raw mut self.raw;
        // SAFETY: By the type invariant.
        unsafe {
            match self.ask {
                Ask::Down | Ask::Over | Ask::Towards => {
                    self.expanded(bindings::rust_vma_kunit_expand(vmg))
                }
                _ => self.merged(bindings::rust_vma_kunit_merge_new_range(vmg)),
            }
        }
    }

    /// Lets the engine serve it, by way of the hook.
    pub(super) fn serve_in_rust(&mut self) -> Result<Option<usize>, i32> {
        let vmg = &raw mut self.raw;
        // SAFETY: By the type invariant.
        unsafe {
            match self.ask {
                Ask::Down | Ask::Over | Ask::Towards => self.expanded(rust_vma_hook_expand(vmg)),
                _ => self.merged(rust_vma_hook_merge_new_range(vmg)),
            }
        }
    }

    /// Does what it asks for by way of the engine's own types.
    pub(super) fn fulfil_in_rust(&self, iter: &mut VmaIter<'_>) -> Result<Came> {
        match self.ask {
            Ask::Map { .. } => {
                let gap = iter.gap_at(self.range.start()).ok_or(EINVAL)?;
                Ok(placed(vma_merge_new_vma(gap, self.new_range())))
            }
            Ask::Brk(_) => {
                // SAFETY: By the type invariant these are the VMAs beside the gap, and the iterator
                // stands at the first.
                let gap = unsafe { Gap::new(iter, self.raw.prev, null_mut()) };
                let new = NewRange {
                    joining: Joining::ExpandOnly,
                    ..self.new_range()
                };
                Ok(placed(vma_merge_new_vma(gap, new)))
            }
            Ask::Copy { keeps_source, .. } => {
                let source = NonNull::new(self.raw.copied_from).ok_or(EINVAL)?;
                // SAFETY: By the type invariant it is a VMA of the tree.
                let source = unsafe { VmaRef::from_raw(source.as_ptr()) };
                let extent = Extent {
                    range: self.range,
                    pgoff: PageOffset::new(self.raw.pgoff),
                    anon_pgoff: PageOffset::new(self.raw.anon_pgoff),
                };
                copied(iter, source, extent, keeps_source)
            }
            Ask::Down => {
                let gap = iter.gap_at(self.range.start()).ok_or(EINVAL)?;
                let (iter, _, next) = gap.into_parts();
                let vma = next.ok_or(EINVAL)?;
                let to = Extent {
                    range: self.range.through(vma.range()),
                    ..vma.extent()
                };
                Ok(expand(
                    iter,
                    Expansion {
                        vma,
                        to,
                        removed: None,
                        flags: VmaFlags::EMPTY,
                        moved_from: None,
                        uprobes: Uprobes::Install,
                    },
                ))
            }
            Ask::Over | Ask::Towards => {
                let gap = iter.gap_at(self.range.start()).ok_or(EINVAL)?;
                let (iter, prev, next) = gap.into_parts();
                let (vma, next) = (prev.ok_or(EINVAL)?, next.ok_or(EINVAL)?);
                iter.step_back();
                let (last, removed) = match self.ask {
                    Ask::Over => (next.range(), Some(next)),
                    _ => (self.range, None),
                };
                let whole = vma.range().through(last);
                let (to, flags) = (vma.extent().seen_through(whole), vma.vma_flags());
                Ok(expand(
                    iter,
                    Expansion {
                        vma,
                        to,
                        removed,
                        flags,
                        moved_from: None,
                        uprobes: Uprobes::Install,
                    },
                ))
            }
        }
    }

    /// What is about to be mapped, according to the request.
    fn new_range(&self) -> NewRange<'_> {
        let raw = &self.raw;
        NewRange {
            candidate: Candidate {
                extent: Extent {
                    range: self.range,
                    pgoff: PageOffset::new(raw.pgoff),
                    anon_pgoff: PageOffset::new(raw.anon_pgoff),
                },
                // SAFETY: The union has two names for the same bits.
                flags: VmaFlags::from_raw(unsafe {
                    (&raw const raw.__bindgen_anon_1)
                        .cast::<bindings::vma_flags_t>()
                        .read()
                }),
                file: NonNull::new(raw.file),
                anon_vma: None,
                policy: TestPolicy::of(None),
                userfaultfd_context: Context::of(None),
                name: TestName::of(None),
                source: Source::New,
            },
            joining: Joining::EitherSide,
            uprobes: Uprobes::Install,
            if_no_memory: IfNoMemory::Fail,
        }
    }

    /// What the caller of `vma_merge_new_range()` makes of what it returns.
    fn merged(&self, vma: *mut bindings::vm_area_struct) -> Result<Option<usize>, i32> {
        if vma.is_null() && self.raw.state == bindings::vma_merge_state_VMA_MERGE_ERROR_NOMEM {
            return Err(ENOMEM.to_errno());
        }
        start_of(vma)
    }

    /// What the caller of `vma_expand()` makes of what it returns.
    fn expanded(&self, error: i32) -> Result<Option<usize>, i32> {
        if error != 0 {
            return Err(error);
        }
        start_of(self.raw.target)
    }
}

/// Lets C make the request about `range`, with this iterator in its place. Fails if the VMAs are not
/// what it is about.
///
/// # Safety
///
/// The mmap lock is held for write, and nobody else uses the iterator. What is asked with is there as
/// long as the request.
pub(super) unsafe fn make(
    vmg: *mut bindings::vma_merge_struct,
    vmi: *mut bindings::vma_iterator,
    mm: &TestMm,
    ask: &Ask<'_>,
    range: Range,
) -> Result {
    let (mm, start, end) = (mm.mm().as_raw(), range.start(), range.end());
    // SAFETY: The caller's promise.
    let made = unsafe {
        match *ask {
            Ask::Map {
                backing,
                flags,
                pgoff,
            } => {
                let (flags, file) = (flags.into_raw(), backing.file());
                bindings::rust_vma_kunit_request_mmap(vmg, vmi, mm, start, end, &flags, file, pgoff)
            }
            Ask::Brk(flags) => {
                let flags = flags.into_raw();
                bindings::rust_vma_kunit_request_brk(vmg, vmi, mm, start, end, &flags)
            }
            Ask::Copy { from, keeps_source } => {
                bindings::rust_vma_kunit_request_copy(vmg, vmi, mm, start, end, from, keeps_source)
            }
            Ask::Down => bindings::rust_vma_kunit_request_down(vmg, vmi, mm, start, end),
            Ask::Over => bindings::rust_vma_kunit_request_over(vmg, vmi, mm, start, end, true),
            Ask::Towards => bindings::rust_vma_kunit_request_over(vmg, vmi, mm, start, end, false),
        }
    };
    made.then_some(()).ok_or(EINVAL)
}

/// What comes of moving `source` to `extent`.
fn copied(
    iter: &mut VmaIter<'_>,
    source: &VmaRef,
    extent: Extent,
    keeps_source: bool,
) -> Result<Came> {
    let from = if keeps_source {
        Source::Vacating(source)
    } else {
        Source::Leaving(source)
    };
    let new = NewRange {
        candidate: Candidate::like(source, extent, from),
        joining: Joining::EitherSide,
        uprobes: match source.file() {
            Some(_) => Uprobes::Leave,
            None => Uprobes::Install,
        },
        if_no_memory: IfNoMemory::Fail,
    };
    let gap = iter.gap_at(extent.range.start()).ok_or(EINVAL)?;
    Ok(placed(vma_merge_new_vma(gap, new)))
}

/// What comes of an expansion.
fn expand<'i>(iter: &mut VmaIter<'_>, expansion: Expansion<'i, '_>) -> Came {
    match vma_expand(iter, expansion) {
        Ok(vma) => (Ok(Some(vma.start())), Some(Said::Done)),
        Err(error) => failed(error.into()),
    }
}

impl TestMm {
    /// Asks the engine, or the kernel if it is not to be asked by itself, to map a range that does not
    /// begin with a page; returns whether it said that nothing has merged, as C does.
    pub(crate) fn ask_for_nonsense(&self, range: Range, of: Engine) -> Result<bool> {
        let mut guard = MmapWriteGuard::lock_killable(self.mm())?;
        let mut iter = guard.iter_at(range.start());
        // SAFETY: All zeroes is a request without VMAs, flags, files and all else.
        let mut raw: bindings::vma_merge_struct = unsafe { MaybeUninit::zeroed().assume_init() };
        raw.mm = self.mm().as_raw();
        raw.vmi = raw_iter(&mut iter);
        raw.start = range.start() + 1;
        raw.end = range.end();
        // SAFETY: C takes any range, where nothing is near.
        let vma = unsafe {
            match of {
                Engine::C => bindings::rust_vma_kunit_merge_new_range(&mut raw),
                Engine::Rust | Engine::RustByRequest => rust_vma_hook_merge_new_range(&mut raw),
            }
        };
        Ok(vma.is_null() && raw.state == bindings::vma_merge_state_VMA_MERGE_NOMERGE)
    }

    /// Asks the engine, by way of the hook, to map anonymous memory in `range`, and leaves it no memory to
    /// merge; returns whether it said that nothing has merged, and nothing of memory.
    pub(crate) fn ask_to_give_up(&self, range: Range, flags: VmaFlags) -> Result<bool> {
        let mut guard = MmapWriteGuard::lock_killable(self.mm())?;
        let mut iter = guard.iter_at(range.start());
        let ask = Ask::Map {
            backing: &Backing::Anonymous,
            flags,
            pgoff: range.start() >> PAGE_SHIFT,
        };
        let mut request = Request::new(self, &mut iter, &ask, range)?;
        request.raw.set_give_up_on_oom(true);
        let watch = Watch::begin(Some(Failure(Leaf::Preallocate, 1)));
        let merged = request.serve_in_rust();
        let failed = watch.end().failed;
        let state = request.raw.state;
        Ok(merged == Ok(None)
            && failed == 1
            && state == bindings::vma_merge_state_VMA_MERGE_NOMERGE)
    }

    /// Moves the VMA that starts at `from` to `range`, as `copy_vma()` does it.
    pub(super) fn move_in_rust(
        &self,
        iter: &mut VmaIter<'_>,
        range: Range,
        from: usize,
        keeps_source: bool,
    ) -> Result<Came> {
        let mm = self.mm().as_raw();
        // SAFETY: The iterator shows that the lock is held.
        let source = NonNull::new(unsafe { bindings::rust_vma_lookup(mm, from) }).ok_or(EINVAL)?;
        // SAFETY: It is a VMA of the tree.
        let source = unsafe { VmaRef::from_raw(source.as_ptr()) };
        let mut extent = Extent {
            range,
            ..source.extent()
        };
        if source.anon_vma().is_none() {
            extent.anon_pgoff = PageOffset::new(range.start() >> PAGE_SHIFT);
            if source.file().is_none() {
                extent.pgoff = extent.anon_pgoff;
            }
        }
        let came = copied(iter, source, extent, keeps_source)?;
        let (Ok(None), Some(Said::NotMerged(_))) = came else {
            return Ok(came);
        };
        // What is not merged becomes a VMA of its own. C does that, and has to agree for it.
        //
        // SAFETY: The lock is held for write.
        let vma = unsafe {
            let (start, end) = (range.start(), range.end());
            bindings::rust_vma_kunit_copy_vma(mm, start, end, from, keeps_source)
        };
        Ok((start_of(vma), came.1))
    }
}
