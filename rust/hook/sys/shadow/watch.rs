// SPDX-License-Identifier: GPL-2.0

//! The VMAs of a call before C serves it, and the decision that Rust would make about them.

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

/// A part of a VMA, as C names it to the helpers that make it ready for a change.
#[derive(Clone, Copy)]
pub(super) struct NamedPart {
    prev: *mut vm_area_struct,
    vma: *mut vm_area_struct,
    start: usize,
    end: usize,
}

impl NamedPart {
    /// Returns the part from `start` to `end` (bytes) of `vma`. C passes `vma` itself as `prev` if the
    /// part begins inside of it.
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

/// Each function that watches a helper fails if Rust would refuse the arguments.
impl Watched {
    /// Watches a helper that makes a part of a VMA ready for a change.
    ///
    /// # Safety
    ///
    /// The contract of that helper, which has yet to be called.
    pub(super) unsafe fn modify<R: Rules>(
        helper: Helper,
        part: NamedPart,
        change: &Change<'_>,
        if_no_memory: IfNoMemory,
    ) -> Option<Self> {
        let range = Range::new(part.start, part.end).ok()?;
        // SAFETY: The caller's promise: both are valid, or null.
        let (prev, middle) = unsafe { (vma_ref(part.prev), vma_ref(part.vma)?) };
        if !middle.extent().range.contains(range) {
            return None;
        }
        let reach = Reach::of_part(range, change.flags_of(middle), middle);
        let next = match &reach {
            // SAFETY: The mmap lock is held for write.
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
            // SAFETY: There is no other handle to it.
            unsafe { driver_allows(middle, addr) }
        });
        // SAFETY: The contract of every helper: the mmap lock is held for write.
        Some(unsafe { Self::new(asked, About::Part(decision), forecast, vmas, mm) })
    }

    /// Watches `vma_merge_new_range()` or `vma_merge_copied_range()`.
    ///
    /// # Safety
    ///
    /// The contract of that helper, which has yet to be called.
    pub(super) unsafe fn new_range<R: Rules>(
        helper: Helper,
        request: Option<Request<'_>>,
    ) -> Option<Self> {
        let request = request?;
        // SAFETY: The caller's promise; nothing is changed, and no handle outlives this function.
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
    /// The contract of `vma_merge_extend()`, which has yet to be called.
    pub(super) unsafe fn extend<R: Rules>(vma: *mut vm_area_struct, delta: usize) -> Option<Self> {
        // SAFETY: The caller's promise: the VMA is valid, or null.
        let vma = unsafe { vma_ref(vma) }?;
        let extent = vma.extent();
        let end = extent.range.end();
        let range = Range::new(end, end.wrapping_add(delta)).ok()?;
        // SAFETY: The mmap lock is held for write.
        let next = unsafe { next_of(vma, range) };
        let new = NewRange {
            candidate: Candidate::like(vma, extent.seen_through(range), Source::New),
            moved_from: None,
            joining: Joining::EitherSide,
            uprobes: Uprobes::Install,
            if_no_memory: IfNoMemory::Fail,
        };
        let (mm, prev) = (vma.mm(), Some(vma));
        // SAFETY: The caller's promise.
        Some(unsafe {
            Self::placed::<R>(Helper::MergeExtend, mm, &new, prev, next, About::Extension)
        })
    }

    /// Watches a helper that maps a range between these two VMAs.
    ///
    /// # Safety
    ///
    /// The contract of that helper, which has yet to be called.
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
        // SAFETY: The contract of every helper: the mmap lock is held for write; and the caller keeps the file.
        unsafe { Self::new(asked, about(decision), forecast, vmas, mm) }
    }

    /// Watches `split_vma()` or `__split_vma()`.
    ///
    /// # Safety
    ///
    /// The contract of that helper, which has yet to be called.
    pub(super) unsafe fn split<R: Rules>(
        helper: Helper,
        vma: *mut vm_area_struct,
        addr: usize,
        new: Side,
    ) -> Option<Self> {
        // SAFETY: The caller's promise: the VMA is valid, or null.
        let middle = unsafe { vma_ref(vma) }?;
        let split = Split::at(middle.extent().range, addr, new)?;
        let part = middle.extent().seen_through(split.new_part());
        let forecast = |asked: &Asked| {
            let limit = if helper.is_limited() {
                limit_allows_one_more(asked.limit.vmas)
            } else {
                Ok(())
            };
            // SAFETY: There is no other handle to it.
            let allowed = limit.and_then(|()| unsafe { driver_allows(middle, split.addr()) });
            R::split(&asked.before(), split, allowed)
        };
        // SAFETY: The caller's promise.
        Some(unsafe { Self::of_one(helper, About::Cut, middle, part, None, forecast) })
    }

