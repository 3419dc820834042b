"""A test suite: saved inputs with checks, asked of every lane, as a grid of passed and failed.

suite = file.read(Path("suite.yaml").read_text())       # or promptfoo's format: promptfoo.reading.read
run = Run(plan(suite), lanes).start().join()
print(report.table(run.results))
"""
