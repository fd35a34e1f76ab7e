// SPDX-License-Identifier: GPL-2.0

//! The engine at work, entered as a caller in Rust enters it.

use super::{
    action::Came,
    Action,
    Context,
    Said,
    TestMm,
    TestName,
    TestPolicy, //
};
use crate::vma::{
    compat::{
        Attributes,
        Side, //
    },
    cut::Split,
    extent::Range,
    flags::ADVICE,
    merge::NoMemory,
    modify::{
        vma_modify_flags,
        vma_modify_flags_name,
        vma_modify_flags_uffd,
        vma_modify_name,
        vma_modify_policy,
        Modified,
        ModifyError, //
    },
    new_range::{
        vma_merge_extend,
        Placed, //
    },
    shrink::vma_shrink,
    split::split_vma,
    sys::{
        bindings,
        VmaIter, //
    },
};
use kernel::{
    error::to_result,
    prelude::*, //
};

impl TestMm {
    /// Does something with `range`. Fails if the VMAs are not what the action is about.
    pub(super) fn act_in_rust(
        &self,
        iter: &mut VmaIter<'_>,
        action: &Action<'_>,
        range: Range,
    ) -> Result<Came> {
        let addr = range.start();
        let came = match action {
            Action::Flags { set, clear } => {
                let site = iter.site_at(addr).ok_or(EINVAL)?;
                let flags = site.middle().vma_flags().without(*clear).union(*set);
                let is_advice = ADVICE.contains(set.union(*clear));
                modified(vma_modify_flags(site, range, flags), |modified| {
                    if is_advice {
                        modified.vma.set_advice(flags);
                    } else {
                        let flags = modified.flags(flags).into_raw();
                        // SAFETY: The VMA is valid and its lock held for write.
                        unsafe {
                            bindings::rust_vma_kunit_give_flags(modified.vma.as_raw(), &flags)
                        };
                    }
                    Ok(())
                })
            }
            Action::Name(name) => {
                let site = iter.site_at(addr).ok_or(EINVAL)?;
                let result = vma_modify_name(site, range, TestName::of(*name));
                modified(result, |modified| give_name(modified, *name))
            }
            Action::FlagsName(name) => {
                let site = iter.site_at(addr).ok_or(EINVAL)?;
                let flags = site.middle().vma_flags();
                let result = vma_modify_flags_name(site, range, flags, TestName::of(*name));
                modified(result, |modified| give_name(modified, *name))
            }
            Action::Policy(policy) => {
                let site = iter.site_at(addr).ok_or(EINVAL)?;
                let result = vma_modify_policy(site, range, TestPolicy::of(*policy));
                modified(result, |modified| {
                    let vma = modified.vma.as_raw();
                    // SAFETY: The VMA is valid and its lock held for write.
                    to_result(unsafe {
                        bindings::rust_vma_kunit_give_policy(vma, TestPolicy::raw(*policy))
                    })
                })
            }
            Action::Userfaultfd(context, if_no_memory) => {
                let site = iter.site_at(addr).ok_or(EINVAL)?;
                let flags = site.middle().vma_flags();
                let to = Context::of(*context);
                let result = vma_modify_flags_uffd(site, range, flags, to, *if_no_memory);
                modified(result, |modified| {
                    let vma = modified.vma.as_raw();
                    // SAFETY: The VMA is valid and its lock held for write.
                    unsafe { bindings::rust_vma_kunit_give_context(vma, Context::raw(*context)) };
                    Ok(())
                })
            }
            Action::Extend => {
                let extension = iter.extension_at(addr - 1).ok_or(EINVAL)?;
                if extension.end() != addr {
                    return Err(EINVAL);
                }
                match placed(vma_merge_extend(extension, range)) {
                    // C tells its caller nothing else, and that one takes it for lack of memory.
                    (Err(_), said) => (Ok(None), said),
                    came => came,
                }
            }
            Action::Shrink => {
                let (iter, _, vma, _) = iter.site_at(addr).ok_or(EINVAL)?.into_parts();
                let (kept, freed) = vma.range().cut(addr).ok_or(EINVAL)?;
                match vma_shrink(iter, vma, kept, freed) {
                    Ok(vma) => (Ok(Some(vma.start())), Some(Said::Done)),
                    Err(error) => failed(error),
                }
            }
            Action::Split(side) => {
                let (iter, _, vma, _) = iter.site_at(addr).ok_or(EINVAL)?.into_parts();
                let (below, above) = vma.range().cut(addr).ok_or(EINVAL)?;
                let split = match side {
                    Side::Left => Split::NewBelow {
                        new: below,
                        kept: above,
                    },
                    Side::Right => Split::NewAbove {
                        kept: below,
                        new: above,
                    },
                };
                match split_vma(iter, vma, split) {
                    Ok(vma) => (Ok(Some(vma.start())), Some(Said::Done)),
                    Err(error) => failed(error.into()),
                }
            }
            Action::Move { from, keeps_source } => {
                self.move_in_rust(iter, range, *from, *keeps_source)?
            }
            Action::Ask(_) => return Err(EINVAL),
        };
        Ok(came)
    }
}

/// What came of a change, once the VMA was given what it was made ready for.
fn modified(
    modified: Result<Modified<'_>, ModifyError>,
    give: impl FnOnce(&mut Modified<'_>) -> Result,
) -> Came {
    match modified {
        Ok(mut modified) => {
            let given = give(&mut modified).map_err(|error| error.to_errno());
            let said = Said::Modified(modified.outcome);
            (given.map(|()| Some(modified.vma.start())), Some(said))
        }
        Err(error) => {
            let said = match error {
                ModifyError::NotWithinVma => Said::Failed(error.into()),
                ModifyError::NoMemory(plan) => Said::NoMemory(plan),
                ModifyError::Split(error) => Said::SplitFailed(error.into()),
                ModifyError::SecondSplit(error) => Said::SecondSplitFailed(error.into()),
            };
            (Err(Error::from(error).to_errno()), Some(said))
        }
    }
}

/// What came of what has failed.
pub(super) fn failed(error: Error) -> Came {
    (Err(error.to_errno()), Some(Said::Failed(error)))
}

/// What came of a new range.
pub(super) fn placed(placed: Result<Placed<'_>, NoMemory>) -> Came {
    match placed {
        Ok(Placed::Merged(vma, plan)) => (Ok(Some(vma.start())), Some(Said::Merged(plan))),
        Ok(Placed::NotMerged(unmerged)) => (Ok(None), Some(Said::NotMerged(unmerged))),
        Err(NoMemory(plan)) => (Err(ENOMEM.to_errno()), Some(Said::NoMemory(plan))),
    }
}

/// Gives the VMA its name. The flags stay, as prctl leaves them.
fn give_name(modified: &mut Modified<'_>, name: Option<&TestName>) -> Result {
    // SAFETY: The VMA is valid and its lock held for write.
    unsafe { bindings::rust_vma_kunit_give_name(modified.vma.as_raw(), TestName::raw(name)) };
    Ok(())
}
