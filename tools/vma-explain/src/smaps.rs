// SPDX-License-Identifier: GPL-2.0

//! The VMAs of a process, read from /proc/PID/smaps and numa_maps, or from files that were saved from these.
//!
//! These files do not show everything: for example, they do not show a VMA's anon_vma and userfaultfd context, or the
//! descriptor through which its file was mapped. So each VMA has two records. In the properties that are not shown,
//! one record is like all others, and the other record, the VMA at worst, is different from all others.

mod entry;
mod lines;
mod policies;

use self::{
    entry::{
        Entries,
        Entry,
        Order, //
    },
    policies::Policies, //
};
use crate::{
    explain::{
        flag_names::NAMED,
        SeenAnonVma,
        Walk, //
    },
    kernel::Release,
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
        Shown,
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
    collections::{
        BTreeMap,
        HashMap, //
    },
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
    memory: Memory,
    /// Numbers for inodes, and for paths to an inode.
    inodes: HashMap<(Vec<u8>, u64), u64>,
    openings: HashMap<(u64, Vec<u8>), u64>,
    /// Flags with unknown names; each has a bit.
    unknown_flags: Vec<[u8; 2]>,
    /// The number of the last record.
    number: u64,
    walk: Walk,
}

/// The memory that smaps describes.
enum Memory {
    /// The memory of a running process, on the running kernel.
    Live(Rc<Process>, Release),
    /// The memory of a process at the time when the file was saved.
    Saved,
}

/// The policies of VMAs, if they are known.
enum KnownPolicies {
    /// The policies in numa_maps.
    Told(Policies),
    /// The kernel does not have policies.
    None,
    /// The policies are not known: there is no numa_maps.
    Unknown,
}

/// The release since which anonymous pages in a mapping of a file have a separate offset.
const TWO_OFFSETS: Release = Release(7, 3);

/// Begins a walk over the VMAs of a process, using its files in /proc.
pub(crate) fn walk_over(process: Rc<Process>) -> Result<SmapsSource<impl BufRead>> {
    let pid = process.pid;
    if !process.has_same_memory() {
        return Err(Problem::new(format!(
            "process {pid} has no memory: it is a thread of the kernel, or has exited"
        )));
    }
    let name = format!("/proc/{pid}/numa_maps");
    let policies = match File::open(&name) {
        Ok(file) => KnownPolicies::Told(Policies::read(&name, BufReader::new(file))?),
        Err(error) if error.kind() == ErrorKind::NotFound => KnownPolicies::None,
        Err(_) => KnownPolicies::Unknown,
    };
    let name = format!("/proc/{pid}/smaps");
    let smaps = open(FilePath::new(&name))?;
    let entries = Entries::of(name, smaps, Order::MayComeAgain);
    let memory = Memory::Live(process, Release::of_this_kernel()?);
    Ok(SmapsSource::new(entries, policies, memory))
}

/// Returns the resident sizes of the VMAs that smaps shows, in bytes, by their start addresses.
pub(crate) fn resident_sizes(smaps: &FilePath) -> Result<BTreeMap<usize, usize>> {
    let name = smaps.display().to_string();
    let mut entries = Entries::of(name, open(smaps)?, Order::MayComeAgain);
    let mut sizes = BTreeMap::new();
    while let Some(entry) = entries.next()? {
        let size = entry.resident.and_then(|size| size.checked_mul(KIB));
        if let Some(size) = size {
            sizes.insert(entry.start, size);
        }
    }
    Ok(sizes)
}

const KIB: usize = 1024;

/// Begins a walk over the VMAs in a saved smaps, and in numa_maps, if that was also saved.
pub(crate) fn walk_over_file(
    smaps: &FilePath,
    numa_maps: Option<&FilePath>,
) -> Result<SmapsSource<impl BufRead>> {
    let numa_maps = numa_maps.map(|path| Ok((path, open(path)?))).transpose()?;
    walk_over_saved((smaps, open(smaps)?), numa_maps)
}

/// Begins a walk over the VMAs in a saved smaps and numa_maps that are open, each with its path.
pub(crate) fn walk_over_saved<R: BufRead>(
    (smaps, lines): (&FilePath, R),
    numa_maps: Option<(&FilePath, R)>,
) -> Result<SmapsSource<R>> {
    let policies = match numa_maps {
        Some((path, lines)) => {
            KnownPolicies::Told(Policies::read(&path.display().to_string(), lines)?)
        }
        None => KnownPolicies::Unknown,
    };
    let entries = Entries::of(smaps.display().to_string(), lines, Order::Ascending);
    Ok(SmapsSource::new(entries, policies, Memory::Saved))
}

fn open(path: &FilePath) -> Result<BufReader<File>> {
    let file = File::open(path)
        .map_err(|error| Problem::new(format!("{} cannot be opened: {error}", path.display())))?;
    Ok(BufReader::new(file))
}

