// SPDX-License-Identifier: GPL-2.0

//! The flags in which a range differs from the VMAs beside it.

use crate::{
    explain::flag_names::Distinctive,
    vma::{
        compat::{
            Attributes,
            Blocker,
            Side, //
        },
        extent::Range,
        flags::VmaFlags, //
    },
};
use kernel::fmt;

/// The flags in which a range differs from the VMAs that touch it. Empty on a side on which no VMA touches the range.
#[derive(Clone, Copy)]
pub(super) struct Differing {
    below: Difference,
    above: Difference,
}

/// The flags that only the VMA below has, and those that only the VMA above has.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Difference {
    only_below: Distinctive,
    only_above: Distinctive,
}

impl Difference {
    const NONE: Self = Self {
        only_below: Distinctive::NONE,
        only_above: Distinctive::NONE,
    };

    fn of(below: VmaFlags, above: VmaFlags) -> Self {
        Self {
            only_below: Distinctive::of(below, above),
            only_above: Distinctive::of(above, below),
        }
    }
}

impl Differing {
    /// The value if no flags differ, or if the flags are not known.
    pub(super) const NONE: Self = Self {
        below: Difference::NONE,
        above: Difference::NONE,
    };

    /// Compares a range that has or will have these flags with the VMAs around it.
    pub(super) fn of<'v, V: Attributes + 'v>(
        range: Range,
        flags: VmaFlags,
        around: [Option<&'v V>; 3],
    ) -> Self {
        let mut differing = Self::NONE;
        for vma in around.into_iter().flatten() {
            let there = vma.extent().range;
            if there.end() == range.start() {
                differing.below = Difference::of(vma.vma_flags(), flags);
            }
            if there.start() == range.end() {
                differing.above = Difference::of(flags, vma.vma_flags());
            }
        }
        differing
    }

    /// Returns the words for a rule that keeps the range apart on this side, with the flags that differ.
    pub(super) fn told(&self, side: Side, blocker: Blocker) -> Told {
        let difference = match side {
            _ if blocker != Blocker::Flags => Difference::NONE,
            Side::Below => self.below,
            Side::Above => self.above,
        };
        Told(blocker, difference)
    }
}

/// A rule that keeps two VMAs apart, in words.
#[derive(PartialEq, Eq)]
pub(super) struct Told(Blocker, Difference);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(blocker, difference) = self;
        f.write_str(blocker.describe())?;
        let sides = [
            ("only below", difference.only_below),
            ("only above", difference.only_above),
        ];
        let mut separator = " (";
        for (words, flags) in sides {
            if !flags.is_empty() {
                f.write_fmt(format_args!("{separator}{words}: {flags}"))?;
                separator = ", ";
            }
        }
        f.write_str(if separator == ", " { ")" } else { "" })
    }
}
