// SPDX-License-Identifier: GPL-2.0

//! The VMAs of a process, as /proc/PID/smaps and numa_maps tell of them, or files that have what these had.
//!
//! These do not show everything: not which anon_vma or userfaultfd context a VMA has, nor through which descriptor
//! its file was mapped, and more. So each VMA has two records: one as if it were in all of this like its
//! neighbours, and one, at worst, in which nothing of it is like that of any other VMA.

mod entry;
mod policies;

use self::{
    entry::{
        Entries,
        Entry, //
    },
    policies::Policies, //
};
use crate::{
    explain::{
        flag_names::NAMED,
        SeenAnonVma,
        Walk, //
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
    vma::{
        extent::{
            Extent,
            PageOffset,
            Range,
            PAGE_SIZE, //
        },
        flags::{
            self,
            VmaFlags, //
        },
        host,
    },
};
use std::{
    collections::HashMap,
    fs::File,
    io::{
        BufRead,
        BufReader,
        ErrorKind, //
    },
    path::Path as FilePath,
    rc::Rc, //
};

/// A walk over the entries of smaps.
pub(crate) struct SmapsSource<R> {
    entries: Entries<R>,
    policies: KnownPolicies,
    /// The process, if it is there to be asked whether it has the same memory yet.
    process: Option<Rc<Process>>,
    /// Numbers for files: of each device and inode, and of each path there.
    inodes: HashMap<(Vec<u8>, u64), u64>,
    files: HashMap<(u64, Vec<u8>), u64>,
    /// Bits for flags that have a name which nobody knows.
    unknown_flags: Vec<[u8; 2]>,
    /// The number of VMAs so far.
    count: u64,
    walk: Walk,
}

/// The policies of VMAs, if they are known.
enum KnownPolicies {
    /// As numa_maps has them.
    Told(Policies),
    /// The kernel has none.
    None,
    /// Nobody said.
    Unknown,
}

/// Begins a walk over the VMAs of a process, by its files in /proc.
pub(crate) fn walk_over(process: Rc<Process>) -> Result<SmapsSource<impl BufRead>> {
    let pid = process.pid;
    let name = format!("/proc/{pid}/numa_maps");
    let policies = match File::open(&name) {
        Ok(file) => KnownPolicies::Told(Policies::read(&name, BufReader::new(file))?),
        Err(error) if error.kind() == ErrorKind::NotFound => KnownPolicies::None,
        Err(_) => KnownPolicies::Unknown,
    };
    let entries = open(FilePath::new(&format!("/proc/{pid}/smaps")))?;
    Ok(SmapsSource::new(entries, policies, Some(process)))
}

/// Begins a walk over the VMAs that a saved smaps has, and numa_maps, if that was saved as well.
pub(crate) fn walk_over_file(
    smaps: &FilePath,
    numa_maps: Option<&FilePath>,
) -> Result<SmapsSource<impl BufRead>> {
    let policies = match numa_maps {
        Some(path) => {
            let name = path.display().to_string();
            let file = File::open(path).map_err(|error| unreadable(&name, &error))?;
            KnownPolicies::Told(Policies::read(&name, BufReader::new(file))?)
        }
        None => KnownPolicies::Unknown,
    };
    Ok(SmapsSource::new(open(smaps)?, policies, None))
}

fn open(path: &FilePath) -> Result<Entries<BufReader<File>>> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| unreadable(&name, &error))?;
    Ok(Entries::of(name, BufReader::new(file)))
}

fn unreadable(name: &str, error: &std::io::Error) -> Problem {
    Problem::new(format!("{name} cannot be opened: {error}"))
}

impl<R: BufRead> SmapsSource<R> {
    fn new(entries: Entries<R>, policies: KnownPolicies, process: Option<Rc<Process>>) -> Self {
        Self {
            entries,
            policies,
            process,
            inodes: HashMap::new(),
            files: HashMap::new(),
            unknown_flags: Vec::new(),
            count: 0,
            // Between two reads the process may have changed its memory, and nobody can know.
            walk: Walk::Disturbed,
        }
    }

