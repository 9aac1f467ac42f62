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

/// Four threads of shoppers; every twentieth request fails.
fn jmeter() -> String {
    let head = "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes,\
                sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect\n";
    text(head, "", "", |r, number, out| {
        let (label, elapsed, failed) = (r.word(), r.below(900), r.below(20) == 0);
        put!(
            out,
            "{},{elapsed},\"{label}, all\",{},shoppers 1-{},text,{},,1110,133,4,4,https://example.org/{label}?id={number},{elapsed},0,1\n",
            1_767_225_600_000_usize + number,
            if failed { "500,Internal Server Error" } else { "200,OK" },
            number % 4,
            !failed
        );
    })
}

fn jmeter_xml() -> String {
    text("<testResults version=\"1.2\">\n", "</testResults>\n", "", |r, number, out| {
        let (label, elapsed) = (r.word(), r.below(900));
        put!(
            out,
            "<httpSample t=\"{elapsed}\" it=\"0\" lt=\"{elapsed}\" ct=\"0\" ts=\"{}\" s=\"{}\" lb=\"{label}\" rc=\"200\" rm=\"OK\" \
             tn=\"shoppers 1-{}\" dt=\"text\" by=\"165\">\n  <java.net.URL>https://example.org/{label}</java.net.URL>\n</httpSample>\n",
            1_767_225_600_000_usize + number,
            r.below(20) > 0,
            number % 4
        );
    })
}

/// The nine points of a request, three of which count.
fn k6_points() -> String {
    let metrics = [
        "http_reqs",
        "http_req_duration",
        "http_req_blocked",
        "http_req_connecting",
        "http_req_tls_handshaking",
        "http_req_sending",
        "http_req_waiting",
        "http_req_receiving",
        "http_req_failed",
    ];
    text("", "", "", |r, number, out| {
        let (name, second) = (r.word(), number / 400 % 60);
        for metric in metrics {
            let value =
                if metric.ends_with("s") || metric.ends_with("failed") { 1 } else { 1 + r.below(400) };
            put!(
                out,
                "{{\"metric\":\"{metric}\",\"type\":\"Point\",\"data\":{{\"time\":\"2026-01-01T00:00:{second:02}.867181191Z\",\
                 \"value\":{value},\"tags\":{{\"expected_response\":\"true\",\"group\":\"\",\"method\":\"GET\",\"name\":\"{name}\",\
                 \"proto\":\"HTTP/1.1\",\"scenario\":\"default\",\"status\":\"200\",\"url\":\"https://example.org/{name}\"}}}}}}\n"
            );
        }
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
        ("jmeter", "results.jtl", jmeter()),
        ("jmeter", "results.xml", jmeter_xml()),
        ("k6_points", "points.json", k6_points()),
    ];
    let mut group = criterion.benchmark_group("read");
    group.sample_size(20);
    for (id, path, text) in &inputs {
        let (format, reading) = formats::read(path, text);
        assert!(format.is_some_and(|f| f.id == *id), "{id} is not read as such");
        assert_eq!(reading.state, State::Ok, "{id}: {}", reading.cause);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::new(*id, path), text, |bencher, text| {
            bencher.iter(|| black_box(formats::read(path, black_box(text))));
        });
    }
    group.finish();
}

criterion_group!(benches, readers);
criterion_main!(benches);
