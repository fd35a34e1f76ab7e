// SPDX-License-Identifier: GPL-2.0

//! Kinds of memory, in people's terms.

use crate::vocabulary::vocabulary;

/// The words for a kind.
struct SaidOfKind {
    /// The name for programs.
    name: &'static str,
    /// The words for people. The name that identifies the VMA among others of its kind may follow.
    words: &'static str,
}

vocabulary! {
    /// The kind of memory that a VMA maps.
    pub(crate) enum Kind: SaidOfKind {
        /// Neither a file nor memory that the kernel has a name for.
        Anonymous { name: "anonymous", words: "anonymous memory" },
        /// The heap, whose end brk() moves.
        Heap { name: "heap", words: "heap" },
        /// The stack of the first thread.
        Stack { name: "stack", words: "stack" },
        /// A named mapping that the kernel created, for example the vDSO.
        Special { name: "special", words: "special mapping" },
        /// A file with a path.
        File { name: "file", words: "file" },
        /// A file whose path is too long or cannot be read.
        LongPath { name: "long-path", words: "a file whose path is too long" },
        /// A file of hugetlbfs with a path.
        HugeFile { name: "huge-file", words: "file of huge pages" },
        /// `MAP_SHARED` without a file.
        SharedMemory { name: "shared-memory", words: "shared anonymous memory" },
        /// A file created by `memfd_create()`.
        Memfd { name: "memfd", words: "memfd" },
        /// A segment created by `shmget()`.
        SystemV { name: "system-v", words: "System V segment with key" },
        /// `MAP_HUGETLB` without a file.
        HugePages { name: "huge-pages", words: "anonymous huge pages" },
    }
}

impl Kind {
    /// Returns the name for programs.
    pub(crate) const fn name(self) -> &'static str {
        self.said().name
    }

    /// Returns the words for people.
    pub(crate) const fn words(self) -> &'static str {
        self.said().words
    }
}
