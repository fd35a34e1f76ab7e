// SPDX-License-Identifier: GPL-2.0

//! `plan`: predicts the outcome of commands. It is written and read like `ctl`.
//!
//! If a line contains several commands, each is predicted for the state in which the commands before it would leave
//! the process.

use super::{
    command::Joined,
    ctl::Treat,
    outcome::WriteOutcome, //
};
use crate::{
    errno::ErrnoName,
    process::change::{
        foresee,
        Failure,
        Foreseen, //
    },
};
use kernel::{
    fmt,
    prelude::*, //
};

/// The handler that only predicts commands.
pub(super) struct PlanOnly;

impl Treat for PlanOnly {
    fn treat(commands: &Joined<'_>, outcome: &mut WriteOutcome) -> Result {
        let count = commands.changes().count();
        let forecast = match foresee(commands.who, commands.changes(), &mut outcome.details) {
            Ok(forecast) => forecast,
            Err(failure) => {
                return outcome.refuse(failure.errno(), fmt!("as things are now, {failure}"));
            }
        };
        match forecast.first() {
            Some((result, foreseen)) if count == 1 => tell(result, foreseen, outcome),
            _ => tell_each(count, &forecast, outcome),
        }
    }
}

/// The changes that would happen, as a clause of a sentence.
struct Happening<'a>(&'a Foreseen);

impl fmt::Display for Happening<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(foreseen) = self;
        f.write_str("this would happen")?;
        match &foreseen.pairs {
            Some(pairs) if foreseen.is_cut_short => {
                f.write_fmt(fmt!(", and more: {pairs}, in the part that was examined"))
            }
            Some(pairs) => f.write_fmt(fmt!(": {pairs}")),
            None if foreseen.is_cut_short => f.write_fmt(fmt!(
                ", and more: only the first {} VMAs of the range are listed",
                foreseen.parts
            )),
            None => Ok(()),
        }
    }
}

/// Writes the forecast of one change to `outcome`. Returns the result for the writer.
#[inline(never)]
fn tell(result: &Result<(), Failure>, foreseen: &Foreseen, outcome: &mut WriteOutcome) -> Result {
    let happening = Happening(foreseen);
    let result = match result {
        Ok(()) => {
            outcome.summarize(fmt!("as things are now, {happening}; nothing has changed"));
            Ok(())
        }
        Err(failure) if !foreseen.would_change => {
            outcome.refuse(failure.errno(), fmt!("as things are now, {failure}"))
        }
        Err(failure) => {
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

/// Writes the forecasts of `count` changes to `outcome`, up to the first one that fails. Returns the result for the
/// writer.
#[inline(never)]
fn tell_each(
    count: usize,
    forecast: &[(Result<(), Failure>, Foreseen)],
    outcome: &mut WriteOutcome,
) -> Result {
    let last = forecast.last();
    let vmas = last.map_or(0, |(_, foreseen)| foreseen.vmas);
    let result = match last {
        Some((Err(failure), _)) => {
            let (errno, number) = (failure.errno(), forecast.len());
            outcome.summarize(fmt!(
                "as things are now, change {number} of {count} would fail ({}), with {vmas} VMAs in the end; \
                 nothing has changed",
                ErrnoName(errno)
            ));
            Err(errno)
        }
        Some((Ok(()), foreseen)) if foreseen.is_cut_short => {
            let number = forecast.len();
            let so = if number < count {
                ", so that no change after it can be foreseen"
            } else {
                ""
            };
            outcome.summarize(fmt!(
                "as things are now, change {number} of {count} would reach further than plan examines{so}; \
                 nothing has changed"
            ));
            Err(E2BIG)
        }
        _ => {
            outcome.summarize(fmt!(
                "as things are now, all {count} changes would happen, with {vmas} VMAs in the end; \
                 nothing has changed"
            ));
            Ok(())
        }
    };
    for ((result, foreseen), number) in forecast.iter().zip(1..) {
        let (happening, vmas) = (Happening(foreseen), foreseen.vmas);
        match result {
            // The rest of the change, which was not examined, may also change the number of VMAs.
            Ok(()) if foreseen.is_cut_short => {
                outcome.summarize(fmt!("change {number}: {happening}"))
            }
            Ok(()) => outcome.summarize(fmt!("change {number}: {happening}; {vmas} VMAs then")),
            Err(failure) => {
                let how = if foreseen.would_change {
                    "this would happen, and then it would be stopped"
                } else {
                    "it would be refused"
                };
                let errno = ErrnoName(failure.errno());
                outcome.summarize(fmt!(
                    "change {number}: {how} ({errno}): {failure}; {vmas} VMAs then"
                ));
            }
        }
        if foreseen.unlisted > 0 {
            let unlisted = foreseen.unlisted;
            outcome.summarize(fmt!(
                "change {number}: ({unlisted} more VMAs are not listed)"
            ));
        }
    }
    result
}
