// SPDX-License-Identifier: GPL-2.0

//! What `mremap()` of a range to another address would lead to, with `MREMAP_MAYMOVE | MREMAP_FIXED` and the same
//! length, which `plan` foretells. Nobody but the process itself can move its memory.
//!
//! The VMAs move one after the other: each is unmapped where it goes to, copied there, by which it may merge, and
//! unmapped where it was. If one cannot move, those below it have moved.

use super::{
    failure::{
        Failure,
        Obstacle, //
    },
    forecasts::Leaving,
    imagined::Imagined,
    imagined_vma::ImaginedVma,
    range::{
        first_of,
        part_of, //
    },
    space::AddressSpace,
    subject::{
        page_size,
        starts_page,
        Subject, //
    },
    unmap::{
        take_out,
        Cleared, //
    },
};
use crate::{
    process::sys::{
        mapping::{
            moves_with_others,
            security_allows_address, //
        },
        userfaultfd::all_flags, //
    },
    vma::{
        compat::Attributes,
        extent::Range,
        flags,
        sys::{
            address_space_end,
            max_map_count, //
        },
    },
};
use kernel::error::code::EFAULT;

/// Foretells that a range is moved to the address `to` (bytes).
pub(super) fn relocate(
    space: &mut Imagined<'_, '_>,
    range: Range,
    to: usize,
) -> Result<(), Failure> {
    let stopped = |obstacle| Failure::Stopped(range, obstacle);
    let end = address_space_end(space.mm());
    let target = shifted(range, range.start(), to).filter(|target| target.end() <= end);
    let target = target.ok_or(stopped(Obstacle::NoSuchPlace(to, end)))?;
    if range.start() < target.end() && target.start() < range.end() {
        return Err(stopped(Obstacle::Overlaps(target)));
    }
    // As many as may be lacking, at the worst, where it goes to and where it was.
    room_for(space, 4).map_err(stopped)?;

    let mut from = range.start();
    let mut last: Option<Moved> = None;
    let mut vmas = 0;
    while let Some(vma) = first_of(space, from, range) {
        let (vma, part) = (*vma, part_of(vma, range)?);
        let whole = vma.extent().range;
        if last.is_none() && part.start() > range.start() {
            return Err(Failure::NotAtStart(range.start()));
        }
        // The holes between them stay as large as they are.
        let gap = last.as_ref().map_or(0, |last| whole.start() - last.end);
        let place = last.as_ref().map_or(to, |last| last.target.end()) + gap;
        let is_alone = last.is_none() && whole.end() >= range.end();
        let moved = move_one(space, &vma, part, place, is_alone, &mut vmas);
        let Some(target) = moved.map_err(|why| why.of(part))? else {
            // No more is foreseen.
            return Ok(());
        };
        from = whole.end();
        last = Some(Moved {
            end: whole.end(),
            target,
        });
    }
    match last {
        None => Err(Failure::NothingMapped(range, EFAULT)),
        Some(_) => Ok(()),
    }
}

/// A VMA that has moved.
struct Moved {
    /// The end of the VMA where it was (bytes).
    end: usize,
    /// The range that it has moved to.
    target: Range,
}

/// Why a VMA cannot move.
enum CannotMove {
    Obstacle(Obstacle),
    /// There is something where it would go to.
    Target(Failure),
}

impl CannotMove {
    fn of(self, part: Range) -> Failure {
        match self {
            Self::Obstacle(obstacle) => Failure::Stopped(part, obstacle),
            Self::Target(failure) => failure,
        }
    }
}

impl From<Obstacle> for CannotMove {
    fn from(obstacle: Obstacle) -> Self {
        Self::Obstacle(obstacle)
    }
}

/// Moves a part of a VMA to the address `to` (bytes). Returns the range that it covers then, or `None` if there is no
/// room to foresee all of that. `vmas` is the number of VMAs that the change has reached.
fn move_one<'s>(
    space: &mut Imagined<'s, '_>,
    vma: &ImaginedVma<'s>,
    part: Range,
    to: usize,
    is_alone: bool,
    vmas: &mut u32,
) -> Result<Option<Range>, CannotMove> {
    let told = vma.vma_flags().intersects(all_flags());
    if !is_alone && (told || !vma.real().is_none_or(moves_with_others)) {
        return Err(Obstacle::MovesAlone.into());
    }
    if vma.vma_flags().contains(flags::SEALED) {
        return Err(Obstacle::Sealed.into());
    }
    let part = whole_pages(vma, part, to)?;
    let end = address_space_end(space.mm());
    let target = shifted(part, part.start(), to).filter(|target| target.end() <= end);
    let target = target.ok_or(Obstacle::NoSuchPlace(to, end))?;
    let cleared = take_out(space, target, Leaving::Unmapped, vmas).map_err(CannotMove::Target)?;
    if cleared == Cleared::InPart {
        return Ok(None);
    }
    security_allows_address(space.task(), to).map_err(Obstacle::Security)?;
    room_for(space, 2)?;
    // Here and there, or neither.
    if !space.has_room_to_move(*vmas) {
        return Ok(None);
    }
    space.copy(part, target);
    // As there is room for the VMAs, nothing forbids it.
    take_out(space, part, Leaving::Moved, vmas).map_err(CannotMove::Target)?;
    Ok(Some(target))
}

/// Returns the part with the rest of its last huge page, if the VMA has such. They have to be moved whole. Answers to
/// `align_hugetlb()`.
fn whole_pages(vma: &ImaginedVma<'_>, part: Range, to: usize) -> Result<Range, Obstacle> {
    if !vma.vma_flags().contains(flags::HUGETLB) {
        return Ok(part);
    }
    let size = page_size(vma);
    if !starts_page(part.start(), size) {
        return Err(Obstacle::NotAtHugePage(size));
    }
    if !starts_page(to, size) {
        return Err(Obstacle::NoHugePageThere(to, size));
    }
    // The end of a VMA of huge pages is that of one.
    let end = part.end().checked_next_multiple_of(size);
    Ok(end
        .and_then(|end| Range::new(part.start(), end).ok())
        .unwrap_or(part))
}

/// Checks that the process may have so many VMAs more.
fn room_for(space: &Imagined<'_, '_>, vmas: i32) -> Result<(), Obstacle> {
    let limit = max_map_count();
    if space.vmas().saturating_add(vmas) > limit {
        return Err(Obstacle::TooMany(limit));
    }
    Ok(())
}

/// Returns the range as it is once that which is at `from` (bytes) is at `to`.
fn shifted(range: Range, from: usize, to: usize) -> Option<Range> {
    let shift = |addr: usize| to.checked_add(addr.wrapping_sub(from));
    Range::new(shift(range.start())?, shift(range.end())?).ok()
}
