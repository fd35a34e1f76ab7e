// SPDX-License-Identifier: GPL-2.0

//! The shadow's entries: C serves the hooked helpers, after Rust has said what C will do.
//!
//! Before a call, the VMAs that it is about are read, and Rust decides as it would if it served the
//! call. After it, the tree is walked over the same addresses, and the VMAs that are there now are
//! recognised by where they are in memory. The VMAs from before are not read any more, as C may have
//! freed them.

use super::{
    entry::side_of_new,
    request::Request, //
};
use crate::{
    hook::shadow::{
        asked::{
            Asked,
            Limit,
            Neighbour,
            Wanted, //
        },
        comparison::{
            compare,
            not_watched, //
        },
        judge::{
            Found,
            Tried, //
        },
        rules::Rules,
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
        cut::Split,
        extent::{
            Extent,
            Range, //
        },
        flags::VmaFlags,
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
        modify::Change,
        new_range::{
            decide as decide_new_range,
            NewRange, //
        },
        plan::{
            Decision,
            Plan, //
        },
        split::{
            driver_allows,
            limit_allows_one_more, //
        },
        sys::{
            bindings,
            max_map_count,
            Name,
            Policy,
            Uprobes,
            UserfaultfdContext,
            Vma,
            VmaRef, //
        },
    },
};
use bindings::{
    anon_vma_name,
    mempolicy,
    mm_struct,
    vm_area_struct,
    vm_userfaultfd_ctx,
    vma_flags_t,
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

// rust/helpers/counts.h has room for the counters of all hooked helpers.
const _: () = assert!(Helper::HOOKED.len() == bindings::RUST_VMA_HOOKED as usize);

/// The shadow, of an engine that knows these rules.
pub(crate) struct Shadow<R>(PhantomData<R>);

/// Returns the number of calls of this hooked helper that the shadow has watched.
pub(crate) fn calls(helper: Helper) -> u64 {
    // SAFETY: Reads numbers, of a hooked helper, for which there is room.
    unsafe { bindings::rust_vma_watched(helper as u32) }
}

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

/// A part of a VMA, as C names it to the helpers that make it ready for a change.
#[derive(Clone, Copy)]
struct Part {
    prev: *mut vm_area_struct,
    vma: *mut vm_area_struct,
    start: usize,
    end: usize,
}

impl<R: Rules> Shadow<R> {
    /// The shadow, as the kernel's hook calls it.
    pub(crate) const OPS: vma_hook_ops = vma_hook_ops {
        modify_flags: Some(Self::modify_flags),
        modify_name: Some(Self::modify_name),
        modify_policy: Some(Self::modify_policy),
        modify_flags_uffd: Some(Self::modify_flags_uffd),
        merge_new_range: Some(Self::merge_new_range),
        merge_copied_range: Some(Self::merge_copied_range),
        merge_extend: Some(Self::merge_extend),
        split: Some(Self::split),
        split_past_limit: Some(Self::split_past_limit),
        expand: Some(Self::expand),
        shrink: Some(Self::shrink),
    };

    /// Counts a call, lets C serve it, and compares what C has done with what Rust has said.
    fn serve<T: Copy>(
        helper: Helper,
        watched: Option<Watched<R>>,
        serve_in_c: impl FnOnce() -> T,
        compare: impl FnOnce(Watched<R>, T),
    ) -> T {
        // SAFETY: Counts something of its own, for a hooked helper, for which there is room.
        unsafe { bindings::rust_vma_count_watched(helper as u32) };
        let answer = serve_in_c();
        match watched {
            Some(watched) => compare(watched, answer),
            None => not_watched(helper),
        }
        answer
    }

    /// Serves `vma_modify_flags()`.
    ///
    /// # Safety
    ///
    /// The contract of `vma_modify_flags()`.
    unsafe extern "C" fn modify_flags(
        vmi: *mut vma_iterator,
        prev: *mut vm_area_struct,
        vma: *mut vm_area_struct,
        start: usize,
        end: usize,
        flags: *mut vma_flags_t,
    ) -> *mut vm_area_struct {
        let helper = Helper::ModifyFlags;
        let part = Part::new(prev, vma, start, end);
        // SAFETY: The caller's promise.
        unsafe {
            let change = Change {
                flags: Some(VmaFlags::from_raw(*flags)),
                ..Change::default()
            };
            let watched = Watched::<R>::modify(helper, part, &change, IfNoMemory::Fail);
            let c = || bindings::c_vma_modify_flags(vmi, prev, vma, start, end, flags);
            Self::serve(helper, watched, c, |watched, vma| watched.compare_vma(vma))
        }
    }

    /// Serves `vma_modify_name()`.
    ///
    /// # Safety
    ///
    /// The contract of `vma_modify_name()`.
    unsafe extern "C" fn modify_name(
        vmi: *mut vma_iterator,
        prev: *mut vm_area_struct,
        vma: *mut vm_area_struct,
        start: usize,
        end: usize,
        name: *mut anon_vma_name,
    ) -> *mut vm_area_struct {
        let helper = Helper::ModifyName;
        let part = Part::new(prev, vma, start, end);
        // SAFETY: The caller's promise.
        unsafe {
            let change = Change {
                name: Some(Name::from_raw(name)),
                ..Change::default()
            };
            let watched = Watched::<R>::modify(helper, part, &change, IfNoMemory::Fail);
            let c = || bindings::c_vma_modify_name(vmi, prev, vma, start, end, name);
            Self::serve(helper, watched, c, |watched, vma| watched.compare_vma(vma))
        }
    }

    /// Serves `vma_modify_policy()`.
    ///
    /// # Safety
    ///
    /// The contract of `vma_modify_policy()`.
    unsafe extern "C" fn modify_policy(
        vmi: *mut vma_iterator,
        prev: *mut vm_area_struct,
        vma: *mut vm_area_struct,
        start: usize,
        end: usize,
        policy: *mut mempolicy,
    ) -> *mut vm_area_struct {
        let helper = Helper::ModifyPolicy;
        let part = Part::new(prev, vma, start, end);
        // SAFETY: The caller's promise.
        unsafe {
            let change = Change {
                policy: Some(Policy::from_raw(policy)),
                ..Change::default()
            };
            let watched = Watched::<R>::modify(helper, part, &change, IfNoMemory::Fail);
            let c = || bindings::c_vma_modify_policy(vmi, prev, vma, start, end, policy);
            Self::serve(helper, watched, c, |watched, vma| watched.compare_vma(vma))
        }
    }

    /// Serves `vma_modify_flags_uffd()`.
    ///
    /// # Safety
    ///
    /// The contract of `vma_modify_flags_uffd()`.
    // Without userfaultfd the context is an empty struct, which neither C nor Rust passes.
    #[allow(improper_ctypes_definitions)]
    unsafe extern "C" fn modify_flags_uffd(
        vmi: *mut vma_iterator,
        prev: *mut vm_area_struct,
        vma: *mut vm_area_struct,
        start: usize,
        end: usize,
        flags: *const vma_flags_t,
        context: vm_userfaultfd_ctx,
        give_up_on_oom: bool,
    ) -> *mut vm_area_struct {
        let helper = Helper::ModifyFlagsUffd;
        let part = Part::new(prev, vma, start, end);
        // SAFETY: The caller's promise.
        unsafe {
            let change = Change {
                flags: Some(VmaFlags::from_raw(*flags)),
                userfaultfd_context: Some(UserfaultfdContext::from_c(&context)),
                ..Change::default()
            };
            let if_no_memory = IfNoMemory::from_c(give_up_on_oom);
            let watched = Watched::<R>::modify(helper, part, &change, if_no_memory);
            let c = || {
                bindings::c_vma_modify_flags_uffd(
                    vmi,
                    prev,
                    vma,
                    start,
                    end,
                    flags,
                    context,
                    give_up_on_oom,
                )
            };
            Self::serve(helper, watched, c, |watched, vma| watched.compare_vma(vma))
        }
    }

    /// Serves `vma_merge_new_range()`.
    ///
    /// # Safety
    ///
    /// The contract of `vma_merge_new_range()`.
    unsafe extern "C" fn merge_new_range(vmg: *mut vma_merge_struct) -> *mut vm_area_struct {
        let helper = Helper::MergeNewRange;
        // SAFETY: The caller's promise.
        unsafe {
            let watched = Watched::<R>::new_range(helper, Request::from_raw(vmg));
            let c = || bindings::c_vma_merge_new_range(vmg);
            Self::serve(helper, watched, c, |watched, vma| {
                watched.compare_request(vma, vmg)
            })
        }
    }

    /// Serves `vma_merge_copied_range()`.
    ///
    /// # Safety
    ///
    /// The contract of `vma_merge_copied_range()`.
    unsafe extern "C" fn merge_copied_range(vmg: *mut vma_merge_struct) -> *mut vm_area_struct {
        let helper = Helper::MergeCopiedRange;
        // SAFETY: The caller's promise. C does not find out that a copy of the request was read.
        unsafe {
            let mut copy = vmg.read();
            let watched = Watched::<R>::new_range(helper, Request::from_raw_copied(&mut copy));
            let c = || bindings::c_vma_merge_copied_range(vmg);
            Self::serve(helper, watched, c, |watched, vma| {
                watched.compare_request(vma, vmg)
            })
        }
    }

    /// Serves `vma_merge_extend()`.
    ///
    /// # Safety
    ///
    /// The contract of `vma_merge_extend()`.
    unsafe extern "C" fn merge_extend(
        vmi: *mut vma_iterator,
        vma: *mut vm_area_struct,
        delta: usize,
    ) -> *mut vm_area_struct {
        let helper = Helper::MergeExtend;
        // SAFETY: The caller's promise.
        unsafe {
            let watched = Watched::<R>::extend(vma, delta);
            let c = || bindings::c_vma_merge_extend(vmi, vma, delta);
            Self::serve(helper, watched, c, |watched, vma| {
                watched.compare_extension(vma, vmi)
            })
        }
    }

    /// Serves `split_vma()`.
    ///
    /// # Safety
    ///
    /// The contract of `split_vma()`.
    unsafe extern "C" fn split(
        vmi: *mut vma_iterator,
        vma: *mut vm_area_struct,
        addr: usize,
        new_below: c_int,
    ) -> c_int {
        let helper = Helper::Split;
        // SAFETY: The caller's promise.
        unsafe {
            let watched = Watched::<R>::split(helper, vma, addr, side_of_new(new_below));
            let c = || bindings::c_split_vma(vmi, vma, addr, new_below);
            Self::serve(helper, watched, c, |watched, result| {
                watched.compare_result(result)
            })
        }
    }

    /// Serves `__split_vma()`.
    ///
    /// # Safety
    ///
    /// The contract of `__split_vma()`.
    unsafe extern "C" fn split_past_limit(
        vmi: *mut vma_iterator,
        vma: *mut vm_area_struct,
        addr: usize,
        new_below: c_int,
    ) -> c_int {
        let helper = Helper::SplitPastLimit;
        // SAFETY: The caller's promise.
        unsafe {
            let watched = Watched::<R>::split(helper, vma, addr, side_of_new(new_below));
            let c = || bindings::c___split_vma(vmi, vma, addr, new_below);
            Self::serve(helper, watched, c, |watched, result| {
                watched.compare_result(result)
            })
        }
    }

    /// Serves `vma_expand()`.
    ///
    /// # Safety
    ///
    /// The contract of `vma_expand()`.
    unsafe extern "C" fn expand(vmg: *mut vma_merge_struct) -> c_int {
        // SAFETY: The caller's promise.
        unsafe {
            let watched = Watched::<R>::expand(vmg);
            let c = || bindings::c_vma_expand(vmg);
            Self::serve(Helper::Expand, watched, c, |watched, result| {
                watched.compare_result(result)
            })
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
        // SAFETY: The caller's promise.
        unsafe {
            let watched = Watched::<R>::shrink(vma, end);
            let c = || bindings::c_vma_shrink(vmi, vma, end);
            Self::serve(Helper::Shrink, watched, c, |watched, result| {
                watched.compare_result(result)
            })
        }
    }
}

impl Part {
    /// The part from `start` to `end` (bytes) of `vma`; `prev` may be `vma` itself, as C has it.
    fn new(prev: *mut vm_area_struct, vma: *mut vm_area_struct, start: usize, end: usize) -> Self {
        let prev = if prev == vma { null_mut() } else { prev };
        Self {
            prev,
            vma,
            start,
            end,
        }
    }
}

impl<R: Rules> Watched<R> {
    /// Watches a helper that makes a part of a VMA ready for a change.
    ///
    /// # Safety
    ///
    /// The contract of that helper, which has yet to be called.
    unsafe fn modify(
        helper: Helper,
        part: Part,
        change: &Change<'_>,
        if_no_memory: IfNoMemory,
    ) -> Option<Self> {
        let range = Range::new(part.start, part.end).ok()?;
        // SAFETY: The caller's promise: the VMA is valid, or null.
        let middle = unsafe { vma_ref(part.vma) }?;
        if !middle.extent().range.contains(range) {
            return None;
        }
        let mm = middle.mm().as_raw();
        let mut known = Known {
            prev: part.prev,
            middle: part.vma,
            next: null_mut(),
        };
        let flags = change.flags.unwrap_or(middle.vma_flags());
        let reach = Reach::of_part(range, flags, middle);
        if matches!(&reach, Ok(reach) if reach.to(Side::Above).is_ok()) {
            // SAFETY: The mmap lock is held for write, so the tree may be searched.
            known.next = unsafe { bindings::rust_vma_lookup(mm, range.end()) };
        }
        // SAFETY: As for `middle`; the one above was just found in the tree.
        let (prev, next) = unsafe { (vma_ref(known.prev), vma_ref(known.next)) };

        let decision = decide_change(change, range, reach, prev, middle, next);
        let decision = R::decided(helper, decision);
        let candidate = change.of(middle, range);
        let asked = Asked {
            helper,
            wanted: Wanted::of(helper, &candidate, if_no_memory),
            prev: prev.map(|vma| Neighbour::of(vma, &candidate)),
            middle: Some(Neighbour::of(middle, &candidate)),
            next: next.map(|vma| Neighbour::of(vma, &candidate)),
            ends_share_anon_vma: share_anon_vma(prev, next),
            // SAFETY: The mm is that of a valid VMA.
            limit: unsafe { limit_of(mm) },
        };
        let vmas = asked.limit.vmas;
        let forecast = R::modified(&asked.before(), &decision, range, |addr, cuts| {
            limit_allows_one_more(vmas + cuts)?;
            // SAFETY: There is no other handle to it.
            driver_allows(&mut unsafe { handle(middle) }, addr)
        });
        let mut this = Self::new(asked, forecast, known, mm);
        this.plan = plan_of(&decision);
        Some(this)
    }

    /// Watches `vma_merge_new_range()` or `vma_merge_copied_range()`.
    ///
    /// # Safety
    ///
    /// The contract of that helper, which has yet to be called.
    unsafe fn new_range(helper: Helper, request: Option<Request<'_>>) -> Option<Self> {
        let request = request?;
        // SAFETY: The caller's promise; nothing is changed, and no handle outlives this function.
        let (new, gap) = unsafe { (request.new_range(), request.gap()) };
        Some(Self::placed(
            helper,
            request.mm().as_raw(),
            &new,
            gap.prev(),
            gap.next(),
        ))
    }

    /// Watches `vma_merge_extend()`.
    ///
    /// # Safety
    ///
    /// The contract of `vma_merge_extend()`, which has yet to be called.
    unsafe fn extend(vma: *mut vm_area_struct, delta: usize) -> Option<Self> {
        // SAFETY: The caller's promise: the VMA is valid, or null.
        let vma = unsafe { vma_ref(vma) }?;
        let extent = vma.extent();
        let end = extent.range.end();
        let range = Range::new(end, end.wrapping_add(delta)).ok()?;
        let mm = vma.mm().as_raw();
        // SAFETY: The mmap lock is held for write, so the tree may be searched; what is found is valid.
        let next = unsafe { vma_ref(bindings::rust_vma_lookup(mm, range.end())) };
        let new = NewRange {
            candidate: Candidate::like(vma, extent.seen_through(range), Source::New),
            joining: Joining::EitherSide,
            uprobes: Uprobes::Install,
            if_no_memory: IfNoMemory::Fail,
        };
        Some(Self::placed(Helper::MergeExtend, mm, &new, Some(vma), next))
    }

    /// Watches a helper that maps a range between these two VMAs.
    fn placed(
        helper: Helper,
        mm: *mut mm_struct,
        new: &NewRange<'_>,
        prev: Option<&VmaRef>,
        next: Option<&VmaRef>,
    ) -> Self {
        let candidate = &new.candidate;
        let decision = decide_new_range(candidate, new.joining, prev, next);
        let decision = R::decided(helper, decision);
        let asked = Asked {
            helper,
            wanted: Wanted::of(helper, candidate, new.if_no_memory),
            prev: prev.map(|vma| Neighbour::of(vma, candidate)),
            middle: None,
            next: next.map(|vma| Neighbour::of(vma, candidate)),
            ends_share_anon_vma: share_anon_vma(prev, next),
            // SAFETY: The mm is that of a call, and so valid.
            limit: unsafe { limit_of(mm) },
        };
        let forecast = R::placed(&asked.before(), &decision);
        let as_ptr = |vma: Option<&VmaRef>| vma.map_or(null_mut(), VmaRef::as_ptr);
        let known = Known {
            prev: as_ptr(prev),
            middle: null_mut(),
            next: as_ptr(next),
        };
        let mut this = Self::new(asked, forecast, known, mm);
        this.plan = plan_of(&decision);
        this
    }

    /// Watches `split_vma()` or `__split_vma()`.
    ///
    /// # Safety
    ///
    /// The contract of that helper, which has yet to be called.
    unsafe fn split(
        helper: Helper,
        vma: *mut vm_area_struct,
        addr: usize,
        new: Side,
    ) -> Option<Self> {
        // SAFETY: The caller's promise: the VMA is valid, or null.
        let middle = unsafe { vma_ref(vma) }?;
        let split = Split::at(middle.extent().range, addr, new)?;
        let part = middle.extent().seen_through(split.new_part());
        let asked = about(helper, middle, part);
        let limit = match helper {
            Helper::Split => limit_allows_one_more(asked.limit.vmas),
            _ => Ok(()),
        };
        // SAFETY: There is no other handle to it.
        let allowed =
            limit.and_then(|()| driver_allows(&mut unsafe { handle(middle) }, split.addr()));
        let forecast = R::split(&asked.before(), split, allowed);
        Some(Self::of_one(asked, forecast, middle))
    }

    /// Watches `vma_expand()`.
    ///
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

        let mut asked = about(Helper::Expand, middle, to);
        let candidate = Candidate::like(middle, to, Source::Leaving(middle));
        // SAFETY: The VMAs that a request names are valid.
        asked.next = unsafe { vma_ref(next) }.map(|vma| Neighbour::of(vma, &candidate));
        let forecast = R::resized(&asked.before(), to);
        let mut this = Self::of_one(asked, forecast, middle);
        this.span = to.range;
        this.known.next = next;
        Some(this)
    }

    /// Watches `vma_shrink()`.
    ///
    /// # Safety
    ///
    /// The contract of `vma_shrink()`, which has yet to be called.
    unsafe fn shrink(vma: *mut vm_area_struct, end: usize) -> Option<Self> {
        // SAFETY: The caller's promise: the VMA is valid, or null.
        let middle = unsafe { vma_ref(vma) }?;
        let extent = middle.extent();
        let (kept, freed) = extent.range.cut(end)?;
        let asked = about(Helper::Shrink, middle, extent.seen_through(freed));
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

    /// Compares with what C has left, having returned this VMA, or an error.
    ///
    /// # Safety
    ///
    /// The mmap lock is still held for write, and C was just called.
    unsafe fn compare_vma(self, vma: *mut vm_area_struct) {
        let answer = self.answer_of(vma);
        // SAFETY: The caller's promise.
        unsafe { self.compare(answer, Tried::Nothing) };
    }

    /// Compares with what C has left, having returned this VMA, or none, and left this request.
    ///
    /// # Safety
    ///
    /// Those of [`compare_vma`](Self::compare_vma); the request is that of the call.
    unsafe fn compare_request(self, vma: *mut vm_area_struct, vmg: *mut vma_merge_struct) {
        let answer = self.answer_of(vma);
        // SAFETY: The caller's promise.
        unsafe {
            let tried = self.tried_to_merge(vmg);
            self.compare(answer, tried);
        }
    }

    /// Compares with what C has left, having returned this VMA, or none, and left this iterator.
    ///
    /// # Safety
    ///
    /// Those of [`compare_vma`](Self::compare_vma); the iterator is that of the call.
    unsafe fn compare_extension(self, vma: *mut vm_area_struct, vmi: *const vma_iterator) {
        let answer = self.answer_of(vma);
        // C steps back to the VMA that is to grow once it wants to merge with it.
        //
        // SAFETY: The caller's promise.
        let has_stepped_back = unsafe { (*vmi).mas.index } < self.asked.wanted_start();
        let tried = if has_stepped_back && answer == Answer::NotMerged {
            Tried::AsPlanned
        } else {
            Tried::Nothing
        };
        // SAFETY: The caller's promise.
        unsafe { self.compare(answer, tried) };
    }

    /// Compares with what C has left, having returned this errno, or 0.
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

    /// Returns the answer that C gives with this pointer.
    fn answer_of(&self, vma: *mut vm_area_struct) -> Answer {
        match kernel::error::from_err_ptr(vma) {
            Err(error) => Answer::Fails(error),
            Ok(vma) if vma.is_null() => Answer::NotMerged,
            Ok(vma) => Answer::Vma(self.known.who(vma)),
        }
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
        compare(&self.asked, &self.forecast, &found);
    }

    /// Returns the merge that C wanted and had no memory for, as it has left that in the request.
    ///
    /// # Safety
    ///
    /// The request is valid.
    unsafe fn tried_to_merge(&self, vmg: *mut vma_merge_struct) -> Tried {
        // SAFETY: The caller's promise; nothing is done with the VMAs that it names.
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
            raw.target == grown && request.map(|request| request.extent()) == Some(plan.grown)
        });
        if is_planned {
            Tried::AsPlanned
        } else {
            Tried::Otherwise
        }
    }
}

impl Known {
    /// Returns which of the VMAs this one is.
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

    /// Returns the VMAs that are there now. Where something is about to be mapped, a VMA that is there
    /// still, and will be unmapped, does not count.
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

/// Returns the merge that was decided on.
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

/// Returns a call about this VMA, and this part of it, or what it is to become.
fn about(helper: Helper, middle: &VmaRef, extent: Extent) -> Asked {
    let candidate = Candidate::like(middle, extent, Source::Leaving(middle));
    Asked {
        helper,
        wanted: Wanted::of(helper, &candidate, IfNoMemory::Fail),
        prev: None,
        middle: Some(Neighbour::of(middle, &candidate)),
        next: None,
        ends_share_anon_vma: false,
        // SAFETY: Its mm is valid.
        limit: unsafe { limit_of(middle.mm().as_raw()) },
    }
}
