// SPDX-License-Identifier: GPL-2.0

//! Expanding a VMA over free addresses.

use super::{
    compat::Attributes,
    flags::VmaFlags,
    sys::{
        Cursor,
        Error,
        Expansion,
        MovedFrom,
        Uprobes,
        Vma,
        ENOMEM, //
    },
};

pub(crate) use super::sys::ExpandError;

impl From<ExpandError> for Error {
    fn from(error: ExpandError) -> Error {
        match error {
            ExpandError::AnonVma | ExpandError::Store => ENOMEM,
        }
    }
}

/// A description of the range over which a VMA grows.
pub(crate) struct Filling<'g> {
    /// The flags of the range.
    pub(crate) flags: VmaFlags,
    /// The VMA whose pages move into the range, if any.
    pub(crate) moved_from: Option<MovedFrom<'g>>,
    /// The handling of uprobes in the grown VMA.
    pub(crate) uprobes: Uprobes,
}

/// Expands a VMA over free addresses, and returns it.
///
/// Sleeps. The mmap lock is held for write. If memory runs out, the cursor does not return to its old
/// position.
///
/// Answers to `vma_expand()`.
#[inline(always)]
pub(crate) fn vma_expand<'i, 'g>(
    cursor: &mut Cursor<'_, 'g>,
    expansion: Expansion<'i, 'g>,
    filling: Filling<'g>,
) -> Result<Vma<'i, 'g>, ExpandError> {
    let mut parts = filling.flags;
    let prepared = expansion.prepare(cursor, filling.moved_from)?;
    if let Some(removed) = prepared.removed() {
        parts = parts.union(removed.vma_flags());
    }
    let mut grown = prepared.commit(filling.uprobes);
    grown.add_sticky(parts);
    Ok(grown.into_vma())
}
