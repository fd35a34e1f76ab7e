// SPDX-License-Identifier: GPL-2.0

//! What `munmap()` of a range would lead to, which `plan` foretells. Nobody but the process itself can unmap its
//! memory.

use super::{
    failure::{
        Failure,
        Half,
        Obstacle, //
    },
    forecasts::Leaving,
    imagined::Imagined,
    range::{
        first_of,
        part_of, //
    },
    space::AddressSpace,
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

/// Foretells that a range is unmapped.
pub(super) fn unmap(space: &mut Imagined<'_, '_>, range: Range) -> Result<(), Failure> {
    let end = address_space_end(space.mm());
    if range.end() > end {
        return Err(Failure::Stopped(range, Obstacle::OutOfReach(end)));
    }
    if first_of(space, range.start(), range).is_none() {
        space.tell_nothing_mapped(range);
        return Ok(());
    }
    take_out(space, range, Leaving::Unmapped)
}

/// Takes the VMAs out of a range, all of them or none, in the order of `munmap()`.
///
/// If one of them refuses, the first may be left cut at the start of the range.
pub(super) fn take_out(
    space: &mut Imagined<'_, '_>,
    range: Range,
    leaving: Leaving,
) -> Result<(), Failure> {
    let Some(first) = first_of(space, range.start(), range) else {
        return Ok(());
    };
    let whole = first.extent().range;
    let cut = whole.cut_before(range);
    // It would be cut twice, and the limit may be passed by one VMA only.
    let cut_twice = cut.is_some() && whole.cut_after(range).is_some();
    let limit = max_map_count();
    if cut_twice && space.vmas() >= limit {
        return Err(Failure::Split(whole, SplitError::TooManyVmas(limit)));
    }
    let mut from = range.start();
    for _ in 0..Imagined::MOST_CHECKED {
        let Some(vma) = first_of(space, from, range) else {
            break;
        };
        if vma.vma_flags().contains(flags::SEALED) {
            let part = part_of(vma, range)?;
            if let Some((_, above)) = cut.filter(|_| from > range.start()) {
                space.cut_and_leave(above, Half::Split);
            }
            return Err(Failure::Stopped(part, Obstacle::Sealed));
        }
        from = vma.extent().range.end();
    }

    let mut from = range.start();
    let mut vmas = 0;
    while let Some(vma) = first_of(space, from, range) {
        let (part, end) = (part_of(vma, range)?, vma.extent().range.end());
        if !space.has_room_for(vmas) {
            break;
        }
        space.remove(part, leaving);
        vmas += 1;
        from = end;
    }
    Ok(())
}
