// SPDX-License-Identifier: GPL-2.0

//! Detects the boundaries beside segments of programs and libraries in a walk over all boundaries from below.
//!
//! Every process has such segments, side by side and with different access rights, so they explain nothing. They are
//! recognised by the way in which a program loader maps them: neighbours that map parts of one file privately, at
//! least one of them executable.

use super::{
    boundary::Boundary,
    cause_set::CauseSet,
    sides::Described, //
};
use crate::vma::{
    causes::Cause,
    flags, //
};

/// The maximum number of neighbouring VMAs that a loader maps from one file.
const MOST: usize = 16;

/// The state of a walk over VMAs from below.
#[derive(Clone)]
pub(crate) struct Segments {
    /// The file that the last VMA maps privately.
    file: Option<usize>,
    /// The number of successive VMAs that map this file privately.
    vmas: usize,
    /// Whether one of these VMAs is executable.
    is_executable: bool,
    /// Whether the last VMA has a neighbour that maps the same file.
    has_neighbour: bool,
}

impl Segments {
    /// Creates the state before the first VMA.
    pub(crate) const fn new() -> Self {
        Self {
            file: None,
            vmas: 0,
            is_executable: false,
            has_neighbour: false,
        }
    }

    /// Adds `vma` to the walk, and returns its boundary with the VMA below, if there is one.
    pub(crate) fn look<V: Described>(
        &mut self,
        below: Option<&V>,
        vma: &V,
        above: Option<&V>,
    ) -> Option<Boundary> {
        let was_segment = self.last_is_segment();
        self.add(vma, above);
        let mut boundary = Boundary::between(below?, vma);
        if !boundary.is_mergeable() && (was_segment || self.last_is_segment()) {
            boundary.causes = CauseSet::NONE.with(Cause::Segments);
            boundary.perhaps.causes = CauseSet::NONE;
        }
        Some(boundary)
    }

    const fn last_is_segment(&self) -> bool {
        self.is_executable && self.has_neighbour && self.vmas <= MOST
    }

    fn add<V: Described>(&mut self, vma: &V, above: Option<&V>) {
        let file = file_of(vma);
        if file.is_none() || file != self.file {
            *self = Self {
                file,
                ..Self::new()
            };
        }
        if file.is_none() {
            return;
        }
        self.vmas = self.vmas.saturating_add(1);
        let above = above.filter(|above| file_of(*above) == file);
        self.has_neighbour = self.vmas > 1 || above.is_some();
        // Loaders map the executable segment first or second.
        let is_executable = |vma: &V| vma.vma_flags().contains(flags::EXEC);
        self.is_executable = self.is_executable
            || is_executable(vma)
            || self.vmas == 1 && above.is_some_and(is_executable);
    }
}

/// Returns the number of the file that a VMA maps privately.
fn file_of(vma: &impl Described) -> Option<usize> {
    vma.inode_number()
        .filter(|_| !vma.vma_flags().contains(flags::MAYSHARE))
}
