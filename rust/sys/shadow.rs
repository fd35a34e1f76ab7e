// SPDX-License-Identifier: GPL-2.0

//! The shadow: C serves the hooked functions, after Rust has said what C will do.
//!
//! Before a call, the VMAs that it is about are read, and Rust decides as it would if it served the
//! call. After it, the tree is walked over the same addresses, and the VMAs that are there now are
//! recognised by where they are in memory; those from before are not read any more, as C may have
//! freed them. See [`crate::shadow`] for what is said and told.

use super::{
    hook::side_of_new,
    live::{
        count_compared,
        count_served,
        trouble,
        Compared, //
    },
    request::Request, //
};
use crate::{
    hook::{
        Engine,
        Entry,
        Trouble, //
    },
    shadow::{
        Asked,
        Found,
        Limit,
        Neighbour,
        Rules,
        Tried,
        Wanted, //
    },
    vma::{
        compat::{
            Attributes,
            Candidate,
            Reach,
            Side,
            Source, //
        },
        extent::{
            Extent,
            Range, //
        },
        forecast::{
            Answer,
            Forecast,
            Layout,
            Who, //
        },
        merge::{
            decide as decide_change,
            IfNoMemory, //
        },
        new_range::decide as decide_new_range,
        plan::{
            Decision,
            Plan, //
        },
        split::{
            driver_allows,
            limit_allows_one_more,
            Split, //
        },
        sys::{
            bindings,
            max_map_count,
            Vma,
            VmaRef, //
        },
    },
};
use bindings::{
    mm_struct,
    vm_area_struct,
    vma_hook_ops,
    vma_iterator,
    vma_merge_struct, //
};
use core::{
    marker::PhantomData,
    mem::MaybeUninit,
    ptr::{
        null_mut,
        NonNull, //
    },
};
use kernel::prelude::*;

/// The shadow, of an engine that knows these rules.
pub(super) struct Shadow<R>(PhantomData<R>);

/// A call that is watched.
struct Watched<R> {
    asked: Asked,
    forecast: Forecast,
    /// The merge that Rust would do.
    plan: Option<Plan>,
    known: Known,
    mm: *mut mm_struct,
    span: Range,
    _rules: PhantomData<R>,
}

/// The VMAs that a call is about. After the call they may be gone.
#[derive(Clone, Copy)]
struct Known {
    prev: *mut vm_area_struct,
    middle: *mut vm_area_struct,
    next: *mut vm_area_struct,
}

impl<R: Rules> Shadow<R> {
    /// What serves the hooked functions. (Nobody outside calls `vma_merge_existing_range()`.)
    pub(super) const OPS: vma_hook_ops = vma_hook_ops {
        modify: Some(Self::modify),
        merge_existing_range: None,
        merge_new_range: Some(Self::merge_new_range),
        split: Some(Self::split),
        expand: Some(Self::expand),
        shrink: Some(Self::shrink),
    };

    /// Serves `vma_modify()`.
    ///
    /// # Safety
    ///
    /// The contract of `vma_modify()`.
    unsafe extern "C" fn modify(vmg: *mut vma_merge_struct) -> *mut vm_area_struct {
        count_served(Engine::Shadow, Entry::Modify);
        // SAFETY: The caller's promise.
        unsafe {
            let watched = Watched::<R>::modify(vmg);
            let vma = bindings::c_vma_modify(vmg);
            match watched {
                Some(watched) => watched.compare_vma(vma, vmg),
                None => not_watched(Entry::Modify),
            }
            vma
        }
    }

    /// Serves `vma_merge_new_range()`.
    ///
    /// # Safety
    ///
    /// The contract of `vma_merge_new_range()`.
    unsafe extern "C" fn merge_new_range(vmg: *mut vma_merge_struct) -> *mut vm_area_struct {
        count_served(Engine::Shadow, Entry::MergeNewRange);
        // SAFETY: The caller's promise.
        unsafe {
            let watched = Watched::<R>::merge_new_range(vmg);
            let vma = bindings::c_vma_merge_new_range(vmg);
            match watched {
                Some(watched) => watched.compare_vma(vma, vmg),
                None => not_watched(Entry::MergeNewRange),
            }
            vma
        }
    }

