// SPDX-License-Identifier: GPL-2.0

//! The verb `extend`: lets a VMA grow upwards, as `mremap()` does where there is room.

use super::{
    failure::{
        Failure,
        Obstacle, //
    },
    progress::Progress,
    Target, //
};
use crate::{
    process::sys::{
        account::{
            count,
            count_locked,
            Charge,
            Limits, //
        },
        mapping::address_space_end,
    },
    report::{
        self,
        Helper, //
    },
    vma::{
        compat::Attributes,
        extent::Range,
        flags,
        host::PAGE_SHIFT,
        new_range::{
            vma_merge_extend,
            Placed, //
        },
        sys::{
            map_count,
            max_map_count,
            VmaRef, //
        },
    },
};

use kernel::task::Task;

/// Adds the range to the VMA that ends where it starts.
pub(super) fn extend(
    target: &mut Target<'_>,
    range: Range,
    progress: &mut Progress<'_>,
) -> Result<(), Failure> {
    let stopped = |obstacle| Failure::Stopped(range, obstacle);
    let mm = target.mm.mm();
    let below = range.start().checked_sub(1 << PAGE_SHIFT);
    let below = below.ok_or(stopped(Obstacle::NothingBelow))?;
    let mut iter = target.mm.iter_at(below);
    let extension = iter.extension_at(below);
    let extension = extension.ok_or(stopped(Obstacle::NothingBelow))?;
    allowed(target.task, extension.vma(), extension.next(), range).map_err(stopped)?;

    let flags = extension.vma().vma_flags();
    let charge = Charge::if_accounted(mm, flags, range.pages());
    let charge = charge.map_err(|_| stopped(Obstacle::Overcommit))?;
    let placed = vma_merge_extend(extension, range);
    report::placed(Helper::MergeExtend, mm, range, &placed);
    match placed {
        Ok(Placed::Merged(mut vma, plan)) => {
            charge.keep();
            progress.placed(range, &vma, &plan);
            count(&mut vma, flags, range.pages());
            if flags.contains(flags::LOCK) {
                count_locked(&mut vma, range.pages());
                target.to_populate = Some(range);
            }
            Ok(())
        }
        Ok(Placed::NotMerged(unmerged)) => Err(stopped(Obstacle::Unmerged(unmerged))),
        Err(_) => Err(stopped(Obstacle::NoMemory)),
    }
}

/// Whether a VMA may grow over the range.
pub(super) fn allowed(
    task: &Task,
    vma: &VmaRef,
    next: Option<&VmaRef>,
    range: Range,
) -> Result<(), Obstacle> {
    let (extent, flags, pages) = (vma.extent(), vma.vma_flags(), range.pages());
    let limits = Limits::of(task);

    if extent.range.end() != range.start() {
        // It covers more: what is asked for is mapped already.
        return Err(Obstacle::InTheWay(range.start()));
    }
    // mremap wants room for what it may have to do in other cases, too.
    let limit = max_map_count();
    if map_count(vma.mm()).saturating_add(4) > limit {
        return Err(Obstacle::TooMany(limit));
    }
    if flags.contains(flags::SEALED) {
        return Err(Obstacle::Sealed);
    }
    let all_pages = extent.range.pages() + pages;
    if extent.pgoff.pages().checked_add(all_pages).is_none() {
        return Err(Obstacle::PageOffsets);
    }
    if flags.intersects(flags::FIXED_SIZE) {
        return Err(Obstacle::FixedSize);
    }
    if flags.contains(flags::LOCK) && !limits.allow_locked(vma.mm(), pages) {
        return Err(Obstacle::LockedLimit);
    }
    if !limits.allow(vma.mm(), flags, pages) {
        return Err(Obstacle::Limit);
    }
    let end = address_space_end(vma.mm());
    if range.end() > end {
        return Err(Obstacle::BeyondEnd(end));
    }
    match next {
        Some(next) if next.start() < range.end() => Err(Obstacle::InTheWay(next.start())),
        _ => Ok(()),
    }
}
