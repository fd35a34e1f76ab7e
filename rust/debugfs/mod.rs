// SPDX-License-Identifier: GPL-2.0

//! `/sys/kernel/debug/rust_vma/`: one file here for each file there.

pub(crate) mod command;
mod ctl;
mod flags;
mod maps;
mod outcome;
mod progress;

use crate::sys::debugfs::{
    Directory,
    Entry, //
};
use kernel::{
    prelude::*,
    sync::Arc, //
};

/// The folder and its files; they go when this is dropped.
pub(crate) struct Files {
    // The folder goes first: until then, the files use what the entries keep.
    _directory: Directory,
    _ctl: Entry<ctl::Ctl>,
    _maps: Entry<maps::Maps>,
}

impl Files {
    /// Creates the folder and its files.
    pub(crate) fn new(name: &CStr) -> Result<Self> {
        let outcome = Arc::pin_init(outcome::LastOutcome::new(), GFP_KERNEL)?;
        let target = Arc::pin_init(maps::Target::new(outcome.clone()), GFP_KERNEL)?;

        let directory = Directory::new(name)?;
        Ok(Self {
            _ctl: directory.add(c"ctl", &outcome),
            _maps: directory.add(c"maps", &target),
            _directory: directory,
        })
    }
}