    /// Serves `__split_vma()`.
    ///
    /// # Safety
    ///
    /// The contract of `__split_vma()`.
    unsafe extern "C" fn split(
        vmi: *mut vma_iterator,
        vma: *mut vm_area_struct,
        addr: usize,
        new_below: c_int,
    ) -> c_int {
        count_served(Engine::Shadow, Entry::Split);
        // SAFETY: The caller's promise.
        unsafe {
            let watched = Watched::<R>::split(vma, addr, side_of_new(new_below));
            let result = bindings::c___split_vma(vmi, vma, addr, new_below);
            match watched {
                Some(watched) => watched.compare_result(result),
                None => not_watched(Entry::Split),
            }
            result
        }
    }

    /// Serves `vma_expand()`.
    ///
    /// # Safety
    ///
    /// The contract of `vma_expand()`.
    unsafe extern "C" fn expand(vmg: *mut vma_merge_struct) -> c_int {
        count_served(Engine::Shadow, Entry::Expand);
        // SAFETY: The caller's promise.
        unsafe {
            let watched = Watched::<R>::expand(vmg);
            let result = bindings::c_vma_expand(vmg);
            match watched {
                Some(watched) => watched.compare_result(result),
                None => not_watched(Entry::Expand),
            }
            result
        }
    }

    /// Serves `vma_shrink()`.
    ///
    /// # Safety
    ///
    /// The contract of `vma_shrink()`.
    unsafe extern "C" fn shrink(
        vmi: *mut vma_iterator,
        vma: *mut vm_area_struct,
        end: usize,
    ) -> c_int {
        count_served(Engine::Shadow, Entry::Shrink);
        // SAFETY: The caller's promise.
        unsafe {
            let watched = Watched::<R>::shrink(vma, end);
            let result = bindings::c_vma_shrink(vmi, vma, end);
            match watched {
                Some(watched) => watched.compare_result(result),
                None => not_watched(Entry::Shrink),
            }
            result
        }
    }
}

/// Rust would have refused what C was asked for.
fn not_watched(entry: Entry) {
    count_compared(Compared::Different);
    trouble(entry, Trouble::Senseless);
}

impl<R: Rules> Watched<R> {
    /// # Safety
    ///
    /// The contract of `vma_modify()`, which has yet to be called.
    unsafe fn modify(vmg: *mut vma_merge_struct) -> Option<Self> {
        // SAFETY: The caller's promise; nothing is changed, and no handle outlives this function.
        let (request, raw) = unsafe { (Request::from_raw(vmg)?, vmg.as_ref()?) };
        if !request.is_within_middle() {
            return None;
        }
        let range = request.range();
        let mut known = Known {
            prev: if raw.prev == raw.middle {
                null_mut()
            } else {
                raw.prev
            },
            middle: raw.middle,
            next: null_mut(),
        };
        // SAFETY: As above. It is used before C is called.
        let change = unsafe { request.change() };
        // SAFETY: The VMAs that a request names are valid.
        let middle = unsafe { vma_ref(known.middle) }?;
        let flags = change.flags.unwrap_or(middle.vma_flags());
        let reach = Reach::of_part(range, flags, middle);
        if matches!(&reach, Ok(reach) if reach.to(Side::Right).is_ok()) {
            // SAFETY: The mmap lock is held for write, so the tree may be searched.
            known.next = unsafe { bindings::rust_vma_lookup(raw.mm, range.end()) };
        }
        // SAFETY: As for `middle`; the one after was just found in the tree.
        let (prev, next) = unsafe { (vma_ref(known.prev), vma_ref(known.next)) };

        let decision = decide_change(&change, range, reach, prev, middle, next);
        let decision = R::decided(Entry::Modify, decision);
        let candidate = change.of(middle, range);
        let asked = Asked {
            entry: Entry::Modify,
            wanted: Wanted::of(Entry::Modify, &candidate, request.if_no_memory()),
            prev: prev.map(|vma| Neighbour::of(vma, &candidate)),
            middle: Some(Neighbour::of(middle, &candidate)),
            next: next.map(|vma| Neighbour::of(vma, &candidate)),
            ends_share_anon_vma: share_anon_vma(prev, next),
            // SAFETY: The mm is that of a valid VMA.
            limit: unsafe { limit_of(raw.mm) },
        };
        let vmas = asked.limit.vmas;
        let forecast = R::modified(&asked.before(), &decision, range, |addr, cuts| {
            limit_allows_one_more(vmas + cuts)?;
            // SAFETY: There is no other handle to it.
            driver_allows(&mut unsafe { handle(middle) }, addr)
        });
        let mut this = Self::new(asked, forecast, known, raw.mm);
        this.plan = plan_of(&decision);
        Some(this)
    }