    fn record(&mut self, entry: Entry, names: &[[u8; 2]]) -> Result<Record> {
        self.count += 1;
        let range = Range::new(entry.start, entry.end).map_err(|_| {
            Problem::new(format!(
                "the VMA in line {} does not begin and end with a page of 4 KiB",
                entry.line
            ))
        })?;
        let flags = self.flags(names, entry.key);
        let file = self.file(&entry);
        let (used_as, name) = match file {
            None => use_and_name(&entry.path),
            Some(_) => (UsedAs::Unknown, shared_name(&entry.path)),
        };
        let first_page = PageOffset::new(entry.start / PAGE_SIZE);
        // A file in memory has a policy of its own, whichever its VMAs have. Its device is none that a driver has.
        let is_in_memory = file.is_some() && entry.device.starts_with(b"00:");
        let policy = match &self.policies {
            KnownPolicies::Told(policies) if !is_in_memory => policies.of(entry.start).cloned(),
            KnownPolicies::Told(_) | KnownPolicies::None | KnownPolicies::Unknown => None,
        };
        let may_have_another_policy = match self.policies {
            // It may be that of the process, and not all of a policy is told.
            KnownPolicies::Told(_) => policy.is_some() || is_in_memory,
            KnownPolicies::None => false,
            KnownPolicies::Unknown => true,
        };
        let as_seen = Record {
            extent: Extent {
                range,
                pgoff: match file {
                    Some(_) => PageOffset::new(entry.offset / PAGE_SIZE),
                    None => first_page,
                },
                anon_pgoff: first_page,
            },
            flags,
            file,
            path: match name {
                // Then it was not told.
                Some(_) => Path::NotKnown,
                None => Path::Known(Rc::from(entry.path)),
            },
            anon_vma: None,
            userfaultfd: u64::from(is_registered(flags)),
            policy,
            used_as,
            name,
            has_close: false,
            at_worst: None,
        };
        let mut at_worst = self.at_worst(&as_seen);
        if may_have_another_policy {
            at_worst.policy = Some(Rc::new(Policy {
                mode: u32::MAX,
                flags: 0,
                home_node: -1,
                nodes: vec![self.count],
                asked_for: Vec::new(),
            }));
        }
        Ok(Record {
            at_worst: Some(Box::new(at_worst)),
            ..as_seen
        })
    }

    /// The VMA as it may be at worst: everything but its policy that smaps does not show is like that of no other.
    fn at_worst(&self, as_seen: &Record) -> Record {
        // Beyond all that a VMA can have.
        let only = 1 << 52 | self.count;
        let elsewhere = PageOffset::new((only as usize) << 4);
        // Shared memory that cannot be written is treated as private.
        let may_have_anon_vma = !as_seen.flags.contains(flags::SHARED);
        let is_named_by_kernel = matches!(as_seen.used_as, UsedAs::Heap | UsedAs::Stack);
        Record {
            extent: Extent {
                pgoff: match as_seen.file {
                    Some(_) => as_seen.extent.pgoff,
                    None => elsewhere,
                },
                anon_pgoff: elsewhere,
                ..as_seen.extent
            },
            file: as_seen.file.map(|file| OpenFile {
                number: only,
                ..file
            }),
            anon_vma: may_have_anon_vma.then_some(SeenAnonVma {
                number: only as usize,
                root: only as usize,
                is_forked: false,
            }),
            userfaultfd: if is_registered(as_seen.flags) {
                only
            } else {
                0
            },
            name: if is_named_by_kernel {
                Some(Rc::from(only.to_ne_bytes()))
            } else {
                as_seen.name.clone()
            },
            has_close: as_seen.file.is_some() || matches!(as_seen.used_as, UsedAs::Special(_)),
            ..as_seen.clone()
        }
    }

