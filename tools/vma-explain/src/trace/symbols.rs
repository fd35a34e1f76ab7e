// SPDX-License-Identifier: GPL-2.0

//! The names of functions and source lines of a process, by addresses of its code.

use super::perf_map;
use blazesym::{
    symbolize::{
        source::{
            Process,
            Source, //
        },
        Input,
        Sym,
        Symbolized,
        Symbolizer, //
    },
    Pid,
};
use std::{
    collections::HashMap,
    fs, //
};

/// The symbols of a process. Symbols that were found stay known after the process has exited.
pub(super) struct Symbols {
    pid: u32,
    symbolizer: Symbolizer,
    process: Process,
    known: HashMap<u64, Option<String>>,
}

impl Symbols {
    /// Returns the symbols of this process.
    pub(super) fn of(pid: u32) -> Self {
        let mut process = Process::new(Pid::from(pid));
        // blazesym would refuse a whole file if it cannot read one of its lines.
        process.perf_map = false;
        process.map_files = may_open_mapped_files(pid);
        Self {
            pid,
            symbolizer: Symbolizer::new(),
            process,
            known: HashMap::new(),
        }
    }

    /// Looks up the addresses of calls, while the process exists.
    pub(super) fn learn(&mut self, addresses: impl IntoIterator<Item = u64>) {
        let is_new = |address: &u64| *address != 0 && !self.known.contains_key(address);
        let mut addresses: Vec<u64> = addresses.into_iter().filter(is_new).collect();
        addresses.sort_unstable();
        addresses.dedup();
        if addresses.is_empty() {
            return;
        }
        let source = Source::Process(self.process.clone());
        let found = self
            .symbolizer
            .symbolize(&source, Input::AbsAddr(&addresses));
        // If nothing can be read, the next call tries again.
        let Ok(found) = found else { return };
        let found: Vec<_> = addresses.into_iter().zip(found).collect();
        let unknown = found
            .iter()
            .filter(|(_, found)| matches!(found, Symbolized::Unknown(_)));
        let unknown: Vec<u64> = unknown.map(|(address, _)| *address).collect();
        let compiled = perf_map::names_of(self.pid, &unknown);
        for (address, found) in found {
            let words = match found {
                Symbolized::Sym(symbol) => Some(in_words(&symbol)),
                Symbolized::Unknown(_) => compiled.get(&address).cloned(),
            };
            self.known.insert(address, words);
        }
    }

    /// Returns the function and the line of an address, if they are known.
    pub(super) fn name_of(&self, address: u64) -> Option<&str> {
        self.known.get(&address)?.as_deref()
    }
}

/// Returns whether the files that a process maps may be opened through its map_files, and not only by their paths.
fn may_open_mapped_files(pid: u32) -> bool {
    let files = fs::read_dir(format!("/proc/{pid}/map_files"));
    let first = files.ok().and_then(|mut files| files.next()?.ok());
    first.is_some_and(|file| fs::metadata(file.path()).is_ok())
}

/// Returns `function (file.c:12)`, or `function (library.so)`. An inlined function comes first.
fn in_words(symbol: &Sym<'_>) -> String {
    let innermost = symbol.inlined.last();
    let functions = match innermost {
        Some(inlined) if inlined.name != symbol.name => {
            format!("{} in {}", inlined.name, symbol.name)
        }
        Some(_) | None => symbol.name.to_string(),
    };
    let code = match innermost {
        Some(inlined) => inlined.code_info.as_ref(),
        None => symbol.code_info.as_deref(),
    };
    let place = code.map_or_else(
        || {
            symbol
                .module
                .as_ref()
                .map(|module| module.to_string_lossy().into_owned())
        },
        |code| {
            let file = code.file.to_string_lossy();
            Some(match code.line {
                Some(line) => format!("{file}:{line}"),
                None => file.into_owned(),
            })
        },
    );
    match place {
        Some(place) => format!("{functions} ({place})"),
        None => functions,
    }
}
