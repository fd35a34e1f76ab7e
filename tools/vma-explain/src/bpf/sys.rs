// SPDX-License-Identifier: GPL-2.0

//! The door to libbpf: attaching an iterator to one process takes unsafe code.

#![allow(unsafe_code)]

use crate::{
    problem::{
        Problem,
        Result, //
    },
    process::may_run_programs, //
};
use libbpf_rs::{
    libbpf_sys,
    AsRawLibbpf,
    Iter,
    Link,
    Object,
    ObjectBuilder, //
};
use std::{
    io::{
        self,
        ErrorKind,
        Read, //
    },
    mem::zeroed,
    ptr::NonNull, //
};

/// The compiled program.
const PROGRAM: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/vmas.bpf.o"));

/// The program, loaded into the kernel.
pub(super) struct Program(Object);

impl Program {
    /// Loads the program. Fails without the right to run programs in the kernel.
    pub(super) fn load() -> Result<Self> {
        libbpf_rs::set_print(None);
        let object = ObjectBuilder::default().open_memory(PROGRAM);
        object
            .and_then(|object| object.load())
            .map(Self)
            .map_err(|error| refusal(&error))
    }
}

/// The records that the program writes, one for each VMA of a process.
pub(super) struct Iterator<'a> {
    output: Iter,
    // The output can be read as long as these live.
    _link: Link,
    _program: &'a Program,
}

impl<'a> Iterator<'a> {
    /// Attaches the program to a process.
    pub(super) fn over(pid: u32, object: &'a Program) -> Result<Self> {
        let program = object
            .0
            .progs_mut()
            .next()
            .ok_or_else(|| Problem::new("this vma-explain was built without its program"))?;

        // SAFETY: All zeros is a valid value of these structures, and stands for no options.
        let (mut process, mut options): (
            libbpf_sys::bpf_iter_link_info,
            libbpf_sys::bpf_iter_attach_opts,
        ) = unsafe { (zeroed(), zeroed()) };
        process.task.tid = pid;
        options.sz = size_of_val(&options) as _;
        options.link_info = &raw mut process;
        options.link_info_len = size_of_val(&process) as _;
        // SAFETY: The program is valid as long as `object`, and the options are valid during the call.
        let link = unsafe {
            libbpf_sys::bpf_program__attach_iter(
                program.as_libbpf_object().as_ptr(),
                &raw const options,
            )
        };
        let link = NonNull::new(link).ok_or_else(|| gone(pid, &io::Error::last_os_error()))?;
        // SAFETY: The call has returned a new link, which nothing else owns.
        let link = unsafe { Link::from_ptr(link) };
        let output = Iter::new(&link).map_err(|error| refusal(&error))?;
        Ok(Self {
            output,
            _link: link,
            _program: object,
        })
    }
}

impl Read for Iterator<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.output.read(buffer)
    }
}

/// Returns the reason why the kernel does not run a program.
pub(crate) fn refusal(error: &libbpf_rs::Error) -> Problem {
    if !may_run_programs() {
        return Problem::new(
            "the kernel does not let you run a program in it: be root, or have CAP_BPF and CAP_PERFMON",
        );
    }
    Problem::new(format!(
        "the kernel does not run vma-explain's program ({error}): is it locked down, or built without BTF?"
    ))
}

fn gone(pid: u32, error: &io::Error) -> Problem {
    Problem::new(match error.kind() {
        ErrorKind::NotFound => format!("there is no process {pid}"),
        _ => format!("the VMAs of process {pid} cannot be listed: {error}"),
    })
}
