// SPDX-License-Identifier: GPL-2.0

//! Problems: sentences that say why there is no answer, and what to do.

use std::fmt;

/// The reason why there is no answer, as people read it.
#[derive(Debug)]
pub(crate) struct Problem(String);

impl Problem {
    /// Returns a reason in these words.
    pub(crate) fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Problem {}

/// A value, or the reason why there is none.
pub(crate) type Result<T> = std::result::Result<T, Problem>;
