// SPDX-License-Identifier: GPL-2.0

//! The verb `new`: maps private anonymous memory in a free range, as `mmap()` does with `MAP_FIXED_NOREPLACE`.

use super::{
    differing::Differing,
    failure::{
        Failure,
        Obstacle, //
    },
    progress::Progress,
    protect::becomes_executable,
    space::AddressSpace, //
};
use crate::{
    process::sys::{
        account::{
            count,
            count_locked,
            Charge,
            Limits, //
        },
        find::reading_implies_executing,
        mapping::{
            flags_mapped,
            insert_anonymous,
            mark_new,
            security_allows, //
        },
        protection::{
            architecture_allows,
            denies_write_exec,
            Protection, //
        },
        tell_perf, //
    },
    report::{
        self,
        helper::Helper,
        sys::events::TracedMemory, //
    },
    vma::{
        compat::{
            Attributes,
            Candidate,
            Joining,
            Source, //
        },
        extent::{
            Extent,
            PageOffset,
            Range, //
        },
        flags::{
            self,
            VmaFlags, //
        },
        host::PAGE_SHIFT,
        merge::IfNoMemory,
        new_range::{
            vma_merge_new_range,
            NewRange,
            Placed, //
        },
        sys::{
            address_space_end,
            max_map_count,
            MmapWriteGuard,
            Name,
            Policy,
            Uprobes,
            UserfaultfdContext,
            Vma,
            VmaRef, //
        },
    },
};

/// Maps memory in this range, or predicts the result.
pub(super) fn map<'t, A: AddressSpace<'t>>(
    space: &mut A,
    range: Range,
    protection: Protection,
) -> Result<(), Failure> {
    let occupied = space
        .around(range.start())
        .at
        .map(|vma| vma.extent().range.start().max(range.start()))
        .filter(|&addr| addr < range.end());
    allowed(space, range, occupied, protection)
        .and_then(|flags| space.map(range, flags))
        .map_err(|obstacle| Failure::Stopped(range, obstacle))
}

/// Calls the engine for the range, and maps a separate VMA if no neighbour merges with the range. Returns whether the
/// memory is locked.
pub(super) fn of_engine(
    guard: &mut MmapWriteGuard<'_>,
    range: Range,
    flags: VmaFlags,
    differing: &Differing,
    progress: &mut Progress<'_>,
) -> Result<bool, Obstacle> {
    let mm = guard.mm();
    let charge = Charge::if_accounted(mm, flags, range.pages());
    let charge = charge.map_err(|_| Obstacle::Overcommit)?;
    guard.with_iter_at(range.start(), |iter| {
        let (locked, gap) = (iter.mm(), iter.gap_at(range));
        let gap = gap.ok_or(Obstacle::Occupied(range.start()))?;
        let new = NewRange {
            candidate: candidate(range, flags),
            moved_from: None,
            joining: Joining::EitherSide,
            uprobes: Uprobes::Install,
            if_no_memory: IfNoMemory::Fail,
        };
        let placed = vma_merge_new_range(gap, new);
        let memory = || TracedMemory::anonymous(locked, flags);
        report::placed(Helper::MergeNewRange.by_ctl(), range, &placed, memory);
        let unmerged = match placed {
            Ok(Placed::Merged(vma, plan)) => {
                charge.keep();
                progress.placed(range, &vma, &plan, differing);
                return Ok(finish(vma, range, flags));
            }
            Ok(Placed::NotMerged(unmerged)) => Some(unmerged),
            // The merge ran out of memory. A separate VMA may still succeed.
            Err(_) => None,
        };
        // insert_anonymous() charges for the memory itself.
        drop(charge);
        let vma = insert_anonymous(iter, range, flags).map_err(|_| Obstacle::NoMemory)?;
        let locked = finish(vma, range, flags);
        progress.placed_alone(range, unmerged.as_ref(), differing);
        Ok(locked)
    })
}

/// Checks that the range may be mapped, in the order of `mmap()`, and returns its flags. `occupied` is the first
/// address in the range (bytes) at which something is mapped.
fn allowed<'t, A: AddressSpace<'t>>(
    space: &A,
    range: Range,
    occupied: Option<usize>,
    protection: Protection,
) -> Result<VmaFlags, Obstacle> {
    let (mm, task, mapped) = (space.mm(), space.task(), space.mapped());
    let limits = Limits::of(task);
    let protection = if protection.has(Protection::READ) && reading_implies_executing(task) {
        protection.or(Protection::EXEC)
    } else {
        protection
    };

    // Reaching the limit is allowed, because a merge adds no VMA.
    if space.vmas() > max_map_count() {
        return Err(Obstacle::TooMany(max_map_count()));
    }
    if range.end() > address_space_end(mm) {
        return Err(Obstacle::BeyondEnd(address_space_end(mm)));
    }
    security_allows(range.start(), protection).map_err(Obstacle::Security)?;
    if let Some(addr) = occupied {
        return Err(Obstacle::Occupied(addr));
    }
    let flags = flags_mapped(mm, protection).map_err(|_| Obstacle::ProtectionKey)?;
    if flags.contains(flags::LOCK) && !limits.allow_locked(&mapped, range.pages()) {
        return Err(Obstacle::LockedLimit);
    }
    if denies_write_exec(mm) && becomes_executable(flags, flags) {
        return Err(Obstacle::WriteExec);
    }
    if !architecture_allows(flags) {
        return Err(Obstacle::Architecture);
    }
    if !limits.allow(&mapped, flags, range.pages()) {
        return Err(Obstacle::Limit);
    }
    // Only writable private memory is charged for.
    let unaccounted = flags::NORESERVE.union(flags::SHARED);
    if flags.contains(flags::WRITE) && !flags.intersects(unaccounted) {
        return Ok(flags.union(flags::ACCOUNT));
    }
    Ok(flags)
}

/// Returns the extent of anonymous memory that is newly mapped in this range.
pub(super) fn extent_of_new(range: Range) -> Extent {
    // The page offset of anonymous memory is the address at which it was mapped, in pages.
    let pgoff = PageOffset::new(range.start() >> PAGE_SHIFT);
    Extent {
        range,
        pgoff,
        anon_pgoff: pgoff,
    }
}

/// Returns the candidate for the new range.
fn candidate<'c>(range: Range, flags: VmaFlags) -> Candidate<'c, VmaRef> {
    Candidate {
        extent: extent_of_new(range),
        flags,
        file: None,
        anon_vma: None,
        policy: Policy::none(),
        userfaultfd_context: UserfaultfdContext::NONE,
        name: Name::none(),
        source: Source::New,
    }
}

/// Takes the steps that follow once a VMA covers the range, and returns whether that VMA is locked.
fn finish(mut vma: Vma<'_, '_>, range: Range, flags: VmaFlags) -> bool {
    tell_perf(&mut vma);
    count(&mut vma, flags, range.pages());
    mark_new(&mut vma);
    let locked = vma.vma_flags().contains(flags::LOCK);
    if locked {
        count_locked(&mut vma, range.pages());
    }
    locked
}
