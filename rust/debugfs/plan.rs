// SPDX-License-Identifier: GPL-2.0

//! `plan`: predicts `ctl`, and is written and read like `ctl`.

use super::{
    command::Command,
    ctl::Treat,
    outcome::WriteOutcome, //
};
use crate::{
    errno::ErrnoName,
    process::change::foresee, //
};
use kernel::prelude::*;

/// Foresees commands.
pub(super) struct PlanOnly;

impl Treat for PlanOnly {
    fn treat(command: &Command<'_>, outcome: &mut WriteOutcome) -> Result {
        let (result, foreseen) = foresee(command.who, &command.change, &mut outcome.details);
        let parts = foreseen.parts;
        let result = match (result, &foreseen.pairs) {
            (Ok(()), Some(pairs)) if foreseen.is_cut_short => {
                outcome.summarize(fmt!(
                    "as things are now, this would happen, and more: {pairs}, as far as it was looked at; \
                     nothing has changed"
                ));
                Ok(())
            }
            (Ok(()), Some(pairs)) => {
                outcome.summarize(fmt!(
                    "as things are now, this would happen: {pairs}; nothing has changed"
                ));
                Ok(())
            }
            (Ok(()), None) if foreseen.is_cut_short => {
                outcome.summarize(fmt!(
                    "as things are now, this would happen, and more: only the first {parts} VMAs of the \
                     range are listed; nothing has changed"
                ));
                Ok(())
            }
            (Ok(()), None) => {
                outcome.summarize(fmt!(
                    "as things are now, this would happen; nothing has changed"
                ));
                Ok(())
            }
            (Err(failure), _) if !foreseen.would_change => {
                outcome.refuse(failure.errno(), fmt!("as things are now, {failure}"))
            }
            (Err(failure), _) => {
                let errno = failure.errno();
                outcome.summarize(fmt!(
                    "as things are now, this would happen, and then it would be stopped ({}): {failure}; \
                     nothing has changed",
                    ErrnoName(errno)
                ));
                Err(errno)
            }
        };
        if foreseen.unlisted > 0 {
            outcome.summarize(fmt!("({} more VMAs are not listed)", foreseen.unlisted));
        }
        result
    }
}
