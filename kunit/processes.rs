// SPDX-License-Identifier: GPL-2.0

//! Changes of a process: of kernel threads, and of mappings of drivers that no guest has.

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
            Process,
            Who, //
        },
    },
    text::Text,
    vma::extent::{
        Range,
        PAGE_SIZE, //
    },
    words::Pages,
};
use kernel::{
    prelude::*,
    sync::aref::ARef, //
};

/// Returns whether `pid` is refused as a kernel thread, which the tests run in.
fn is_a_kernel_thread(pid: i32) -> bool {
    matches!(
        Pid::find(Who::Id(pid)).and_then(|pid| pid.process(Access::Read)),
        Err(NoAddressSpace::KernelThread(number)) if number == pid
    )
}

/// Changes memory that a driver maps from page `first` of its file on, and returns the errno with which the
/// change is refused. The VMA has to stay as it is.
fn refusal_of_driver(
    first: usize,
    verb: impl FnOnce(Range) -> Verb<'static>,
) -> Result<Option<Error>> {
    let (mm, file) = (TestMm::new()?, TestFile::of_driver()?);
    let range = Pages(first, first + 4).range()?;
    mm.map(&Backing::Shared(&file), range, first * PAGE_SIZE)?;
    let process = Process {
        task: ARef::from(&**current!()),
        mm: ARef::from(mm.mm()),
    };
    let before = (mm.map_count(), mm.flags_at(range.start())?);
    let mut details = Text::with_capacity(1000)?;
    let (result, _) = carry_out_in(|| Ok(process), &verb(range), &mut details);
    let error = result.err().map(|failure| failure.errno());
    let after = (mm.map_count(), mm.flags_at(range.start())?);
    Ok(error.filter(|_| before == after))
}

#[kunit_tests(rust_vma_processes)]
mod other_processes {
    use super::*;

    /// Other references may come and go meanwhile, but fewer than there are calls.
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
        let verb = |range| Verb::Protect(range, Protection::NONE);
        assert_eq!(refusal_of_driver(64, verb), Ok(Some(EXDEV)));
    }

    /// C takes any answer but zero for a refusal.
    #[test]
    fn drivers_that_are_vague_about_a_split_refuse_it() {
        let verb = |range: Range| Verb::Split(range.start() + PAGE_SIZE);
        assert_eq!(refusal_of_driver(96, verb), Ok(Some(EINVAL)));
    }
}
