// SPDX-License-Identifier: GPL-2.0

//! The C functions at work.

use super::{
    reach::raw_iter,
    Action,
    Context,
    TestMm,
    TestName,
    TestPolicy, //
};
use crate::vma::{
    compat::Side,
    extent::Range,
    merge::IfNoMemory,
    sys::{
        bindings,
        VmaIter,
        VmaRef, //
    },
};
use kernel::error::from_err_ptr;

impl TestMm {
    /// Does something with `range`; the start of the VMA that C returns, if it does, or its errno.
    pub(super) fn act_in_c(
        &self,
        iter: &mut VmaIter<'_>,
        action: &Action<'_>,
        range: Range,
    ) -> Result<Option<usize>, i32> {
        let (vmi, mm) = (raw_iter(iter), self.mm().as_raw());
        let (start, end) = (range.start(), range.end());

        // SAFETY: The iterator shows that the lock is held, and is the only one at the tree. All
        // else is borrowed.
        let vma = unsafe {
            match action {
                Action::Flags { set, clear } => bindings::rust_vma_kunit_modify_flags(
                    vmi,
                    mm,
                    start,
                    end,
                    &set.into_raw(),
                    &clear.into_raw(),
                ),
                Action::Name(name) | Action::FlagsName(name) => {
                    let name = TestName::raw(*name);
                    bindings::rust_vma_kunit_modify_name(vmi, mm, start, end, name)
                }
                Action::Policy(policy) => {
                    let policy = TestPolicy::raw(*policy);
                    bindings::rust_vma_kunit_modify_policy(vmi, mm, start, end, policy)
                }
                Action::Userfaultfd(context, if_no_memory) => {
                    let context = Context::raw(*context);
                    let give_up = *if_no_memory == IfNoMemory::GiveUp;
                    bindings::rust_vma_kunit_modify_uffd(vmi, mm, start, end, context, give_up)
                }
                Action::Extend => bindings::rust_vma_kunit_merge_extend(vmi, mm, start, end),
                Action::Shrink => bindings::rust_vma_kunit_shrink(vmi, mm, start),
                Action::Split(side) => {
                    bindings::rust_vma_kunit_split(vmi, mm, start, *side == Side::Left)
                }
                Action::Move { from, keeps_source } => {
                    bindings::rust_vma_kunit_copy_vma(mm, start, end, *from, *keeps_source)
                }
                Action::Ask(_) => core::ptr::null_mut(),
            }
        };
        start_of(vma)
    }
}

/// The start of a VMA that C has returned, or none; or the errno.
pub(super) fn start_of(vma: *mut bindings::vm_area_struct) -> Result<Option<usize>, i32> {
    let vma = from_err_ptr(vma).map_err(|error| error.to_errno())?;
    if vma.is_null() {
        return Ok(None);
    }
    // SAFETY: What is returned is a VMA of a tree whose lock is held.
    Ok(Some(unsafe { VmaRef::from_raw(vma) }.start()))
}