    /// # Safety
    ///
    /// The contract of `vma_merge_new_range()`, which has yet to be called.
    unsafe fn merge_new_range(vmg: *mut vma_merge_struct) -> Option<Self> {
        // SAFETY: The caller's promise; nothing is changed, and no handle outlives this function.
        let (request, raw) = unsafe { (Request::from_raw(vmg)?, vmg.as_ref()?) };
        let known = Known {
            prev: raw.prev,
            middle: null_mut(),
            next: raw.next,
        };
        // SAFETY: As above. It is used before C is called.
        let new = unsafe { request.new_range() };
        // SAFETY: The VMAs that a request names are valid.
        let (prev, next) = unsafe { (vma_ref(known.prev), vma_ref(known.next)) };

        let candidate = &new.candidate;
        let decision = decide_new_range(candidate, new.joining, prev, next);
        let decision = R::decided(Entry::MergeNewRange, decision);
        let asked = Asked {
            entry: Entry::MergeNewRange,
            wanted: Wanted::of(Entry::MergeNewRange, candidate, new.if_no_memory),
            prev: prev.map(|vma| Neighbour::of(vma, candidate)),
            middle: None,
            next: next.map(|vma| Neighbour::of(vma, candidate)),
            ends_share_anon_vma: share_anon_vma(prev, next),
            // SAFETY: A request names a valid mm.
            limit: unsafe { limit_of(raw.mm) },
        };
        let forecast = R::placed(&asked.before(), &decision);
        let mut this = Self::new(asked, forecast, known, raw.mm);
        this.plan = plan_of(&decision);
        Some(this)
    }

    /// # Safety
    ///
    /// The contract of `__split_vma()`, which has yet to be called.
    unsafe fn split(vma: *mut vm_area_struct, addr: usize, new: Side) -> Option<Self> {
        // SAFETY: The caller's promise.
        let middle = unsafe { vma_ref(vma) }?;
        let split = Split::at(middle.extent().range, addr, new)?;
        let asked = Asked::about(
            Entry::Split,
            middle,
            middle.extent().seen_through(split.new_part()),
        );
        // SAFETY: There is no other handle to it.
        let driver = driver_allows(&mut unsafe { handle(middle) }, split.addr());
        let forecast = R::split(&asked.before(), split, driver);
        Some(Self::of_one(asked, forecast, middle))
    }

