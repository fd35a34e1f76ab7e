// SPDX-License-Identifier: GPL-2.0

//! `stats`: the number of calls to each helper by outcome, and the number of VMAs that did not join a range by
//! blocker. Only calls that Rust decided are counted.
//!
//! ```text
//! helper                   outcome              calls
//! vma_modify_flags         all                      3
//! vma_modify_flags         prev-whole               1
//! vma_modify_flags         split-both               2
//! blocker                       below          above
//! flags                             0              1
//! neither-end                       2              2
//! ```
//!
//! Write `reset` to count from zero: the counters keep their values, and the values at that time are subtracted.

use super::outcome::LastOutcome;
use crate::{
    report::{
        ending::Ending,
        helper::Helper,
        sys::counters::Counts, //
    },
    sys::debugfs::{
        DebugfsFile,
        Unseen, //
    },
    text::{
        Full,
        Text, //
    },
    vma::{
        compat::Side,
        reason::Reason, //
    },
};
use kernel::{
    new_mutex,
    prelude::*,
    str::BStr,
    sync::{
        Arc,
        Mutex, //
    }, //
};

/// The state that all openers of the file share.
#[pin_data]
pub(super) struct Beginning {
    /// The counts at the last reset.
    #[pin]
    counts: Mutex<KBox<Counts>>,
    /// The outcome that readers of `ctl` see. The reason for a refused write is recorded here.
    outcome: Arc<LastOutcome>,
}

impl Beginning {
    /// Returns an initializer with zero counts, so that nothing is subtracted. Fails with `ENOMEM`.
    pub(super) fn new(outcome: Arc<LastOutcome>) -> Result<impl PinInit<Self>> {
        let counts = nothing_yet()?;
        Ok(pin_init!(Self {
            counts <- new_mutex!(counts),
            outcome,
        }))
    }
}

fn nothing_yet() -> Result<KBox<Counts>> {
    KBox::init(pin_init::init_zeroed(), GFP_KERNEL)
}

/// An open `stats` file.
pub(super) struct Stats {
    beginning: Arc<Beginning>,
    counts: KBox<Counts>,
    unread: Unread,
}

/// The tables that a reader has not read yet. Each table is one piece.
enum Unread {
    Calls,
    Blockers,
    Nothing,
}

impl DebugfsFile for Stats {
    type Shared = Beginning;

    const LONGEST_WRITE: usize = 16;

    fn open(beginning: Arc<Beginning>) -> Result<Self> {
        Ok(Self {
            beginning,
            counts: nothing_yet()?,
            unread: Unread::Nothing,
        })
    }

    fn write(&mut self, written: Result<&[u8], Unseen>) -> Result {
        let Beginning { counts, outcome } = &*self.beginning;
        outcome.require_administrator()?;
        match written.map(|bytes| bytes.trim_ascii()) {
            Ok(b"reset") => {
                counts.lock().update();
                Ok(())
            }
            Ok(other) => outcome.refuse(
                EINVAL,
                fmt!(
                    "'{}' cannot be written to stats; write reset",
                    BStr::from_bytes(other)
                ),
            ),
            Err(Unseen::Overlong(length)) => outcome.refuse(
                EINVAL,
                fmt!("{length} bytes are too many for stats; write reset"),
            ),
            Err(unseen) => outcome.refuse_unseen(unseen),
        }
    }

    fn rewind(&mut self) -> Result {
        let beginning = self.beginning.counts.lock();
        self.counts.update();
        self.counts.take_off(&beginning);
        self.unread = Unread::Calls;
        Ok(())
    }

    fn produce(&mut self, text: &mut Text) -> Result {
        let (table, unread) = match self.unread {
            Unread::Calls => (calls(&self.counts, text), Unread::Blockers),
            Unread::Blockers => (blockers(&self.counts, text), Unread::Nothing),
            Unread::Nothing => return Ok(()),
        };
        self.unread = unread;
        table.map_err(|Full| ENOSPC)
    }
}

/// Appends, for each helper, a line for all of its calls, then a line for each ending that occurred. A helper has at
/// most twelve endings, so all lines fit into one piece.
fn calls(counts: &Counts, text: &mut Text) -> Result<(), Full> {
    text.append(fmt!("{:24} {:12} {:>12}\n", "helper", "outcome", "calls"))?;
    for helper in Helper::ALL {
        let mut line = |outcome, count: u64| match count {
            0 => Ok(()),
            _ => text.append(fmt!(
                "{:24} {:12} {count:>12}\n",
                helper.name().as_str(),
                outcome
            )),
        };
        let ended = |ending| counts.endings(helper, ending);
        line("all", Ending::ALL.into_iter().map(ended).sum())?;
        for ending in Ending::ALL {
            line(ending.name().as_str(), ended(ending))?;
        }
    }
    Ok(())
}

/// Appends a line for each reason that has kept VMAs from joining a range.
fn blockers(counts: &Counts, text: &mut Text) -> Result<(), Full> {
    text.append(fmt!("{:24} {:>12} {:>12}\n", "blocker", "below", "above"))?;
    for reason in Reason::all() {
        let [below, above] = [Side::Below, Side::Above].map(|side| counts.blocked(reason, side));
        if below > 0 || above > 0 {
            text.append(fmt!(
                "{:24} {below:>12} {above:>12}\n",
                reason.name().as_str()
            ))?;
        }
    }
    Ok(())
}
