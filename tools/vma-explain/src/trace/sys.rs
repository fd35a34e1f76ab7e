// SPDX-License-Identifier: GPL-2.0

//! The door to the programs in the kernel that count system calls.

#![allow(unsafe_code)]

use super::calls::{
    CALLS,
    NONE, //
};
use crate::{
    bpf::refusal,
    problem::{
        Problem,
        Result, //
    },
};
use libbpf_rs::{
    libbpf_sys,
    Link,
    MapCore,
    MapFlags,
    MapHandle,
    Object,
    ObjectBuilder, //
};
use std::{
    mem::zeroed,
    os::fd::{
        AsFd,
        AsRawFd,
        FromRawFd,
        OwnedFd, //
    },
};
use zerocopy::{
    FromBytes,
    Immutable,
    IntoBytes, //
};

/// The compiled programs.
const PROGRAMS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/calls.bpf.o"));

/// `STACK_DEPTH` in calls.h.
pub(super) const STACK_DEPTH: usize = 32;

/// `MOST_CALLS` in calls.h.
const MOST_CALLS: usize = 512;

/// `FOUND_BELOW` in calls.h.
pub(super) const FOUND_BELOW: u64 = 1;

/// `MOST_RANGES` in calls.h.
pub(super) const MOST_RANGES: usize = 8;

/// `struct range`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, IntoBytes, Immutable)]
#[repr(C)]
pub(super) struct CodeRange {
    pub(super) start: u64,
    pub(super) size: u64,
}

/// `struct settings`.
#[derive(IntoBytes, Immutable)]
#[repr(C)]
struct Settings {
    mm: u64,
    compiled: [CodeRange; MOST_RANGES],
    told: [[u8; 2]; MOST_CALLS],
}

/// `struct kind`: a kind of calls that is told apart from others.
#[derive(FromBytes)]
#[repr(C)]
pub(super) struct Kind {
    pub(super) call: u64,
    pub(super) arguments: [u64; 2],
    pub(super) caller: u64,
    pub(super) stack: [u64; STACK_DEPTH],
}

/// `struct made`.
#[derive(Clone, Copy, FromBytes)]
#[repr(C)]
pub(super) struct Made {
    pub(super) calls: u64,
    pub(super) vmas: u64,
}

/// `struct totals`.
#[derive(Clone, Copy, FromBytes)]
#[repr(C)]
pub(super) struct Totals {
    pub(super) looked_at: u64,
    pub(super) missed: u64,
    pub(super) uncounted: u64,
    pub(super) without_stack: u64,
    pub(super) elsewhere: u64,
}

/// The time that the programs have taken so far, and the number of their runs, for all processes.
#[derive(Clone, Copy)]
pub(super) struct Cost {
    pub(super) nanoseconds: u64,
    pub(super) runs: u64,
}

/// The programs, while they count the calls of an address space.
pub(super) struct Counting {
    settings: Settings,
    settings_map: MapHandle,
    kinds: [MapHandle; 2],
    totals: MapHandle,
    object: Object,
    /// The links, which keep the programs running.
    links: Vec<Link>,
    /// The descriptor that makes the kernel measure the programs' time as long as it lives.
    stats: Option<OwnedFd>,
}

