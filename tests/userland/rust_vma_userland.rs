// SPDX-License-Identifier: GPL-2.0

//! The engine in userland: the same files as in the kernel, with the entries through which C calls it.

#![deny(unsafe_op_in_unsafe_fn)]
// The engine is complete; nothing here maps or walks an address space.
#[allow(dead_code, unused_imports)]
#[path = "../../rust/vma/mod.rs"]
mod vma;
#[allow(dead_code)]
#[path = "../../rust/vocabulary.rs"]
mod vocabulary;

#[path = "."]
mod hook {
    #[path = "."]
    pub(crate) mod sys {
        #[path = "../../rust/hook/sys/entry.rs"]
        pub(crate) mod entry;
        #[path = "../../rust/hook/sys/request.rs"]
        pub(crate) mod request;
    }
    pub(crate) mod fallback {
        /// Stands for the fallback to C. Rust can execute every call of the tests.
        pub(crate) fn leave_to_c(_: crate::report::helper::Helper) {
            std::process::abort();
        }
    }
}
#[path = "report.rs"]
mod report;
#[path = "sys/whole_requests.rs"]
mod whole_requests;
