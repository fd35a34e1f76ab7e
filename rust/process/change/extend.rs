// SPDX-License-Identifier: GPL-2.0

//! The verb `extend`: extends a VMA upwards in place, as `mremap()` does.

use super::{
    differing::Differing,
    failure::{
        Failure,
        Obstacle, //
    },
    progress::Progress,
    space::AddressSpace,
    subject::Subject, //
};
use crate::{
    process::sys::account::{
        count,
        count_locked,
        Charge,
        Limits,
        Mapped, //
    },
    report::{
        self,
        helper::Helper,
        sys::events::TracedMemory, //
    },
    vma::{
        compat::Attributes,
        extent::Range,
        flags,
        new_range::{
            vma_merge_extend,
            Placed, //
        },
        sys::{
            address_space_end,
            max_map_count,
            Around,
            MmWithUser,
            MmapWriteGuard, //
        },
    },
};

/// Adds the range to the VMA that ends where the range starts.
pub(super) fn extend<'t, A: AddressSpace<'t>>(space: &mut A, range: Range) -> Result<(), Failure> {
    let stopped = |obstacle| Failure::Stopped(range, obstacle);
    let below = last_below(range).map_err(stopped)?;
    let process = Extended {
        mm: space.mm(),
        limits: Limits::of(space.task()),
        vmas: space.vmas(),
        mapped: space.mapped(),
    };
    let Around { at, next, .. } = space.around(below);
    let vma = at.filter(|vma| vma.extent().range.start() <= below);
    let vma = vma.ok_or(stopped(Obstacle::NothingBelow))?;
    process.allows(vma, next, range).map_err(stopped)?;
    space.extend(range).map_err(stopped)
}

/// Returns the last address below the range (bytes).
fn last_below(range: Range) -> Result<usize, Obstacle> {
    range.start().checked_sub(1).ok_or(Obstacle::NothingBelow)
}

/// Calls the engine to extend the VMA below the range. Returns whether that VMA is locked.
pub(super) fn of_engine(
    guard: &mut MmapWriteGuard<'_>,
    range: Range,
    differing: &Differing,
    progress: &mut Progress<'_>,
) -> Result<bool, Obstacle> {
    let mm = guard.mm();
    let below = last_below(range)?;
    guard.with_iter_at(below, |iter| {
        let (locked, extension) = (iter.mm(), iter.extension_at(range));
        let extension = extension.ok_or(Obstacle::NothingBelow)?;
        let flags = extension.vma().vma_flags();
        let charge = Charge::if_accounted(mm, flags, range.pages());
        let charge = charge.map_err(|_| Obstacle::Overcommit)?;
        let placed = vma_merge_extend(extension);
        let memory = || TracedMemory::extension(locked);
        report::placed(Helper::MergeExtend.by_ctl(), range, &placed, memory);
        match placed {
            Ok(Placed::Merged(mut vma, plan)) => {
                charge.keep();
                progress.placed(range, &vma, &plan, differing);
                count(&mut vma, flags, range.pages());
                let locked = flags.contains(flags::LOCK);
                if locked {
                    count_locked(&mut vma, range.pages());
                }
                Ok(locked)
            }
            Ok(Placed::NotMerged(unmerged)) => Err(Obstacle::Unmerged(unmerged)),
            Err(_) => Err(Obstacle::NoMemory),
        }
    })
}

/// A process in which a VMA is to grow.
struct Extended<'t> {
    mm: &'t MmWithUser,
    limits: Limits,
    vmas: i32,
    mapped: Mapped,
}

impl Extended<'_> {
    /// Checks that a VMA may grow over the range, in the order of `mremap()`. `next` is the VMA after `vma`.
    fn allows<V: Subject>(&self, vma: &V, next: Option<&V>, range: Range) -> Result<(), Obstacle> {
        let (extent, flags, pages) = (vma.extent(), vma.vma_flags(), range.pages());

        if extent.range.end() != range.start() {
            // The VMA continues, so the range is already mapped.
            return Err(Obstacle::InTheWay(range.start()));
        }
        // mremap() requires room for four more VMAs, although only its other cases need that room.
        let limit = max_map_count();
        if self.vmas.saturating_add(4) > limit {
            return Err(Obstacle::TooMany(limit));
        }
        if flags.contains(flags::SEALED) {
            return Err(Obstacle::Sealed);
        }
        if flags.contains(flags::HUGETLB) {
            return Err(Obstacle::FixedHugePages);
        }
        let all_pages = extent.range.pages() + pages;
        if extent.pgoff.pages().checked_add(all_pages).is_none() {
            return Err(Obstacle::PageOffsets);
        }
        if flags.intersects(flags::FIXED_SIZE) {
            return Err(Obstacle::FixedSize);
        }
        if flags.contains(flags::LOCK) && !self.limits.allow_locked(&self.mapped, pages) {
            return Err(Obstacle::LockedLimit);
        }
        if !self.limits.allow(&self.mapped, flags, pages) {
            return Err(Obstacle::Limit);
        }
        let end = address_space_end(self.mm);
        if range.end() > end {
            return Err(Obstacle::BeyondEnd(end));
        }
        match next.map(|next| next.extent().range.start()) {
            Some(start) if start < range.end() => Err(Obstacle::InTheWay(start)),
            _ => Ok(()),
        }
    }
}
