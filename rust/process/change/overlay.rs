// SPDX-License-Identifier: GPL-2.0

//! The part of an imagined address space that changes have reached, in a bounded number of slots.
//!
//! ```text
//!   real       |--a--|--b--|-----c-----|      |--d--|
//!   slots            |--b--|-c-|hole|-c-|-new-|
//!   imagined   |--a--|--b--|-c-|    |-c-|-new-|--d--|
//! ```
//!
//! A slot is a VMA, or a hole that replaces a real VMA.

use super::imagined_vma::ImaginedVma;
use crate::vma::{
    compat::Attributes,
    extent::Range, //
};
use kernel::prelude::*;

/// The maximum number of slots.
const MOST: usize = 384;

/// The maximum number of slots that one change adds.
const MOST_ADDED: usize = 8;

/// A range that changes have reached.
#[derive(Clone, Copy)]
struct Slot<'s> {
    range: Range,
    /// The VMA that covers the range, or `None` if nothing is mapped there.
    vma: Option<ImaginedVma<'s>>,
}

/// Slots in the order of their addresses.
///
/// The slots cover a real VMA either completely or not at all. Addresses that no slot covers are unchanged.
pub(super) struct Overlay<'s> {
    slots: KVVec<Slot<'s>>,
}

impl<'s> Overlay<'s> {
    /// Creates an overlay without slots. Fails with `ENOMEM`.
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            slots: KVVec::with_capacity(MOST, GFP_KERNEL)?,
        })
    }

    /// Returns whether there is room for the slots of `changes` more changes.
    pub(super) fn has_room_for(&self, changes: usize) -> bool {
        self.slots.len() + changes * MOST_ADDED <= MOST
    }

    /// Returns the range of the slot that covers an address (bytes).
    pub(super) fn covering(&self, addr: usize) -> Option<Range> {
        let slot = self.slots.get(self.first_ending_above(addr))?;
        Some(slot.range).filter(|range| range.start() <= addr)
    }

    /// Returns the first VMA in the overlay that ends above `addr` (bytes).
    pub(super) fn first_above(&self, addr: usize) -> Option<ImaginedVma<'s>> {
        let slots = self.slots.get(self.first_ending_above(addr)..)?;
        slots.iter().find_map(|slot| slot.vma)
    }

    /// Returns the last VMA in the overlay that ends at `addr` (bytes) or below.
    pub(super) fn last_below(&self, addr: usize) -> Option<ImaginedVma<'s>> {
        let slots = self.slots.get(..self.first_ending_above(addr))?;
        slots.iter().rev().find_map(|slot| slot.vma)
    }

    fn first_ending_above(&self, addr: usize) -> usize {
        self.slots.partition_point(|slot| slot.range.end() <= addr)
    }

    /// Replaces everything in `range` with these VMAs, which lie in `range`, in order. No VMA in the overlay crosses
    /// an end of `range`.
    pub(super) fn replace(&mut self, range: Range, vmas: impl Iterator<Item = ImaginedVma<'s>>) {
        self.cut_at(range.start());
        self.cut_at(range.end());
        let mut next = self.first_ending_above(range.start());
        while self
            .slots
            .get(next)
            .is_some_and(|slot| range.contains(slot.range))
        {
            let _ = self.slots.remove(next);
        }
        let mut covered = range.start();
        for vma in vmas {
            let here = vma.extent().range;
            next = self.insert_hole(next, covered, here.start());
            next = self.insert(next, here, Some(vma));
            covered = here.end();
        }
        self.insert_hole(next, covered, range.end());
    }

    /// Cuts the slot that contains the address `addr` (bytes) in two, unless `addr` is one of its ends. A slot that is
    /// cut is a hole.
    fn cut_at(&mut self, addr: usize) {
        let index = self.first_ending_above(addr);
        let Some(slot) = self.slots.get_mut(index) else {
            return;
        };
        if let Some((below, above)) = slot.range.cut(addr) {
            let vma = slot.vma;
            slot.range = below;
            self.insert(index + 1, above, vma);
        }
    }

    /// Adds the hole from `start` to `end` (bytes), unless it is empty, and returns the index after it.
    fn insert_hole(&mut self, index: usize, start: usize, end: usize) -> usize {
        let Ok(range) = Range::new(start, end) else {
            return index;
        };
        // The new hole joins a hole just below it.
        let below = index
            .checked_sub(1)
            .and_then(|below| self.slots.get_mut(below));
        match below {
            Some(slot) if slot.vma.is_none() && slot.range.end() == start => {
                slot.range = slot.range.through(range);
                index
            }
            _ => self.insert(index, range, None),
        }
    }

    /// Adds a slot, for which there is room, and returns the index after it.
    fn insert(&mut self, index: usize, range: Range, vma: Option<ImaginedVma<'s>>) -> usize {
        let slot = Slot { range, vma };
        match self.slots.insert_within_capacity(index, slot) {
            Ok(()) => index + 1,
            Err(_) => index,
        }
    }
}
