// SPDX-License-Identifier: GPL-2.0

//! The interface of the sources of a process's VMAs.

use crate::{
    explain::Walk,
    problem::Result,
    record::Record, //
};

/// A walk over the VMAs of a process, in ascending order.
pub(crate) trait Source {
    /// Returns the next VMA, or nothing after the last.
    fn next(&mut self) -> Result<Option<Record>>;

    /// Returns whether the walk has been disturbed or cut short so far.
    fn walk(&self) -> Walk;
}
