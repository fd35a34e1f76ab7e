// SPDX-License-Identifier: GPL-2.0

//! Finds a process and its address space.

use crate::{
    refusal::refusals,
    vma::sys::bindings, //
};
use core::ptr::NonNull;
use kernel::{
    error::from_err_ptr,
    fmt,
    mm::{
        Mm,
        MmWithUser, //
    },
    prelude::*,
    sync::aref::ARef,
    task::Task, //
};

/// A process id, bound to the process that had it when it was looked up.
///
/// A `Pid` never refers to another process, and does not keep its process from exiting.
///
/// # Invariants
///
/// `ptr` is a `struct pid` to which we own a reference.
pub(crate) struct Pid {
    ptr: NonNull<bindings::pid>,
    /// The number that the user gave.
    number: i32,
}

// SAFETY: A `struct pid` is not bound to a thread.
unsafe impl Send for Pid {}
// SAFETY: A `struct pid` is not bound to a thread, and the functions called on it take their own locks.
unsafe impl Sync for Pid {}

/// A process as a user names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Who {
    /// The process with this id.
    Id(i32),
    /// The process that writes.
    Caller,
    /// The only process with this command.
    Called(CommandName),
}

/// The command of a process as in /proc/PID/comm, padded with NULs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct CommandName([u8; bindings::TASK_COMM_LEN as usize]);

impl CommandName {
    /// Returns the part of a command that the kernel keeps: the first fifteen bytes.
    pub(crate) fn new(command: &str) -> Self {
        let mut name = [0; bindings::TASK_COMM_LEN as usize];
        let kept = name.len() - 1;
        for (place, byte) in name.iter_mut().zip(command.bytes()).take(kept) {
            *place = byte;
        }
        Self(name)
    }
}

impl fmt::Display for CommandName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", before_nul(&self.0).escape_ascii())
    }
}

refusals! {
    /// The reason why there is no address space to work on.
    pub(crate) enum NoAddressSpace {
        /// The caller's pid namespace has no process with this command.
        NobodyCalled(command: CommandName) => ESRCH, ("no process has the command {command}"),
        /// The caller's pid namespace has several processes with this command.
        SeveralCalled(command: CommandName, count: u32, ids: [i32; 2]) => EINVAL, (
            "{count} processes have the command {command}, {} and {} among them; write the id of one",
            ids[0], ids[1]
        ),
        /// The caller's pid namespace has no process with this id.
        NoProcess(pid: i32) => ESRCH, ("there is no process {pid}"),
        KernelThread(pid: i32) => EINVAL, (
            "process {pid} is a kernel thread, which has no address space"
        ),
        Exiting(pid: i32) => ESRCH, (
            "process {pid} is exiting, and has no address space any more"
        ),
        NotPermitted(pid: i32) => EACCES, (
            "you may not do that to process {pid}: you may not ptrace it"
        ),
        Killed => EINTR, ("killed while waiting for the process to finish execve()"),
    }
}

/// The access to an address space that a caller needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Read access, as with /proc/PID/maps: `PTRACE_MODE_READ_FSCREDS`.
    Read,
    /// The access of a debugger, which allows changes: `PTRACE_MODE_ATTACH_REALCREDS`.
    Attach,
}

/// A process and its address space, both kept alive.
pub(crate) struct Process {
    /// The process.
    pub(crate) task: ARef<Task>,
    /// The address space of the process.
    pub(crate) mm: ARef<MmWithUser>,
}

impl Pid {
    /// Finds a process in the caller's pid namespace. Answers to `find_get_pid()`.
    pub(crate) fn find(who: Who) -> Result<Self, NoAddressSpace> {
        let number = match who {
            Who::Id(number) => number,
            Who::Caller => current!().tgid_nr_ns(None),
            Who::Called(command) => only_one_called(command)?,
        };
        // SAFETY: `find_get_pid()` accepts any number.
        let ptr = NonNull::new(unsafe { bindings::find_get_pid(number) })
            .ok_or(NoAddressSpace::NoProcess(number))?;

        // INVARIANT: `find_get_pid()` took a reference for us.
        Ok(Self { ptr, number })
    }

    /// Returns the ids of the calling thread and of its session.
    pub(super) fn of_caller() -> Option<(Self, Self)> {
        let mut session = core::ptr::null_mut();
        // SAFETY: `session` may be written.
        let thread = unsafe { bindings::rust_vma_caller(&mut session) };
        // INVARIANT: The callee took a reference to each id for us.
        let own = |pid| NonNull::new(pid).map(|ptr| Self { ptr, number: 0 });
        own(thread).zip(own(session))
    }

