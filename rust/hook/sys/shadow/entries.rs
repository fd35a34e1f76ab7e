// SPDX-License-Identifier: GPL-2.0

//! The shadow's entries, one for each hooked helper: each names the body in C that executes the call.

use super::{
    watch::NamedPart,
    watched::Watched, //
};
use crate::{
    hook::{
        shadow::{
            comparison::{
                compare,
                not_watched, //
            },
            judge::Tried,
            rules::Rules,
        },
        sys::{
            entry::{
                once,
                side_of_new, //
            },
            request::Request, //
        },
    },
    report::helper::Helper,
    vma::{
        flags::VmaFlags,
        forecast::Answer,
        merge::IfNoMemory,
        modify::Change,
        sys::{
            bindings,
            Name,
            Policy,
            UserfaultfdContext, //
        },
    },
};
use bindings::{
    anon_vma_name,
    mempolicy,
    vm_area_struct,
    vm_userfaultfd_ctx,
    vma_flags_t,
    vma_hook_ops,
    vma_iterator,
    vma_merge_struct, //
};
use core::marker::PhantomData;
use kernel::{
    error::to_result,
    prelude::*, //
};

/// The shadow of an engine with these rules.
pub(crate) struct Shadow<R>(PhantomData<R>);

impl<R: Rules> Shadow<R> {
    /// The table through which the kernel's hook calls the shadow.
    pub(crate) const OPS: vma_hook_ops = vma_hook_ops {
        modify_flags: Some(Self::modify_flags),
        modify_name: Some(Self::modify_name),
        modify_policy: Some(Self::modify_policy),
        modify_flags_uffd: Some(Self::modify_flags_uffd),
        merge_new_range: Some(Self::merge_new_range),
        merge_copied_range: Some(Self::merge_copied_range),
        merge_extend: Some(Self::merge_extend),
        split: Some(Self::split),
        split_past_limit: Some(Self::split_past_limit),
        expand: Some(Self::expand),
        shrink: Some(Self::shrink),
    };

    entry! {
        /// Implements `vma_modify_flags()`.
        modify_flags = c_vma_modify_flags(
            vmi: *mut vma_iterator, prev: *mut vm_area_struct, vma: *mut vm_area_struct,
            start: usize, end: usize, flags: *mut vma_flags_t,
        ) -> *mut vm_area_struct;
        |by_c| {
            let change = Change { flags: Some(VmaFlags::from_raw(*flags)), ..Change::default() };
            let part = NamedPart::new(prev, vma, start, end);
            Self::modify(Helper::ModifyFlags, part, change, IfNoMemory::Fail, by_c)
        }
    }

    entry! {
        /// Implements `vma_modify_name()`.
        modify_name = c_vma_modify_name(
            vmi: *mut vma_iterator, prev: *mut vm_area_struct, vma: *mut vm_area_struct,
            start: usize, end: usize, name: *mut anon_vma_name,
        ) -> *mut vm_area_struct;
        |by_c| {
            let change = Change { name: Some(Name::from_raw(name)), ..Change::default() };
            let part = NamedPart::new(prev, vma, start, end);
            Self::modify(Helper::ModifyName, part, change, IfNoMemory::Fail, by_c)
        }
    }

    entry! {
        /// Implements `vma_modify_policy()`.
        modify_policy = c_vma_modify_policy(
            vmi: *mut vma_iterator, prev: *mut vm_area_struct, vma: *mut vm_area_struct,
            start: usize, end: usize, policy: *mut mempolicy,
        ) -> *mut vm_area_struct;
        |by_c| {
            let change = Change { policy: Some(Policy::from_raw(policy)), ..Change::default() };
            let part = NamedPart::new(prev, vma, start, end);
            Self::modify(Helper::ModifyPolicy, part, change, IfNoMemory::Fail, by_c)
        }
    }

    entry! {
        /// Implements `vma_modify_flags_uffd()`.
        // Without CONFIG_USERFAULTFD the context is an empty struct, which neither C nor Rust passes.
        #[allow(improper_ctypes_definitions)]
        modify_flags_uffd = c_vma_modify_flags_uffd(
            vmi: *mut vma_iterator, prev: *mut vm_area_struct, vma: *mut vm_area_struct,
            start: usize, end: usize, flags: *const vma_flags_t,
            context: vm_userfaultfd_ctx, give_up_on_oom: bool,
        ) -> *mut vm_area_struct;
        |by_c| {
            let change = Change {
                flags: Some(VmaFlags::from_raw(*flags)),
                userfaultfd_context: Some(UserfaultfdContext::from_c(&context)),
                ..Change::default()
            };
            let part = NamedPart::new(prev, vma, start, end);
            let if_no_memory = IfNoMemory::from_c(give_up_on_oom);
            Self::modify(Helper::ModifyFlagsUffd, part, change, if_no_memory, by_c)
        }
    }

    entry! {
        /// Implements `vma_merge_new_range()`.
        merge_new_range = c_vma_merge_new_range(vmg: *mut vma_merge_struct) -> *mut vm_area_struct;
        |by_c| {
            Self::merge(Helper::MergeNewRange, Request::from_raw_new(vmg), vmg, by_c)
        }
    }

