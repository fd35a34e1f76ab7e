// SPDX-License-Identifier: GPL-2.0

//! Predicts `munmap()` of a range, for `plan`. Only the process itself can unmap its memory.

use super::{
    failure::{
        Failure,
        Half,
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
    subject::may_be_cut, //
};
use crate::vma::{
    compat::Attributes,
    cut::SplitError,
    extent::Range,
    flags,
    sys::{
        address_space_end,
        max_map_count, //
    },
};

/// Predicts the unmapping of a range.
pub(super) fn unmap(space: &mut Imagined<'_, '_>, range: Range) -> Result<(), Failure> {
    let end = address_space_end(space.mm());
    if range.end() > end {
        return Err(Failure::Stopped(range, Obstacle::OutOfReach(end)));
    }
    if first_of(space, range.start(), range).is_none() {
        space.tell_nothing_mapped(range);
        return Ok(());
    }
    take_out(space, range, Leaving::Unmapped, &mut 0).map(|_| ())
}

/// The extent to which a range was cleared of its VMAs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cleared {
    /// Nothing is mapped in the range.
    Whole,
    /// There was no room to predict the rest.
    InPart,
}

/// Removes the VMAs from a range, all of them or none, in the order of `munmap()`. `vmas` is the number of VMAs that
/// the change has reached, which is limited.
///
/// If a VMA cannot be removed, the first VMA may remain cut at the start of the range.
pub(super) fn take_out(
    space: &mut Imagined<'_, '_>,
    range: Range,
    leaving: Leaving,
    vmas: &mut u32,
) -> Result<Cleared, Failure> {
    let Some(first) = first_of(space, range.start(), range) else {
        return Ok(Cleared::Whole);
    };
    let first = *first;
    let whole = first.extent().range;
    let above = whole.cut_before(range).map(|(_, above)| above);
    if above.is_some() {
        // The VMA would be cut twice, and the limit may be exceeded by only one VMA.
        let cut_twice = whole.cut_after(range).is_some();
        let limit = max_map_count();
        if cut_twice && space.vmas() >= limit {
            return Err(Failure::Split(whole, SplitError::TooManyVmas(limit)));
        }
        is_not_sealed(&first, range)?;
        may_be_cut(&first, range.start()).map_err(|error| Failure::Split(whole, error))?;
    }
    let mut from = range.start();
    for _ in 0..Imagined::MOST_CHECKED {
        let Some(vma) = first_of(space, from, range) else {
            break;
        };
        let there = vma.extent().range;
        // At this point, the first VMA has been cut at the start of the range.
        let rest = above.filter(|_| there == whole).unwrap_or(there);
        let goes = is_not_sealed(vma, range).and_then(|()| may_end(vma, rest, range));
        if let (Err(_), Some(above)) = (&goes, above) {
            space.cut_and_leave(above, Half::Split);
        }
        goes?;
        from = there.end();
    }

    let mut from = range.start();
    while let Some(vma) = first_of(space, from, range) {
        let (part, end) = (part_of(vma, range)?, vma.extent().range.end());
        if !space.has_room_for(*vmas) {
            return Ok(Cleared::InPart);
        }
        space.remove(part, leaving);
        *vmas += 1;
        from = end;
    }
    Ok(Cleared::Whole)
}

/// Checks that a VMA with a part in `range` is not sealed.
fn is_not_sealed(vma: &ImaginedVma<'_>, range: Range) -> Result<(), Failure> {
    if vma.vma_flags().contains(flags::SEALED) {
        return Err(Failure::Stopped(part_of(vma, range)?, Obstacle::Sealed));
    }
    Ok(())
}

/// Checks that a VMA may be cut where `range` ends, if the VMA continues there. `rest` is the part of the VMA that is
/// left to be cut.
fn may_end(vma: &ImaginedVma<'_>, rest: Range, range: Range) -> Result<(), Failure> {
    if rest.end() > range.end() {
        may_be_cut(vma, range.end()).map_err(|error| Failure::Split(rest, error))?;
    }
    Ok(())
}
