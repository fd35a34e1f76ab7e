// SPDX-License-Identifier: GPL-2.0

//! An imagined address space for `plan`: the engine makes the same decisions, but nothing is carried out.
//!
//! The imagined address space equals the real one, except for the part that changes have reached (see overlay.rs).
//!
//! Values in this file are large and the stack is small, so functions that hold many of these values are not inlined.

use super::{
    failure::{
        Failure,
        Half,
        Obstacle, //
    },
    forecasts::{
        before,
        with_new,
        Forecasts,
        Foreseen,
        Leaving, //
    },
    imagined_vma::ImaginedVma,
    overlay::Overlay,
    pair_counts::PairCounts,
    range_change::{
        HelperCall,
        RangeChange, //
    },
    space::{
        AddressSpace,
        Changed, //
    },
    subject::may_be_cut, //
};
use crate::{
    process::sys::{
        account::Mapped,
        find::Process, //
    },
    vma::{
        compat::{
            Attributes,
            Candidate,
            Joining,
            Reach,
            Source, //
        },
        cut::Split,
        extent::Range,
        flags::VmaFlags,
        forecast::{
            Before,
            Layout,
            Piece,
            WhichVma, //
        },
        merge::{
            decide,
            Change,
            Unmerged, //
        },
        modify::ModifyError,
        new_range,
        plan::{
            Decision,
            Shape, //
        },
        split::limit_allows_one_more,
        sys::{
            map_count,
            Around,
            MmWithUser,
            MmapReadGuard, //
        },
    },
};
use kernel::task::Task;

/// The VMAs around an address, by value.
#[derive(Clone, Copy)]
struct Found<'s> {
    prev: Option<ImaginedVma<'s>>,
    at: Option<ImaginedVma<'s>>,
    next: Option<ImaginedVma<'s>>,
}

/// The address space of a process, with its mmap lock held for read, as changes would leave it.
pub(super) struct Imagined<'s, 'd> {
    guard: &'s MmapReadGuard<'s>,
    process: &'s Process,
    /// The part that changes have reached.
    overlay: Overlay<'s>,
    /// The VMAs that were found last.
    found: Found<'s>,
    /// The number of VMAs that the changes would add.
    added: i32,
    mapped: Mapped,
    forecasts: &'s mut Forecasts<'d>,
}

impl<'s, 'd> Imagined<'s, 'd> {
    /// Creates the imagined address space of a process, without changes. The mmap lock is held. Fails if there is not
    /// enough memory.
    pub(super) fn of(
        process: &'s Process,
        guard: &'s MmapReadGuard<'s>,
        forecasts: &'s mut Forecasts<'d>,
    ) -> Result<Self, Failure> {
        Ok(Self {
            guard,
            process,
            overlay: Overlay::new().map_err(|_| Failure::NotImagined)?,
            found: Found {
                prev: None,
                at: None,
                next: None,
            },
            added: 0,
            mapped: Mapped::of(guard.mm()),
            forecasts,
        })
    }

    /// Begins the forecasts for one of several changes, counted from one.
    pub(super) fn begin(&mut self, change: usize) {
        self.forecasts.begin(change);
    }

    /// Ends the forecasts for a change. The next change starts from the result.
    pub(super) fn finish(&mut self) -> Foreseen {
        let vmas = self.vmas();
        self.forecasts.finish(vmas)
    }

