// SPDX-License-Identifier: GPL-2.0

//! Compiles each of programs/, and expects exactly the errors that its comments name.
//!
//! The engine in these programs is that of the shim that was built in the folder `SHIM`.

use std::{
    env,
    path::PathBuf, //
};
use ui_test::{
    ignore_output_conflict,
    run_tests,
    Config, //
};

fn main() -> ui_test::Result<()> {
    let shim = PathBuf::from(env::var_os("SHIM").expect("SHIM is set"));
    let mut config = Config::rustc("programs");
    config.out_dir = shim.join("misuse");
    // The comments contain everything that matters. The rest of an error message changes with the compiler.
    config.output_conflict_handling = ignore_output_conflict;
    let kernel = shim.join("libkernel.rlib");
    for argument in ["--emit=metadata", "-Aunused", "--extern"] {
        config.program.args.push(argument.into());
    }
    config
        .program
        .args
        .push(format!("kernel={}", kernel.display()).into());
    for (variable, value) in [
        ("RUSTC_BOOTSTRAP", "1".into()),
        ("RUST_VMA_USERLAND_BINDINGS", shim.join("bindings.rs")),
        ("RUST_VMA_BINDINGS", shim.join("reexport.rs")),
    ] {
        let variable = (variable.into(), Some(value.into()));
        config.program.envs.push(variable);
    }
    run_tests(config)
}