    /// Watches `vma_expand()`.
    ///
    /// # Safety
    ///
    /// The contract of `vma_expand()`, which has yet to be called.
    pub(super) unsafe fn expand<R: Rules>(vmg: *mut vma_merge_struct) -> Option<Self> {
        // SAFETY: The caller's promise: the request is valid, and so are the VMAs that it names, or they
        // are null. Nothing is changed, and no handle outlives this function.
        let (request, middle) =
            unsafe { (Request::from_raw_expand(vmg)?, vma_ref((*vmg).target)?) };
        let to = request.extent();
        if !to.range.contains(middle.extent().range) {
            return None;
        }
        // SAFETY: As above. If a part of it were left, that would be a difference.
        let next = unsafe {
            let removed = request.removed_by_expansion();
            vma_ref(removed.map_or(null_mut(), NonNull::as_ptr))
        };
        let forecast = |asked: &Asked| R::resized(&asked.before(), to);
        Some(Self {
            span: to.range,
            // SAFETY: The caller's promise.
            ..unsafe { Self::of_one(Helper::Expand, About::Growth, middle, to, next, forecast) }
        })
    }

    /// Watches `vma_shrink()`. The VMA is to end at `end` (bytes).
    ///
    /// # Safety
    ///
    /// The contract of `vma_shrink()`, which has yet to be called.
    pub(super) unsafe fn shrink<R: Rules>(vma: *mut vm_area_struct, end: usize) -> Option<Self> {
        // SAFETY: The caller's promise: the VMA is valid, or null.
        let middle = unsafe { vma_ref(vma) }?;
        let extent = middle.extent();
        let (kept, freed) = extent.range.cut(end)?;
        let (kept, freed) = (extent.seen_through(kept), extent.seen_through(freed));
        let forecast = |asked: &Asked| R::resized(&asked.before(), kept);
        let about = About::Shrinkage;
        // SAFETY: The caller's promise.
        Some(unsafe { Self::of_one(Helper::Shrink, about, middle, freed, None, forecast) })
    }

    /// Watches a call about one VMA, and this part of it, or the extent that it is to have. `next` is the
    /// VMA that goes.
    ///
    /// # Safety
    ///
    /// The contract of that helper, which has yet to be called.
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
        // SAFETY: The contract of every helper: the mmap lock is held for write.
        unsafe { Self::new(asked, about, forecast, vmas, mm) }
    }

    /// # Safety
    ///
    /// The mmap lock of `mm` is held for write until the call has been compared, and a file in `about` is valid as
    /// long.
    unsafe fn new(
        asked: Asked,
        about: About,
        forecast: Forecast,
        vmas: [Option<&VmaRef>; 3],
        mm: &MmWithUser,
    ) -> Self {
        // INVARIANT: The caller's promise.
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

/// Returns the call that asks for this candidate, given the VMAs below, in the middle and above.
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
    // SAFETY: The caller's promise, so the tree may be searched, and the VMA found there is valid.
    unsafe { vma_ref(bindings::rust_vma_lookup(vma.mm().as_raw(), range.end())) }
}

/// # Safety
///
/// The VMA is null, or valid throughout `'a`, and its mmap lock held.
unsafe fn vma_ref<'a>(vma: *mut vm_area_struct) -> Option<&'a VmaRef> {
    // SAFETY: The caller's promise.
    NonNull::new(vma).map(|vma| unsafe { VmaRef::from_raw(vma.as_ptr()) })
}

/// Whether the driver of a VMA allows it to be cut at `addr` (bytes).
///
/// # Safety
///
/// The mmap lock is held for write, and `addr` lies inside the VMA.
unsafe fn driver_allows(vma: &VmaRef, addr: usize) -> Result<(), SplitError> {
    // SAFETY: The caller's promise.
    let said = unsafe { bindings::rust_vma_may_split(vma.as_ptr(), addr) };
    // Only zero is a yes.
    let said = if said > 0 {
        Err(EINVAL)
    } else {
        to_result(said)
    };
    said.map_err(SplitError::Driver)
}
