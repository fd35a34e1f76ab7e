// SPDX-License-Identifier: GPL-2.0

//! `ctl`: does things to the VMAs of a process.
//!
//! Write a line (see `command.rs`), read what came of it (see `outcome.rs`). A reader gets the
//! outcome of the last command given through the same open file, or else the outcome of the last
//! command that anybody gave.

use super::{
    command::{
        parse,
        BadCommand,
        LONGEST_LINE, //
    },
    flags::change_flags,
    outcome::{
        LastOutcome,
        Outcome, //
    }, //
};
use crate::{
    sys::debugfs::DebugfsFile,
    text::Text, //
};
use kernel::{
    prelude::*,
    sync::{
        Arc,
        UniqueArc, //
    }, //
};

/// One opening of the file.
pub(super) struct Ctl {
    last: Arc<LastOutcome>,
    /// What came of the last command given through this opening.
    own: Option<Arc<Outcome>>,
    /// What is still to be read.
    unread: Unread,
}

/// What a reader has not got yet.
enum Unread {
    All(Arc<Outcome>),
    Details(Arc<Outcome>),
    Nothing,
}

impl DebugfsFile for Ctl {
    type Shared = LastOutcome;

    const LONGEST_WRITE: usize = LONGEST_LINE + 1;

    fn open(last: Arc<LastOutcome>) -> Result<Self> {
        Ok(Self {
            last,
            own: None,
            unread: Unread::Nothing,
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result {
        // Made first, so that there is no lack of memory for telling what was done.
        let mut outcome = UniqueArc::new(Outcome::new()?, GFP_KERNEL)?;
        let result = match parse(bytes) {
            Ok(command) => change_flags(&command, &mut outcome),
            Err(bad) => outcome.refuse(bad.errno(), fmt!("{bad}")),
        };
        self.remember(outcome.into());
        result
    }

    fn refuse_overlong(&mut self, length: usize) -> Result {
        let bad = BadCommand::Overlong(length);
        let mut outcome = UniqueArc::new(Outcome::new()?, GFP_KERNEL)?;
        let result = outcome.refuse(bad.errno(), fmt!("{bad}"));
        self.remember(outcome.into());
        result
    }

    fn rewind(&mut self) -> Result {
        self.unread = match self.own.clone().or_else(|| self.last.get()) {
            Some(outcome) => Unread::All(outcome),
            None => Unread::Nothing,
        };
        Ok(())
    }

    fn produce(&mut self, text: &mut Text) -> Result {
        // Each of the two pieces fits: see their lengths in outcome.rs.
        self.unread = match core::mem::replace(&mut self.unread, Unread::Nothing) {
            Unread::All(outcome) => {
                text.append_text(&outcome.summary)?;
                Unread::Details(outcome)
            }
            Unread::Details(outcome) => {
                text.append_text(&outcome.details)?;
                Unread::Nothing
            }
            Unread::Nothing => Unread::Nothing,
        };
        Ok(())
    }
}

impl Ctl {
    fn remember(&mut self, outcome: Arc<Outcome>) {
        self.last.set(outcome.clone());
        self.own = Some(outcome);
    }
}
