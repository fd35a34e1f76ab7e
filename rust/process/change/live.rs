// SPDX-License-Identifier: GPL-2.0

//! The real address space, in which verbs are carried out.

use super::{
    differing::Differing,
    extend,
    failure::{
        Failure,
        Obstacle, //
    },
    merge,
    new,
    pair_counts::PairCounts,
    progress::Progress,
    range_change::{
        HelperCall,
        Part,
        RangeChange, //
    },
    space::{
        AddressSpace,
        Changed, //
    },
    split, //
};
use crate::{
    process::sys::{
        account::Mapped,
        find::{
            give_way,
            Process, //
        },
        is_killed,
        populate, //
    },
    vma::{
        compat::Attributes,
        cut::Split,
        extent::Range,
        flags::VmaFlags,
        merge::Unmerged,
        modify::{
            Modified,
            ModifyError, //
        },
        sys::{
            map_count,
            Around,
            MmWithUser,
            MmapWriteGuard,
            VmaRef, //
        },
    },
};
use kernel::task::Task;

/// The maximum number of VMAs that `merge` visits without releasing the lock.
const BATCH: u32 = 256;

/// The address space of a process, with its mmap lock held for write.
///
/// The fields are dropped in order: the lock is released before memory is populated.
pub(super) struct Live<'t, 'd> {
    guard: MmapWriteGuard<'t>,
    afterwards: Populate<'t>,
    progress: &'t mut Progress<'d>,
}

impl<'t, 'd> Live<'t, 'd> {
    /// Takes the mmap lock of a process.
    pub(super) fn lock(
        process: &'t Process,
        progress: &'t mut Progress<'d>,
    ) -> Result<Self, Failure> {
        Ok(Self {
            guard: MmapWriteGuard::lock_killable(&process.mm).map_err(|_| Failure::Killed)?,
            afterwards: Populate {
                process,
                range: None,
            },
            progress,
        })
    }

    /// Compares a range with the VMAs beside it. `flags` are its future flags, or `None` if its flags do not change.
    fn differing(&mut self, range: Range, flags: Option<VmaFlags>) -> Differing {
        let Around { prev, at, next } = self.guard.around(range.start());
        match flags.or(at.map(Attributes::vma_flags)) {
            Some(flags) => Differing::of(range, flags, [prev, at, next]),
            None => Differing::NONE,
        }
    }
}

/// Merges the mergeable pairs of a range, and releases the mmap lock between batches. If the caller is killed before
/// the end, the pairs that have merged are still reported.
pub(super) fn merge_in_batches(
    process: &Process,
    range: Range,
    progress: &mut Progress<'_>,
) -> Result<(), Failure> {
    let mut merging = merge::Merging::of(range);
    let result = loop {
        let stage = Live::lock(process, progress).and_then(|mut space| merging.go_on(&mut space));
        match stage {
            Ok(merge::Stage::Pause) if is_killed() => break Err(Failure::Killed),
            Ok(merge::Stage::Pause) => give_way(&process.mm),
            Ok(merge::Stage::End) => break Ok(()),
            Err(failure) => break Err(failure),
        }
    };
    let (result, pairs) = merging.finish(result);
    progress.tell_pairs(pairs);
    result
}

/// The range in which locked memory is populated when this value is dropped.
struct Populate<'t> {
    process: &'t Process,
    range: Option<Range>,
}

impl Drop for Populate<'_> {
    fn drop(&mut self) {
        if let Some(range) = self.range {
            populate(self.process, range);
        }
    }
}

impl<'t> AddressSpace<'t> for Live<'t, '_> {
    type Vma = VmaRef;

    const MOST_CHECKED: usize = usize::MAX;

    fn mm(&self) -> &'t MmWithUser {
        self.guard.mm()
    }

    fn task(&self) -> &'t Task {
        &self.afterwards.process.task
    }

    fn vmas(&self) -> i32 {
        map_count(self.mm())
    }

    fn mapped(&self) -> Mapped {
        Mapped::of(self.mm())
    }

    fn around(&mut self, addr: usize) -> Around<'_> {
        self.guard.around(addr)
    }

    fn has_room_for(&mut self, vmas: u32) -> bool {
        vmas < BATCH
    }

    fn keep(&mut self, part: Range) {
        self.progress.unchanged(part);
    }

    fn modify<C: RangeChange<'t>>(
        &mut self,
        part: Range,
        change: &C,
        call: HelperCall<'t>,
    ) -> Result<Changed, Obstacle> {
        let differing = self.differing(part, call.flags());
        let progress = &mut *self.progress;
        self.guard.with_iter_at(part.start(), |iter| {
            let (mm, site) = (iter.mm(), iter.site_at(part.start()));
            let site = site.ok_or(Obstacle::Modify(ModifyError::NotWithinVma))?;
            match change.carry_out(Part::new(mm, site, part, call)) {
                Ok(Modified { vma, outcome }) => {
                    progress.modified(part, vma.range(), &outcome, &differing);
                    Ok(Changed {
                        end: vma.range().end(),
                        flags: vma.vma_flags(),
                    })
                }
                Err(obstacle) => {
                    if let Some(half) = obstacle.leaves() {
                        progress.half(part, half);
                    }
                    Err(obstacle)
                }
            }
        })
    }

    fn map(&mut self, range: Range, flags: VmaFlags) -> Result<(), Obstacle> {
        let differing = self.differing(range, Some(flags));
        let locked = new::of_engine(&mut self.guard, range, flags, &differing, self.progress)?;
        self.afterwards.range = locked.then_some(range);
        Ok(())
    }

    fn extend(&mut self, range: Range) -> Result<(), Obstacle> {
        let flags = self
            .guard
            .around(range.start())
            .prev
            .map(Attributes::vma_flags);
        let differing = self.differing(range, flags);
        let locked = extend::of_engine(&mut self.guard, range, &differing, self.progress)?;
        self.afterwards.range = locked.then_some(range);
        Ok(())
    }

    fn join(&mut self, border: usize) -> Result<Option<Unmerged>, Obstacle> {
        let lower = self.guard.around(border.wrapping_sub(1)).at;
        let range = lower.map(|vma| vma.extent().range);
        let differing = range.map_or(Differing::NONE, |range| self.differing(range, None));
        merge::of_engine(&mut self.guard, border, &differing, self.progress)
    }

    fn tell_pairs(&mut self, pairs: PairCounts) {
        self.progress.tell_pairs(pairs);
    }

    fn cut(&mut self, whole: Range, cut: Split) -> Result<(), Failure> {
        split::of_engine(&mut self.guard, whole, cut)?;
        self.progress.cut(whole, cut.addr());
        Ok(())
    }

    fn populate(&mut self, range: Range) {
        self.afterwards.range = Some(range);
    }
}