impl Counting {
    /// Begins to count the calls of an address space.
    pub(super) fn begin(mm: u64) -> Result<Self> {
        let mut settings = Settings {
            mm,
            compiled: [CodeRange::default(); MOST_RANGES],
            told: [[NONE; 2]; MOST_CALLS],
        };
        for call in CALLS {
            let place = usize::try_from(call.number).unwrap_or(MOST_CALLS);
            if let Some(told) = settings.told.get_mut(place) {
                *told = call.told;
            }
        }

        libbpf_rs::set_print(None);
        let object = ObjectBuilder::default().open_memory(PROGRAMS);
        let object = object
            .and_then(|object| object.load())
            .map_err(|error| refusal(&error))?;
        let map = |name: &str| {
            let of_this_name =
                |map: &libbpf_rs::MapImpl<'_>| map.name().to_string_lossy().ends_with(name);
            let map = object.maps().find(of_this_name);
            let handle = map.and_then(|map| MapHandle::try_from(&map).ok());
            handle.ok_or_else(|| Problem::new("this vma-explain was built without its maps"))
        };
        let (kinds, totals) = ([map("kinds")?, map("others")?], map(".bss")?);
        let settings_map = map("settings")?;
        settings_map
            .update(&[0; 4], settings.as_bytes(), MapFlags::ANY)
            .map_err(|error| refusal(&error))?;
        // SAFETY: The call takes a number and no memory of ours. A result that is not negative is a new descriptor,
        // which nothing else owns.
        let stats = unsafe {
            let stats = libbpf_sys::bpf_enable_stats(libbpf_sys::BPF_STATS_RUN_TIME);
            (stats >= 0).then(|| OwnedFd::from_raw_fd(stats))
        };
        let links = object
            .progs_mut()
            .map(|program| program.attach())
            .collect::<libbpf_rs::Result<_>>()
            .map_err(|error| refusal(&error))?;
        Ok(Self {
            settings,
            settings_map,
            kinds,
            totals,
            object,
            links,
            stats,
        })
    }

    /// Searches the stacks of calls for code in these ranges from now on.
    pub(super) fn search_for(&mut self, compiled: [CodeRange; MOST_RANGES]) {
        if compiled != self.settings.compiled {
            self.settings.compiled = compiled;
            // If the kernel refuses, it searches for the earlier ranges.
            let _ = self
                .settings_map
                .update(&[0; 4], self.settings.as_bytes(), MapFlags::ANY);
        }
    }

    /// Ends the counting. The counts stay.
    pub(super) fn end(&mut self) {
        self.links.clear();
    }

    /// Returns all kinds of calls so far.
    pub(super) fn kinds(&self) -> Vec<(Kind, Made)> {
        let entries = self.kinds.iter().flat_map(|map| {
            map.keys().filter_map(|key| {
                let made = map.lookup(&key, MapFlags::ANY).ok()??;
                let kind = Kind::read_from_bytes(&key).ok()?;
                Some((kind, Made::read_from_bytes(&made).ok()?))
            })
        });
        entries.collect()
    }

    /// Returns the counters that are not about a kind.
    pub(super) fn totals(&self) -> Result<Totals> {
        let bytes = self.totals.lookup(&[0; 4], MapFlags::ANY);
        let bytes = bytes.ok().flatten();
        let totals = bytes.and_then(|bytes| Some(Totals::read_from_prefix(&bytes).ok()?.0));
        totals.ok_or_else(|| Problem::new("the kernel's counters cannot be read"))
    }

    /// Returns the time that the programs have taken so far, or nothing if the kernel does not tell. Ends the
    /// measurement, because it takes time itself.
    pub(super) fn end_measuring(&mut self) -> Option<Cost> {
        let cost = self.cost();
        self.stats = None;
        cost
    }

    fn cost(&self) -> Option<Cost> {
        let mut cost = Cost {
            nanoseconds: 0,
            runs: 0,
        };
        self.stats.as_ref()?;
        for program in self.object.progs() {
            // SAFETY: The structure has only integers, which may all be zero.
            let mut info: libbpf_sys::bpf_prog_info = unsafe { zeroed() };
            let mut length = size_of_val(&info) as u32;
            // SAFETY: `info` and `length` are valid during the call, and `length` is the size of `info`. The
            // addresses in `info` to which the kernel could write are zero, and so are their lengths, so the kernel
            // writes only to `info` and `length`.
            let failed = unsafe {
                libbpf_sys::bpf_prog_get_info_by_fd(
                    program.as_fd().as_raw_fd(),
                    &raw mut info,
                    &raw mut length,
                )
            };
            if failed != 0 {
                return None;
            }
            cost.nanoseconds += info.run_time_ns;
            cost.runs += info.run_cnt;
        }
        Some(cost)
    }
}
