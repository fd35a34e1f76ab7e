// SPDX-License-Identifier: GPL-2.0

//! Compiles the program that runs in the kernel, with clang: that of CLANG in the environment, if it is there.

use std::{
    env,
    path::PathBuf,
    process::Command, //
};

const SOURCE: &str = "src/bpf/vmas.bpf.c";

fn main() {
    println!("cargo:rerun-if-changed=src/bpf");
    println!("cargo:rerun-if-env-changed=CLANG");

    let clang = env::var("CLANG").unwrap_or_else(|_| "clang".to_owned());
    let variable = |name| env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"));
    let object = PathBuf::from(variable("OUT_DIR")).join("vmas.bpf.o");
    let libbpf = variable("DEP_BPF_INCLUDE");
    // For linux/types.h, which Debian keeps where those of the machine are.
    let machine = format!(
        "/usr/include/{}-linux-gnu",
        variable("CARGO_CFG_TARGET_ARCH")
    );

    let status = Command::new(&clang)
        .args([
            "-target", "bpf", "-mcpu=v3", "-O2", "-g", "-Wall", "-Wextra", "-Werror",
        ])
        .args(["-I", &libbpf, "-idirafter", &machine, "-c", SOURCE, "-o"])
        .arg(&object)
        .status()
        .unwrap_or_else(|error| panic!("{clang} does not run: {error}"));
    assert!(status.success(), "{clang} ended with {status}");
}