    /// # Safety
    ///
    /// The contract of `vma_expand()`, which has yet to be called.
    unsafe fn expand(vmg: *mut vma_merge_struct) -> Option<Self> {
        // SAFETY: The caller's promise; nothing is changed, and no handle outlives this function.
        let (request, raw) = unsafe { (Request::from_raw(vmg)?, vmg.as_ref()?) };
        // SAFETY: The VMAs that a request names are valid.
        let middle = unsafe { vma_ref(raw.target) }?;
        let to = request.extent();
        if !to.range.contains(middle.extent().range) {
            return None;
        }
        // What would be left of it would be a difference.
        let removed = request.removed_by_expansion();
        let next = removed.map_or(null_mut(), NonNull::as_ptr);

        let mut asked = Asked::about(Entry::Expand, middle, to);
        let candidate = Candidate::like(middle, to, Source::Leaving(middle));
        // SAFETY: The VMAs that a request names are valid.
        asked.next = unsafe { vma_ref(next) }.map(|vma| Neighbour::of(vma, &candidate));
        let forecast = R::resized(&asked.before(), to);
        let mut this = Self::of_one(asked, forecast, middle);
        this.span = to.range;
        this.known.next = next;
        Some(this)
    }

    /// # Safety
    ///
    /// The contract of `vma_shrink()`, which has yet to be called.
    unsafe fn shrink(vma: *mut vm_area_struct, end: usize) -> Option<Self> {
        // SAFETY: The caller's promise.
        let middle = unsafe { vma_ref(vma) }?;
        let extent = middle.extent();
        let (kept, freed) = extent.range.cut(end)?;
        let asked = Asked::about(Entry::Shrink, middle, extent.seen_through(freed));
        let forecast = R::resized(&asked.before(), extent.seen_through(kept));
        Some(Self::of_one(asked, forecast, middle))
    }

    /// Watches a call about one VMA.
    fn of_one(asked: Asked, forecast: Forecast, middle: &VmaRef) -> Self {
        let known = Known {
            prev: null_mut(),
            middle: middle.as_ptr(),
            next: null_mut(),
        };
        Self::new(asked, forecast, known, middle.mm().as_raw())
    }

    fn new(asked: Asked, forecast: Forecast, known: Known, mm: *mut mm_struct) -> Self {
        Self {
            span: asked.span(),
            asked,
            forecast,
            plan: None,
            known,
            mm,
            _rules: PhantomData,
        }
    }

    /// Compares with what C has left, having returned this VMA, none, or an error, and left this request.
    ///
    /// # Safety
    ///
    /// The mmap lock is still held for write, and C was just called.
    unsafe fn compare_vma(self, vma: *mut vm_area_struct, vmg: *mut vma_merge_struct) {
        let answer = match kernel::error::from_err_ptr(vma) {
            Err(error) => Answer::Fails(error),
            Ok(vma) if vma.is_null() => Answer::NotMerged,
            Ok(vma) => Answer::Vma(self.known.who(vma)),
        };
        // SAFETY: The caller's promise.
        unsafe {
            let tried = self.tried_to_merge(vmg);
            self.compare(answer, tried);
        }
    }

    /// Compares with what C has left, having returned this.
    ///
    /// # Safety
    ///
    /// Those of [`compare_vma`](Self::compare_vma).
    unsafe fn compare_result(self, result: c_int) {
        let answer = match kernel::error::to_result(result) {
            Err(error) => Answer::Fails(error),
            Ok(()) => Answer::Done,
        };
        // SAFETY: The caller's promise.
        unsafe { self.compare(answer, Tried::Nothing) };
    }

    /// # Safety
    ///
    /// Those of [`compare_vma`](Self::compare_vma).
    unsafe fn compare(self, answer: Answer, tried: Tried) {
        let found = Found {
            answer,
            // SAFETY: The caller's promise.
            layout: unsafe { self.known.find(self.mm, self.span, &self.asked) },
            tried,
            most: max_map_count(),
        };
        self.asked.compare(&self.forecast, &found);
    }

    /// The merge that C wanted and had no memory for, as it has left that in the request.
    ///
    /// # Safety
    ///
    /// The request is valid.
    unsafe fn tried_to_merge(&self, vmg: *mut vma_merge_struct) -> Tried {
        // SAFETY: The caller's promise; nothing is done with what it names.
        let (raw, request) = unsafe { (&*vmg, Request::from_raw(vmg)) };
        if raw.state == bindings::vma_merge_state_VMA_MERGE_SUCCESS || raw.target.is_null() {
            return Tried::Nothing;
        }
        let is_planned = self.plan.as_ref().is_some_and(|plan| {
            let grown = if plan.shape.grows_prev() {
                self.known.prev
            } else {
                self.known.next
            };
            raw.target == grown
                && request.map(|request| request.extent()) == Some(Request::extent_during(plan))
        });
        if is_planned {
            Tried::AsPlanned
        } else {
            Tried::Otherwise
        }
    }
}

