// SPDX-License-Identifier: GPL-2.0

//! The report of a call that C has executed, in the form in which the engine reports its own calls.

use super::watched::{
    About,
    Watched, //
};
use crate::{
    hook::shadow::judge::{
        Compared,
        Found, //
    },
    report::{
        self,
        ending::Ending,
        sys::events::TracedMemory, //
    },
    vma::sys::WriteLockedMm,
};

impl Watched {
    /// Reports the call, given the state that C has left, and the judgement on it.
    pub(super) fn report(&self, found: &Found, compared: Compared) {
        let asked = &self.asked;
        let (call, range) = (asked.helper.by_shadow(), asked.wanted_range());
        // SAFETY: By the type invariant the mm is valid, and its mmap lock is held for write.
        let mm = unsafe { WriteLockedMm::from_raw(self.mm) };
        match self.about {
            About::Part(decision) => {
                let result = asked.modified(decision, &self.forecast, found, compared);
                let memory = || TracedMemory::part(mm, Some(asked.wanted_flags()));
                report::modify_ended(call, range, result.as_ref(), memory);
            }
            About::NewRange(decision, file) => {
                let ended = asked.placed_ended(decision, compared);
                // SAFETY: By the type invariant the file is valid.
                let memory = || unsafe { TracedMemory::new_range(mm, asked.wanted_flags(), file) };
                report::call_ended(call, range, ended, memory);
            }
            About::Extension(decision) => {
                let ended = asked.placed_ended(decision, compared);
                report::call_ended(call, range, ended, || TracedMemory::extension(mm));
            }
            About::Cut => {
                let ended = asked.split_ended(&self.forecast, found, compared);
                report::call_ended(call, range, ended, || TracedMemory::part(mm, None));
            }
            About::Growth => report::count(call, asked.resize_ended(Ending::Expanded, compared)),
            About::Shrinkage => report::count(call, asked.resize_ended(Ending::Shrunk, compared)),
        }
    }
}
