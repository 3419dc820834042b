// Loaded with the first code in a language. Makes elements, never HTML.

import core from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import clojure from "highlight.js/lib/languages/clojure";
import cmake from "highlight.js/lib/languages/cmake";
import cpp from "highlight.js/lib/languages/cpp";
import csharp from "highlight.js/lib/languages/csharp";
import css from "highlight.js/lib/languages/css";
import dart from "highlight.js/lib/languages/dart";
import diff from "highlight.js/lib/languages/diff";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import dos from "highlight.js/lib/languages/dos";
import elixir from "highlight.js/lib/languages/elixir";
import fsharp from "highlight.js/lib/languages/fsharp";
import go from "highlight.js/lib/languages/go";
import graphql from "highlight.js/lib/languages/graphql";
import groovy from "highlight.js/lib/languages/groovy";
import haskell from "highlight.js/lib/languages/haskell";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import julia from "highlight.js/lib/languages/julia";
import kotlin from "highlight.js/lib/languages/kotlin";
import latex from "highlight.js/lib/languages/latex";
import lua from "highlight.js/lib/languages/lua";
import makefile from "highlight.js/lib/languages/makefile";
import markdown from "highlight.js/lib/languages/markdown";
import matlab from "highlight.js/lib/languages/matlab";
import nginx from "highlight.js/lib/languages/nginx";
import objectivec from "highlight.js/lib/languages/objectivec";
import perl from "highlight.js/lib/languages/perl";
import php from "highlight.js/lib/languages/php";
import powershell from "highlight.js/lib/languages/powershell";
import protobuf from "highlight.js/lib/languages/protobuf";
import python from "highlight.js/lib/languages/python";
import r from "highlight.js/lib/languages/r";
import ruby from "highlight.js/lib/languages/ruby";
import rust from "highlight.js/lib/languages/rust";
import scala from "highlight.js/lib/languages/scala";
import scss from "highlight.js/lib/languages/scss";
import shell from "highlight.js/lib/languages/shell";
import sql from "highlight.js/lib/languages/sql";
import swift from "highlight.js/lib/languages/swift";
import typescript from "highlight.js/lib/languages/typescript";
import vbnet from "highlight.js/lib/languages/vbnet";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";

const LANGUAGES = {
  bash, c, clojure, cmake, cpp, csharp, css, dart, diff, dockerfile, dos, elixir, fsharp, go, graphql, groovy,
  haskell, ini, java, javascript, json, julia, kotlin, latex, lua, makefile, markdown, matlab, nginx, objectivec,
  perl, php, powershell, protobuf, python, r, ruby, rust, scala, scss, shell, sql, swift, typescript, vbnet, xml,
  yaml,
};
for (const [name, definition] of Object.entries(LANGUAGES)) core.registerLanguage(name, definition);
// Names that models use, for languages that are nearly the same.
core.registerAliases(["vue", "svelte", "astro"], { languageName: "xml" });
core.registerAliases(["fish", "csh", "ksh"], { languageName: "bash" });
core.registerAliases(["objective-c"], { languageName: "objectivec" });
core.registerAliases(["jsonl", "ndjson"], { languageName: "json" });

/** Colours the text of an element; one in an unknown language stays unchanged. */
export function colour(element, name) {
  // A file's name tells it too: `src/app.ts`.
  const language = [name, name.slice(name.lastIndexOf(".") + 1)].find((each) => core.getLanguage(each));
  if (!language) return;
  const { _emitter: emitter } = core.highlight(element.textContent, { language, ignoreIllegals: true });
  const parts = emitter.rootNode.children.map(part);
  element.replaceChildren(...parts);
}

function part(node) {
  if (typeof node === "string") return document.createTextNode(node);
  const element = document.createElement("span");
  // "title.function" -> pg-t-title; the languages inside others have no scope of their own.
  if (node.scope) element.className = `pg-t-${node.scope.split(".")[0].replace(/[^\w-]/g, "")}`;
  element.append(...(node.children ?? []).map(part));
  return element;
}
