// SPDX-License-Identifier: GPL-2.0

//! Files as people know them: of those that no folder has, the kernel makes up the paths.

use super::{
    kind::Kind,
    sides::MappedFile, //
};
use core::fmt;

/// A file, in words: its kind, and which one of that kind it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct FileWords<'a> {
    /// The kind.
    pub(crate) kind: Kind,
    /// The path or the name, in bytes; empty if there is none.
    pub(crate) name: &'a [u8],
}

/// Paths that the kernel makes up: how they begin, how they end, and the kind of file. The name is between.
const MADE_UP: [(&[u8], &[u8], Kind); 4] = [
    (b"/dev/zero", b" (deleted)", Kind::SharedMemory),
    (b"/memfd:", b" (deleted)", Kind::Memfd),
    (b"/SYSV", b" (deleted)", Kind::SystemV),
    (b"/anon_hugepage", b" (deleted)", Kind::HugePages),
];

impl<'a> FileWords<'a> {
    /// Returns the words for a file; nothing if there is none.
    pub(crate) fn of(file: MappedFile<'a>) -> Option<Self> {
        let path = match file {
            MappedFile::None => return None,
            MappedFile::Unnamed => {
                return Some(Self {
                    kind: Kind::LongPath,
                    name: b"",
                })
            }
            MappedFile::At(path) => path,
        };
        let made_up = MADE_UP.iter().find_map(|&(first, last, kind)| {
            let name = path.strip_prefix(first)?.strip_suffix(last)?;
            // No folder has it, so that nothing but a name can follow.
            (!name.contains(&b'/')).then_some(Self { kind, name })
        });
        Some(made_up.unwrap_or(Self {
            kind: Kind::File,
            name: path,
        }))
    }
}

impl<'a> FileWords<'a> {
    /// Writes it as people are told of it: a path says by itself that it is one. `show` shows the name.
    pub(super) fn write_to<Name: fmt::Display>(
        self,
        f: &mut fmt::Formatter<'_>,
        show: impl FnOnce(&'a [u8]) -> Name,
    ) -> fmt::Result {
        let Self { kind, name } = self;
        match (kind, name) {
            (Kind::File, path) => write!(f, "{}", show(path)),
            (kind, b"") => f.write_str(kind.words()),
            (kind, name) => write!(f, "{} {}", kind.words(), show(name)),
        }
    }
}
