// SPDX-License-Identifier: GPL-2.0

//! The verb `merge`: merges the VMAs of a range that touch and are mergeable, but that no operation has tried to
//! merge.
//!
//! The contents and the access rights of the memory do not change. A merged VMA has the sticky flags of both VMAs.
//! Soft-dirty is a sticky flag: if the pages of one VMA were soft-dirty, pagemap reports the pages of both as
//! soft-dirty.
//!
//! For each pair, from below, the verb calls the engine to change the VMA below to the attributes that it already has.
//! A pair is in the range if both of its VMAs are, at least in part. The call leaves out the VMA before the pair, so
//! that no other pair merges.
//!
//! A pair depends on no other pair except the pair below, so `ctl` releases the mmap lock between batches of pairs.

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
    let mut merging = Merging::of(range);
    let result = merging.go_on(space).map(|_| ());
    let (result, pairs) = merging.finish(result);
    space.tell_pairs(pairs);
    result
}

/// A walk over the pairs of a range, which can pause and resume.
pub(super) struct Merging {
    range: Range,
    /// The end of the VMA visited last, or the start of the range (bytes).
    from: usize,
    pairs: PairCounts,
}

/// The progress of a walk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The walk has paused, and there may be more pairs.
    Pause,
    /// The walk has reached the end of the range.
    End,
}

impl Merging {
    /// Creates the walk before the first pair.
    pub(super) fn of(range: Range) -> Self {
        Self {
            range,
            from: range.start(),
            pairs: PairCounts::NONE,
        }
    }

    /// Tries one pair after another and counts them, as long as the address space has room. The VMAs may change
    /// between two calls.
    pub(super) fn go_on<'t, A: AddressSpace<'t>>(
        &mut self,
        space: &mut A,
    ) -> Result<Stage, Failure> {
        let mut below = self.last(space);
        let before = self.pairs.vmas;
        while let Some(vma) = first_of(space, self.from, self.range) {
            let here = vma.extent().range;
            if !space.has_room_for(self.pairs.vmas - before) {
                return Ok(Stage::Pause);
            }
            self.pairs.vmas += 1;
            self.from = here.end();
            below = match below {
                Some(lower) if lower.end() == here.start() => {
                    let stays = space
                        .join(here.start())
                        .map_err(|obstacle| Failure::Stopped(lower, obstacle))?;
                    self.pairs.count(stays.as_ref());
                    Some(match stays {
                        None => lower.through(here),
                        Some(_) => here,
                    })
                }
                _ => Some(here),
            };
        }
        Ok(Stage::End)
    }

    /// Returns the final result and the counts, given the result of the last part of the walk.
    pub(super) fn finish(self, result: Result<(), Failure>) -> (Result<(), Failure>, PairCounts) {
        let nothing_mapped = Failure::NothingMapped(self.range, ENOMEM);
        let result = match result {
            Ok(()) if self.pairs.vmas == 0 => Err(nothing_mapped),
            result => result,
        };
        (result, self.pairs)
    }

    /// Returns the VMA visited last, if it still ends at the same address.
    fn last<'t, A: AddressSpace<'t>>(&self, space: &mut A) -> Option<Range> {
        let inside = self.from.checked_sub(1)?;
        if self.from == self.range.start() {
            return None;
        }
        let last = space.around(inside).at?.extent().range;
        Some(last).filter(|last| last.start() <= inside && last.end() == self.from)
    }
}

/// Calls the engine to merge the VMA that ends at `border` (bytes) into the VMA above. If the two do not merge, returns
/// the reason.
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
