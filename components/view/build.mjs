// Builds static/ from src/, reproducibly: `node build.mjs [folder]`.

import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const OUT = process.argv[2] ?? join(HERE, "../../static");
const MODULES = join(HERE, "node_modules");

rmSync(OUT, { recursive: true, force: true });
mkdirSync(join(OUT, "fonts"), { recursive: true });
await scripts();
styles();
writeFileSync(join(OUT, "LICENSES.txt"), licences());
writeFileSync(join(OUT, "SHA256SUMS"), sums());

async function scripts() {
  const common = {
    absWorkingDir: HERE,
    outdir: OUT,
    bundle: true,
    format: "esm",
    target: ["chrome111", "firefox114", "safari16.4"],
    minify: true,
    legalComments: "none", // LICENSES.txt has them whole
    charset: "utf8",
    alias: { entities: "entities/lib/decode.js" }, // markdown-it only reads entities; the table to write them is 23 kB
  };
  await build({ ...common, entryPoints: ["src/view.js"], splitting: true, chunkNames: "[name]-[hash]" });
  await build({ ...common, entryPoints: ["src/mesh.js"] });
  await build({ ...common, entryPoints: ["src/stub.js"], lineLimit: 120 });  // Streamlit takes one line for a path
}

/** KaTeX's sheet asks for woff2 alone: every browser that runs the app reads it. */
function styles() {
  const sheets = ["view.css", "transcript/transcript.css"].map((name) => readFileSync(join(HERE, "src", name), "utf8"));
  writeFileSync(join(OUT, "view.css"), sheets.join("\n"));
  const katex = readFileSync(join(MODULES, "katex/dist/katex.min.css"), "utf8");
  const woff2 = katex.replace(/src:(url\([^)]*\.woff2\) format\("woff2"\))[^;}]*/g, "src:$1");
  writeFileSync(join(OUT, "katex.css"), woff2);
  for (const name of readdirSync(join(MODULES, "katex/dist/fonts")).filter((each) => each.endsWith(".woff2"))) {
    copyFileSync(join(MODULES, "katex/dist/fonts", name), join(OUT, "fonts", name));
  }
}

/** Name, version and licence of each package that is part of the bundle. */
function licences() {
  const { packages } = JSON.parse(readFileSync(join(HERE, "package-lock.json"), "utf8"));
  const used = Object.keys(packages).filter((path) => path && !packages[path].dev && !packages[path].optional);
  return used.filter((path) => !/argparse|commander|@types/.test(path)).sort().map((path) => {
    const folder = join(HERE, path);
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
    const words = file ? readFileSync(join(folder, file), "utf8").trim() : "";
    return `${name} ${version}: ${license}\n\n${words}\n`;
  }).join(`\n${"-".repeat(80)}\n\n`);
}

function sums() {
  const files = readdirSync(OUT, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  const paths = files.map((each) => join(each.parentPath, each.name)).sort();
  const sum = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");
  return paths.map((path) => `${sum(path)}  ${relative(OUT, path).replaceAll("\\", "/")}\n`).join("");
}
