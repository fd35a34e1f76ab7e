// SPDX-License-Identifier: GPL-2.0

//! The VMAs of a call before C executes the call, and the decision that Rust would make about them.

use super::watched::{
    About,
    Known,
    Watched, //
};
use crate::{
    hook::{
        shadow::{
            asked::{
                Asked,
                Limit,
                Neighbour,
                Wanted, //
            },
            rules::Rules,
        },
        sys::request::Request,
    },
    report::helper::Helper,
    vma::{
        compat::{
            Attributes,
            Candidate,
            Joining,
            Reach,
            Side,
            Source, //
        },
        cut::{
            Split,
            SplitError, //
        },
        extent::{
            Extent,
            Range, //
        },
        forecast::Forecast,
        merge::{
            decide as decide_change,
            IfNoMemory, //
        },
        modify::Change,
        new_range::{
            decide as decide_new_range,
            NewRange, //
        },
        plan::Decision,
        split::limit_allows_one_more,
        sys::{
            bindings,
            map_count,
            max_map_count,
            MmWithUser,
            Uprobes,
            VmaRef,
            EINVAL, //
        },
    },
};
use bindings::{
    vm_area_struct,
    vma_merge_struct, //
};
use core::ptr::{
    null_mut,
    NonNull, //
};
use kernel::error::to_result;

/// A part of a VMA, as C passes it to the helpers that make the part ready for a change.
#[derive(Clone, Copy)]
pub(super) struct NamedPart {
    prev: *mut vm_area_struct,
    vma: *mut vm_area_struct,
    start: usize,
    end: usize,
}

impl NamedPart {
    /// Returns the part from `start` to `end` (bytes) of `vma`. C passes `vma` itself as `prev` if the part begins
    /// inside `vma`.
    pub(super) fn new(
        prev: *mut vm_area_struct,
        vma: *mut vm_area_struct,
        start: usize,
        end: usize,
    ) -> Self {
        let prev = if prev == vma { null_mut() } else { prev };
        Self {
            prev,
            vma,
            start,
            end,
        }
    }
}

/// Each function that watches a helper returns `None` if Rust would refuse the arguments.
impl Watched {
    /// Watches a helper that makes a part of a VMA ready for a change.
    ///
    /// # Safety
    ///
    /// The contract of that helper holds, and the helper has yet to be called.
    pub(super) unsafe fn modify<R: Rules>(
        helper: Helper,
        part: NamedPart,
        change: &Change<'_>,
        if_no_memory: IfNoMemory,
    ) -> Option<Self> {
        let range = Range::new(part.start, part.end).ok()?;
        // SAFETY: By the caller's promise both pointers are valid or null.
        let (prev, middle) = unsafe { (vma_ref(part.prev), vma_ref(part.vma)?) };
        if !middle.extent().range.contains(range) {
            return None;
        }
        let reach = Reach::of_part(range, change.flags_of(middle), middle);
        let next = match &reach {
            // SAFETY: By the caller's promise the mmap lock is held for write.
            Ok(reach) if reach.to(Side::Above).is_ok() => unsafe { next_of(middle, range) },
            _ => None,
        };

        let decision = decide_change(change, range, reach, prev, middle, next);
        let decision = R::decided(helper, decision);
        let candidate = change.of(middle, range);
        let vmas = [prev, Some(middle), next];
        let mm = middle.mm();
        let asked = asked(helper, &candidate, if_no_memory, vmas, mm);
        let count = asked.limit.vmas;
        let forecast = R::modified(&asked.before(), &decision, range, |addr, cuts| {
            limit_allows_one_more(count + cuts)?;
            // SAFETY: By the caller's promise the mmap lock is held for write, and splits lie inside the VMA.
            unsafe { driver_allows(middle, addr) }
        });
        // SAFETY: By the contract of every helper the mmap lock is held for write.
        Some(unsafe { Self::new(asked, About::Part(decision), forecast, vmas, mm) })
    }

    /// Watches `vma_merge_new_range()` or `vma_merge_copied_range()`.
    ///
    /// # Safety
    ///
    /// The contract of that helper holds, and the helper has yet to be called.
    pub(super) unsafe fn new_range<R: Rules>(
        helper: Helper,
        request: Option<Request<'_>>,
    ) -> Option<Self> {
        let request = request?;
        // SAFETY: By the caller's promise the contract of the helper holds. Nothing is changed, and no handle
        // outlives this function.
        unsafe {
            let (new, gap) = (request.new_range(), request.gap());
            let (prev, next) = (gap.prev(), gap.next());
            let about = |decision| About::NewRange(decision, new.candidate.file);
            Some(Self::placed::<R>(
                helper,
                &request.mm(),
                &new,
                prev,
                next,
                about,
            ))
        }
    }

