# Made from errdefs.proto by `make proto`.
from llbfront.pb import load

enums = {}

messages = {
    "Vertex": """\
1 digest one string
""",
    "Source": """\
1 info one ops.SourceInfo
2 ranges many ops.Range
""",
    "Frontend": """\
1 name one string
2 source one string
""",
    "FrontendCap": """\
1 name one string
""",
    "CompatibilityFeature": """\
1 version one int64
2 feature one string
""",
    "Subrequest": """\
1 name one string
""",
    "Solve": """\
1 inputIDs many string
2 mountIDs many string
3 op one ops.Op
4 file subject errdefs.FileAction
5 cache subject errdefs.ContentCache
6 description map string string
""",
    "FileAction": """\
1 index one int64
""",
    "ContentCache": """\
1 index one int64
""",
    "ProvenanceMaterialsIncomplete": """\
1 incomplete many errdefs.ProvenanceMaterialIncomplete
""",
    "ProvenanceMaterialIncomplete": """\
1 op one string
2 name one string
3 method one string
4 uri one string
5 final_uri one string
6 reason one string
""",
}

services = {}

__getattr__ = load(globals(), "errdefs", messages, enums, services)
