// SPDX-License-Identifier: GPL-2.0

//! The VMAs of a process, from a program that runs in the kernel (bpf/vmas.bpf.c). An eBPF iterator calls the program
//! for each VMA with the mmap lock held.
//!
//! Each read returns as many records as fit into a piece. The kernel releases the lock between two pieces, and when
//! other tasks wait for it, and goes on at or below the address where it was. It takes the lock again before a waiting
//! writer has woken up, so after a piece that writers have waited for, the next read comes after a pause.

mod layout;
mod sys;

pub(crate) use self::sys::refusal;
#[cfg(test)]
mod tests;

use self::layout::{
    Header,
    NodeSet,
    PolicyHeader,
    END,
    HEAP,
    MODES_WITH_NODES,
    SPECIAL,
    STACK,
    USER_NODES, //
};
use crate::{
    explain::{
        SeenAnonVma,
        Walk, //
    },
    kernel::{
        flags_of,
        Release, //
    },
    problem::{
        Problem,
        Result, //
    },
    process::Process,
    record::{
        OpenFile,
        Path,
        Policy,
        Record,
        UsedAs, //
    },
    source::Source,
    vma::extent::{
        Extent,
        PageOffset,
        Range, //
    },
};
use std::{
    io::Read,
    mem::take,
    rc::Rc,
    thread::sleep,
    time::Duration, //
};
use zerocopy::FromBytes;

/// The oldest supported release. In earlier ones, an iterator walks all processes, whatever it is attached to.
const OLDEST: Release = Release(6, 1);

/// The room for a piece, in bytes: some 35 records.
const PIECE: usize = 1 << 12;

/// The pause in which waiting tasks get the mmap lock: longer than it takes to wake them up.
const PAUSE: Duration = Duration::from_micros(100);

/// A walk over the VMAs of a process, whose records come from `R`.
struct BpfSource<R> {
    process: Rc<Process>,
    release: Release,
    records: R,
    /// The bytes that were read; those before `at` have been used.
    bytes: Vec<u8>,
    at: usize,
    /// The address space and its number of write locks, from the last record.
    last: Option<(u64, u32)>,
    /// Whether other tasks waited for the mmap lock at the last record.
    has_waiters: bool,
    walk: Walk,
    has_ended: bool,
}

/// The program, loaded into the kernel.
pub(crate) struct Program {
    loaded: sys::Program,
    release: Release,
}

impl Program {
    /// Loads the program. Fails without the right to run programs in the kernel.
    pub(crate) fn load() -> Result<Self> {
        let release = Release::of_this_kernel()?;
        if release < OLDEST {
            return Err(Problem::new(format!(
                "Linux {release} cannot list the VMAs of one process: vma-explain needs Linux {OLDEST}, or --source smaps"
            )));
        }
        let loaded = sys::Program::load()?;
        Ok(Self { loaded, release })
    }

    /// Begins a walk over the VMAs of a process.
    pub(crate) fn walk_over(&self, process: Rc<Process>) -> Result<impl Source + '_> {
        let records = sys::Iterator::over(process.pid, &self.loaded)?;
        Ok(BpfSource::new(process, self.release, records))
    }

    /// Returns the unique number of the address space of a process.
    pub(crate) fn address_space_of(&self, process: Rc<Process>) -> Result<u64> {
        let records = sys::Iterator::over(process.pid, &self.loaded)?;
        let mut source = BpfSource::new(process, self.release, records);
        source.next()?;
        source
            .last
            .map(|(mm, _)| mm)
            .ok_or_else(|| Problem::new("the process has exited meanwhile"))
    }
}

impl<R: Read> BpfSource<R> {
    fn new(process: Rc<Process>, release: Release, records: R) -> Self {
        Self {
            process,
            release,
            records,
            bytes: Vec::with_capacity(2 * PIECE),
            at: 0,
            last: None,
            has_waiters: false,
            walk: Walk::Undisturbed,
            has_ended: false,
        }
    }

    /// Returns the next `length` bytes.
    fn take(&mut self, length: usize) -> Result<&[u8]> {
        while self.bytes.len() - self.at < length {
            self.bytes.drain(..self.at);
            self.at = 0;
            if take(&mut self.has_waiters) {
                sleep(PAUSE);
            }
            let before = self.bytes.len();
            self.bytes.resize(before + PIECE, 0);
            let read = self.records.read(&mut self.bytes[before..]);
            let read = read.map_err(|error| {
                Problem::new(format!("the kernel stopped listing the VMAs: {error}"))
            })?;
            self.bytes.truncate(before + read);
            if read == 0 {
                return Err(Problem::new("the kernel's list of VMAs has no end"));
            }
        }
        let from = self.at;
        self.at += length;
        Ok(&self.bytes[from..self.at])
    }