    /// Watches `vma_merge_extend()`.
    ///
    /// # Safety
    ///
    /// The contract of `vma_merge_extend()` holds, and the helper has yet to be called.
    #[inline(never)]
    pub(super) unsafe fn extend<R: Rules>(vma: *mut vm_area_struct, delta: usize) -> Option<Self> {
        // SAFETY: By the caller's promise the VMA is valid or null.
        let vma = unsafe { vma_ref(vma) }?;
        let extent = vma.extent();
        let end = extent.range.end();
        let range = Range::new(end, end.wrapping_add(delta)).ok()?;
        // SAFETY: By the caller's promise the mmap lock is held for write.
        let next = unsafe { next_of(vma, range) };
        let new = NewRange {
            candidate: Candidate::like(vma, extent.seen_through(range), Source::New),
            moved_from: None,
            joining: Joining::EitherSide,
            uprobes: Uprobes::Install,
            if_no_memory: IfNoMemory::Fail,
        };
        let (mm, prev) = (vma.mm(), Some(vma));
        // SAFETY: By the caller's promise the contract of the helper holds.
        Some(unsafe {
            Self::placed::<R>(Helper::MergeExtend, mm, &new, prev, next, About::Extension)
        })
    }

    /// Watches a helper that maps a range between these two VMAs.
    ///
    /// # Safety
    ///
    /// The contract of that helper holds, and the helper has yet to be called.
    #[inline(never)]
    unsafe fn placed<R: Rules>(
        helper: Helper,
        mm: &MmWithUser,
        new: &NewRange<'_, '_>,
        prev: Option<&VmaRef>,
        next: Option<&VmaRef>,
        about: impl FnOnce(Decision) -> About,
    ) -> Self {
        let candidate = &new.candidate;
        let decision = decide_new_range(candidate, new.joining, prev, next);
        let decision = R::decided(helper, decision);
        let vmas = [prev, None, next];
        let asked = asked(helper, candidate, new.if_no_memory, vmas, mm);
        let forecast = R::placed(&asked.before(), &decision);
        // SAFETY: By the contract of every helper the mmap lock is held for write, and the caller keeps the file.
        unsafe { Self::new(asked, about(decision), forecast, vmas, mm) }
    }

    /// Watches `split_vma()` or `__split_vma()`.
    ///
    /// # Safety
    ///
    /// The contract of that helper holds, and the helper has yet to be called.
    pub(super) unsafe fn split<R: Rules>(
        helper: Helper,
        vma: *mut vm_area_struct,
        addr: usize,
        new: Side,
    ) -> Option<Self> {
        // SAFETY: By the caller's promise the VMA is valid or null.
        let middle = unsafe { vma_ref(vma) }?;
        let split = Split::at(middle.extent().range, addr, new)?;
        let part = middle.extent().seen_through(split.new_part());
        let forecast = |asked: &Asked| {
            let limit = if helper.is_limited() {
                limit_allows_one_more(asked.limit.vmas)
            } else {
                Ok(())
            };
            // SAFETY: By the caller's promise the mmap lock is held for write, and the split lies inside the VMA.
            let allowed = limit.and_then(|()| unsafe { driver_allows(middle, split.addr()) });
            R::split(&asked.before(), split, allowed)
        };
        // SAFETY: By the caller's promise the contract of the helper holds.
        Some(unsafe { Self::of_one(helper, About::Cut, middle, part, None, forecast) })
    }

    /// Watches `vma_expand()`.
    ///
    /// # Safety
    ///
    /// The contract of `vma_expand()` holds, and the helper has yet to be called.
    pub(super) unsafe fn expand<R: Rules>(vmg: *mut vma_merge_struct) -> Option<Self> {
        // SAFETY: By the caller's promise the request is valid, and the VMAs that it names are valid or null. Nothing
        // is changed, and no handle outlives this function.
        let (request, middle) =
            unsafe { (Request::from_raw_expand(vmg)?, vma_ref((*vmg).target)?) };
        let to = request.extent();
        if !to.range.contains(middle.extent().range) {
            return None;
        }
        // SAFETY: As above. If C left a part of the removed VMA, the comparison would find a difference.
        let next = unsafe {
            let removed = request.removed_by_expansion();
            vma_ref(removed.map_or(null_mut(), NonNull::as_ptr))
        };
        let forecast = |asked: &Asked| R::resized(&asked.before(), to);
        Some(Self {
            span: to.range,
            // SAFETY: By the caller's promise the contract of the helper holds.
            ..unsafe { Self::of_one(Helper::Expand, About::Growth, middle, to, next, forecast) }
        })
    }