    /// Returns whether both refer to the same `struct pid`.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.ptr == other.ptr
    }

    /// Returns the process, if it still exists. Answers to `get_pid_task()`.
    pub(super) fn task(&self) -> Option<ARef<Task>> {
        // SAFETY: By the type invariant the pid is valid.
        let task = unsafe {
            bindings::get_pid_task(self.ptr.as_ptr(), bindings::pid_type_PIDTYPE_PID)
            //
        };
        // SAFETY: The callee took a reference for us. `Task` has the layout of a `task_struct`.
        NonNull::new(task).map(|task| unsafe { ARef::from_raw(task.cast()) })
    }

    /// Returns the address space of the process for reading, kept alive. Fails as [`process`](Self::process) does.
    pub(crate) fn mm(&self) -> Result<ARef<MmWithUser>, NoAddressSpace> {
        self.process(Access::Read).map(|process| process.mm)
    }

    /// Finds a process whose memory the caller may read.
    pub(crate) fn find_to_look_at(who: Who) -> Result<Self, NoAddressSpace> {
        let pid = Self::find(who)?;
        pid.mm()?;
        Ok(pid)
    }

    /// Returns the current description of the process for people.
    pub(crate) fn identity(&self) -> Result<Identity, NoAddressSpace> {
        let task = self.task().ok_or(NoAddressSpace::NoProcess(self.number))?;
        Ok(Identity::new(self.number, &task))
    }

    /// Returns the process and its address space, both kept alive, if the caller has this access to it.
    ///
    /// Sleeps. Answers to `mm_access()`.
    pub(crate) fn process(&self, access: Access) -> Result<Process, NoAddressSpace> {
        let task = self.task().ok_or(NoAddressSpace::NoProcess(self.number))?;
        // SAFETY: The task is valid.
        if unsafe { bindings::rust_vma_is_kthread(task.as_ptr()) } {
            return Err(NoAddressSpace::KernelThread(self.number));
        }
        let mode = match access {
            Access::Read => bindings::RUST_VMA_MAY_READ,
            Access::Attach => bindings::RUST_VMA_MAY_ATTACH,
        };
        // SAFETY: The task is valid.
        let mm = from_err_ptr(unsafe { bindings::mm_access(task.as_ptr(), mode) });
        let mm = mm.map_err(|errno| match errno {
            EACCES => NoAddressSpace::NotPermitted(self.number),
            EINTR => NoAddressSpace::Killed,
            _ => NoAddressSpace::Exiting(self.number),
        })?;
        let mm = NonNull::new(mm).ok_or(NoAddressSpace::Exiting(self.number))?;
        // SAFETY: The callee took a reference for us. `MmWithUser` has the layout of an `mm_struct`.
        let mm = unsafe { ARef::from_raw(mm.cast()) };
        Ok(Process { task, mm })
    }
}

/// Returns the id of the only process with this command.
fn only_one_called(command: CommandName) -> Result<i32, NoAddressSpace> {
    let mut ids = [0; 2];
    // SAFETY: The arrays have the lengths that the callee expects.
    let count = unsafe { bindings::rust_vma_called(command.0.as_ptr(), ids.as_mut_ptr()) };
    match count {
        0 => Err(NoAddressSpace::NobodyCalled(command)),
        1 => Ok(ids[0]),
        _ => Err(NoAddressSpace::SeveralCalled(command, count, ids)),
    }
}

impl Drop for Pid {
    fn drop(&mut self) {
        // SAFETY: By the type invariant the reference is ours.
        unsafe { bindings::put_pid(self.ptr.as_ptr()) };
    }
}

/// A process and a time, formatted for people.
pub(crate) struct Identity {
    /// The process id that the user gave.
    pub(crate) pid: i32,
    command: [u8; bindings::TASK_COMM_LEN as usize],
    time: [u8; 32],
}

impl Identity {
    /// Returns the identity of `task` at the current time.
    fn new(pid: i32, task: &Task) -> Self {
        let mut identity = Self {
            pid,
            command: [0; _],
            time: [0; _],
        };
        let length = identity.time.len() as c_int;
        // SAFETY: The task is valid. `command` has the length that the callee expects, and `length` is that of `time`.
        unsafe {
            bindings::rust_vma_command(task.as_ptr(), identity.command.as_mut_ptr());
            bindings::rust_vma_time_of_day(identity.time.as_mut_ptr(), length);
        }
        identity
    }

    /// Returns the identity of the caller at the current time.
    pub(crate) fn of_caller() -> Self {
        let current = current!();
        Self::new(current.tgid_nr_ns(None), current.group_leader())
    }

    /// Returns the command, as in /proc/PID/comm.
    pub(crate) fn command(&self) -> &[u8] {
        before_nul(&self.command)
    }

    /// Returns the time in UTC.
    pub(crate) fn time(&self) -> &[u8] {
        before_nul(&self.time)
    }
}

fn before_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Returns a number that changes whenever the mmap lock of `mm` is taken for write: its `mm_lock_seq`. Returns `None`
/// on a kernel without `CONFIG_PER_VMA_LOCK`.
pub(crate) fn write_count(mm: &Mm) -> Option<u32> {
    let mut count = 0;
    // SAFETY: A reference to an `Mm` is a valid mm.
    unsafe { bindings::rust_vma_write_count(mm.as_raw(), &mut count) }.then_some(count)
}

/// Returns whether the caller may administer the machine. Answers to `capable(CAP_SYS_ADMIN)`.
pub(crate) fn may_administer() -> bool {
    // SAFETY: The call only checks the caller's capabilities.
    unsafe { bindings::capable(bindings::CAP_SYS_ADMIN as c_int) }
}

/// Returns whether readable memory of a process is also executable, as old programs expect. Answers to
/// `READ_IMPLIES_EXEC`.
pub(crate) fn reading_implies_executing(task: &Task) -> bool {
    // SAFETY: The task is valid.
    unsafe { bindings::rust_vma_reading_implies_executing(task.as_ptr()) }
}

/// Sleeps while other tasks wait for the mmap lock of `mm`, but for at most 10 ms.
///
/// Without this, a reader that repeatedly takes the lock keeps getting it before a writer that has been woken but is
/// not running yet. The caller does not hold the lock.
pub(crate) fn give_way(mm: &Mm) {
    // SAFETY: A reference to an `Mm` is a valid mm.
    unsafe { bindings::rust_vma_give_way(mm.as_raw()) };
}

/// Returns the address space of the caller, or `None` for a kernel thread.
pub(crate) fn current_mm() -> Option<ARef<MmWithUser>> {
    current!().mm().map(ARef::from)
}

/// Returns a reference to the `mm_struct` that does not keep its memory mapped.
pub(crate) fn grab(mm: &MmWithUser) -> ARef<Mm> {
    ARef::from(&**mm)
}