    entry! {
        /// Implements `vma_merge_copied_range()`.
        merge_copied_range = c_vma_merge_copied_range(vmg: *mut vma_merge_struct) -> *mut vm_area_struct;
        |by_c| {
            // Creating the request changes its argument, so it is created from a copy that C does not see.
            let mut copy = vmg.read();
            let request = Request::from_raw_copied(&mut copy);
            Self::merge(Helper::MergeCopiedRange, request, vmg, by_c)
        }
    }

    entry! {
        /// Implements `vma_merge_extend()`.
        merge_extend = c_vma_merge_extend(
            vmi: *mut vma_iterator, vma: *mut vm_area_struct, delta: usize,
        ) -> *mut vm_area_struct;
        |by_c| {
            let watched = Watched::extend::<R>(vma, delta);
            execute(Helper::MergeExtend, &watched, by_c, |watched, vma| {
                let answer = watched.answer_of_vma(vma);
                (answer, watched.tried_to_extend(vmi, answer))
            })
        }
    }

    entry! {
        /// Implements `split_vma()`.
        split = c_split_vma(
            vmi: *mut vma_iterator, vma: *mut vm_area_struct, addr: usize, new_below: c_int,
        ) -> c_int;
        |by_c| {
            let side = side_of_new(new_below);
            let watched = Watched::split::<R>(Helper::Split, vma, addr, side);
            resize(Helper::Split, &watched, by_c)
        }
    }

    entry! {
        /// Implements `__split_vma()`.
        split_past_limit = c___split_vma(
            vmi: *mut vma_iterator, vma: *mut vm_area_struct, addr: usize, new_below: c_int,
        ) -> c_int;
        |by_c| {
            let side = side_of_new(new_below);
            let watched = Watched::split::<R>(Helper::SplitPastLimit, vma, addr, side);
            resize(Helper::SplitPastLimit, &watched, by_c)
        }
    }

    entry! {
        /// Implements `vma_expand()`.
        expand = c_vma_expand(vmg: *mut vma_merge_struct) -> c_int;
        |by_c| {
            let watched = Watched::expand::<R>(vmg);
            resize(Helper::Expand, &watched, by_c)
        }
    }

    entry! {
        /// Implements `vma_shrink()`.
        shrink = c_vma_shrink(
            vmi: *mut vma_iterator, vma: *mut vm_area_struct, end: usize,
        ) -> c_int;
        |by_c| {
            let watched = Watched::shrink::<R>(vma, end);
            resize(Helper::Shrink, &watched, by_c)
        }
    }

    /// Has C execute a call to a helper that makes a part of a VMA ready for a change.
    ///
    /// # Safety
    ///
    /// The contract of that helper holds.
    unsafe fn modify(
        helper: Helper,
        part: NamedPart,
        change: Change<'_>,
        if_no_memory: IfNoMemory,
        by_c: impl FnOnce() -> *mut vm_area_struct,
    ) -> *mut vm_area_struct {
        // SAFETY: By the caller's promise the contract of the helper holds.
        let watched = unsafe { Watched::modify::<R>(helper, part, &change, if_no_memory) };
        execute(helper, &watched, by_c, |watched, vma| {
            (watched.answer_of_vma(vma), Tried::Nothing)
        })
    }

    /// Has C execute a call to a helper that maps the range of `request`. C gets the same request as `vmg`.
    ///
    /// # Safety
    ///
    /// The contract of that helper holds.
    unsafe fn merge(
        helper: Helper,
        request: Option<Request<'_>>,
        vmg: *mut vma_merge_struct,
        by_c: impl FnOnce() -> *mut vm_area_struct,
    ) -> *mut vm_area_struct {
        // SAFETY: By the caller's promise the contract of the helper holds.
        let watched = unsafe { Watched::new_range::<R>(helper, request) };
        execute(helper, &watched, by_c, |watched, vma| {
            // SAFETY: `vmg` is the request of the call, and by the caller's promise it is valid.
            let tried = unsafe { watched.tried_to_merge(vmg) };
            (watched.answer_of_vma(vma), tried)
        })
    }
}

/// Has C execute a call to a helper that moves the boundaries of a VMA and returns 0 or a negative errno.
fn resize(helper: Helper, watched: &Option<Watched>, by_c: impl FnOnce() -> c_int) -> c_int {
    execute(helper, watched, by_c, |_, returned| {
        let answer = match to_result(returned) {
            Ok(()) if returned == 0 => Answer::Done,
            // The driver returned a positive number, which means neither success nor an errno.
            Ok(()) => Answer::Fails(EINVAL),
            Err(error) => Answer::Fails(error),
        };
        (answer, Tried::Nothing)
    })
}

/// Has C execute a call, compares the state that C leaves with Rust's forecast, and reports the call as the engine
/// would. `read` evaluates C's return value and the arguments that C has changed.
fn execute<T: Copy>(
    helper: Helper,
    watched: &Option<Watched>,
    by_c: impl FnOnce() -> T,
    read: impl FnOnce(&Watched, T) -> (Answer, Tried),
) -> T {
    let returned = by_c();
    match watched {
        Some(watched) => {
            let (answer, tried) = read(watched, returned);
            let found = watched.found(answer, tried);
            let compared = compare(&watched.asked, &watched.forecast, &found);
            watched.report(&found, compared);
        }
        None => not_watched(helper),
    }
    returned
}
