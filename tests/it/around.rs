//! What lies around the evidence: archives, links, folders and pipes that hide something hold the decision.

use crate::support::shipworthy;
use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

const PASSING: &[u8] = b"<testsuite name='s' tests='1'><testcase name='a'/></testsuite>";
const FAILING: &[u8] = b"<testsuite name='s' tests='1'><testcase name='b'><failure/></testcase></testsuite>";

/// A folder with a passing report, and what a function adds to it: the exit code, and the states of what is no pass.
fn judged(add: impl Fn(&Path)) -> (i32, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let (root, out) = (folder.path().join("in"), folder.path().join("out"));
    std::fs::create_dir(&root).unwrap();
    std::fs::write(root.join("unit.xml"), PASSING).unwrap();
    add(&root);
    let output =
        shipworthy(&["gate", root.to_str().unwrap(), "--out", out.to_str().unwrap(), "--formats", "json"]);
    let report: Value = serde_json::from_slice(&std::fs::read(out.join("report.json")).unwrap()).unwrap();
    let items = report["evidence"].as_array().unwrap().iter().filter(|e| e["path"] != "unit.xml");
    let states = items.map(|e| format!("{} {}", e["path"].as_str().unwrap(), e["state"].as_str().unwrap()));
    (output.status.code().unwrap(), states.collect())
}

fn gzipped(content: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(content).unwrap();
    gz.finish().unwrap()
}

fn zipped(name: &str, content: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(content).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn what_is_an_archive_by_its_name_and_cannot_be_opened_holds() {
    let zip = zipped("junit.xml", FAILING);
    let mut flipped = zip.clone();
    flipped.iter_mut().take(4).chain([]).for_each(|b| *b ^= 0x20);
    let end = flipped.len() - 22;
    flipped[end] ^= 1;
    for (name, content) in [
        ("e2e.zip", &b""[..]),
        ("e2e.zip", b"<html><h1>404</h1></html>"),
        ("e2e.zip", b"{\"message\": \"Not Found\"}"),
        ("e2e.zip", &zip[..3]),
        ("e2e.zip", &flipped),
        ("e2e.zip.part", b""),
        ("e2e.tar.gz", b"Not found"),
        ("e2e.tgz", b""),
        ("e2e.tar", &[0; 1024]),
        ("junit.xml.gz", &gzipped(b"404 Not Found")),
        ("junit.xml.gz", &gzipped(b"")),
        ("e2e.7z", b"7z\xBC\xAF\x27\x1C\0\x04"),
        ("e2e.tar.zst", b"\x28\xB5\x2F\xFD\0\0"),
        ("e2e", b"Rar!\x1A\x07\x01\0"),
        ("e2e.xz", b""),
    ] {
        let (code, states) = judged(|root| std::fs::write(root.join(name), content).unwrap());
        assert_eq!(code, 3, "{name}: {states:?}");
    }
    for (name, content) in
        [("notes.log.gz", gzipped(b"compiling")), ("app.js.gz", gzipped(b"")), ("app.js", b"PK".to_vec())]
    {
        let (code, states) = judged(|root| std::fs::write(root.join(name), &content).unwrap());
        assert_eq!(code, 0, "{name}: {states:?}");
    }
}

#[test]
fn what_is_packed_twice_is_read() {
    let tar = {
        let mut block = [0_u8; 512];
        block[..9].copy_from_slice(b"junit.xml");
        block[124..135].copy_from_slice(format!("{:011o}", FAILING.len()).as_bytes());
        block[148..156].fill(b' ');
        block[156] = b'0';
        let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
        block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        let mut tar = [&block[..], FAILING].concat();
        tar.resize(2048, 0);
        tar
    };
    let zip = zipped("junit.xml", FAILING);
    for (name, content) in [
        ("a.xml.gz", gzipped(&gzipped(FAILING))),
        ("a.gz", gzipped(&zip)),
        ("a.zip", zipped("b.zip", &zip)),
        ("a", zip),
        ("a.tar", tar.clone()),
        ("a.tar.gz", gzipped(&tar)),
        ("a.tgz", gzipped(&tar)),
        ("a.dat", zipped("b.tar.gz", &gzipped(&tar))),
    ] {
        let (code, states) = judged(|root| std::fs::write(root.join(name), &content).unwrap());
        assert_eq!(code, 1, "{name}: {states:?}");
    }
}

#[test]
fn a_file_between_archives_that_is_none_holds() {
    let (code, states) = judged(|root| {
        std::fs::write(root.join("one.artifact"), zipped("junit.xml", PASSING)).unwrap();
        std::fs::write(root.join("two.artifact"), b"\x93 damaged").unwrap();
    });
    assert_eq!(code, 3, "{states:?}");
}

#[cfg(unix)]
#[test]
fn links_that_lead_out_or_nowhere_and_pipes_hold_where_they_could_be_evidence() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("b.xml"), FAILING).unwrap();
    let out = |name: &str| {
        let target = outside.path().join("b.xml");
        judged(move |root| symlink(&target, root.join(name)).unwrap())
    };
    assert_eq!(out("b.xml"), (3, vec!["b.xml unread".to_owned()]));
    assert_eq!(out("b.png"), (0, vec!["b.png ignored".to_owned()]));
    let folder = outside.path().to_owned();
    assert_eq!(judged(|root| symlink(&folder, root.join("e2e")).unwrap()).0, 3);
    assert_eq!(judged(|root| symlink("nowhere", root.join("b.xml")).unwrap()).0, 3);
    assert_eq!(judged(|root| symlink("unit.xml", root.join("b.xml")).unwrap()).0, 0);
    let pipe =
        |root: &Path| assert!(Command::new("mkfifo").arg(root.join("b.xml")).status().unwrap().success());
    assert_eq!(judged(pipe), (3, vec!["b.xml unread".to_owned()]));
}

