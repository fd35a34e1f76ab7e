// SPDX-License-Identifier: GPL-2.0

//! Predicts `mremap()` of a range to another address, with `MREMAP_MAYMOVE | MREMAP_FIXED` and the same length, for
//! `plan`. Only the process itself can move its memory.
//!
//! The VMAs move one after another. For each VMA, the target range is unmapped, the VMA is copied there, where the
//! copy may merge, and the original is unmapped. If a VMA cannot move, the VMAs below it have already moved.

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

/// Predicts the move of a range to the address `to` (bytes).
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
    // Like mremap(), require room for four more VMAs, the worst case at the target and at the source.
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
        // The holes between the VMAs keep their size.
        let gap = last.as_ref().map_or(0, |last| whole.start() - last.end);
        let place = last.as_ref().map_or(to, |last| last.target.end()) + gap;
        let is_alone = last.is_none() && whole.end() >= range.end();
        let moved = move_one(space, &vma, part, place, is_alone, &mut vmas);
        let Some(target) = moved.map_err(|why| why.of(part))? else {
            // The prediction ends here.
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
    /// The end of the VMA before the move (bytes).
    end: usize,
    /// The range of the VMA after the move.
    target: Range,
}

/// The reason why a VMA cannot move.
enum CannotMove {
    Obstacle(Obstacle),
    /// The target range could not be cleared.
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

/// Moves a part of a VMA to the address `to` (bytes). Returns the new range of the part, or `None` if there is no
/// room to predict the whole move. `vmas` is the number of VMAs that the change has reached.
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
    // There has to be room for both the copy and the removal.
    if !space.has_room_to_move(*vmas) {
        return Ok(None);
    }
    space.copy(part, target);
    // There is room for the VMAs, so nothing prevents the removal.
    take_out(space, part, Leaving::Moved, vmas).map_err(CannotMove::Target)?;
    Ok(Some(target))
}

/// Returns the part extended to the end of its last huge page, if the VMA has huge pages: huge pages have to be moved
/// whole. Answers to `align_hugetlb()`.
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
    // A VMA of huge pages ends at the end of a huge page.
    let end = part.end().checked_next_multiple_of(size);
    Ok(end
        .and_then(|end| Range::new(part.start(), end).ok())
        .unwrap_or(part))
}

/// Checks that the process may have `vmas` more VMAs.
fn room_for(space: &Imagined<'_, '_>, vmas: i32) -> Result<(), Obstacle> {
    let limit = max_map_count();
    if space.vmas().saturating_add(vmas) > limit {
        return Err(Obstacle::TooMany(limit));
    }
    Ok(())
}

/// Returns `range`, shifted by the distance between `from` and `to` (bytes).
fn shifted(range: Range, from: usize, to: usize) -> Option<Range> {
    let shift = |addr: usize| to.checked_add(addr.wrapping_sub(from));
    Range::new(shift(range.start())?, shift(range.end())?).ok()
}
