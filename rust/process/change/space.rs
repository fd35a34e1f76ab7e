// SPDX-License-Identifier: GPL-2.0

//! The address space that verbs work on.

use super::{
    failure::{
        Failure,
        Obstacle, //
    },
    range_change::{
        HelperCall,
        RangeChange, //
    },
};
use crate::vma::{
    cut::Split,
    extent::Range,
    flags::VmaFlags,
    sys::{
        Around,
        MmWithUser, //
    },
};
use kernel::task::Task;

/// The address space of a process: the real one, in which what a verb asks for happens, or an imagined one,
/// in which it is only foreseen. Its mmap lock is held.
///
/// Verbs look and decide in this trait's words alone, so that both take the same way through them.
pub(super) trait AddressSpace<'t> {
    /// The place to tell what becomes of each part.
    type Tale;

    /// The most VMAs of a range that are checked before the first is changed.
    const MOST_CHECKED: usize;

    /// Returns the address space.
    fn mm(&self) -> &'t MmWithUser;

    /// Returns the process.
    fn task(&self) -> &'t Task;

    /// Returns the VMAs around an address (bytes). Those that changes have reached already lie below the
    /// next part; a verb looks at no others.
    fn around(&mut self, addr: usize) -> Around<'_>;

    /// Whether there is room to tell of another part of the range.
    fn goes_on(&mut self, _tale: &mut Self::Tale) -> bool {
        true
    }

    /// Leaves `part` as it is.
    fn keep(&mut self, tale: &mut Self::Tale, part: Range);

    /// Changes `part` of the VMA that covers it.
    fn modify<C: RangeChange>(
        &mut self,
        tale: &mut Self::Tale,
        part: Range,
        change: &C,
        call: HelperCall<'_>,
    ) -> Result<Changed, Obstacle>;

    /// Maps private anonymous memory in `range`, which is free, with these flags.
    fn map(&mut self, tale: &mut Self::Tale, range: Range, flags: VmaFlags)
        -> Result<(), Obstacle>;

    /// Adds `range`, which is free, to the VMA that ends where it starts.
    fn extend(&mut self, tale: &mut Self::Tale, range: Range) -> Result<(), Obstacle>;

    /// Cuts the VMA that covers `whole`.
    fn cut(&mut self, tale: &mut Self::Tale, whole: Range, cut: Split) -> Result<(), Failure>;

    /// Makes what is locked in `range` present, once the lock is released.
    fn populate(&mut self, _range: Range) {}
}

/// A part of a VMA that was changed, or would be.
pub(super) struct Changed {
    /// Where the VMA ends that covers it now (bytes).
    pub(super) end: usize,
    /// The flags of that VMA.
    pub(super) flags: VmaFlags,
}
