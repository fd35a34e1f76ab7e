// SPDX-License-Identifier: GPL-2.0

//! A call that the shadow watches, and its VMAs before C executes the call.

use crate::{
    report::helper::Helper,
    vma::{
        compat::{
            Attributes,
            Candidate, //
        },
        extent::{
            Extent,
            Range, //
        },
        flags::VmaFlags,
        forecast::Before,
        merge::IfNoMemory,
        sys::VmaRef,
    },
};
use kernel::{
    fmt,
    prelude::*, //
};

/// A VMA that a call operates on, compared with the range that the call requests.
#[derive(Clone, Copy)]
pub(crate) struct Neighbour {
    extent: Extent,
    flags: VmaFlags,
    has_file: bool,
    same_file: bool,
    anon_vma: AnonVma,
    is_forked: bool,
    same_policy: bool,
    same_context: bool,
    same_name: bool,
    closes: bool,
}

#[derive(Clone, Copy)]
enum AnonVma {
    None,
    Same,
    Other,
}

impl Neighbour {
    /// Compares the candidate with a VMA that is beside it or contains it.
    pub(crate) fn of(vma: &VmaRef, candidate: &Candidate<'_, VmaRef>) -> Self {
        let anon_vma = match vma.anon_vma() {
            None => AnonVma::None,
            theirs if theirs == candidate.anon_vma => AnonVma::Same,
            Some(_) => AnonVma::Other,
        };
        Self {
            extent: vma.extent(),
            flags: vma.vma_flags(),
            has_file: vma.file().is_some(),
            same_file: vma.file() == candidate.file,
            anon_vma,
            is_forked: vma.anon_vma().is_some() && vma.has_forked_anon_vma(),
            same_policy: vma.has_policy_like(&candidate.policy),
            same_context: vma.userfaultfd_context() == candidate.userfaultfd_context,
            same_name: vma.has_name_like(&candidate.name),
            closes: vma.must_not_disappear(),
        }
    }
}

/// The range or VMA that a call requests.
#[derive(Clone, Copy)]
pub(crate) struct Wanted {
    extent: Extent,
    flags: VmaFlags,
    has_file: bool,
    has_anon_vma: bool,
    is_forked: bool,
    /// Whether pages move into the range from another VMA.
    moves: bool,
    /// The caller's choice in case memory runs out.
    pub(super) if_no_memory: IfNoMemory,
}

impl Wanted {
    /// Describes a candidate, which is a part of `middle` or a new range.
    pub(crate) fn of(
        candidate: &Candidate<'_, VmaRef>,
        middle: Option<&VmaRef>,
        if_no_memory: IfNoMemory,
    ) -> Self {
        let source = candidate.source.vma();
        Self {
            moves: middle.is_none() && source.is_some(),
            if_no_memory,
            extent: candidate.extent,
            flags: candidate.flags,
            has_file: candidate.file.is_some(),
            has_anon_vma: candidate.anon_vma.is_some(),
            is_forked: candidate.anon_vma.is_some()
                && source.is_some_and(VmaRef::has_forked_anon_vma),
        }
    }
}

/// A call, and the state of its VMAs before the call.
pub(crate) struct Asked {
    /// The helper that is called.
    pub(crate) helper: Helper,
    /// The range or VMA that the call requests.
    pub(crate) wanted: Wanted,
    /// The VMA below.
    pub(crate) prev: Option<Neighbour>,
    /// The VMA that changes; `None` if a range is mapped.
    pub(crate) middle: Option<Neighbour>,
    /// The VMA above, if it matters to the call.
    pub(crate) next: Option<Neighbour>,
    /// Whether the VMAs below and above have the same anon_vma.
    pub(crate) ends_share_anon_vma: bool,
    /// The number of VMAs, and the limit on that number.
    pub(crate) limit: Limit,
}

/// The number of VMAs of a process, and the limit on that number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    /// The `map_count` of the process.
    pub(crate) vmas: i32,
    /// `vm.max_map_count`.
    pub(crate) most: i32,
}

impl Asked {
    /// Returns the extents of the VMAs.
    pub(crate) fn before(&self) -> Before {
        let extent = |vma: &Option<Neighbour>| vma.as_ref().map(|vma| vma.extent);
        Before {
            prev: extent(&self.prev),
            middle: extent(&self.middle),
            next: extent(&self.next),
        }
    }

    /// Returns the range that the call requests.
    pub(crate) fn wanted_range(&self) -> Range {
        self.wanted.extent.range
    }

    /// Returns the flags that the call requests for the range.
    pub(crate) fn wanted_flags(&self) -> VmaFlags {
        self.wanted.flags
    }

    /// Returns the addresses from the first to the last VMA of the call, including the requested range.
    pub(crate) fn span(&self) -> Range {
        let before = self.before();
        let first = before.prev.or(before.middle).unwrap_or(self.wanted.extent);
        let last = before.next.or(before.middle).unwrap_or(self.wanted.extent);
        let whole = first.range.through(self.wanted.extent.range);
        if last.range.end() > whole.end() {
            whole.through(last.range)
        } else {
            whole
        }
    }

    /// Returns whether a VMA with this extent lies within the range that the call maps.
    pub(crate) fn replaces(&self, extent: Extent) -> bool {
        self.middle.is_none() && self.wanted.extent.range.contains(extent.range)
    }
}

/// An extent in hexadecimal: addresses, page offset, anonymous page offset.
pub(super) struct Spelled(pub(super) Extent);

impl fmt::Display for Spelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let extent = &self.0;
        f.write_fmt(fmt!(
            "{:x}-{:x} {:x} {:x}",
            extent.range.start(),
            extent.range.end(),
            extent.pgoff.pages(),
            extent.anon_pgoff.pages()
        ))
    }
}

/// Returns `word` if `holds` is true, otherwise an empty string.
pub(super) fn word(holds: bool, word: &str) -> &str {
    if holds {
        word
    } else {
        ""
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(fmt!(
            "{} flags {:x}{}{}{}{}{}",
            Spelled(self.extent),
            self.flags,
            word(self.has_file, " file"),
            word(self.has_anon_vma, " anon_vma"),
            word(self.is_forked, " forked"),
            word(self.moves, " moves"),
            word(self.if_no_memory == IfNoMemory::GiveUp, " gives-up"),
        ))
    }
}

impl fmt::Display for Neighbour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let anon_vma = match self.anon_vma {
            AnonVma::None => "",
            AnonVma::Same => " anon_vma",
            AnonVma::Other => " other-anon_vma",
        };
        f.write_fmt(fmt!(
            "{} flags {:x}{}{}{}{}{}{}{}{}",
            Spelled(self.extent),
            self.flags,
            word(self.has_file, " file"),
            word(!self.same_file, " other-file"),
            anon_vma,
            word(self.is_forked, " forked"),
            word(!self.same_policy, " other-policy"),
            word(!self.same_context, " other-uffd"),
            word(!self.same_name, " other-name"),
            word(self.closes, " closes"),
        ))
    }
}
