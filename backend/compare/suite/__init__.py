"""A test suite: saved inputs with checks, sent to every lane, with a grid of passed and failed cells.

suite = file.read(Path("suite.yaml").read_text())       # or promptfoo's format: promptfoo.reading.read
run = Run(plan(suite), lanes).start().join()
print(report.table(run.results))
"""
