// SPDX-License-Identifier: GPL-2.0

//! The running kernel: its release, and its bits for flags that were moved later.

use crate::{
    host,
    problem::{
        Problem,
        Result, //
    },
    vma::flags::VmaFlags, //
};
use std::{
    fmt,
    fs, //
};

/// A release of Linux, such as 6.12.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Release(pub(crate) u32, pub(crate) u32);

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// Whether the answers were tested on a release.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tested {
    /// The answers were tested on the release.
    Yes,
    /// The answers were not tested on the release.
    No,
}

impl Release {
    /// Returns the release of the running kernel.
    pub(crate) fn of_this_kernel() -> Result<Self> {
        let text = name_of_this_kernel()?;
        Self::parse(&text)
            .ok_or_else(|| Problem::new(format!("{text:?} is not a release of Linux")))
    }

    /// Returns whether the answers were tested on this release.
    pub(crate) fn tested(self) -> Tested {
        if TESTED.contains(&self) {
            Tested::Yes
        } else {
            Tested::No
        }
    }

    /// Reads a release such as `6.12.38+deb13-amd64`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split(|character: char| !character.is_ascii_digit());
        let mut number = || numbers.next()?.parse().ok();
        Some(Self(number()?, number()?))
    }
}

/// The releases on which `make stock` tests the answers: those of STOCK_SUITES in scripts/lib/versions.sh.
const TESTED: &[Release] = &[Release(6, 1), Release(6, 12), Release(7, 3)];

/// Returns the full name of the running kernel's release, with all additions of its distributor.
pub(crate) fn name_of_this_kernel() -> Result<String> {
    let file = "/proc/sys/kernel/osrelease";
    let text = fs::read_to_string(file)
        .map_err(|error| Problem::new(format!("{file} cannot be read: {error}")))?;
    Ok(text.trim_end().to_owned())
}

/// The flags that were moved: each with its bits, and the releases since which it has them. Flags below bit 32 were
/// never moved.
const MOVED_FLAGS: &[(u32, &[(Release, u32)])] = &[
    (
        host::VMA_UFFD_MINOR_BIT,
        &[
            (Release(5, 13), 37),
            (Release(6, 6), 38),
            (Release(6, 15), 41),
        ],
    ),
    (
        host::VMA_SEALED_BIT,
        &[(Release(6, 10), 63), (Release(6, 17), 42)],
    ),
    #[cfg(target_arch = "aarch64")]
    (host::MTE_BIT, &[(Release(5, 10), 32), (Release(6, 12), 36)]),
    #[cfg(target_arch = "aarch64")]
    (
        host::MTE_ALLOWED_BIT,
        &[(Release(5, 10), 33), (Release(6, 12), 37)],
    ),
];

/// Translates the bits of flags in a release to flags numbered as in Linux 7.3.
pub(crate) fn flags_of(release: Release, bits: u64) -> VmaFlags {
    let mut rest = bits;
    let mut numbered = 0;
    for (bit, places) in MOVED_FLAGS {
        let place = places.iter().rev().find(|(since, _)| *since <= release);
        let Some((_, place)) = place else { continue };
        if bits & 1 << place != 0 {
            rest &= !(1 << place);
            numbered |= 1 << bit;
        }
    }
    VmaFlags::from_words([(rest | numbered) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases() {
        for (text, release) in [
            ("6.1.0-38-amd64\n", Some(Release(6, 1))),
            ("6.12.38+deb13-arm64", Some(Release(6, 12))),
            ("7.3.4", Some(Release(7, 3))),
            ("7.3-rc1", Some(Release(7, 3))),
            ("7", None),
            ("Linux", None),
            ("", None),
        ] {
            assert_eq!(Release::parse(text), release, "{text}");
        }
        assert!(Release(6, 2) < Release(6, 12) && Release(6, 12) < Release(7, 0));
    }

    /// Each flag is found at its bit in the release.
    #[test]
    fn flags_that_have_moved() {
        const MINOR: u32 = host::VMA_UFFD_MINOR_BIT;
        const SEALED: u32 = host::VMA_SEALED_BIT;
        for (release, bit, flag) in [
            (Release(6, 1), 37, MINOR),
            (Release(6, 6), 38, MINOR),
            (Release(6, 12), 38, MINOR),
            (Release(6, 14), 41, MINOR),
            (Release(6, 15), 41, MINOR),
            (Release(7, 3), 41, MINOR),
            (Release(6, 12), 63, SEALED),
            (Release(6, 16), 63, SEALED),
            (Release(6, 17), 42, SEALED),
            (Release(7, 3), 42, SEALED),
        ] {
            let flags = flags_of(release, 1 << bit | 0x73);
            assert_eq!(flags, VmaFlags::of(&[0, 1, 4, 5, 6, flag]), "{release:?}");
        }
    }

    #[test]
    fn flags_that_have_not() {
        for bits in [0x8000_0000, 0x10_0073, 1 << 40, u32::MAX as u64] {
            for release in [Release(6, 1), Release(6, 12), Release(7, 3)] {
                assert_eq!(flags_of(release, bits).words(), [bits as usize]);
            }
        }
    }
}
