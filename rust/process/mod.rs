// SPDX-License-Identifier: GPL-2.0

//! Finds, reads and changes another process.
//!
//! ```text
//!   change/   changes to the memory of a process, carried out (`ctl`) or predicted (`plan`)
//!   sys/      the interface to C, with all unsafe code
//! ```

#![deny(unsafe_code)]

pub(crate) mod change;
#[allow(unsafe_code)]
pub(crate) mod sys;

pub(crate) use self::sys::{
    asker::Asker,
    find::{
        current_mm,
        give_way,
        grab,
        may_administer,
        write_count,
        CommandName,
        Identity,
        Pid,
        Who, //
    },
    look::{
        anon_vma_of,
        inode_of,
        name_of,
        path_of,
        policy_of,
        use_of, //
    }, //
};
