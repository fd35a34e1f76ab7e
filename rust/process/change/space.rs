// SPDX-License-Identifier: GPL-2.0

//! The address space that verbs work on.

use super::{
    failure::{
        Failure,
        Obstacle, //
    },
    pair_counts::PairCounts,
    range_change::{
        HelperCall,
        RangeChange, //
    },
    subject::Subject, //
};
use crate::process::sys::account::Mapped;
use crate::vma::{
    cut::Split,
    extent::Range,
    flags::VmaFlags,
    merge::Unmerged,
    sys::{
        Around,
        MmWithUser, //
    },
};
use kernel::task::Task;

/// The address space of a process, with its mmap lock held: the real address space, which a verb changes, or an
/// imagined one, in which the change is predicted. Both also report the result for each part of a range.
///
/// Each verb is written once, generic over this trait.
pub(super) trait AddressSpace<'t> {
    /// The type of its VMAs.
    type Vma: Subject;

    /// The maximum number of VMAs of a range that are checked before the first is changed.
    const MOST_CHECKED: usize;

    /// Returns the address space.
    fn mm(&self) -> &'t MmWithUser;

    /// Returns the process.
    fn task(&self) -> &'t Task;

    /// Returns the number of VMAs.
    fn vmas(&self) -> i32;

    /// Returns the counts of mapped pages.
    fn mapped(&self) -> Mapped;

    /// Returns the VMAs around an address (bytes).
    fn around(&mut self, addr: usize) -> Around<'_, Self::Vma>;

    /// Returns whether there is room to report another part of the range.
    fn goes_on(&mut self) -> bool {
        true
    }

    /// Returns whether `merge` may visit another VMA after it has visited `vmas` VMAs without releasing the mmap lock.
    fn has_room_for(&mut self, vmas: u32) -> bool;

    /// Leaves `part` unchanged.
    fn keep(&mut self, part: Range);

    /// Changes `part` of the VMA that covers it.
    fn modify<C: RangeChange<'t>>(
        &mut self,
        part: Range,
        change: &C,
        call: HelperCall<'t>,
    ) -> Result<Changed, Obstacle>;

    /// Maps private anonymous memory with these flags in the free `range`.
    fn map(&mut self, range: Range, flags: VmaFlags) -> Result<(), Obstacle>;

    /// Adds the free `range` to the VMA that ends where the range starts.
    fn extend(&mut self, range: Range) -> Result<(), Obstacle>;

    /// Merges the VMA that ends at `border` (bytes) with the VMA that starts there, unless something keeps them
    /// apart. In that case, returns the reason.
    fn join(&mut self, border: usize) -> Result<Option<Unmerged>, Obstacle>;

    /// Records the counts for pairs of VMAs.
    fn tell_pairs(&mut self, pairs: PairCounts);

    /// Cuts the VMA that covers `whole`.
    fn cut(&mut self, whole: Range, cut: Split) -> Result<(), Failure>;

    /// Populates the locked memory in `range` after the lock is released.
    fn populate(&mut self, _range: Range) {}
}

/// A part of a VMA that was changed or would be changed.
pub(super) struct Changed {
    /// The end of the VMA that now covers the part (bytes).
    pub(super) end: usize,
    /// The flags of that VMA.
    pub(super) flags: VmaFlags,
}
