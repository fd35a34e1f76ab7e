// SPDX-License-Identifier: GPL-2.0

//! The verb `merge`: merges the VMAs of a range that touch and are mergeable, but that no operation has tried to merge.
//!
//! Nothing about the memory changes. The engine is asked to change the lower VMA of each pair to what it is already,
//! from below, one pair after the other. A pair is in the range if both its VMAs are, at least in part; the VMA below
//! that pair is kept out of the question, so that no other pair merges.

use super::{
    differing::Differing,
    failure::{
        Failure,
        Obstacle, //
    },
    pair_counts::PairCounts,
    progress::Progress,
    range::first_of,
    range_change::HelperCall,
    space::AddressSpace, //
};
use crate::vma::{
    compat::Attributes,
    extent::Range,
    merge::Unmerged,
    modify::{
        Modified,
        ModifyError,
        Outcome, //
    },
    sys::{
        MmapWriteGuard,
        ENOMEM, //
    },
};

/// Merges the mergeable pairs of this range.
pub(super) fn merge<'t, A: AddressSpace<'t>>(space: &mut A, range: Range) -> Result<(), Failure> {
    let mut pairs = PairCounts::NONE;
    let result = try_each(space, range, &mut pairs);
    let nothing_mapped = pairs.vmas == 0;
    space.tell_pairs(pairs);
    if result.is_ok() && nothing_mapped {
        return Err(Failure::NothingMapped(range, ENOMEM));
    }
    result
}

/// Tries each pair of the range in turn, and counts them.
fn try_each<'t, A: AddressSpace<'t>>(
    space: &mut A,
    range: Range,
    pairs: &mut PairCounts,
) -> Result<(), Failure> {
    let mut below: Option<Range> = None;
    let mut from = range.start();
    while let Some(vma) = first_of(space, from, range) {
        let here = vma.extent().range;
        if !space.has_room_for(pairs.vmas) {
            break;
        }
        pairs.vmas += 1;
        from = here.end();
        below = match below {
            Some(lower) if lower.end() == here.start() => {
                let stays = space
                    .join(here.start())
                    .map_err(|obstacle| Failure::Stopped(lower, obstacle))?;
                pairs.count(stays.as_ref());
                Some(match stays {
                    None => lower.through(here),
                    Some(_) => here,
                })
            }
            _ => Some(here),
        };
    }
    Ok(())
}

/// Calls the engine to merge the VMA that ends at `border` (bytes) into the one above. Returns why it stays, if it
/// does.
pub(super) fn of_engine(
    guard: &mut MmapWriteGuard<'_>,
    border: usize,
    differing: &Differing,
    progress: &mut Progress<'_>,
) -> Result<Option<Unmerged>, Obstacle> {
    let inside = border.wrapping_sub(1);
    guard.with_iter_at(inside, |iter| {
        let (mm, site) = (iter.mm(), iter.site_at(inside));
        let site = site.ok_or(Obstacle::Modify(ModifyError::NotWithinVma))?;
        let lower = site.middle().extent().range;
        let call = HelperCall::Flags(site.middle().vma_flags());
        match call.make_upwards(site, lower, mm) {
            Ok(Modified { vma, outcome }) => {
                let stays = match outcome {
                    Outcome::Merged(_) => None,
                    Outcome::Split(_, unmerged) | Outcome::Whole(unmerged) => Some(unmerged),
                };
                progress.joined(lower, vma.range(), stays.as_ref(), differing);
                Ok(stays)
            }
            Err(error) => Err(Obstacle::Modify(error)),
        }
    })
}