    /// Watches `vma_shrink()`. The VMA is to end at `end` (bytes).
    ///
    /// # Safety
    ///
    /// The contract of `vma_shrink()` holds, and the helper has yet to be called.
    pub(super) unsafe fn shrink<R: Rules>(vma: *mut vm_area_struct, end: usize) -> Option<Self> {
        // SAFETY: By the caller's promise the VMA is valid or null.
        let middle = unsafe { vma_ref(vma) }?;
        let extent = middle.extent();
        let (kept, freed) = extent.range.cut(end)?;
        let (kept, freed) = (extent.seen_through(kept), extent.seen_through(freed));
        let forecast = |asked: &Asked| R::resized(&asked.before(), kept);
        let about = About::Shrinkage;
        // SAFETY: By the caller's promise the contract of the helper holds.
        Some(unsafe { Self::of_one(Helper::Shrink, about, middle, freed, None, forecast) })
    }

    /// Watches a call that operates on one VMA. `extent` is a part of this VMA, or the extent that the VMA is to have.
    /// `next` is the VMA that is to be removed, if any.
    ///
    /// # Safety
    ///
    /// The contract of that helper holds, and the helper has yet to be called.
    unsafe fn of_one(
        helper: Helper,
        about: About,
        middle: &VmaRef,
        extent: Extent,
        next: Option<&VmaRef>,
        forecast: impl FnOnce(&Asked) -> Forecast,
    ) -> Self {
        let candidate = Candidate::like(middle, extent, Source::Leaving(middle));
        let vmas = [None, Some(middle), next];
        let mm = middle.mm();
        let asked = asked(helper, &candidate, IfNoMemory::Fail, vmas, mm);
        let forecast = forecast(&asked);
        // SAFETY: By the contract of every helper the mmap lock is held for write.
        unsafe { Self::new(asked, about, forecast, vmas, mm) }
    }

    /// Returns the watched call.
    ///
    /// # Safety
    ///
    /// Until the call has been compared, the mmap lock of `mm` is held for write, and a file in `about` is valid.
    unsafe fn new(
        asked: Asked,
        about: About,
        forecast: Forecast,
        vmas: [Option<&VmaRef>; 3],
        mm: &MmWithUser,
    ) -> Self {
        // INVARIANT: By the caller's promise the lock is held, and a file is valid, until the call has been compared.
        Self {
            span: asked.span(),
            asked,
            about,
            forecast,
            known: Known::of(vmas),
            mm: mm.as_raw(),
        }
    }
}

/// Returns the call that requests this candidate. The array contains prev, middle and next.
fn asked(
    helper: Helper,
    candidate: &Candidate<'_, VmaRef>,
    if_no_memory: IfNoMemory,
    [prev, middle, next]: [Option<&VmaRef>; 3],
    mm: &MmWithUser,
) -> Asked {
    let compared = |vma: Option<&VmaRef>| vma.map(|vma| Neighbour::of(vma, candidate));
    let anon_vma = |vma: Option<&VmaRef>| vma.and_then(Attributes::anon_vma);
    Asked {
        helper,
        wanted: Wanted::of(candidate, middle, if_no_memory),
        prev: compared(prev),
        middle: compared(middle),
        next: compared(next),
        ends_share_anon_vma: anon_vma(prev).is_some() && anon_vma(prev) == anon_vma(next),
        limit: Limit {
            vmas: map_count(mm),
            most: max_map_count(),
        },
    }
}

/// Returns the VMA that begins where `range` ends.
///
/// # Safety
///
/// The mmap lock of `vma` is held for write throughout `'a`.
unsafe fn next_of<'a>(vma: &'a VmaRef, range: Range) -> Option<&'a VmaRef> {
    // SAFETY: The lock is held by the caller's promise, so the tree may be searched, and the VMA found there is
    // valid.
    unsafe { vma_ref(bindings::rust_vma_lookup(vma.mm().as_raw(), range.end())) }
}

/// Returns a reference to the VMA; `None` if it is null.
///
/// # Safety
///
/// The VMA is null, or it is valid throughout `'a`, and its mmap lock is held.
unsafe fn vma_ref<'a>(vma: *mut vm_area_struct) -> Option<&'a VmaRef> {
    // SAFETY: By the caller's promise a VMA that is not null is valid, and its mmap lock is held.
    NonNull::new(vma).map(|vma| unsafe { VmaRef::from_raw(vma.as_ptr()) })
}

/// Fails if the driver of a VMA does not allow a split at `addr` (bytes).
///
/// # Safety
///
/// The mmap lock is held for write, and `addr` lies inside the VMA.
unsafe fn driver_allows(vma: &VmaRef, addr: usize) -> Result<(), SplitError> {
    // SAFETY: By the caller's promise the mmap lock is held for write, and `addr` lies inside the VMA.
    let said = unsafe { bindings::rust_vma_may_split(vma.as_ptr(), addr) };
    // Only zero allows the split.
    let said = if said > 0 {
        Err(EINVAL)
    } else {
        to_result(said)
    };
    said.map_err(SplitError::Driver)
}
