// SPDX-License-Identifier: GPL-2.0

//! A process, as /proc shows it.

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

/// A process that the caller may inspect.
pub(crate) struct Process {
    /// The number of the process.
    pub(crate) pid: u32,
    /// The command of the process, as in /proc/PID/comm.
    pub(crate) command: Vec<u8>,
    /// /proc/PID/maps. Only users who may inspect the process can open it. It is empty once the process has other
    /// memory.
    maps: File,
}

impl Process {
    /// Finds a process. Fails if there is none, if several have the name, or if the caller may not inspect it.
    pub(crate) fn find(who: &Who) -> Result<Self> {
        let pid = match who {
            Who::Pid(pid) => *pid,
            Who::Name(name) => named(name)?,
        };
        Self::open(pid).map_err(|error| {
            Problem::new(match error.kind() {
                ErrorKind::NotFound => format!("there is no process {pid}"),
                ErrorKind::PermissionDenied => {
                    format!("you may not inspect process {pid}: be its owner, or root")
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

    /// Returns the numbers of all processes that have memory.
    pub(crate) fn numbers() -> Result<Vec<u32>> {
        let mut numbers = numbers()?;
        numbers.retain(|pid| Self::has_memory(*pid));
        Ok(numbers)
    }

    /// Returns whether the process with this number has memory. Kernel threads and processes that have exited have
    /// none.
    pub(crate) fn has_memory(pid: u32) -> bool {
        let sizes = fs::read(format!("/proc/{pid}/statm")).unwrap_or_default();
        !sizes.is_empty() && !sizes.starts_with(b"0 ")
    }

    /// Returns whether the process still has the memory that it had when it was found.
    pub(crate) fn has_same_memory(&self) -> bool {
        self.maps.read_at(&mut [0], 0).is_ok_and(|bytes| bytes != 0)
    }

    /// Returns the stack pointers of its threads that are not running and may be inspected, except the first thread.
    pub(crate) fn stack_pointers_of_threads(&self) -> Vec<usize> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.pid));
        let threads = threads.into_iter().flatten().flatten();
        let pointer = |thread: fs::DirEntry| {
            // The number of a system call, its arguments, the stack pointer, and the instruction pointer.
            let call = fs::read_to_string(thread.path().join("syscall")).ok()?;
            let pointer = call.split_whitespace().rev().nth(1)?;
            usize::from_str_radix(pointer.strip_prefix("0x")?, 16).ok()
        };
        let of_first = |thread: &fs::DirEntry| *thread.file_name() == *self.pid.to_string();
        let others = threads.filter(|thread| !of_first(thread));
        others.filter_map(pointer).collect()
    }

    /// Returns the path of the file that the process maps at `range`, if the path can be read.
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

/// The most bytes of a command that the kernel keeps.
const LONGEST_COMMAND: usize = 15;

/// Returns the process with this name. Fails unless there is exactly one.
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

/// Returns the numbers of all processes in ascending order.
fn numbers() -> Result<Vec<u32>> {
    let entries = fs::read_dir("/proc")
        .map_err(|error| Problem::new(format!("/proc cannot be read: {error}")))?;
    let number = |entry: fs::DirEntry| entry.file_name().to_str()?.parse().ok();
    let mut numbers: Vec<u32> = entries.flatten().filter_map(number).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// Returns whether a process is a zombie, or is gone.
fn is_dead(pid: u32) -> bool {
    let stat = fs::read(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The command, which is in parentheses, may contain any byte.
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

/// Fails if the numbers in /proc belong to a pid namespace other than this process's own: the kernel would take them
/// for other processes.
pub(crate) fn check_namespace() -> Result<()> {
    let own = fs::read_link("/proc/self");
    if own.is_ok_and(|own| own.as_os_str() == std::process::id().to_string().as_str()) {
        return Ok(());
    }
    Err(Problem::new(
        "/proc belongs to another pid namespace: mount the /proc of this one to see everything",
    ))
}

/// Returns the number of VMAs that a process may have, `vm.max_map_count`.
pub(crate) fn max_map_count() -> Result<i32> {
    let file = "/proc/sys/vm/max_map_count";
    let text = fs::read_to_string(file)
        .map_err(|error| Problem::new(format!("{file} cannot be read: {error}")))?;
    text.trim_end()
        .parse()
        .map_err(|_| Problem::new(format!("{file} has no number: {text:?}")))
}

/// Returns whether this process has the capabilities to run a program in the kernel. Returns true if they cannot be
/// read.
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
