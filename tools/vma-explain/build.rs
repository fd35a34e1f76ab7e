// SPDX-License-Identifier: GPL-2.0

//! Compiles the programs that run in the kernel with clang, or with CLANG from the environment if it is set.

use std::{
    env,
    path::{
        Path,
        PathBuf, //
    },
    process::Command, //
};

const SOURCES: [&str; 2] = ["src/bpf/vmas.bpf.c", "src/trace/calls.bpf.c"];

fn main() {
    println!("cargo:rerun-if-changed=src/bpf");
    println!("cargo:rerun-if-changed=src/trace");
    println!("cargo:rerun-if-env-changed=CLANG");

    let clang = env::var("CLANG").unwrap_or_else(|_| "clang".to_owned());
    let variable = |name| env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"));
    let libbpf = variable("DEP_BPF_INCLUDE");
    let arch = variable("CARGO_CFG_TARGET_ARCH");
    // For asm/types.h, which Debian keeps in a folder for this machine, and which is the same on every machine.
    let host = variable("HOST");
    let machine = host.split('-').next().unwrap_or_default();
    let machine = format!("/usr/include/{machine}-linux-gnu");
    let folder = PathBuf::from(variable("OUT_DIR"));

    for source in SOURCES {
        let name = Path::new(source).file_stem().unwrap_or_default();
        let object = folder.join(name).with_extension("bpf.o");
        let mut command = Command::new(&clang);
        command
            .args([
                "-target", "bpf", "-mcpu=v3", "-O2", "-g", "-Wall", "-Wextra", "-Werror",
            ])
            .args(["-I", &libbpf, "-idirafter", &machine, "-c", source, "-o"])
            .arg(&object);
        if arch == "aarch64" {
            command.arg("-DFOR_ARM64");
        }
        let status = command
            .status()
            .unwrap_or_else(|error| panic!("{clang} does not run: {error}"));
        assert!(status.success(), "{clang} ended with {status}");
    }
}
