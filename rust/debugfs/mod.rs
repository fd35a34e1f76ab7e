// SPDX-License-Identifier: GPL-2.0

//! `/sys/kernel/debug/rust_vma/`: one file here for each file there.

pub(crate) mod command;
mod ctl;
mod flags;
mod maps;
mod outcome;
mod progress;

use crate::sys::debugfs::Directory;
use kernel::{
    prelude::*,
    sync::Arc, //
};

/// The folder and its files; they go when this is dropped.
pub(crate) struct Files {
    _directory: Directory<Shared>,
}

/// What those who open the files share.
struct Shared {
    outcome: Arc<outcome::LastOutcome>,
    target: Arc<maps::Target>,
}

impl Files {
    /// Creates the folder and its files.
    pub(crate) fn new(name: &CStr) -> Result<Self> {
        let outcome = Arc::pin_init(outcome::LastOutcome::new(), GFP_KERNEL)?;
        let target = Arc::pin_init(maps::Target::new(outcome.clone()), GFP_KERNEL)?;

        let directory = Directory::new(name, Shared { outcome, target })?;
        directory.add::<ctl::Ctl>(c"ctl", |shared| &shared.outcome);
        directory.add::<maps::Maps>(c"maps", |shared| &shared.target);
        Ok(Self {
            _directory: directory,
        })
    }
}
