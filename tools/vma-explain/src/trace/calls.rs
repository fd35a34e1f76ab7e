// SPDX-License-Identifier: GPL-2.0

//! The system calls that can leave more VMAs than they find, and the words for their arguments.

use libc::{
    c_long,
    MAP_ANONYMOUS,
    MAP_FIXED,
    MAP_FIXED_NOREPLACE,
    MAP_GROWSDOWN,
    MAP_HUGETLB,
    MAP_LOCKED,
    MAP_NORESERVE,
    MAP_POPULATE,
    MAP_PRIVATE,
    MAP_SHARED,
    MAP_STACK,
    MREMAP_DONTUNMAP,
    MREMAP_FIXED,
    MREMAP_MAYMOVE,
    PROT_EXEC,
    PROT_READ,
    PROT_WRITE, //
};

/// The place that stands for no argument.
pub(super) const NONE: u8 = 6;

/// A system call.
pub(super) struct Call {
    /// The name of the call.
    name: &'static str,
    /// The number of the call.
    pub(super) number: c_long,
    /// The places of the arguments that tell the purpose of the call.
    pub(super) told: [u8; 2],
    /// The words for these arguments.
    words: [Words; 2],
}

/// The words for an argument.
enum Words {
    /// No words.
    None,
    /// A name for each value that has one.
    Value(&'static [(u64, &'static str)]),
    /// A name for each bit, and a name for a value without any of these bits.
    Bits(&'static [(u64, &'static str)], &'static str),
}

const RIGHTS: Words = Words::Bits(
    &[
        (PROT_READ as u64, "PROT_READ"),
        (PROT_WRITE as u64, "PROT_WRITE"),
        (PROT_EXEC as u64, "PROT_EXEC"),
    ],
    "PROT_NONE",
);

const MAPPING: Words = Words::Bits(
    &[
        (MAP_SHARED as u64, "MAP_SHARED"),
        (MAP_PRIVATE as u64, "MAP_PRIVATE"),
        (MAP_FIXED as u64, "MAP_FIXED"),
        (MAP_FIXED_NOREPLACE as u64, "MAP_FIXED_NOREPLACE"),
        (MAP_ANONYMOUS as u64, "MAP_ANONYMOUS"),
        (MAP_GROWSDOWN as u64, "MAP_GROWSDOWN"),
        (MAP_LOCKED as u64, "MAP_LOCKED"),
        (MAP_NORESERVE as u64, "MAP_NORESERVE"),
        (MAP_POPULATE as u64, "MAP_POPULATE"),
        (MAP_STACK as u64, "MAP_STACK"),
        (MAP_HUGETLB as u64, "MAP_HUGETLB"),
    ],
    "0",
);

const ADVICE: Words = Words::Value(&[
    (0, "MADV_NORMAL"),
    (1, "MADV_RANDOM"),
    (2, "MADV_SEQUENTIAL"),
    (3, "MADV_WILLNEED"),
    (4, "MADV_DONTNEED"),
    (8, "MADV_FREE"),
    (9, "MADV_REMOVE"),
    (10, "MADV_DONTFORK"),
    (11, "MADV_DOFORK"),
    (12, "MADV_MERGEABLE"),
    (13, "MADV_UNMERGEABLE"),
    (14, "MADV_HUGEPAGE"),
    (15, "MADV_NOHUGEPAGE"),
    (16, "MADV_DONTDUMP"),
    (17, "MADV_DODUMP"),
    (18, "MADV_WIPEONFORK"),
    (19, "MADV_KEEPONFORK"),
    (102, "MADV_GUARD_INSTALL"),
    (103, "MADV_GUARD_REMOVE"),
]);

const MOVING: Words = Words::Bits(
    &[
        (MREMAP_MAYMOVE as u64, "MREMAP_MAYMOVE"),
        (MREMAP_FIXED as u64, "MREMAP_FIXED"),
        (MREMAP_DONTUNMAP as u64, "MREMAP_DONTUNMAP"),
    ],
    "0",
);

const POLICY: Words = Words::Value(&[
    (0, "MPOL_DEFAULT"),
    (1, "MPOL_PREFERRED"),
    (2, "MPOL_BIND"),
    (3, "MPOL_INTERLEAVE"),
    (4, "MPOL_LOCAL"),
    (5, "MPOL_PREFERRED_MANY"),
    (6, "MPOL_WEIGHTED_INTERLEAVE"),
]);

const LOCKING: Words = Words::Value(&[(0, "0"), (1, "MLOCK_ONFAULT")]);

const OF_PROCESS: Words = Words::Value(&[(0x5356_4d41, "PR_SET_VMA"), (67, "PR_SET_MEMORY_MERGE")]);

