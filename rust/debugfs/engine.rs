// SPDX-License-Identifier: GPL-2.0

//! `engine`: the engine that executes the kernel's own calls to the hooked helpers, and the number of calls that each
//! engine has executed.
//!
//! ```text
//! engine rust
//! calls                           c         rust       shadow
//! vma_modify_flags              120         9000            0
//! ...
//! shadow 0 compared, 0 differences, 0 without memory
//! refused 0
//! ```
//!
//! Write `c`, `rust` or `shadow` to choose an engine. With ` keep` after its name, the engine remains chosen after a
//! fault; otherwise a fault causes a fallback to C.

use super::outcome::LastOutcome;
use crate::{
    hook::{
        engine::{
            Choice,
            Engine, //
        },
        fallback::{
            on_fault,
            refused,
            OnFault, //
        },
        shadow::tally::tally,
    },
    report::helper::Helper,
    sys::debugfs::{
        DebugfsFile,
        Unseen, //
    },
    text::{
        Full,
        Text, //
    },
};
use kernel::{
    prelude::*,
    str::BStr,
    sync::Arc, //
};

/// The state that all openers of the file share.
#[pin_data]
pub(super) struct Hook {
    #[pin]
    choice: Choice,
    /// The outcome that readers of `ctl` see. The reason for a refused write is recorded here.
    outcome: Arc<LastOutcome>,
}

impl Hook {
    /// Chooses this engine. Fails with `EBUSY` if another module is registered with the hook.
    pub(super) fn new(engine: Engine, outcome: Arc<LastOutcome>) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            choice <- Choice::new(engine)?,
            outcome,
        })
    }
}

/// An open `engine` file.
pub(super) struct EngineFile {
    hook: Arc<Hook>,
    unread: bool,
}

impl DebugfsFile for EngineFile {
    type Shared = Hook;

    const LONGEST_WRITE: usize = 16;

    fn open(hook: Arc<Hook>) -> Result<Self> {
        Ok(Self {
            hook,
            unread: false,
        })
    }

    fn write(&mut self, written: Result<&[u8], Unseen>) -> Result {
        let Hook { choice, outcome } = &*self.hook;
        outcome.require_administrator()?;
        let bytes = match written {
            Ok(bytes) => bytes,
            Err(Unseen::Overlong(length)) => {
                return outcome.refuse(
                    EINVAL,
                    fmt!("{length} bytes are too many for an engine; write c, rust or shadow"),
                );
            }
            Err(unseen) => return outcome.refuse_unseen(unseen),
        };
        match parse(bytes) {
            Some((engine, on_fault)) => choice.choose(engine, on_fault),
            None => outcome.refuse(
                EINVAL,
                fmt!(
                    "there is no engine {}; write c, rust or shadow, with or without \"keep\" after it",
                    BStr::from_bytes(bytes.trim_ascii())
                ),
            ),
        }
    }

    fn rewind(&mut self) -> Result {
        self.unread = true;
        Ok(())
    }

    fn produce(&mut self, text: &mut Text) -> Result {
        if core::mem::take(&mut self.unread) {
            describe(&self.hook.choice, text).map_err(|_| ENOSPC)?;
        }
        Ok(())
    }
}

fn describe(choice: &Choice, text: &mut Text) -> Result<(), Full> {
    let keep = match on_fault() {
        OnFault::FallBack => "",
        OnFault::Keep => " keep",
    };
    let [c, rust, shadow] = Engine::ALL.map(Engine::name);
    text.append(fmt!("engine {}{keep}\n", choice.engine().name()))?;
    text.append(fmt!("{:23} {c:>12} {rust:>12} {shadow:>12}\n", "calls"))?;
    for helper in Helper::HOOKED {
        let [c, rust, shadow] = Engine::ALL.map(|engine| engine.calls(helper));
        text.append(fmt!(
            "{:23} {c:>12} {rust:>12} {shadow:>12}\n",
            helper.name().as_str()
        ))?;
    }
    let tally = tally();
    text.append(fmt!(
        "shadow {} compared, {} differences, {} without memory\n",
        tally.compared,
        tally.differences,
        tally.without_memory
    ))?;
    text.append(fmt!("refused {}\n", refused()))
}

fn parse(bytes: &[u8]) -> Option<(Engine, OnFault)> {
    let text = core::str::from_utf8(bytes).ok()?;
    let mut words = text.split_ascii_whitespace();
    let engine = Engine::from_name(words.next()?)?;
    let on_fault = match words.next() {
        None => OnFault::FallBack,
        Some("keep") => OnFault::Keep,
        Some(_) => return None,
    };
    words.next().is_none().then_some((engine, on_fault))
}
