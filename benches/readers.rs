//! How fast every reader is on a few megabytes of what tools write. `bench/run.py` measures whole runs and peers.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use shipworthy::evidence::State;
use shipworthy::formats;
use std::fmt::Write as _;
use std::hint::black_box;

/// How much text a reader gets.
const BYTES: usize = 4 << 20;

const WORDS: [&str; 12] = [
    "account", "order", "invoice", "payment", "session", "token", "cache", "index", "query", "parser",
    "stream", "grüße",
];

/// A small generator of numbers (xorshift), so that every run reads the same text.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn word(&mut self) -> &'static str {
        let at = usize::try_from(self.below(WORDS.len() as u64)).unwrap_or(0);
        WORDS.get(at).copied().unwrap_or_default()
    }

    fn sentence(&mut self, words: u64) -> String {
        (0..words).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }
}

/// Text of one format: `head`, records until there is enough, `tail`.
fn text(head: &str, tail: &str, between: &str, record: impl Fn(&mut Random, usize, &mut String)) -> String {
    let (mut random, mut text) = (Random(0x5EED), head.to_owned());
    for number in 1.. {
        if text.len() > BYTES {
            break;
        }
        if number > 1 {
            text.push_str(between);
        }
        record(&mut random, number, &mut text);
    }
    text + tail
}

/// Writing to a string cannot fail.
macro_rules! put {
    ($out:expr, $($format:tt)*) => {{ let _infallible = write!($out, $($format)*); }};
}

fn junit() -> String {
    text("<testsuites>\n", "</testsuites>\n", "", |r, suite, out| {
        put!(out, "<testsuite name=\"suite {suite}\" tests=\"100\" failures=\"1\">\n");
        for case in 0..100 {
            let (name, millis) = (r.sentence(3), r.below(9000));
            put!(
                out,
                "  <testcase name=\"{name} &lt;{case}&gt;\" classname=\"com.acme.S{suite}\" time=\"0.{millis:04}\""
            );
            match case {
                7 => put!(
                    out,
                    "><failure message=\"no {name}\"><![CDATA[{}]]></failure></testcase>\n",
                    r.sentence(200)
                ),
                n if n % 5 == 0 => {
                    put!(out, "><system-out>{} &amp; more</system-out></testcase>\n", r.sentence(90))
                }
                _ => out.push_str("/>\n"),
            }
        }
        out.push_str("</testsuite>\n");
    })
}

fn lcov() -> String {
    text("", "", "", |r, file, out| {
        put!(out, "TN:\nSF:src/{}/{file}.c\n", r.word());
        for line in 1..15 {
            put!(out, "FN:{line},_Zf{line}\nFNDA:{},_Zf{line}\n", r.below(3));
        }
        for line in 1..20 {
            put!(out, "BRDA:{line},0,0,{}\nBRDA:{line},0,1,-\n", r.below(2));
        }
        for line in 1..180 {
            put!(out, "DA:{line},{}\n", r.below(100));
        }
        out.push_str("end_of_record\n");
    })
}

fn cobertura() -> String {
    let head = "<coverage line-rate=\"0.5\" version=\"7\"><sources><source>/ci</source></sources><packages>";
    text(head, "</packages></coverage>", "", |r, file, out| {
        put!(
            out,
            "<package name=\"p{file}\"><classes><class name=\"C\" filename=\"src/{}{file}.py\"><lines>\n",
            r.word()
        );
        for line in 1..180 {
            put!(out, "<line number=\"{line}\" hits=\"{}\" branch=\"false\"/>\n", r.below(9));
        }
        out.push_str("</lines></class></classes></package>");
    })
}

fn jacoco() -> String {
    text("<report name=\"shop\">", "</report>", "", |r, file, out| {
        put!(out, "<package name=\"com/{}{file}\"><sourcefile name=\"A.java\">", r.word());
        for line in 1..180 {
            let hit = r.below(2);
            put!(out, "<line nr=\"{line}\" mi=\"{}\" ci=\"{}\" mb=\"0\" cb=\"0\"/>", 4 - hit * 4, hit * 4);
        }
        out.push_str("</sourcefile></package>");
    })
}