const REQUEST: Words = Words::Value(&[
    (0xc020_aa00, "UFFDIO_REGISTER"),
    (0x8010_aa01, "UFFDIO_UNREGISTER"),
]);

const fn call(name: &'static str, number: c_long) -> Call {
    Call {
        name,
        number,
        told: [NONE; 2],
        words: [Words::None, Words::None],
    }
}

const fn with_one(name: &'static str, number: c_long, place: u8, words: Words) -> Call {
    Call {
        name,
        number,
        told: [place, NONE],
        words: [words, Words::None],
    }
}

/// All such calls. Numbers without a name in libc are the same on every architecture.
pub(super) const CALLS: &[Call] = &[
    Call {
        name: "mmap",
        number: libc::SYS_mmap,
        told: [2, 3],
        words: [RIGHTS, MAPPING],
    },
    with_one("mprotect", libc::SYS_mprotect, 2, RIGHTS),
    with_one("pkey_mprotect", libc::SYS_pkey_mprotect, 2, RIGHTS),
    with_one("madvise", libc::SYS_madvise, 2, ADVICE),
    with_one("process_madvise", 440, 3, ADVICE),
    with_one("mremap", libc::SYS_mremap, 3, MOVING),
    with_one("mbind", libc::SYS_mbind, 2, POLICY),
    with_one("mlock2", libc::SYS_mlock2, 2, LOCKING),
    with_one("prctl", libc::SYS_prctl, 0, OF_PROCESS),
    with_one("ioctl", libc::SYS_ioctl, 1, REQUEST),
    call("munmap", libc::SYS_munmap),
    call("brk", libc::SYS_brk),
    call("mlock", libc::SYS_mlock),
    call("munlock", libc::SYS_munlock),
    call("mlockall", libc::SYS_mlockall),
    call("shmat", libc::SYS_shmat),
    call("shmdt", libc::SYS_shmdt),
    call("remap_file_pages", libc::SYS_remap_file_pages),
    call("io_setup", libc::SYS_io_setup),
    call("set_mempolicy_home_node", 450),
    call("map_shadow_stack", 453),
    call("mseal", 462),
];

/// Returns a call as a programmer writes it: `madvise(MADV_DONTFORK)`.
pub(super) fn in_words(number: u64, arguments: [u64; 2]) -> String {
    let Some(call) = CALLS.iter().find(|call| call.number as u64 == number) else {
        return format!("system call {number}");
    };
    let told = call.words.iter().zip(arguments);
    let words: Vec<String> = told.filter_map(|(words, value)| words.of(value)).collect();
    format!("{}({})", call.name, words.join(", "))
}

impl Words {
    fn of(&self, value: u64) -> Option<String> {
        match self {
            Self::None => None,
            Self::Value(named) => {
                let name = named.iter().find(|(each, _)| *each == value);
                Some(name.map_or_else(|| value.to_string(), |(_, name)| (*name).to_owned()))
            }
            Self::Bits(named, none) => {
                let mut rest = value;
                let mut words = Vec::new();
                for (bit, name) in *named {
                    if *bit != 0 && value & bit == *bit {
                        rest &= !bit;
                        words.push((*name).to_owned());
                    }
                }
                if rest != 0 {
                    words.push(format!("{rest:#x}"));
                }
                Some(if words.is_empty() {
                    (*none).to_owned()
                } else {
                    words.join("|")
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for (number, arguments, words) in [
            (libc::SYS_mprotect, [0, 0], "mprotect(PROT_NONE)"),
            (libc::SYS_mprotect, [3, 0], "mprotect(PROT_READ|PROT_WRITE)"),
            (
                libc::SYS_mprotect,
                [0x1000_0001, 0],
                "mprotect(PROT_READ|0x10000000)",
            ),
            (
                libc::SYS_mmap,
                [1, 0x22],
                "mmap(PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS)",
            ),
            (libc::SYS_mmap, [0, 0x1], "mmap(PROT_NONE, MAP_SHARED)"),
            (libc::SYS_madvise, [10, 0], "madvise(MADV_DONTFORK)"),
            (libc::SYS_madvise, [77, 0], "madvise(77)"),
            (libc::SYS_munmap, [0, 0], "munmap()"),
            (libc::SYS_mremap, [0, 0], "mremap(0)"),
            (libc::SYS_prctl, [0x5356_4d41, 0], "prctl(PR_SET_VMA)"),
            (511, [0, 0], "system call 511"),
        ] {
            assert_eq!(in_words(number as u64, arguments), words);
        }
    }

    /// The programs in the kernel have room for these numbers.
    #[test]
    fn numbers() {
        assert!(CALLS.iter().all(|call| (0..512).contains(&call.number)));
    }
}