    /// Returns the first VMA that ends above `addr` (bytes).
    fn first_above(&self, addr: usize) -> Option<ImaginedVma<'s>> {
        let imagined = self.overlay.first_above(addr);
        let start = |vma: &ImaginedVma<'s>| vma.extent().range.start();
        // A real VMA further up would not be the first one.
        let limit = imagined.as_ref().map_or(usize::MAX, start);
        let mut from = addr;
        while from < limit {
            let Some(vma) = self.guard.around(from).at else {
                break;
            };
            let real = ImaginedVma::of(vma);
            match self.overlay.covering(start(&real).max(from)) {
                Some(slot) => from = slot.end(),
                None if start(&real) < limit => return Some(real),
                None => break,
            }
        }
        imagined
    }

    /// Returns the last VMA that ends at `addr` (bytes) or below.
    fn last_below(&self, addr: usize) -> Option<ImaginedVma<'s>> {
        let imagined = self.overlay.last_below(addr);
        let end = |vma: &ImaginedVma<'s>| vma.extent().range.end();
        // A real VMA further down would not be the last one.
        let limit = imagined.as_ref().map_or(0, end);
        let mut from = addr;
        while from > limit {
            let Some(vma) = self.guard.around(from).prev else {
                break;
            };
            let real = ImaginedVma::of(vma);
            match self.overlay.covering(end(&real) - 1) {
                Some(slot) => from = slot.start(),
                None if end(&real) > limit => return Some(real),
                None => break,
            }
        }
        imagined
    }

    /// Returns the VMAs around `addr` (bytes), as [`Around`] defines them.
    #[inline(never)]
    fn find(&self, addr: usize) -> Found<'s> {
        let at = self.first_above(addr);
        let range = at.map(|vma| vma.extent().range);
        Found {
            prev: self.last_below(range.map_or(addr, |range| range.start().min(addr))),
            at,
            next: range.and_then(|range| self.first_above(range.end())),
        }
    }

    /// Applies a change that turns the VMAs in `before` into those in `after`. `vma_of` returns a VMA that the change
    /// has reached.
    #[inline(never)]
    fn settle(
        &mut self,
        before: &Before,
        after: &Layout,
        vma_of: &dyn Fn(&Piece) -> Option<ImaginedVma<'s>>,
    ) {
        let layout = before.layout();
        self.added += count(after) - count(&layout);
        let stays = |piece: &Piece| {
            let is_beside = matches!(piece.who, WhichVma::Prev | WhichVma::Next);
            is_beside
                && layout.pieces().any(|other| other == piece)
                && after.pieces().any(|other| other == piece)
        };
        let reached = |layout: &Layout| {
            let mut pieces = layout.pieces().filter(|piece| !stays(piece));
            let first = pieces.next().map(|piece| piece.extent.range);
            let last = pieces.last().map(|piece| piece.extent.range);
            first.map(|first| last.map_or(first, |last| first.through(last)))
        };
        let all = match (reached(&layout), reached(after)) {
            (Some(one), Some(other)) => {
                let start = one.start().min(other.start());
                let end = one.end().max(other.end());
                Range::new(start, end).ok()
            }
            (one, other) => one.or(other),
        };
        if let Some(all) = all {
            let left = after.pieces().filter(|piece| !stays(piece));
            self.overlay.replace(all, left.filter_map(vma_of));
        }
    }

    /// Imagines that `new` is mapped in a free range, or merges with the VMAs beside it if `decision` is a merge.
    #[inline(never)]
    fn place(
        &mut self,
        new: ImaginedVma<'s>,
        found: &Found<'s>,
        decision: &Decision,
        before: &Before,
        after: &Layout,
    ) {
        let merged = matches!(decision, Decision::Merge(_));
        let grows_prev = matches!(decision, Decision::Merge(plan) if plan.shape.grows_prev());
        let gone = found
            .at
            .filter(|_| grows_prev && after.count() < before.layout().count());
        self.settle(before, after, &|piece| {
            let vma = match piece.who {
                WhichVma::Prev => found.prev?,
                WhichVma::Next => found.at?,
                WhichVma::Middle | WhichVma::New => new,
            };
            Some(vma.at(piece.extent)).map(|vma| match piece.who {
                WhichVma::Prev | WhichVma::Next if merged => vma.with_family_of([gone, Some(new)]),
                _ => vma,
            })
        });
    }

    /// Imagines that a call to the engine changes a part of a VMA. `failed` returns the obstacle for a failure of that
    /// call.
    ///
    /// Not generic over the change, so that the module contains this code only once.
    #[inline(never)]
    fn change_part(
        &mut self,
        part: Range,
        call: HelperCall<'s>,
        loses_what_moves: bool,
        failed: &dyn Fn(ModifyError) -> Obstacle,
    ) -> Result<Changed, Obstacle> {
        let change_of_part = call.change();
        let vmas = self.vmas();
        let Found { prev, at, next } = self.find(part.start());
        let middle = at.ok_or(Obstacle::Modify(ModifyError::NotWithinVma))?;

        let candidate = change_of_part.of(&middle, part);
        let reach = Reach::of_part(part, candidate.flags, &middle);
        let beside = [prev.as_ref(), next.as_ref()];
        let decision = decide(&change_of_part, part, reach, beside[0], &middle, beside[1]);
        let whole = middle.extent().range;
        let before = before(whole, beside[0], Some(&middle), beside[1]);
        let may_cut = |addr, others| {
            limit_allows_one_more(vmas.saturating_add(others))?;
            may_be_cut(&middle, addr)
        };
        let forecast = before.modified(&decision, part, may_cut);

        if let Some(error) = forecast.stopped_by {
            let reasons = Unmerged::after(decision).reasons();
            let obstacle = failed(match forecast.first_of_two {
                Some(_) => ModifyError::SecondSplit(error, reasons),
                None => ModifyError::Split(error, reasons),
            });
            if let Some(half) = obstacle.leaves() {
                self.forecasts.half(part, half, &before, forecast.layout);
            }
            self.settle(&before, &forecast.layout, &|piece| {
                Some(middle.at(piece.extent))
            });
            return Err(obstacle);
        }

        self.forecasts.modified(
            &candidate,
            reach,
            beside,
            &decision,
            &before,
            forecast.layout,
        );

        let merge = match decision {
            Decision::Merge(plan) => Some(plan.shape),
            _ => None,
        };
        let changed = middle.changed(&change_of_part, loses_what_moves);
        // If both neighbours merge with the range, the VMA above disappears, too.
        let gone = next.filter(|_| merge == Some(Shape::Both));
        let taken = [gone, Some(middle)];
        self.settle(&before, &forecast.layout, &|piece| {
            let vma = match (piece.who, merge) {
                (WhichVma::Prev, Some(shape)) if shape.grows_prev() => prev?.with_family_of(taken),
                (WhichVma::Next, Some(shape)) if !shape.grows_prev() => next?.with_family_of(taken),
                (WhichVma::Prev, _) => prev?,
                (WhichVma::Next, _) => next?,
                (WhichVma::Middle, None) => changed,
                (WhichVma::Middle | WhichVma::New, _) => middle,
            };
            Some(vma.at(piece.extent))
        });
        self.mapped
            .count(part.pages(), middle.vma_flags(), changed.vma_flags());
        let now = self.first_above(part.start()).unwrap_or(changed);
        Ok(Changed {
            end: now.extent().range.end(),
            flags: now.vma_flags(),
        })
    }
}

