#!/usr/bin/env python3
"""corpus.py TREE OUT: seeds and dictionaries for the fuzz programs, made from the catalogue and the tests of the tree.

OUT/<program>/ receives the seeds, OUT/<program>.dict the words."""
import pathlib
import re
import sys

tree, out = map(pathlib.Path, sys.argv[1:3])


def seeds(program, texts):
    folder = out / program
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(texts):
        (folder / f"seed{number}").write_bytes(text if isinstance(text, bytes) else text.encode())


def words(program, found):
    escaped = (w.replace("\\", "\\\\").replace('"', '\\"') for w in sorted(found) if w.isascii() and w.isprintable())
    (out / f"{program}.dict").write_text("".join(f'"{w}"\n' for w in escaped if 0 < len(w) <= 60))


def tokens(texts):
    return {w for text in texts for w in re.findall(r'[A-Za-z_][\w.+-]*|"[^"\n]{1,40}"|[{}=\[\],]+|\d+(?:\.\d+)?', text)}


def files(pattern):
    return [file.read_text() for file in sorted(tree.glob(pattern))]


parts, standards = files("catalog/dram/parts/*.toml"), files("catalog/dram/standards/*.toml")
seeds("part_fuzz", parts)
words("part_fuzz", tokens(parts + standards))
# The first byte chooses the part under which a standard lies.
seeds("standard_fuzz", [bytes([part]) + text.encode() for text in standards for part in range(4)])
words("standard_fuzz", tokens(parts + standards))

chips = files("catalog/chips/*.toml") + files("tests/run/stranger/catalog/chips/*.toml")
seeds("chip_fuzz", chips)
words("chip_fuzz", tokens(chips))

for kind in ("stack", "package"):
    texts = files(f"catalog/fab/{kind}s/*.toml")
    seeds(f"fab_{kind}_fuzz", texts)
    words(f"fab_{kind}_fuzz", tokens(texts + files("catalog/fab/nodes/*.toml")))

header = "tick,command,pseudochannel,sid,bankgroup,bank,row,column\n"
trace = header + "0,ACT,0,1,2,3,77,\n40,RD,0,1,2,3,,5\n41,WRA,0,1,2,3,,6\n200,REFab,1,0,,,,\n210,PREA,1,0,,,,\n"
seeds("command_trace_fuzz", [trace, header, trace.replace("\n", "\r\n"), '"tick"' + trace[4:]])
words("command_trace_fuzz", tokens([trace] + standards))

seeds("access_trace_fuzz", ["LD 0x1000\nST 4096\n", "0x40 R 12\n64 W\n0X80 WRITE 7 # comment\n", "R 1\nW 2\n", "READ 5\r\n"])
words("access_trace_fuzz", {"LD ", "ST ", " R", " W", " READ", " WRITE", "0x", "#", "\t", ","})

# The first byte is how a trace is cut into steps.
sensors = ["time,power,gas\n0,0,0\n0.2,2500,600\n0.4,2510,0\n0.6,,600\n", "wafer,time,step,p\nw1,0,1,1.5\nw1,1,2,nan\nw2,0,1,inf\nw2,-1,2,4\n",
           "time,p\r\n5,1\r\n5,1\r\ntime,p\r\n3,-1e99\r\n,7\r\n4,\"8\"\r\n"]
seeds("sensor_trace_fuzz", [bytes([rule]) + text.encode() for text in sensors for rule in range(4)])
words("sensor_trace_fuzz", tokens(sensors) | {"\r\n", "1e999", "1e15", "NA", "null", "-inf"})

wafers = ["wafer,time,label,a,b\n" + "".join(f"w{i},{i},{50 + i % 7},{i % 5},{i * i % 11}\n" for i in range(40)),
          "wafer,chamber,label,a\nw1,A,,1\nw1,A,3,\nw2,B,4,nan\nw2,B,x,1\n", "a,b\n1,2\n3,inf\n"]
seeds("metrology_fuzz", [b"\0" + text.encode() for text in wafers] + [bytes([1, 7 * i, 31 * i % 256, i]) for i in range(20)])
words("metrology_fuzz", tokens(wafers) | {"NA", "1e99", "-1e60", "chamber", "small"})
recorded = ["".join(f"w{i},{i},{i % 5}{after}\n" for i in range(32)) for after in ("", ",2,0.5", ",2,1,3")]
records = [head + rows for head, rows in zip(("wafer,time,label\n", "wafer,time,disturbance,prediction,sigma\n", "wafer,time,label,prediction,low,high\n"), recorded)]
seeds("wafer_record_fuzz", records)
words("wafer_record_fuzz", tokens(records) | {",,", "nan", "1e99", "-1e99", "1e-200"})