    fn flags(&mut self, names: &[[u8; 2]], key: usize) -> VmaFlags {
        let mut bits: u64 = 0;
        for name in names {
            bits |= 1 << self.bit_of(*name);
        }
        for (index, bit) in host::PROTECTION_KEY_BITS.iter().enumerate() {
            bits |= (key as u64 >> index & 1) << bit;
        }
        VmaFlags::from_words([bits as usize])
    }

    /// The bit of a flag. Those that have no name here get one each that no flag has, from the highest one down.
    fn bit_of(&mut self, name: [u8; 2]) -> u32 {
        let known = NAMED
            .iter()
            .find(|named| named.name.as_bytes() == name && named.bit < u64::BITS);
        if let Some(known) = known {
            return known.bit;
        }
        let known = self.unknown_flags.iter().position(|each| *each == name);
        let index = known.unwrap_or_else(|| {
            self.unknown_flags.push(name);
            self.unknown_flags.len() - 1
        });
        // If there are more of them, the last ones are taken for one.
        u64::BITS - 1 - (index as u32).min(UNKNOWN_FLAGS - 1)
    }

    /// Numbers for the file that a VMA maps, if it maps one. The same numbers are the same path of one inode.
    fn file(&mut self, entry: &Entry) -> Option<OpenFile> {
        if entry.inode == 0 && !entry.path.starts_with(b"/") {
            return None;
        }
        let next = self.inodes.len() as u64 + 1;
        let inode = *self
            .inodes
            .entry((entry.device.clone(), entry.inode))
            .or_insert(next);
        let path = match shared_name(&entry.path) {
            // The path of a file whose VMA has a name is not told.
            Some(_) => Vec::new(),
            None => entry.path.clone(),
        };
        let next = self.files.len() as u64 + 1;
        let number = *self.files.entry((inode, path)).or_insert(next);
        Some(OpenFile { number, inode })
    }
}

/// The highest bits, which no flag has.
const UNKNOWN_FLAGS: u32 = 16;

impl<R: BufRead> Source for SmapsSource<R> {
    fn next(&mut self) -> Result<Option<Record>> {
        let Some(mut entry) = self.entries.next()? else {
            let is_gone = |process: &Rc<Process>| !process.has_same_memory();
            if self.process.as_ref().is_some_and(is_gone) {
                self.walk = Walk::CutShort;
            }
            return Ok(None);
        };
        match entry.flags.take() {
            // Every process is told to have it, and none has.
            Some(_) if entry.path == b"[vsyscall]" => self.next(),
            Some(names) => self.record(entry, &names).map(Some),
            // The last one has lines that are missing.
            None => {
                self.walk = Walk::CutShort;
                Ok(None)
            }
        }
    }

    fn walk(&self) -> Walk {
        self.walk
    }
}

fn is_registered(of: VmaFlags) -> bool {
    of.intersects(flags::USERFAULTFD.union(flags::UFFD_RWP))
}

/// The use and the name of memory without a file, of which smaps shows only one.
fn use_and_name(words: &[u8]) -> (UsedAs, Option<Rc<[u8]>>) {
    let given = words
        .strip_prefix(b"[anon:")
        .and_then(|rest| rest.strip_suffix(b"]"));
    match words {
        b"[heap]" => (UsedAs::Heap, None),
        b"[stack]" => (UsedAs::Stack, None),
        // That of a thread, up to Linux 4.4.
        words if words.is_empty() || words.starts_with(b"[stack:") => (UsedAs::Unknown, None),
        words => match given {
            Some(name) => (UsedAs::Unknown, Some(Rc::from(name))),
            None => (UsedAs::Special(Rc::from(words)), None),
        },
    }
}

/// The name of shared memory, which is told in place of its path.
fn shared_name(words: &[u8]) -> Option<Rc<[u8]>> {
    let name = words.strip_prefix(b"[anon_shmem:")?.strip_suffix(b"]")?;
    Some(Rc::from(name))
}

#[cfg(test)]
mod tests;