impl<R: BufRead> SmapsSource<R> {
    fn new(entries: Entries<R>, policies: KnownPolicies, memory: Memory) -> Self {
        Self {
            entries,
            policies,
            memory,
            inodes: HashMap::new(),
            openings: HashMap::new(),
            unknown_flags: Vec::new(),
            number: 0,
            // The process may change its memory between two reads, which nothing shows.
            walk: Walk::Disturbed,
        }
    }

    /// Returns the record that is like all others in the properties that are not shown.
    fn as_seen(&mut self, entry: &Entry, names: &[[u8; 2]]) -> Result<Record> {
        let range = Range::new(entry.start, entry.end).map_err(|_| {
            let words = "this VMA does not begin and end with a page of 4 KiB";
            self.entries.problem(entry, words)
        })?;
        let flags = self.flags(names, entry.key);
        let file = self.file(entry);
        let first_page = PageOffset::new(entry.start / PAGE_SIZE);
        let (used_as, name) = match file {
            None => use_and_name(&entry.path),
            Some(_) => (UsedAs::Unknown, shared_name(&entry.path).into()),
        };
        Ok(Record {
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
                Shown::As(_) => Path::NotKnown,
                Shown::None | Shown::Not => Path::Known(Rc::from(entry.path.as_slice())),
            },
            anon_vma: None,
            userfaultfd: u64::from(is_registered(flags)),
            policy: self.policy(entry, file),
            used_as,
            name,
            has_close: false,
            at_worst: None,
        })
    }

    /// Returns the record that is different from all others in the properties that are not shown.
    fn at_worst(&self, as_seen: &Record, has_doubtful_flags: bool) -> Record {
        let Record {
            extent,
            flags,
            file,
            ..
        } = *as_seen;
        // No other record nearby has this number.
        let own = OWN | self.number;
        // The distance to the offset of another record is longer than any range of memory.
        let elsewhere = PageOffset::new((self.number as usize % 4096 + 1) << 50);
        let has_two_offsets = match self.memory {
            Memory::Live(_, release) => release >= TWO_OFFSETS,
            Memory::Saved => true,
        };
        // Here, shared memory that cannot be written counts as private.
        let may_have_anon_vma = !flags.contains(flags::SHARED);
        let is_special = matches!(as_seen.used_as, UsedAs::Special(_));
        Record {
            extent: Extent {
                pgoff: file.map_or(elsewhere, |_| extent.pgoff),
                anon_pgoff: match file {
                    Some(_) if !has_two_offsets => extent.anon_pgoff,
                    _ => elsewhere,
                },
                ..extent
            },
            flags: if has_doubtful_flags {
                flags.union(doubt(self.number))
            } else {
                flags
            },
            file: file.map(|file| OpenFile {
                opening: Some(own),
                ..file
            }),
            anon_vma: may_have_anon_vma.then_some(SeenAnonVma {
                number: own as usize,
                root: own as usize,
                is_forked: true,
            }),
            userfaultfd: if is_registered(flags) { own } else { 0 },
            policy: match as_seen.policy {
                Shown::None => Shown::None,
                // The shown policy may be that of the process, and not all of it is shown.
                Shown::As(_) | Shown::Not => Shown::As(Rc::new(Policy {
                    mode: u32::MAX,
                    flags: 0,
                    home_node: -1,
                    nodes: Vec::new(),
                    asked_for: vec![own],
                })),
            },
            name: match &as_seen.name {
                Shown::Not => Shown::As(Rc::from(own.to_ne_bytes())),
                shown => shown.clone(),
            },
            has_close: file.is_some() || is_special,
            ..as_seen.clone()
        }
    }

    fn policy(&self, entry: &Entry, file: Option<OpenFile>) -> Shown<Rc<Policy>> {
        // A file in memory has its own policy, which is shown in place of the VMA's. Such a file is not on a device.
        let may_be_in_memory = file.is_some() && entry.device.starts_with(b"00:");
        match &self.policies {
            KnownPolicies::None => Shown::None,
            KnownPolicies::Told(policies) if !may_be_in_memory => policies.of(entry.start),
            KnownPolicies::Told(_) | KnownPolicies::Unknown => Shown::Not,
        }
    }

    fn flags(&mut self, names: &[[u8; 2]], key: usize) -> VmaFlags {
        let mut bits: u64 = 0;
        for name in names {
            bits |= 1 << self.bit_of(*name);
        }
        for (place, bit) in host::PROTECTION_KEY_BITS.iter().enumerate() {
            bits |= (key as u64 >> place & 1) << bit;
        }
        VmaFlags::from_words([bits as usize])
    }

    /// Returns the bit of a flag. An unknown name gets a bit that no flag has.
    fn bit_of(&mut self, name: [u8; 2]) -> u32 {
        if let Some(bit) = known_bit(name) {
            return bit;
        }
        let known = self.unknown_flags.iter().position(|each| *each == name);
        let place = known.unwrap_or_else(|| {
            self.unknown_flags.push(name);
            self.unknown_flags.len() - 1
        });
        FIRST_FREE_BIT + (place as u32).min(FREE_BITS - 1)
    }

    /// Returns whether two VMAs that both have flags of these names may still differ in them.
    fn are_doubtful(&self, names: &[[u8; 2]]) -> bool {
        let has_bit_of_its_own = |name: &[u8; 2]| {
            let place = self.unknown_flags.iter().position(|each| each == name);
            place.is_none_or(|place| place < FREE_BITS as usize - 1)
        };
        // Two question marks stand for any flag without a name.
        !names.iter().all(has_bit_of_its_own) || names.contains(b"??")
    }

    /// Returns numbers for the file that a VMA maps, if it maps one.
    fn file(&mut self, entry: &Entry) -> Option<OpenFile> {
        if entry.inode == 0 && !entry.path.starts_with(b"/") {
            return None;
        }
        let next = self.inodes.len() as u64 + 1;
        let place = (entry.device.clone(), entry.inode);
        let inode = *self.inodes.entry(place).or_insert(next);
        // If a VMA has a name, it is shown in place of its file's path.
        let opening = shared_name(&entry.path).is_none().then(|| {
            let next = self.openings.len() as u64 + 1;
            let place = (inode, entry.path.clone());
            *self.openings.entry(place).or_insert(next)
        });
        Some(OpenFile { opening, inode })
    }

    /// Returns whether the process now has other memory than the memory that smaps describes.
    fn has_other_memory(&self) -> bool {
        match &self.memory {
            Memory::Live(process, _) => !process.has_same_memory(),
            Memory::Saved => false,
        }
    }
}