/// The changes that `plan` predicts, but `ctl` cannot carry out.
impl<'s> Imagined<'s, '_> {
    /// Reports that nothing is mapped in this range.
    pub(super) fn tell_nothing_mapped(&mut self, range: Range) {
        self.forecasts.nothing_mapped(range);
    }

    /// Returns whether there is room for `changes` more changes after `vmas` VMAs were reached. If there is no room,
    /// marks the forecasts as cut short.
    fn has_room_for_changes(&mut self, changes: usize, vmas: u32) -> bool {
        let has_room = self.overlay.has_room_for(changes) && (vmas as usize) < Self::MOST_CHECKED;
        self.forecasts.are_cut_short_unless(has_room)
    }

    /// Returns whether there is room to copy a VMA and remove the original, after `vmas` VMAs were reached.
    pub(super) fn has_room_to_move(&mut self, vmas: u32) -> bool {
        self.has_room_for_changes(2, vmas)
    }

    /// Imagines that a part of a VMA disappears.
    #[inline(never)]
    pub(super) fn remove(&mut self, part: Range, leaving: Leaving) {
        let Found { prev, at, next } = self.find(part.start());
        let Some(middle) = at else { return };
        let whole = middle.extent().range;
        let before = before(whole, prev.as_ref(), Some(&middle), next.as_ref());
        let after = before.removed(part);
        self.forecasts.removed(part, leaving, &before, after);
        self.settle(&before, &after, &|piece| Some(middle.at(piece.extent)));
        self.mapped.take(part.pages(), middle.vma_flags());
    }

    /// Imagines that the VMA is cut where its part `above` starts, and then left in this state.
    #[inline(never)]
    pub(super) fn cut_and_leave(&mut self, above: Range, half: Half) {
        let Found { prev, at, next } = self.find(above.start());
        let Some(middle) = at else { return };
        let whole = middle.extent().range;
        let Some(cut) = Split::start_of(above, whole) else {
            return;
        };
        let before = before(whole, prev.as_ref(), Some(&middle), next.as_ref());
        let after = before.split(cut, Ok(())).layout;
        self.forecasts.half(above, half, &before, after);
        self.settle(&before, &after, &|piece| Some(middle.at(piece.extent)));
    }

    /// Imagines that a part of a VMA is mapped a second time, in the free range `target`.
    ///
    /// Answers to `copy_vma()` and `mremap_userfaultfd_prep()`.
    #[inline(never)]
    pub(super) fn copy(&mut self, part: Range, target: Range) {
        let Some(source) = self.first_above(part.start()) else {
            return;
        };
        let extent = source.copied_to(part, target);
        let candidate = Candidate::like(&source, extent, Source::Leaving(&source));
        let found = self.find(target.start());
        let beside = [found.prev.as_ref(), found.at.as_ref()];
        let decision = new_range::decide(&candidate, Joining::EitherSide, beside[0], beside[1]);
        let before = before(target, beside[0], None, beside[1]);
        let after = match decision {
            Decision::Merge(_) => before.placed(&decision).layout,
            _ => with_new(&before, extent),
        };
        self.forecasts
            .copied(part, &candidate, beside, &decision, &before, after);
        let copy = source.at(extent).moved();
        self.place(copy, &found, &decision, &before, &after);
        self.mapped.add(part.pages(), source.vma_flags());
    }
}

