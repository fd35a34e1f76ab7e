// SPDX-License-Identifier: GPL-2.0

//! Letting a VMA grow over addresses that are free.

use super::{
    compat::Attributes,
    extent::Extent,
    flags::VmaFlags,
    sys::{
        Cloned,
        Error,
        Over,
        Resizing,
        Uprobes,
        Vma,
        VmaIter,
        VmaRef,
        ENOMEM, //
    },
};

/// A VMA, and what it is to become.
///
/// ```text
///   |---vma---|           |-removed-|        or downwards, with nothing removed:
///   |--------------to--------------|              |---vma---|
///                                            |------to------|
/// ```
pub(crate) struct Expansion<'i, 's> {
    /// The VMA that grows.
    pub(crate) vma: Vma<'i>,
    /// Where it will be: it keeps all that it covers now. But for `removed`, the rest is free.
    pub(crate) to: Extent,
    /// The VMA at the end of the range, which it takes over.
    pub(crate) removed: Option<Vma<'i>>,
    /// The flags of the range that is new.
    pub(crate) flags: VmaFlags,
    /// The VMA whose pages move into the range that is new.
    pub(crate) moved_from: Option<&'s VmaRef>,
    /// Whether uprobes are set in what it covers then.
    pub(crate) uprobes: Uprobes,
}

/// The step of an expansion that lacked memory. Nothing has changed, but that the VMA is write-locked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ExpandError {
    /// The place of the VMA among the anon_vmas of the VMA that it takes over.
    AnonVma,
    /// The store into the tree. (The VMA that it would have taken over is write-locked, too.)
    Store,
}

impl From<ExpandError> for Error {
    fn from(error: ExpandError) -> Error {
        match error {
            ExpandError::AnonVma | ExpandError::Store => ENOMEM,
        }
    }
}

/// Lets a VMA grow, and returns it.
///
/// Sleeps. The mmap lock is held for write. The iterator stands at the VMA, or before it.
///
/// If there is no memory, the iterator is not put back to where it was.
///
/// Answers to `vma_expand()`.
#[inline(always)]
pub(crate) fn vma_expand<'i>(
    iter: &mut VmaIter<'_>,
    expansion: Expansion<'i, '_>,
) -> Result<Vma<'i>, ExpandError> {
    let Expansion {
        mut vma,
        to,
        mut removed,
        flags,
        moved_from,
        uprobes,
    } = expansion;

    vma.start_write();
    let mut cloned = Cloned::Nothing;
    for source in [removed.as_deref(), moved_from].into_iter().flatten() {
        if let Cloned::Nothing = cloned {
            cloned = vma
                .adopt_anon_vma(source)
                .map_err(|_| ExpandError::AnonVma)?;
        }
    }
    let mut parts = flags;
    if let Some(removed) = &mut removed {
        removed.start_write();
        parts = parts.union(removed.vma_flags());
    }
    let Ok(reserved) = iter.reserve(to.range, &vma) else {
        vma.give_back(cloned);
        return Err(ExpandError::Store);
    };

    let over = Over {
        grown: Resizing { vma, to },
        gone: [removed, None],
    };
    let mut grown = over.merge(reserved, uprobes);
    grown.add_sticky(parts);
    Ok(grown)
}
