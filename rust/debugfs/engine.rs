// SPDX-License-Identifier: GPL-2.0

//! `engine`: who serves the kernel's own merging and splitting, and how many calls it has served.
//!
//! Write `c`, `rust` or `shadow` to choose; with ` keep` behind it, C does not take over when
//! something is wrong. What a reader gets is told in `hook.rs`.

use super::outcome::LastOutcome;
use crate::{
    hook::{
        describe,
        Engine,
        OnTrouble, //
    },
    sys::{
        debugfs::DebugfsFile,
        live::Registration, //
    },
    text::Text, //
};
use kernel::{
    prelude::*,
    str::BStr,
    sync::Arc, //
};

/// What those who open the file share.
#[pin_data]
pub(super) struct Hook {
    #[pin]
    registration: Registration,
    /// Where refusals are said.
    outcome: Arc<LastOutcome>,
}

impl Hook {
    /// Lets this engine serve. Fails with `EBUSY` if somebody else serves the hook.
    pub(super) fn new(engine: Engine, outcome: Arc<LastOutcome>) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            registration <- Registration::new(engine),
            outcome,
        })
    }
}

/// One opening of the file.
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

    fn write(&mut self, bytes: &[u8]) -> Result {
        match parse(bytes) {
            Some((engine, on_trouble)) => {
                self.hook.registration.switch(engine, on_trouble);
                Ok(())
            }
            None => self.hook.outcome.refuse(
                EINVAL,
                fmt!(
                "there is no engine {}; there are c, rust and shadow, each with \"keep\" behind it \
                 or not",
                BStr::from_bytes(bytes.trim_ascii())
            ),
            ),
        }
    }

    fn refuse_overlong(&mut self, length: usize) -> Result {
        self.hook.outcome.refuse(
            EINVAL,
            fmt!("{length} bytes are no engine; there are c, rust and shadow"),
        )
    }

    fn rewind(&mut self) -> Result {
        self.unread = true;
        Ok(())
    }

    fn produce(&mut self, text: &mut Text) -> Result {
        if core::mem::take(&mut self.unread) {
            describe(&self.hook.registration, text).map_err(|_| ENOSPC)?;
        }
        Ok(())
    }
}

fn parse(bytes: &[u8]) -> Option<(Engine, OnTrouble)> {
    let text = core::str::from_utf8(bytes).ok()?;
    let mut words = text.split_ascii_whitespace();
    let engine = Engine::from_name(words.next()?)?;
    let on_trouble = match words.next() {
        None => OnTrouble::GoBackToC,
        Some("keep") => OnTrouble::Keep,
        Some(_) => return None,
    };
    words.next().is_none().then_some((engine, on_trouble))
}