impl<'s> AddressSpace<'s> for Imagined<'s, '_> {
    type Vma = ImaginedVma<'s>;

    /// Limits the time for which the lock is held.
    const MOST_CHECKED: usize = 4096;

    fn mm(&self) -> &'s MmWithUser {
        &self.process.mm
    }

    fn task(&self) -> &'s Task {
        &self.process.task
    }

    fn vmas(&self) -> i32 {
        map_count(self.mm()).saturating_add(self.added)
    }

    fn mapped(&self) -> Mapped {
        self.mapped.clone()
    }

    fn around(&mut self, addr: usize) -> Around<'_, ImaginedVma<'s>> {
        self.found = self.find(addr);
        Around {
            prev: self.found.prev.as_ref(),
            at: self.found.at.as_ref(),
            next: self.found.next.as_ref(),
        }
    }

    fn goes_on(&mut self) -> bool {
        self.forecasts.have_room(self.overlay.has_room_for(1))
    }

    fn has_room_for(&mut self, vmas: u32) -> bool {
        self.has_room_for_changes(1, vmas)
    }

    fn keep(&mut self, part: Range) {
        self.forecasts.unchanged(part);
    }

    fn modify<C: RangeChange<'s>>(
        &mut self,
        part: Range,
        change: &C,
        call: HelperCall<'s>,
    ) -> Result<Changed, Obstacle> {
        let loses_what_moves = change.loses_what_moves();
        self.change_part(part, call, loses_what_moves, &|error| change.failed(error))
    }

    #[inline(never)]
    fn map(&mut self, range: Range, flags: VmaFlags) -> Result<(), Obstacle> {
        let new = ImaginedVma::mapped(range, flags);
        let candidate = Candidate::like(&new, new.extent(), Source::New);
        let found = self.find(range.start());
        let beside = [found.prev.as_ref(), found.at.as_ref()];
        let decision = new_range::decide(&candidate, Joining::EitherSide, beside[0], beside[1]);
        let before = before(range, beside[0], None, beside[1]);
        let after = match decision {
            Decision::Merge(_) => before.placed(&decision).layout,
            _ => with_new(&before, candidate.extent),
        };
        self.forecasts
            .placed(&candidate, beside, &decision, &before, after);
        self.place(new, &found, &decision, &before, &after);
        self.mapped.add(range.pages(), flags);
        Ok(())
    }

    #[inline(never)]
    fn extend(&mut self, range: Range) -> Result<(), Obstacle> {
        let found = self.find(range.start());
        let vma = found.prev.ok_or(Obstacle::NothingBelow)?;
        let extent = vma.extent().seen_through(range);
        let candidate = Candidate::like(&vma, extent, Source::New);
        let beside = [found.prev.as_ref(), found.at.as_ref()];
        let decision = new_range::decide(&candidate, Joining::EitherSide, beside[0], beside[1]);
        let before = before(range, beside[0], None, beside[1]);
        let after = match decision {
            Decision::Merge(_) => before.placed(&decision).layout,
            _ => with_new(&before, extent),
        };
        self.forecasts
            .placed(&candidate, beside, &decision, &before, after);
        match decision {
            Decision::Merge(_) => {
                self.place(vma.at(extent), &found, &decision, &before, &after);
                self.mapped.add(range.pages(), vma.vma_flags());
                Ok(())
            }
            Decision::Abandon(plan) => Err(Obstacle::Unmerged(Unmerged::MustNotDisappear(plan))),
            Decision::Keep(blockers) => Err(Obstacle::Unmerged(Unmerged::Blocked(blockers))),
        }
    }

    #[inline(never)]
    fn join(&mut self, border: usize) -> Result<Option<Unmerged>, Obstacle> {
        let nothing_there = Obstacle::Modify(ModifyError::NotWithinVma);
        let Found { prev, at, .. } = self.find(border);
        let (Some(lower), Some(upper)) = (prev, at) else {
            return Err(nothing_there);
        };
        let change = Change {
            flags: Some(lower.vma_flags()),
            ..Change::default()
        };
        let range = lower.extent().range;
        let candidate = change.of(&lower, range);
        let reach = Reach::of_part(range, candidate.flags, &lower);
        let decision = decide(&change, range, reach, None, &lower, Some(&upper));
        let before = before(range, None, Some(&lower), Some(&upper));
        let after = before.modified(&decision, range, |_, _| Ok(())).layout;
        self.forecasts
            .joined(&candidate, reach, &upper, &decision, &before, after);
        match decision {
            Decision::Merge(_) => {
                self.settle(&before, &after, &|piece| {
                    Some(upper.with_family_of([Some(lower), None]).at(piece.extent))
                });
                Ok(None)
            }
            Decision::Abandon(plan) => Ok(Some(Unmerged::MustNotDisappear(plan))),
            Decision::Keep(blockers) => Ok(Some(Unmerged::Blocked(blockers))),
        }
    }

    fn tell_pairs(&mut self, pairs: PairCounts) {
        self.forecasts.tell_pairs(pairs);
    }

    #[inline(never)]
    fn cut(&mut self, whole: Range, cut: Split) -> Result<(), Failure> {
        let Found { prev, at, next } = self.find(cut.addr());
        limit_allows_one_more(self.vmas())
            .and_then(|()| at.map_or(Ok(()), |vma| may_be_cut(&vma, cut.addr())))
            .map_err(|error| Failure::Split(whole, error))?;
        let before = before(whole, prev.as_ref(), at.as_ref(), next.as_ref());
        let after = before.split(cut, Ok(())).layout;
        self.forecasts.cut(whole, cut, &before, after);
        self.settle(&before, &after, &|piece| Some(at?.at(piece.extent)));
        Ok(())
    }
}

/// Returns the number of VMAs of a layout.
fn count(layout: &Layout) -> i32 {
    i32::try_from(layout.count()).unwrap_or(0)
}
