// SPDX-License-Identifier: GPL-2.0

//! What changing a process does with kernel threads, and with drivers that no guest has.

use crate::{
    fixture::{
        references_to_current,
        Backing,
        TestFile,
        TestMm, //
    },
    process::{
        change::{
            carry_out_in,
            Protection,
            Verb, //
        },
        sys::find::{
            Access,
            NoAddressSpace,
            Pid,
            Process, //
        },
    },
    text::Text,
    vma::extent::PAGE_SIZE,
    words::{
        address,
        Pages, //
    },
};
use kernel::{
    prelude::*,
    sync::aref::ARef, //
};

/// The tests run in a kernel thread.
fn is_a_kernel_thread(pid: i32) -> bool {
    matches!(
        Pid::find(pid).and_then(|pid| pid.process(Access::Read)),
        Err(NoAddressSpace::KernelThread(number)) if number == pid
    )
}

/// Returns the errno with which a driver refuses to give up the access to its memory.
fn refusal_of_driver() -> Result<Option<Error>> {
    let (mm, file) = (TestMm::new()?, TestFile::of_driver()?);
    let range = Pages(64, 68).range()?;
    mm.map(&Backing::Shared(&file), range, 64 * PAGE_SIZE)?;
    let process = Process {
        task: ARef::from(&**current!()),
        mm: ARef::from(mm.mm()),
    };
    let before = mm.flags_at(address(64))?;
    let mut details = Text::with_capacity(1000)?;
    let verb = Verb::Protect(range, Protection::NONE);
    let (result, _) = carry_out_in(|| Ok(process), &verb, &mut details);
    let error = result.err().map(|failure| failure.errno());
    Ok(error.filter(|_| mm.flags_at(address(64)) == Ok(before)))
}

#[kunit_tests(rust_vma_processes)]
mod other_processes {
    use super::*;

    /// Any number of references may come and go meanwhile, but not as many as calls.
    #[test]
    fn kernel_threads_are_refused_and_let_go() {
        const CALLS: u32 = 1000;
        let pid = current!().pid();
        let before = references_to_current();
        assert!((0..CALLS).all(|_| is_a_kernel_thread(pid)));
        assert!(references_to_current() < before + CALLS / 2);
    }

    #[test]
    fn drivers_are_asked_about_protections() {
        assert_eq!(refusal_of_driver(), Ok(Some(EXDEV)));
    }
}
