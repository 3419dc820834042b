// Runs a configuration with the real promptfoo and prints what each assertion said, as JSON on the last line.
// Its library, not its command: that one wants a database in native code, which no test needs.
import fs from "node:fs";
import promptfoo from "promptfoo";
import yaml from "js-yaml";

const config = yaml.load(fs.readFileSync(process.argv[2], "utf8"));
const evaluation = await promptfoo.evaluate(
  { ...config, writeLatestResults: false, sharing: false },
  { cache: false, showProgressBar: false, maxConcurrency: 2 },
);
const { results } = await evaluation.toEvaluateSummary();
const told = results.map((result) => ({
  row: result.testIdx,
  lane: result.provider.label,
  error: result.error ?? null,
  passed: result.success,
  output: result.response?.output ?? null,
  checks: (result.gradingResult?.componentResults ?? []).map((one) => one.pass),
  why: (result.gradingResult?.componentResults ?? []).map((one) => `${one.assertion?.type}: ${one.reason}`),
}));
console.log(JSON.stringify(told));
process.exit(0);
