// SPDX-License-Identifier: GPL-2.0

//! The page: the template of tools/vma-report, with all its files and data embedded.
//!
//! Names in the answer come from a process, which may belong to another user. The page has them only as base64, and
//! its scripts show them as text. The content security policy in its head allows the browser to run only those
//! scripts, and to load nothing.

use super::{
    columns::Columns,
    words::readable, //
};
use crate::problem::{
    Problem,
    Result, //
};
use base64::{
    prelude::BASE64_STANDARD,
    Engine, //
};
use flate2::{
    write::GzEncoder,
    Compression, //
};
use minijinja::{
    context,
    AutoEscape,
    Environment,
    Value as Part, //
};
use sha2::{
    Digest,
    Sha256, //
};
use std::io::Write;

/// Includes a file of the template.
macro_rules! template {
    ($name:literal) => {
        include_str!(concat!("../../../vma-report/vma_report/template/", $name))
    };
}

/// The scripts, in the same order as in page.py: a file comes after the files that it uses.
const SCRIPTS: [&str; 12] = [
    template!("data.js"),
    template!("elements.js"),
    template!("words.js"),
    template!("colours.js"),
    template!("scale.js"),
    template!("paint.js"),
    template!("view.js"),
    template!("strip.js"),
    template!("detail.js"),
    template!("summary.js"),
    template!("pairs.js"),
    template!("main.js"),
];

/// Makes the page.
pub(super) fn page(columns: Columns) -> Result<String> {
    let summary = columns
        .summary
        .clone()
        .ok_or_else(|| Problem::new("an answer has no summary"))?;
    let (style, script) = (template!("page.css"), SCRIPTS.concat());
    let command = readable(summary["command"].as_str().unwrap_or_default());
    let whose = match summary["pid"].as_u64() {
        Some(pid) => format!("process {pid} ({command})"),
        None => command,
    };
    let time = summary["time"].as_str().unwrap_or_default();
    let mut environment = Environment::new();
    environment.set_keep_trailing_newline(true);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let failed =
        |error: minijinja::Error| Problem::new(format!("the page cannot be made: {error}"));
    environment
        .render_str(
            template!("page.html"),
            context! {
                title => format!("{whose}, {time} UTC"),
                style => Part::from_safe_string(style.to_owned()),
                script => Part::from_safe_string(script.clone()),
                style_hash => Part::from_safe_string(hash(style)),
                script_hash => Part::from_safe_string(hash(&script)),
                summary => Part::from_safe_string(packed(&columns.summary_data(&summary).to_string())?),
                boundaries => Part::from_safe_string(packed(&columns.boundaries_data(&summary))?),
            },
        )
        .map_err(failed)
}

/// Returns the name of an element's text in a content security policy.
fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
}

fn packed(text: &str) -> Result<String> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let packed = encoder
        .write_all(text.as_bytes())
        .and_then(|()| encoder.finish());
    let packed =
        packed.map_err(|error| Problem::new(format!("the page cannot be made: {error}")))?;
    Ok(BASE64_STANDARD.encode(packed))
}
