// SPDX-License-Identifier: GPL-2.0

//! The origin of an answer, which the answer states at its end.

use crate::{
    explain::{
        about::Origin,
        json::Quoted, //
    },
    kernel::Tested,
};
use std::fmt;

/// The source that has given an answer.
#[derive(Clone, Copy)]
pub(crate) struct Answerer<'a> {
    /// The name of the source.
    pub(crate) source: &'a str,
    /// The release of the kernel that was asked, and whether it is tested, if the release is known.
    pub(crate) kernel: Option<(&'a str, Tested)>,
    /// The way to see everything, if the source does not show everything.
    pub(crate) remedy: Option<&'a str>,
}

impl fmt::Display for Answerer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "source: {}", self.source)?;
        if let Some(remedy) = self.remedy {
            write!(f, ", which does not show everything ({remedy})")?;
        }
        match self.kernel {
            None => Ok(()),
            Some((kernel, Tested::Yes)) => {
                write!(f, "; Linux {kernel}: answers were tested on such a release")
            }
            Some((kernel, Tested::No)) => write!(
                f,
                "; Linux {kernel}: answers were not tested on such a release, whose rules may differ"
            ),
        }
    }
}

impl Origin for Answerer<'_> {
    /// Writes the source as an object:
    ///
    /// ```text
    /// {"name":"bpf","kernel":"6.12.38+deb13-amd64","tested":true}
    /// ```
    fn write_object(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, is_tested) = match self.kernel {
            Some((kernel, tested)) => (Some(kernel.as_bytes()), tested == Tested::Yes),
            None => (None, false),
        };
        write!(
            f,
            "{{\"name\":\"{}\",\"kernel\":{},\"tested\":{is_tested}}}",
            self.source,
            Quoted(name)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Object<'a>(Answerer<'a>);

    impl fmt::Display for Object<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.write_object(f)
        }
    }

    #[test]
    fn in_words_and_as_an_object() {
        for (kernel, remedy, words, object) in [
            (
                Some(("6.12.38", Tested::Yes)),
                None,
                "source: bpf; Linux 6.12.38: answers were tested on such a release",
                "{\"name\":\"bpf\",\"kernel\":\"6.12.38\",\"tested\":true}",
            ),
            (
                Some(("6.5", Tested::No)),
                Some("ask root"),
                "source: bpf, which does not show everything (ask root); Linux 6.5: answers were not tested on such a \
                 release, whose rules may differ",
                "{\"name\":\"bpf\",\"kernel\":\"6.5\",\"tested\":false}",
            ),
            (
                None,
                None,
                "source: bpf",
                "{\"name\":\"bpf\",\"kernel\":null,\"tested\":false}",
            ),
        ] {
            let origin = Answerer {
                source: "bpf",
                kernel,
                remedy,
            };
            assert_eq!(origin.to_string(), words);
            assert_eq!(Object(origin).to_string(), object);
        }
    }
}
