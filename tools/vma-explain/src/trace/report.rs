// SPDX-License-Identifier: GPL-2.0

//! The report of a trace.

use super::{
    calls::in_words,
    symbols::Symbols,
    sys::{
        Cost,
        Kind,
        Made,
        Totals, //
    },
    End, Stack,
};
use crate::{
    explain::text::Printable,
    process::Process,
    summary::text_of, //
};
use serde_json::json;
use std::{
    cmp::Reverse,
    collections::HashMap,
    fmt::Write,
    time::Duration, //
};

/// The most groups of calls that are shown to people.
const SHOWN: usize = 10;

/// The number of innermost callers by which calls are grouped if there are too many groups that differ only in outer
/// callers: the function that makes the call, and its caller.
const NEAREST: usize = 2;

/// The most callers of a group that are shown to people.
const CALLERS: usize = 12;

/// The counts of a trace, and their circumstances.
pub(super) struct Report<'a> {
    pub(super) process: &'a Process,
    pub(super) elapsed: Duration,
    pub(super) end: End,
    pub(super) kinds: Vec<(Kind, Made)>,
    pub(super) totals: Totals,
    pub(super) cost: Option<Cost>,
    pub(super) symbols: &'a Symbols,
}

/// Calls that are reported together: for the same purpose, by the same callers.
struct Group {
    call: String,
    callers: Vec<String>,
    calls: u64,
    vmas: u64,
}

