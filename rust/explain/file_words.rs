// SPDX-License-Identifier: GPL-2.0

//! Files in people's terms. The kernel makes up the paths of files that are not in a directory.

use super::{
    kind::Kind,
    sides::MappedFile, //
};
use core::fmt;

/// A file in words: its kind, and the name that identifies it among files of that kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct FileWords<'a> {
    /// The kind.
    pub(crate) kind: Kind,
    /// The path or the name, in bytes. Empty if there is none.
    pub(crate) name: &'a [u8],
}

/// Paths that the kernel makes up: the beginning, the end, and the kind of file. The name is in between.
const MADE_UP: [(&[u8], &[u8], Kind); 4] = [
    (b"/dev/zero", b" (deleted)", Kind::SharedMemory),
    (b"/memfd:", b" (deleted)", Kind::Memfd),
    (b"/SYSV", b" (deleted)", Kind::SystemV),
    (b"/anon_hugepage", b" (deleted)", Kind::HugePages),
];

impl<'a> FileWords<'a> {
    /// Returns the words for a file, or `None` if no file is mapped.
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
            // The file is not in a directory, so only a name can follow.
            (!name.contains(&b'/')).then_some(Self { kind, name })
        });
        Some(made_up.unwrap_or(Self {
            kind: Kind::File,
            name: path,
        }))
    }
}

impl<'a> FileWords<'a> {
    /// Writes the file for people. A path is written without its kind, because it is recognisable as a path. `show`
    /// formats the name.
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