#[cfg(unix)]
#[test]
fn what_a_glob_hits_and_cannot_be_reached_is_named() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir_all(at("in/unit-1")).unwrap();
    std::fs::create_dir_all(at("data")).unwrap();
    std::fs::write(at("in/unit-1/a.xml"), PASSING).unwrap();
    std::fs::write(at("data/b.xml"), FAILING).unwrap();
    let gate = |glob: &str| {
        let (glob, out) = (at(glob), at("out"));
        let output = shipworthy(&[
            "gate",
            glob.to_str().unwrap(),
            "--out",
            out.to_str().unwrap(),
            "--formats",
            "json",
        ]);
        output.status.code().unwrap()
    };
    assert_eq!(gate("in/unit-*"), 0);
    symlink(at("data"), at("in/unit-2")).unwrap();
    assert_eq!(gate("in/unit-*"), 3, "a link out of the folder");
    std::fs::remove_file(at("in/unit-2")).unwrap();
    symlink("nowhere", at("in/unit-2")).unwrap();
    assert_eq!(gate("in/unit-*"), 3, "a link to nothing");
    std::fs::remove_file(at("in/unit-2")).unwrap();
    std::fs::rename(at("data"), at("in/data")).unwrap();
    symlink("data", at("in/unit-2")).unwrap();
    assert_eq!(gate("in/unit-*"), 1, "a link inside is followed");
}

/// Runs `inspect` with so much address space, in KiB, and answers what it printed.
#[cfg(target_os = "linux")]
fn inspected(path: &Path, kib: u32) -> String {
    let limited =
        format!("ulimit -v {kib}; exec {} inspect {}", env!("CARGO_BIN_EXE_shipworthy"), path.display());
    let output = Command::new("sh").args(["-c", &limited]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Budgets are counted in bytes that the system says were held, never by a clock.
#[cfg(target_os = "linux")]
#[test]
fn large_files_and_devices_cost_a_message() {
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("a.xml");
    std::fs::File::create(&large).unwrap().set_len(5 << 30).unwrap();
    for (path, why) in
        [(large.to_str().unwrap(), "Larger than 4096 MiB"), ("/dev/zero", "Neither a file nor a pipe")]
    {
        let limited = format!("ulimit -v 2000000; exec {} inspect {path}", env!("CARGO_BIN_EXE_shipworthy"));
        let output = Command::new("sh").args(["-c", &limited]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains(why), "{path}: {said} {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// A megabyte that unpacks to hundreds of them: as much memory as the limit allows, and a message.
#[cfg(target_os = "linux")]
#[test]
fn bombs_cost_a_message() {
    let folder = tempfile::tempdir().unwrap();
    let blanks = vec![b' '; 8 << 20];
    let members = [gzipped(&blanks).repeat(60), gzipped(b"").repeat(40_000)];
    let mut many = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let packed = zipped("a.zip", &zipped("a.xml", &blanks));
    for number in 0..40 {
        many.start_file(format!("{number}.xml"), zip::write::SimpleFileOptions::default()).unwrap();
        many.write_all(&blanks).unwrap();
        many.start_file(format!("{number}.zip"), zip::write::SimpleFileOptions::default()).unwrap();
        many.write_all(&packed).unwrap();
    }
    let many = many.finish().unwrap().into_inner();
    let deep = (0..50).fold(b"<a/>".to_vec(), |inner, _| gzipped(&inner));
    for (name, bytes, state) in [
        ("a.xml.gz", &members[0], "unreadable"),
        ("b.xml.gz", &members[1], "empty"),
        ("c.zip", &many, "unreadable"),
        ("d.xml.gz", &deep, "unreadable"),
    ] {
        assert!(bytes.len() < 1 << 20, "{name}: {}", bytes.len());
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let said = inspected(&path, 400_000);
        assert!(said.contains(state), "{name}: {said}");
    }
}

#[test]
fn deep_folders_and_large_globs_are_no_trouble() {
    let (code, states) = judged(|root| {
        let deep: std::path::PathBuf = (0..300).map(|_| "d").collect();
        std::fs::create_dir_all(root.join(&deep)).unwrap();
        std::fs::write(root.join(&deep).join("b.xml"), FAILING).unwrap();
    });
    assert_eq!(code, 1, "{states:?}");
    let out = tempfile::tempdir().unwrap();
    let braces = "{a,b}".repeat(200);
    for glob in [format!("x*/{braces}"), "*/".repeat(200), "[".repeat(500), format!("*{}", "?".repeat(500))] {
        let output = shipworthy(&["gate", &glob, "--out", out.path().to_str().unwrap(), "--formats", "json"]);
        assert_eq!(output.status.code(), Some(3), "{glob}");
    }
}
