// SPDX-License-Identifier: GPL-2.0

//! The files in `/sys/kernel/debug/rust_vma/`.

pub(crate) mod command;
mod ctl;
mod engine;
mod explain;
mod help;
mod maps;
mod outcome;
mod plan;
mod question;
mod stats;

use crate::{
    explain::{
        json::ForPrograms,
        text::ForPeople, //
    },
    hook::engine::Engine,
    process::Pid,
    sys::debugfs::Directory, //
};
use kernel::{
    prelude::*,
    sync::Arc, //
};

/// The directory and its files. Dropping this value removes them.
pub(crate) struct Files {
    _directory: Directory<Shared>,
}

/// The state that all openers of the files share.
struct Shared {
    outcome: Arc<outcome::LastOutcome>,
    plan: Arc<outcome::LastOutcome>,
    listed: Arc<question::LastQuestion<Pid>>,
    explained: Arc<question::LastQuestion<explain::Subject>>,
    hook: Option<Arc<engine::Hook>>,
    beginning: Arc<stats::Beginning>,
    nothing: Arc<()>,
}

impl Files {
    /// Creates the directory and its files, and chooses `engine` for the kernel's hook.
    ///
    /// Fails with `EBUSY` if another module is registered with the hook.
    pub(crate) fn new(name: &CStr, engine: Option<Engine>) -> Result<Self> {
        let outcome = Arc::pin_init(outcome::LastOutcome::new()?, GFP_KERNEL)?;
        let hook = match engine {
            Some(engine) => Some(Arc::pin_init(
                engine::Hook::new(engine, outcome.clone()),
                GFP_KERNEL,
            )?),
            None => None,
        };

        let beginning = Arc::pin_init(stats::Beginning::new(outcome.clone())?, GFP_KERNEL)?;

        let shared = Shared {
            outcome,
            plan: Arc::pin_init(outcome::LastOutcome::new()?, GFP_KERNEL)?,
            listed: Arc::pin_init(question::LastQuestion::new()?, GFP_KERNEL)?,
            explained: Arc::pin_init(question::LastQuestion::new()?, GFP_KERNEL)?,
            hook,
            beginning,
            nothing: Arc::new((), GFP_KERNEL)?,
        };
        let directory = Directory::new(name, shared)?;
        // Nothing may fail from here on, because a file may already be open.
        directory.add::<help::Help>(c"help", |shared| Some(&shared.nothing));
        directory.add::<ctl::Commands<ctl::Ctl>>(c"ctl", |shared| Some(&shared.outcome));
        directory.add::<ctl::Commands<plan::PlanOnly>>(c"plan", |shared| Some(&shared.plan));
        directory.add::<maps::Maps>(c"maps", |shared| Some(&shared.listed));
        directory.add::<explain::Explain<ForPeople>>(c"explain", |shared| Some(&shared.explained));
        directory.add::<explain::Explain<ForPrograms>>(c"explain.jsonl", |shared| {
            Some(&shared.explained)
        });
        directory.add::<engine::EngineFile>(c"engine", |shared| shared.hook.as_ref());
        directory.add::<stats::Stats>(c"stats", |shared| Some(&shared.beginning));
        Ok(Self {
            _directory: directory,
        })
    }
}
