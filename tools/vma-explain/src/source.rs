// SPDX-License-Identifier: GPL-2.0

//! Where the VMAs of a process come from.

use crate::{
    explain::Walk,
    problem::Result,
    record::Record, //
};

/// A walk over the VMAs of a process, from below.
pub(crate) trait Source {
    /// Returns the next VMA, or nothing after the last.
    fn next(&mut self) -> Result<Option<Record>>;

    /// How the walk went so far.
    fn walk(&self) -> Walk;
}
