"""tools/validation_plots.py draws what the comparisons say: every point, in the same bytes each time; and the drawings that
docs/validation shows are there, small and well-formed."""
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "tools/validation_plots.py"
SVG = "{http://www.w3.org/2000/svg}"
SERVER = "real_ttft,real_e2el,real_tpot,ttft,e2el,tpot\n" + "".join(
    f"{0.2 + i},{10 + 2 * i},{0.03 + 0.001 * i},{0.21 + i},{10.5 + 2 * i},{0.031 + 0.001 * i}\n" for i in range(40))
SILICON = "model,backend,precision,tp,prompt,output,concurrency,fitted_on,real_ttft_ms,real_tpot_ms,ttft_ms,tpot_ms\n" + "".join(
    f"Qwen/Qwen3-32B,{backend},fp8,2,1024,128,{2**i},{i % 5 == 0:d},{100 + i},{10 + i},{90 + i},{11 + i}\n"
    for backend in ("vllm", "sglang") for i in range(10))
STAGES = "experiment,tp,stage,rate,real_ttft_s,real_e2el_s,real_tpot_s,ttft_s,e2el_s,tpot_s\nllama-2-7b-tp1-codegen,1,0,5,0.02,2,0.01,0.01,2,0.01\n"
LOADS = "load,kind,real_w,w\nread,predicted,200,190\nspinning,fitted,128,128\nidle,not modelled,70,128\n"
PHASES = "model,tp,batch,prompt,real_prompt_phase,prompt_phase,real_token_phase,token_phase\nllama2-70b,2,1,128,1.0,0.95,0.73,0.74\n"
DATA = {"server-rtx-4090-catalogue": SERVER, "server-rtx-4090-measured-kernels": SERVER, "server-rtx-pro-6000-catalogue": SERVER,
        "server-rtx-pro-6000-measured-kernels": SERVER, "silicon": SILICON, "h100-stages": STAGES, "power-h100": LOADS, "power-a100": PHASES}


def draw(data, out, *words):
    return subprocess.run([sys.executable, "-B", PROGRAM, "--data", data, "--out", out, *words], capture_output=True, text=True)


def dots(figure, look):
    """Points of a look: zero-length strokes, the legend's beside them."""
    return sum(path.get("d").count("h0") for path in figure.iter(SVG + "path") if path.get("class") == look)


class Plots(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data, self.out = Path(folder.name) / "data", Path(folder.name) / "out"
        self.data.mkdir()
        for name, text in DATA.items():
            (self.data / f"{name}.csv").write_text(text)

    def figure(self, name):
        return xml.parse(self.out / f"{name}.svg").getroot()

    def test_every_point_is_drawn(self):
        self.assertEqual(draw(self.data, self.out).returncode, 0)
        self.assertEqual(dots(self.figure("server-rtx-4090"), "p"), 3 * 40)
        for name in ("silicon-tpot", "silicon-throughput"):
            self.assertEqual(dots(self.figure(name), "p"), 16 + 1)
            self.assertEqual(dots(self.figure(name), "k"), 4 + 1)
        self.assertEqual(len(list(self.figure("h100-stages").iter(SVG + "circle"))), 3 + 1)
        words = [text.text for text in self.figure("h100-stages").iter(SVG + "text")]
        self.assertIn("−50 %", words)
        self.assertIn("1 × H100, Llama-2-7B, codegen, 5/s", words)
        self.assertEqual([dots(self.figure("power-h100"), look) for look in "pkq"], [2, 2, 2])
        self.assertEqual(dots(self.figure("power-a100"), "p"), 2 + 1)

    def test_same_data_same_bytes(self):
        again = self.out.with_name("again")
        draw(self.data, self.out), draw(self.data, again)
        self.assertEqual(len(list(self.out.iterdir())), 7)
        for file in self.out.iterdir():
            self.assertEqual(file.read_bytes(), (again / file.name).read_bytes(), file.name)

    def test_one_by_name(self):
        self.assertEqual(draw(self.data, self.out, "h100").returncode, 0)
        self.assertEqual([file.name for file in self.out.iterdir()], ["h100-stages.svg"])
        unknown = draw(self.data, self.out, "h200")
        self.assertEqual(unknown.returncode, 2)
        self.assertIn('no plot "h200"; there are servers, h100, silicon, power', unknown.stderr)

    def test_a_comparison_that_was_not_written_is_named(self):
        (self.data / "silicon.csv").unlink()
        failed = draw(self.data, self.out, "silicon")
        self.assertEqual(failed.returncode, 1)
        self.assertIn("silicon.csv is missing", failed.stderr)

    def test_those_of_the_documentation_are_small_and_well_formed(self):
        draw(self.data, self.out)
        committed = ROOT / "docs/validation/plots"
        self.assertEqual(sorted(file.name for file in committed.iterdir()), sorted(file.name for file in self.out.iterdir()))
        for file in committed.iterdir():
            self.assertLess(file.stat().st_size, 60_000, file.name)
            self.assertEqual(xml.parse(file).getroot().tag, SVG + "svg")


if __name__ == "__main__":
    unittest.main()