    fn take_record<T: FromBytes>(&mut self) -> Result<T> {
        let bytes = self.take(size_of::<T>())?;
        T::read_from_bytes(bytes)
            .map_err(|_| Problem::new("a record of the kernel has the wrong size"))
    }

    /// Records whether the process has changed its memory since the last record.
    fn compare_with_last(&mut self, header: &Header) {
        let now = (header.mm, header.write_count);
        match self.last.replace(now) {
            Some((mm, _)) if mm != header.mm => self.walk = Walk::CutShort,
            // Before Linux 6.4, there is no such number.
            Some(last) if last != now || header.write_count == 0 => {
                self.walk = Walk::Disturbed;
            }
            _ => {}
        }
    }

    /// Ends the walk: there are no more records, perhaps because the process has exited.
    fn end(&mut self) -> Result<Option<Record>> {
        let pid = self.process.pid;
        if self.last.is_none() {
            return Err(Problem::new(format!(
                "process {pid} has no memory: it is a thread of the kernel, or has exited"
            )));
        }
        if !self.process.has_same_memory() {
            self.walk = Walk::CutShort;
        }
        Ok(None)
    }

    fn take_name(&mut self, length: usize) -> Result<Option<Rc<[u8]>>> {
        // The last byte is the NUL.
        let name = self.take(length)?.split_last();
        Ok(name.map(|(_, name)| Rc::from(name)))
    }

    fn take_policy(&mut self) -> Result<Policy> {
        let header: PolicyHeader = self.take_record()?;
        let nodes: NodeSet = self.take_record()?;
        let asked_for: NodeSet = self.take_record()?;
        let if_kept = |is_kept: bool, nodes: NodeSet| {
            if is_kept {
                nodes.words.to_vec()
            } else {
                Vec::new()
            }
        };
        Ok(Policy {
            mode: header.mode,
            flags: header.flags,
            home_node: header.home_node,
            nodes: if_kept(MODES_WITH_NODES.contains(&header.mode), nodes),
            asked_for: if_kept(header.flags & USER_NODES != 0, asked_for),
        })
    }
}

impl<R: Read> Source for BpfSource<R> {
    fn next(&mut self) -> Result<Option<Record>> {
        if self.has_ended {
            return Ok(None);
        }
        let header: Header = self.take_record()?;
        if header.kind == END {
            self.has_ended = true;
            return self.end();
        }
        self.compare_with_last(&header);
        self.has_waiters = header.has_waiters != 0;
        if self.walk == Walk::CutShort {
            self.has_ended = true;
            return Ok(None);
        }
        let mut name = self.take_name(header.name_length.into())?;
        let policy = match header.has_policy {
            0 => None,
            _ => Some(Rc::new(self.take_policy()?)),
        };
        let used_as = match header.used_as {
            HEAP => UsedAs::Heap,
            STACK => UsedAs::Stack,
            SPECIAL => UsedAs::Special(name.take().unwrap_or_default()),
            _ => UsedAs::Unknown,
        };
        let range = Range::new(header.start as usize, header.end as usize).map_err(|_| {
            Problem::new("the kernel has a VMA that does not begin and end with a page of 4 KiB")
        })?;
        Ok(Some(Record {
            extent: Extent {
                range,
                pgoff: PageOffset::new(header.pgoff as usize),
                anon_pgoff: PageOffset::new(header.anon_pgoff as usize),
            },
            flags: flags_of(self.release, header.flags),
            file: (header.file != 0).then_some(OpenFile {
                opening: Some(header.file),
                inode: header.inode,
            }),
            anon_vma: (header.anon_vma != 0).then_some(SeenAnonVma {
                number: header.anon_vma as usize,
                root: header.anon_vma_root as usize,
                is_forked: header.has_several_anon_vmas != 0,
            }),
            userfaultfd: header.uffd,
            policy: policy.into(),
            used_as,
            path: Path::OfProcess(Rc::clone(&self.process)),
            name: name.into(),
            has_close: header.has_close != 0,
            at_worst: None,
        }))
    }

    fn walk(&self) -> Walk {
        self.walk
    }
}
