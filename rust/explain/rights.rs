// SPDX-License-Identifier: GPL-2.0

//! The access rights to a VMA, as in /proc/PID/maps: `rw-p`.

use crate::vma::flags::{
    self,
    VmaFlags, //
};

/// A letter and its meaning.
pub(super) struct Letter {
    pub(super) letter: &'static str,
    pub(super) words: &'static str,
}

/// Creates the letter of a right.
const fn letter(letter: &'static str, words: &'static str) -> Letter {
    Letter { letter, words }
}

/// The letters of the rights that a VMA has. [`NO_RIGHT`] takes the place of a right that the VMA lacks.
pub(super) const READ: Letter = letter("r", "may be read");
pub(super) const WRITE: Letter = letter("w", "may be written");
pub(super) const EXECUTE: Letter = letter("x", "may be executed");
pub(super) const SHARED: Letter = letter("s", "shared");
pub(super) const PRIVATE: Letter = letter("p", "private");

const NO_RIGHT: &str = "-";

/// All letters, in order of position. The last two share one position.
pub(super) const LETTERS: [Letter; 5] = [READ, WRITE, EXECUTE, SHARED, PRIVATE];

/// The access rights to a VMA, and whether it is shared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Rights(VmaFlags);

impl Rights {
    /// Returns the rights to a VMA with these flags.
    pub(crate) fn of(flags: VmaFlags) -> Self {
        Self(flags.intersection(flags::ACCESS.union(flags::MAYSHARE)))
    }

    /// Returns the letters.
    pub(crate) fn letters(self) -> [&'static str; 4] {
        let one_of = |flag, set, unset| if self.0.contains(flag) { set } else { unset };
        [
            one_of(flags::READ, READ.letter, NO_RIGHT),
            one_of(flags::WRITE, WRITE.letter, NO_RIGHT),
            one_of(flags::EXEC, EXECUTE.letter, NO_RIGHT),
            one_of(flags::MAYSHARE, SHARED.letter, PRIVATE.letter),
        ]
    }
}
