// SPDX-License-Identifier: GPL-2.0

//! What /proc says of a process.

use crate::{
    problem::{
        Problem,
        Result, //
    },
    subject::Who,
    vma::extent::Range, //
};
use std::{
    fs::{
        self,
        File, //
    },
    io::{
        self,
        ErrorKind, //
    },
    os::unix::{
        ffi::OsStringExt,
        fs::FileExt, //
    },
    path::PathBuf, //
};

/// A process that the caller may look at.
pub(crate) struct Process {
    /// Its number.
    pub(crate) pid: u32,
    /// Its command, as in /proc/PID/comm.
    pub(crate) command: Vec<u8>,
    /// It can be opened by those who may look at the process, and is empty once that has other memory.
    maps: File,
}

impl Process {
    /// Finds a process. Fails if there is none, if several have the name, or if the caller may not look at it.
    pub(crate) fn find(who: &Who) -> Result<Self> {
        let pid = match who {
            Who::Pid(pid) => *pid,
            Who::Name(name) => named(name)?,
        };
        Self::open(pid).map_err(|error| {
            Problem::new(match error.kind() {
                ErrorKind::NotFound => format!("there is no process {pid}"),
                ErrorKind::PermissionDenied => {
                    format!("process {pid} is not yours to look at: be its owner, or root")
                }
                _ => format!("/proc/{pid}/maps cannot be opened: {error}"),
            })
        })
    }

    /// Opens the process with this number.
    pub(crate) fn open(pid: u32) -> io::Result<Self> {
        let command = command_of(pid).ok_or(ErrorKind::NotFound)?;
        let maps = File::open(format!("/proc/{pid}/maps"))?;
        Ok(Self { pid, command, maps })
    }

    /// The numbers of all processes that have memory.
    pub(crate) fn numbers() -> Result<Vec<u32>> {
        let mut numbers = numbers()?;
        numbers.retain(|pid| Self::has_memory(*pid));
        Ok(numbers)
    }

    /// Whether the process with this number has memory: threads of the kernel have none, nor has one that has exited.
    pub(crate) fn has_memory(pid: u32) -> bool {
        let sizes = fs::read(format!("/proc/{pid}/statm")).unwrap_or_default();
        !sizes.is_empty() && !sizes.starts_with(b"0 ")
    }

    /// Whether the process has the memory yet that it had when it was found.
    pub(crate) fn has_same_memory(&self) -> bool {
        self.maps.read_at(&mut [0], 0).is_ok_and(|bytes| bytes != 0)
    }

    /// Returns the stack pointers of its threads, as far as they are not running, and may be looked at.
    pub(crate) fn stack_pointers_of_threads(&self) -> Vec<usize> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.pid));
        let threads = threads.into_iter().flatten().flatten();
        let pointer = |thread: fs::DirEntry| {
            // The number of a system call, its arguments, the stack pointer, and that of the instruction.
            let call = fs::read_to_string(thread.path().join("syscall")).ok()?;
            let pointer = call.split_whitespace().rev().nth(1)?;
            usize::from_str_radix(pointer.strip_prefix("0x")?, 16).ok()
        };
        let of_first = |thread: &fs::DirEntry| *thread.file_name() == *self.pid.to_string();
        let others = threads.filter(|thread| !of_first(thread));
        others.filter_map(pointer).collect()
    }

    /// Returns the path of the file that it maps there, if that can be read.
    pub(crate) fn mapped_path(&self, range: Range) -> Option<Vec<u8>> {
        let link = format!(
            "/proc/{}/map_files/{:x}-{:x}",
            self.pid,
            range.start(),
            range.end()
        );
        let path: PathBuf = fs::read_link(link).ok()?;
        Some(path.into_os_string().into_vec())
    }
}

/// The kernel keeps so many bytes of a command.
const LONGEST_COMMAND: usize = 15;

/// Returns the only process with this name, of those that have memory.
fn named(name: &str) -> Result<u32> {
    let kept = name.as_bytes();
    let kept = kept.get(..LONGEST_COMMAND).unwrap_or(kept);
    let mut found = numbers()?;
    found.retain(|pid| command_of(*pid).as_deref() == Some(kept) && !is_dead(*pid));
    match found.as_slice() {
        [pid] => Ok(*pid),
        [] => Err(Problem::new(format!("there is no process named {name}"))),
        [first, others @ ..] => {
            const SHOWN: usize = 5;
            let shown = others.iter().take(SHOWN - 1);
            let numbers = shown.fold(first.to_string(), |all, pid| format!("{all}, {pid}"));
            let more = if found.len() > SHOWN { ", ..." } else { "" };
            Err(Problem::new(format!(
                "{} processes are named {name} ({numbers}{more}): write the number of one",
                found.len()
            )))
        }
    }
}

/// The numbers of all processes, from the lowest one.
fn numbers() -> Result<Vec<u32>> {
    let entries = fs::read_dir("/proc")
        .map_err(|error| Problem::new(format!("/proc cannot be read: {error}")))?;
    let number = |entry: fs::DirEntry| entry.file_name().to_str()?.parse().ok();
    let mut numbers: Vec<u32> = entries.flatten().filter_map(number).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// Whether all that is left of a process is its status.
fn is_dead(pid: u32) -> bool {
    let stat = fs::read(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The command, in parentheses, may contain any byte.
    let rest = stat.rsplit(|byte| *byte == b')').next().unwrap_or_default();
    matches!(rest.get(1), None | Some(b'Z' | b'X'))
}

fn command_of(pid: u32) -> Option<Vec<u8>> {
    let mut command = fs::read(format!("/proc/{pid}/comm")).ok()?;
    if command.ends_with(b"\n") {
        command.pop();
    }
    Some(command)
}

/// Fails if the numbers in /proc are those of another pid namespace than this process lives in: the kernel would take
/// them for other processes.
pub(crate) fn check_namespace() -> Result<()> {
    let own = fs::read_link("/proc/self");
    if own.is_ok_and(|own| own.as_os_str() == std::process::id().to_string().as_str()) {
        return Ok(());
    }
    Err(Problem::new(
        "/proc is that of another pid namespace: mount that of this one to see everything",
    ))
}

/// Returns how many VMAs a process may have, `vm.max_map_count`.
pub(crate) fn max_map_count() -> Result<i32> {
    let file = "/proc/sys/vm/max_map_count";
    let text = fs::read_to_string(file)
        .map_err(|error| Problem::new(format!("{file} cannot be read: {error}")))?;
    text.trim_end()
        .parse()
        .map_err(|_| Problem::new(format!("{file} has no number: {text:?}")))
}

/// Whether this process has the capabilities that it takes to run a program in the kernel, as far as that can be read.
pub(crate) fn may_run_programs() -> bool {
    const CAP_SYS_ADMIN: u64 = 1 << 21;
    const CAP_PERFMON: u64 = 1 << 38;
    const CAP_BPF: u64 = 1 << 39;
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let rights = line.and_then(|rights| u64::from_str_radix(rights.trim(), 16).ok());
    rights.is_none_or(|rights| {
        rights & CAP_SYS_ADMIN != 0 || rights & CAP_BPF != 0 && rights & CAP_PERFMON != 0
    })
}
