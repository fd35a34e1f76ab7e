// SPDX-License-Identifier: GPL-2.0

//! Files as people know them: of those that no folder has, the kernel makes up the paths.

use super::sides::MappedFile;

/// A file, in words: a kind, and a name, of which either may be empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct FileWords<'a> {
    /// The kind.
    pub(crate) kind: &'static str,
    /// The name, in bytes.
    pub(crate) name: &'a [u8],
}

/// Paths that the kernel makes up: how they begin, how they end, and the kind of file. The name is between.
const MADE_UP: [(&[u8], &[u8], &str); 4] = [
    (b"/dev/zero", b" (deleted)", "shared anonymous memory"),
    (b"/memfd:", b" (deleted)", "memfd "),
    (b"/SYSV", b" (deleted)", "System V segment with key "),
    (b"/anon_hugepage", b" (deleted)", "anonymous huge pages"),
];

impl<'a> FileWords<'a> {
    /// Returns the words for a file; nothing if there is none.
    pub(crate) fn of(file: MappedFile<'a>) -> Option<Self> {
        let path = match file {
            MappedFile::None => return None,
            MappedFile::Unnamed => {
                return Some(Self {
                    kind: "a very long path",
                    name: b"",
                })
            }
            MappedFile::At(path) => path,
        };
        let made_up = MADE_UP.iter().find_map(|(first, last, kind)| {
            let name = path.strip_prefix(*first)?.strip_suffix(*last)?;
            // No folder has it, so that nothing but a name can follow.
            (!name.contains(&b'/')).then_some(Self { kind, name })
        });
        Some(made_up.unwrap_or(Self {
            kind: "",
            name: path,
        }))
    }
}