impl Report<'_> {
    /// Returns the groups. Groups that made the most VMAs come first.
    fn groups(&self) -> Vec<Group> {
        let groups = self.groups_by(usize::MAX);
        let all: u64 = groups.iter().map(|group| group.vmas).sum();
        let is_scattered = groups.first().is_some_and(|first| first.vmas < all / 4);
        if groups.len() > SHOWN && is_scattered {
            // The groups differ in their outer callers.
            self.groups_by(NEAREST)
        } else {
            groups
        }
    }

    /// Groups the calls by their purpose and their `callers` innermost callers.
    fn groups_by(&self, callers: usize) -> Vec<Group> {
        let mut groups: HashMap<(String, Vec<String>), Made> = HashMap::new();
        for (kind, made) in &self.kinds {
            let call = in_words(kind.call, kind.arguments);
            let none = Made { calls: 0, vmas: 0 };
            let mut named = self.callers(kind);
            named.truncate(callers);
            let sum = groups.entry((call, named)).or_insert(none);
            sum.calls += made.calls;
            sum.vmas += made.vmas;
        }
        let groups = groups.into_iter();
        let groups = groups.map(|((call, callers), Made { calls, vmas })| Group {
            call,
            callers,
            calls,
            vmas,
        });
        let mut groups: Vec<Group> = groups.collect();
        groups.sort_by(|one, other| {
            let key = |group: &Group| (Reverse(group.vmas), group.call.clone());
            key(one).cmp(&key(other))
        });
        groups
    }

    /// Returns the functions that made a call, the innermost first.
    fn callers(&self, kind: &Kind) -> Vec<String> {
        let is_known = |address: &u64| self.symbols.name_of(*address).is_some();
        let Stack {
            framed,
            missed,
            mut found,
        } = Stack::of(kind);
        // Without symbols, it is not known whether the address is code.
        let has_symbols = framed.first().is_some_and(is_known);
        let missed = missed.filter(|caller| is_known(caller) || !has_symbols);
        // Other words that look like addresses have no function around them.
        found.retain(is_known);
        let (call, callers) = framed.split_at(framed.len().min(1));
        let addresses = call.iter().chain(&missed).chain(callers).chain(&found);
        addresses
            .map(|address| match self.symbols.name_of(*address) {
                Some(name) => name.to_owned(),
                None => format!("{address:#x}"),
            })
            .collect()
    }

    /// Returns the report for people.
    pub(super) fn for_people(&self) -> String {
        let groups = self.groups();
        let told: u64 = groups.iter().map(|group| group.vmas).sum();
        let vmas = told + self.totals.uncounted;
        let calls: u64 = groups.iter().map(|group| group.calls).sum();
        let mut text = format!(
            "{calls} calls of process {} ({}) left {vmas} more VMAs than they found, in {:.1} s\n",
            self.process.pid,
            Printable(&self.process.command),
            self.elapsed.as_secs_f64()
        );
        if !groups.is_empty() {
            text += "    VMAs  share    calls\n";
        }
        for group in groups.iter().take(SHOWN) {
            let share = group.vmas * 100 / vmas.max(1);
            // Writing to a string does not fail.
            let _ = writeln!(
                text,
                "{:8} {share:5}% {:8}  {}",
                group.vmas, group.calls, group.call
            );
            for caller in group.callers.iter().take(CALLERS) {
                let _ = writeln!(text, "{:26}{}", "", caller.escape_debug());
            }
            if group.callers.is_empty() {
                let _ = writeln!(text, "{:26}unknown callers", "");
            }
            if group.callers.len() > CALLERS {
                let _ = writeln!(text, "{:26}...", "");
            }
        }
        let rest = groups.get(SHOWN..).unwrap_or_default();
        if !rest.is_empty() {
            let vmas: u64 = rest.iter().map(|group| group.vmas).sum();
            let _ = writeln!(text, "{vmas:8}  by {} other groups of calls", rest.len());
        }
        for sentence in self.sentences() {
            text += &sentence;
            text += "\n";
        }
        text
    }

    /// Returns sentences about the end of the trace, missing counts, and the cost.
    fn sentences(&self) -> Vec<String> {
        let Totals {
            looked_at,
            missed,
            uncounted,
            without_stack,
            elsewhere,
        } = self.totals;
        let mut sentences = Vec::new();
        if self.end == End::Process {
            sentences.push("the process has exited, or called execve()".to_owned());
        }
        if missed != 0 {
            sentences.push(format!(
                "incomplete: {missed} times, the kernel had no memory to count VMAs"
            ));
        }
        if uncounted != 0 {
            sentences.push(format!(
                "incomplete: {uncounted} more VMAs were made by calls for which there was no room"
            ));
        }
        if without_stack != 0 {
            sentences.push(format!(
                "the stacks of {without_stack} calls could not be read"
            ));
        }
        if elsewhere != 0 {
            sentences.push(format!(
                "{elsewhere} more VMAs were made in another way: a stack that grew, 32-bit programs, or io_uring"
            ));
        }
        if let Some(Cost { nanoseconds, runs }) = self.cost {
            sentences.push(format!(
                "cost: {} ns each time any process takes or releases an mmap lock (in the first second); this process \
                 took its own {looked_at} times",
                nanoseconds / runs.max(1)
            ));
        }
        sentences
    }

    /// Returns the report for programs, an object in one line.
    pub(super) fn for_programs(&self) -> String {
        let groups: Vec<_> = self
            .groups()
            .into_iter()
            .map(|group| {
                json!({
                    "call": group.call,
                    "callers": group.callers,
                    "calls": group.calls,
                    "vmas": group.vmas,
                })
            })
            .collect();
        let report = json!({
            "pid": self.process.pid,
            "command": text_of(&self.process.command),
            "seconds": self.elapsed.as_secs_f64(),
            "ended": match self.end {
                End::Time => "time",
                End::Process => "process",
            },
            "groups": groups,
            "looked_at": self.totals.looked_at,
            "missed": self.totals.missed,
            "uncounted": self.totals.uncounted,
            "without_stack": self.totals.without_stack,
            "elsewhere": self.totals.elsewhere,
            "nanoseconds": self.cost.map(|cost| cost.nanoseconds),
            "runs": self.cost.map(|cost| cost.runs),
        });
        format!("{report}\n")
    }
}
