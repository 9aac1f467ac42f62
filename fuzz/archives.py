"""Small archives of every kind, as seeds: archives.py FOLDER."""

import gzip
import io
import pathlib
import sys
import tarfile
import zipfile

REPORT = b'<testsuite name="s" tests="1"><testcase name="a"><failure/></testcase></testsuite>'
folder = pathlib.Path(sys.argv[1])


def zipped(*files, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


def tarred(form, *files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        link = tarfile.TarInfo("link.xml")
        link.type, link.linkname = tarfile.SYMTYPE, "a.xml"
        archive.addfile(link)
    return out.getvalue()


LONG = "d" * 120 + "/a.xml"
one = zipped(("a.xml", REPORT))
seeds = {
    "one.zip": one,
    "stored.zip": zipped(("a.xml", REPORT), method=zipfile.ZIP_STORED),
    "several.zip": zipped(("a.xml", REPORT), ("b/", b""), ("c.json", b"{}")),
    "nested.zip": zipped(("b.zip", one)),
    "a.xml.gz": gzip.compress(REPORT),
    "twice.gz": gzip.compress(gzip.compress(REPORT)),
    "zip.gz": gzip.compress(one),
    "ustar.tar": tarred(tarfile.USTAR_FORMAT, ("a.xml", REPORT)),
    "gnu.tar": tarred(tarfile.GNU_FORMAT, (LONG, REPORT)),
    "pax.tar.gz": gzip.compress(tarred(tarfile.PAX_FORMAT, (LONG, REPORT))),
}
for name, content in seeds.items():
    (folder / name).write_bytes(content)