fn istanbul() -> String {
    text("{", "}", ",", |r, file, out| {
        let path = format!("/ci/{}{file}.ts", r.word());
        put!(
            out,
            "\"{path}\":{{\"path\":\"{path}\",\"fnMap\":{{}},\"f\":{{}},\"branchMap\":{{}},\"b\":{{}},\"statementMap\":{{"
        );
        for n in 0..150 {
            let comma = if n > 0 { "," } else { "" };
            put!(
                out,
                "{comma}\"{n}\":{{\"start\":{{\"line\":{n},\"column\":4}},\"end\":{{\"line\":{n},\"column\":40}}}}"
            );
        }
        out.push_str("},\"s\":{");
        for n in 0..150 {
            put!(out, "{}\"{n}\":{}", if n > 0 { "," } else { "" }, r.below(50));
        }
        out.push_str("}}");
    })
}

fn gocover() -> String {
    text("mode: count\n", "", "", |r, file, out| {
        for line in (1..400).step_by(4) {
            put!(out, "example.org/shop/{file}.go:{line}.2,{}.30 2 {}\n", line + 3, r.below(9));
        }
    })
}

fn sarif() -> String {
    let head = "{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"name\":\"demo\",\"rules\":[{\"id\":\"R1\"}]}},\"results\":[";
    text(head, "]}]}", ",", |r, _, out| {
        let place = |r: &mut Random| {
            let (file, line) = (r.word(), r.below(2000) + 1);
            format!(
                "{{\"physicalLocation\":{{\"artifactLocation\":{{\"uri\":\"src/{file}.c\"}},\"region\":{{\"startLine\":{line}}}}}}}"
            )
        };
        put!(
            out,
            "{{\"ruleId\":\"R1\",\"message\":{{\"text\":\"a \\\"{}\\\"\"}},\"locations\":[{}],",
            r.sentence(20),
            place(r)
        );
        out.push_str("\"codeFlows\":[{\"threadFlows\":[{\"locations\":[");
        for step in 0..12 {
            put!(out, "{}{{\"location\":{}}}", if step > 0 { "," } else { "" }, place(r));
        }
        out.push_str("]}]}]}");
    })
}

fn axe() -> String {
    let head = "{\"testEngine\":{\"name\":\"axe-core\",\"version\":\"4.9.1\"},\"url\":\"https://example.org/\",\
                \"timestamp\":\"2026-01-01T00:00:00.000Z\",\"incomplete\":[],\"inapplicable\":[],\"violations\":[],\"passes\":[";
    text(head, "]}", ",", |r, rule, out| {
        put!(
            out,
            "{{\"id\":\"{}-{rule}\",\"impact\":null,\"tags\":[\"wcag2aa\"],\"help\":\"{}\",\"nodes\":[",
            r.word(),
            r.sentence(8)
        );
        for node in 0..5 {
            let comma = if node > 0 { "," } else { "" };
            put!(
                out,
                "{comma}{{\"any\":[],\"all\":[],\"none\":[],\"html\":\"<a>{}</a>\",\"target\":[\"#a > b\"]}}",
                r.sentence(9)
            );
        }
        out.push_str("]}");
    })
}

fn readers(criterion: &mut Criterion) {
    let inputs = [
        ("junit", "junit.xml", junit()),
        ("lcov", "lcov.info", lcov()),
        ("cobertura", "coverage.xml", cobertura()),
        ("jacoco", "jacoco.xml", jacoco()),
        ("istanbul", "coverage-final.json", istanbul()),
        ("gocover", "cover.out", gocover()),
        ("sarif", "scan.sarif", sarif()),
        ("axe", "axe.json", axe()),
    ];
    let mut group = criterion.benchmark_group("read");
    group.sample_size(20);
    for (id, path, text) in &inputs {
        let (format, reading) = formats::read(path, text);
        assert!(format.is_some_and(|f| f.id == *id), "{id} is not read as such");
        assert_eq!(reading.state, State::Ok, "{id}: {}", reading.cause);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(id), text, |bencher, text| {
            bencher.iter(|| black_box(formats::read(path, black_box(text))));
        });
    }
    group.finish();
}

criterion_group!(benches, readers);
criterion_main!(benches);
