// SPDX-License-Identifier: GPL-2.0

//! A VMA that is about to be split in two.
//!
//! ```text
//!   allowed()   the driver's consent
//!   prepare()   a copy, memory for the store, and a copy of the policy; undone on failure
//!   commit()    clones the anon_vma chain, which may fail; nothing after that can
//! ```

use super::{
    bindings,
    host::{
        to_result,
        Result,
        EINVAL, //
    },
    iter::Cursor,
    new_vma::{
        NewVma,
        WithPolicy, //
    },
    rmap::RmapSection,
    vma::{
        Vma,
        WriteLocked, //
    },
};
use crate::vma::{
    compat::Side,
    cut::Split,
    extent::Range, //
};

/// A VMA that is about to be split in two.
///
/// # Invariants
///
/// `split` is a split of the current range of `vma`.
pub(crate) struct Splitting<'i, 'g> {
    vma: Vma<'i, 'g>,
    split: Split,
}

impl<'i, 'g> Splitting<'i, 'g> {
    /// Returns the split at `addr` (bytes), after which the part on the side `new` is a new VMA. Returns `None` if
    /// `addr` is not inside the VMA.
    #[inline(always)]
    pub(crate) fn at(vma: Vma<'i, 'g>, addr: usize, new: Side) -> Option<Self> {
        // INVARIANT: The split is that of this VMA.
        Split::at(vma.range(), addr, new).map(|split| Self { vma, split })
    }

    /// Returns the split after which the VMA begins where `range` does, or the VMA itself if it already begins there.
    #[inline(always)]
    pub(crate) fn start_of(range: Range, vma: Vma<'i, 'g>) -> Result<Self, Vma<'i, 'g>> {
        // INVARIANT: The split is that of this VMA.
        match Split::start_of(range, vma.range()) {
            Some(split) => Ok(Self { vma, split }),
            None => Err(vma),
        }
    }

    /// Returns the split after which the VMA ends where `range` does, or the VMA itself if it already ends there.
    #[inline(always)]
    pub(crate) fn end_of(range: Range, vma: Vma<'i, 'g>) -> Result<Self, Vma<'i, 'g>> {
        // INVARIANT: The split is that of this VMA.
        match Split::end_of(range, vma.range()) {
            Some(split) => Ok(Self { vma, split }),
            None => Err(vma),
        }
    }

    /// Returns the VMA.
    pub(crate) fn vma(&self) -> &Vma<'i, 'g> {
        &self.vma
    }

    /// Returns the place of the split.
    pub(crate) fn split(&self) -> Split {
        self.split
    }

    /// Asks the driver whether the VMA may be split there. Fails with the driver's errno if not, and with `EINVAL` if
    /// the driver returns a positive number: C accepts only zero.
    ///
    /// Answers to the `may_split` hook.
    #[inline(always)]
    pub(crate) fn allowed(self) -> Result<AllowedSplit<'i, 'g>> {
        // SAFETY: The VMA is valid, its mmap lock is held for write, and the split lies inside it.
        let said = unsafe { bindings::rust_vma_may_split(self.vma.as_raw(), self.split.addr()) };
        match said {
            ..=0 => to_result(said)?,
            _ => return Err(EINVAL),
        }
        Ok(AllowedSplit(self))
    }
}

/// A split that the driver of the VMA allows.
pub(crate) struct AllowedSplit<'i, 'g>(Splitting<'i, 'g>);

impl<'i, 'g> AllowedSplit<'i, 'g> {
    /// Allocates everything that the split needs, except for the anon_vma chain. On failure nothing has changed.
    ///
    /// Sleeps. Fails with `ENOMEM`. Answers to `vm_area_dup()`, `vma_iter_prealloc()` and `vma_dup_policy()`.
    #[inline(always)]
    pub(crate) fn prepare<'r>(
        self,
        cursor: &'r mut Cursor<'_, 'g>,
    ) -> Result<PreparedSplit<'r, 'i, 'g>> {
        let Self(splitting) = self;
        let vma = &splitting.vma;
        let new = NewVma::copy_of(vma, splitting.split.new_part())
            .and_then(|new| new.reserve(cursor))
            .and_then(|new| new.with_policy_of(vma))?;
        // INVARIANT: `new` is a copy of the VMA for this split.
        Ok(PreparedSplit { new, splitting })
    }
}

/// A VMA that is about to be split in two, and the new VMA. Without [`commit`](Self::commit) nothing changes.
///
/// # Invariants
///
/// `new` is a copy of the VMA that is split, for the part that the VMA gives up.
#[must_use = "nothing has changed yet"]
pub(crate) struct PreparedSplit<'r, 'i, 'g> {
    new: NewVma<'i, 'g, WithPolicy<'r, 'g>>,
    splitting: Splitting<'i, 'g>,
}

impl<'i, 'g> PreparedSplit<'_, 'i, 'g> {
    /// Splits the VMA in two, and returns the original VMA, which keeps the other part.
    ///
    /// Sleeps. Fails with `ENOMEM`, without changing anything. Answers to the second half of `__split_vma()`.
    #[inline(always)]
    pub(crate) fn commit(self) -> Result<WriteLocked<'i, 'g>> {
        let Splitting { vma, split } = self.splitting;
        let (new, reserved) = self.new.with_pages_of(&vma)?;

        let mut vma = vma.write_locked();
        let new = new.write_locked();
        let section = RmapSection::of(&vma, None, Some(&new));
        vma.split_huge_pages_at(split.addr());
        vma.set_part(split.kept());
        let has_file = section.have_file();
        section.finish([None, None], || {
            reserved.insert(&new);
            // SAFETY: The mm is valid and its mmap lock is held for write.
            unsafe { bindings::rust_vma_map_count_inc(new.mm_raw()) };
        });
        if has_file {
            vma.uprobe_mmap();
            new.uprobe_mmap();
        }
        Ok(vma)
    }
}