# The first byte is the characters of a token.
requests = ["TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,374,44\n2023-11-16 18:15:50.9951690,396,109\n",
            "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,m,472,18,490,API log\n45,m,1087,0,1087,API log\n",
            "arrival_s,prompt_tokens,output_tokens,session,think_s\n0,1,1,a,\n2.5,2,2,a,1.5\n",
            '{"timestamp": 0, "input_length": 1030, "output_length": 5, "hash_ids": [0, 7, 9]}\n',
            '{"input_toks": 3, "output_toks": 2, "arrival_time_ns": 46926808, "input_tok_ids": [5, 6, 7]}\n',
            '{"input_toks": 3, "output_toks": 2, "arrival_time": 1787267980.25}\n{"input_toks": 4, "output_toks": 2, "arrival_time": 1787267981.5}\n',
            '{"input_lens": [10, 20], "output_lens": [1, 0], "start_times": [100.5, 101]}\n',
            '{"prompt": "what is it", "output_tokens": 7}\n',
            '[{"id": "a", "conversations": [{"from": "human", "value": "who"}, {"from": "gpt", "value": "you"}]}]']
seeds("request_trace_fuzz", [bytes([width]) + text.encode() for text in requests for width in (0, 4)])
words("request_trace_fuzz", tokens(requests) | {"\r\n", "1e9", "-1", "[]", "{}"})

arrivals = "0,2.0,1.0,Gamma,1.0,0.5\n600,0,0,,0,0\n1200,1.5,2,Weibull,0.5,0.1\n"
lengths = '{"0": {"input_tokens": "{10: 0.25, 20: 0.75}", "output_tokens": "{7: 1.0}"}, "600": {"input_tokens": "{}", "output_tokens": "{}"}}'
seeds("servegen_fuzz", [(arrivals + "\0" + lengths).encode(), b"\0chunk-0-trace.csv" + bytes(100)])
words("servegen_fuzz", tokens([arrivals, lengths]) | {"ustar", "path=", "chunk-1-trace.csv"})

scripts = ["issue ACT pseudochannel=0 sid=0 bankgroup=1 bank=2 row=7 @0\nearliest RD pseudochannel=0 sid=0 bankgroup=1 bank=2\n",
           "issue ACT bankgroup=0 bank=0 row=7 @0\nearliest RD bankgroup=0 bank=0 @12.5 # from\nissue RD bankgroup=0 bank=0 column=3 @40\n"]
seeds("probe_fuzz", [bytes([part]) + text.encode() for text in scripts for part in range(2)])
words("probe_fuzz", tokens(scripts + standards) | {"issue ", "earliest ", " @", "=", ".5"})

# The first byte chooses the ranks over which a model is split.
models = files("catalog/models/*.json")
families = files("src/wordline/model/*.cpp") + files("src/wordline/model/policy/architecture/*.cpp")
seeds("config_fuzz", [bytes([ranks]) + text.encode() for text in models for ranks in range(4)])
words("config_fuzz", tokens(models) | set(re.findall(r'"[a-z][a-z0-9_-]{2,40}"', "\n".join(families))) | {"re:", ".*", "null"})

fields = ["module", "channel", "pseudochannel", "rank", "sid", "bankgroup", "bank", "row", "column"]
maps = re.findall(r'"((?:column|module|channel)[^"]* row[^"]*)"', "\n".join(files("tests/unit/memory/*.cpp")))
maps += ["column:4 pseudochannel channel module bankgroup column bank sid row bank+=row",
         "column channel rank bankgroup bank module row bank^=row[2:3]",
         "column:4 channel pseudochannel bankgroup column module bank sid row:8 row sid+=row bankgroup^=row[0:1]"]
seeds("address_map_fuzz", [bytes([system]) + text.encode() for text in maps for system in range(4)])
words("address_map_fuzz", set(fields) | {f + c for f in fields for c in (":2", ":3", "^=", "+=", "[0:1]", "[2:3]")} | {" "})

dies = "lot,wafer,label,x,y,result\n1,7,Loc,0,0,good\n1,7,Loc,1,0,bad\n1,8,,-3,5,good\n"
binary = b"WMAP1\n\x02\0\0\0\x01\0\0\0\x04none" + 2 * b"\x07\0\0\0\x01\0\0\x02\0\x03\0\0\x01\x02\x01\x01\x01"
seeds("wafer_map_fuzz", [dies, binary, "result,y,x,wafer\nbad,0,0,a\n", dies.replace("\n", "\r\n")])
words("wafer_map_fuzz", tokens([dies]) | {"WMAP1", "-1", "4095", ",good", ",bad"})

nodes = files("catalog/fab/nodes/*.toml")
seeds("fab_node_fuzz", nodes)
words("fab_node_fuzz", tokens(nodes) | {"poisson", "murphy", "seeds", "flat", "layers", "critical_share", "1e308"})

chains, budgets = files("catalog/fab/chains/*.toml"), files("catalog/fab/budgets/*.toml")
seeds("fab_chain_fuzz", ["\0" + text for text in chains] + ["\1" + text for text in budgets])
words("fab_chain_fuzz", tokens(chains + budgets))
