// SPDX-License-Identifier: GPL-2.0

//! The verb `merge`: merges the VMAs of a range that touch and are mergeable, but that no operation has tried to merge.
//!
//! The contents of the memory and the rights to it stay. A VMA that has merged has the sticky flags of both, of which
//! soft-dirty is one: pagemap tells the pages of both as soft-dirty if those of one were. The engine is asked to change
//! the lower VMA of each pair to what it is already, from below, one pair after the other. A pair is in the range if both
//! its VMAs are, at least in part; the VMA below that pair is kept out of the question, so that no other pair merges.
//!
//! As no pair depends on another one but that below it, `ctl` releases the mmap lock between some of them and others.

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

/// The way over the pairs of a range, which goes on where it has paused.
pub(super) struct Merging {
    range: Range,
    /// The end of the last VMA that was looked at, or the start of the range (bytes).
    from: usize,
    pairs: PairCounts,
}

/// How far a part of the way has led.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// There may be more pairs.
    Pause,
    /// To the end of the range.
    End,
}

impl Merging {
    /// Returns the way before the first pair.
    pub(super) fn of(range: Range) -> Self {
        Self {
            range,
            from: range.start(),
            pairs: PairCounts::NONE,
        }
    }

    /// Tries one pair after the other and counts them, as long as the address space has room. In between, the VMAs may
    /// have changed.
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

    /// Returns the result, given that of the last part of the way, and what was found.
    pub(super) fn finish(self, result: Result<(), Failure>) -> (Result<(), Failure>, PairCounts) {
        let nothing_mapped = Failure::NothingMapped(self.range, ENOMEM);
        let result = match result {
            Ok(()) if self.pairs.vmas == 0 => Err(nothing_mapped),
            result => result,
        };
        (result, self.pairs)
    }

    /// Returns the VMA that was looked at last, if it still ends there.
    fn last<'t, A: AddressSpace<'t>>(&self, space: &mut A) -> Option<Range> {
        let inside = self.from.checked_sub(1)?;
        if self.from == self.range.start() {
            return None;
        }
        let last = space.around(inside).at?.extent().range;
        Some(last).filter(|last| last.start() <= inside && last.end() == self.from)
    }
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