/// A bit that no other number has.
const OWN: u64 = 1 << 52;

/// Bits that no flag has, for flags with unknown names, and for doubts.
const FIRST_FREE_BIT: u32 = 44;
const FREE_BITS: u32 = 12;

/// Returns a flag for a record that no record nearby has.
fn doubt(number: u64) -> VmaFlags {
    let bits = (number % 0xff + 1) << (FIRST_FREE_BIT + FREE_BITS);
    VmaFlags::from_words([bits as usize])
}

fn known_bit(name: [u8; 2]) -> Option<u32> {
    let mut flags = NAMED.iter();
    let known = flags.find(|flag| flag.name.as_bytes() == name && flag.bit < u64::BITS);
    known.map(|flag| flag.bit)
}

impl<R: BufRead> Source for SmapsSource<R> {
    fn next(&mut self) -> Result<Option<Record>> {
        loop {
            let Some(mut entry) = self.entries.next()? else {
                if self.has_other_memory() {
                    self.walk = Walk::CutShort;
                }
                return Ok(None);
            };
            let Some(names) = entry.flags.take() else {
                self.walk = Walk::CutShort;
                return Ok(None);
            };
            // smaps lists this mapping for every process, although none has it.
            if entry.path == b"[vsyscall]" {
                continue;
            }
            self.number += 1;
            let as_seen = self.as_seen(&entry, &names)?;
            let at_worst = self.at_worst(&as_seen, self.are_doubtful(&names));
            return Ok(Some(Record {
                at_worst: Some(Box::new(at_worst)),
                ..as_seen
            }));
        }
    }

    fn walk(&self) -> Walk {
        self.walk
    }
}

fn is_registered(of: VmaFlags) -> bool {
    of.intersects(flags::USERFAULTFD.union(flags::UFFD_RWP))
}

/// Returns the use and the name of memory without a file. smaps shows only one of them.
fn use_and_name(words: &[u8]) -> (UsedAs, Shown<Rc<[u8]>>) {
    let given = words
        .strip_prefix(b"[anon:")
        .and_then(|rest| rest.strip_suffix(b"]"));
    match words {
        b"[heap]" => (UsedAs::Heap, Shown::Not),
        b"[stack]" => (UsedAs::Stack, Shown::Not),
        // `[stack:` marks the stack of a thread, up to Linux 4.4.
        words if words.is_empty() || words.starts_with(b"[stack:") => {
            (UsedAs::Unknown, Shown::None)
        }
        words => match given {
            Some(name) => (UsedAs::Unknown, Shown::As(Rc::from(name))),
            None => (UsedAs::Special(Rc::from(words)), Shown::None),
        },
    }
}

/// Returns the name of shared memory, which is shown in place of its path.
fn shared_name(words: &[u8]) -> Option<Rc<[u8]>> {
    let name = words.strip_prefix(b"[anon_shmem:")?.strip_suffix(b"]")?;
    Some(Rc::from(name))
}

#[cfg(test)]
mod tests;