impl Known {
    /// Which of them this one is.
    fn who(&self, vma: *mut vm_area_struct) -> Who {
        if vma == self.prev {
            Who::Prev
        } else if vma == self.middle {
            Who::Middle
        } else if vma == self.next {
            Who::Next
        } else {
            Who::New
        }
    }

    /// What is there now. Where something is about to be mapped, what is there still, and will be
    /// unmapped, does not count.
    ///
    /// # Safety
    ///
    /// The mmap lock of `mm` is held for write.
    unsafe fn find(&self, mm: *mut mm_struct, span: Range, asked: &Asked) -> Layout {
        let mut iter = MaybeUninit::uninit();
        let mut layout = Layout::new();
        // SAFETY: The tree may be walked with an iterator of our own; what is found is valid.
        unsafe {
            bindings::rust_vma_iter_init(iter.as_mut_ptr(), mm, span.start());
            while let Some(vma) =
                NonNull::new(bindings::rust_vma_find(iter.as_mut_ptr(), span.end()))
            {
                let who = self.who(vma.as_ptr());
                let extent = VmaRef::from_raw(vma.as_ptr()).extent();
                if who != Who::New || !asked.replaces(extent) {
                    layout.push(who, extent);
                }
            }
        }
        layout
    }
}

/// The merge that was decided on.
fn plan_of(decision: &Decision) -> Option<Plan> {
    match decision {
        Decision::Merge(plan) => Some(*plan),
        Decision::Abandon(_) | Decision::Keep(_) => None,
    }
}

/// # Safety
///
/// The mm is valid, and its mmap lock held.
unsafe fn limit_of(mm: *mut mm_struct) -> Limit {
    Limit {
        // SAFETY: The caller's promise.
        vmas: unsafe { bindings::rust_vma_map_count(mm) },
        most: max_map_count(),
    }
}

/// Whether both have the same anon_vma.
fn share_anon_vma(prev: Option<&VmaRef>, next: Option<&VmaRef>) -> bool {
    let anon_vma = |vma: Option<&VmaRef>| vma.and_then(Attributes::anon_vma);
    anon_vma(prev).is_some() && anon_vma(prev) == anon_vma(next)
}

/// # Safety
///
/// The VMA is null, or valid throughout `'a`, and its mmap lock held.
unsafe fn vma_ref<'a>(vma: *mut vm_area_struct) -> Option<&'a VmaRef> {
    // SAFETY: The caller's promise.
    NonNull::new(vma).map(|vma| unsafe { VmaRef::from_raw(vma.as_ptr()) })
}

/// # Safety
///
/// The mmap lock is held for write, and there is no other handle to the VMA.
unsafe fn handle(vma: &VmaRef) -> Vma<'_> {
    // SAFETY: The caller's promise; a reference is never null.
    unsafe { Vma::from_raw(NonNull::new_unchecked(vma.as_ptr())) }
}

impl Asked {
    /// A call about this VMA, and this part of it, or what it is to become.
    fn about(entry: Entry, middle: &VmaRef, extent: Extent) -> Self {
        let candidate = Candidate::like(middle, extent, Source::Leaving(middle));
        Self {
            entry,
            wanted: Wanted::of(entry, &candidate, IfNoMemory::Fail),
            prev: None,
            middle: Some(Neighbour::of(middle, &candidate)),
            next: None,
            ends_share_anon_vma: false,
            // SAFETY: Its mm is valid.
            limit: unsafe { limit_of(middle.mm().as_raw()) },
        }
    }
}
