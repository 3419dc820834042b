// TeX that models write and KaTeX does not support: commands of common packages, and small mistakes.

const UNITS = {
  meter: "m", metre: "m", gram: "g", kilogram: "kg", second: "s", minute: "min", hour: "h", day: "d", ampere: "A",
  kelvin: "K", mole: "mol", candela: "cd", newton: "N", pascal: "Pa", joule: "J", watt: "W", coulomb: "C", volt: "V",
  farad: "F", ohm: "\\Omega", siemens: "S", weber: "Wb", tesla: "T", henry: "H", hertz: "Hz", becquerel: "Bq",
  liter: "L", litre: "L", bar: "bar", electronvolt: "eV", degreeCelsius: "{}^{\\circ}C", celsius: "{}^{\\circ}C",
  percent: "\\%", kilo: "k", mega: "M", giga: "G", tera: "T", milli: "m", micro: "\\mu ", nano: "n", pico: "p",
  centi: "c", deci: "d", hecto: "h", per: "/", squared: "^2", cubed: "^3",
};

// Of siunitx, physics, bbm, dsfont, gensymb, booktabs and LaTeX itself; ours give way to a formula's own.
export const COMMANDS = {
  "\\ang": "#1^{\\circ}",
  "\\abs": "\\left\\lvert #1\\right\\rvert", "\\norm": "\\left\\lVert #1\\right\\rVert", "\\dd": "\\mathrm{d}#1",
  "\\vb": "\\mathbf{#1}", "\\va": "\\vec{\\mathbf{#1}}", "\\vu": "\\hat{\\mathbf{#1}}", "\\mathds": "\\mathbb{#1}",
  "\\mathbbm": "\\mathbb{#1}", "\\C": "\\mathbb{C}", "\\Q": "\\mathbb{Q}", "\\textsc": "\\text{#1}",
  "\\overparen": "\\overgroup{#1}", "\\arc": "\\overgroup{#1}", "\\euro": "\\text{€}", "\\qed": "\\square", "\\QED": "\\blacksquare",
  "\\micro": "\\mu", "\\xspace": "", "\\toprule": "\\hline",
  "\\midrule": "\\hline", "\\bottomrule": "\\hline",
  "\\mbox": "\\text{#1}", "\\symbf": "\\mathbf{#1}", "\\textdegree": "{}^{\\circ}", "\\cancelto": "\\cancel{#2}^{#1}",
  "\\hfill": "\\quad", "\\hfil": "\\quad", "\\strut": "\\mathstrut", "\\wideparen": "\\overgroup{#1}",
  "\\qty": "\\left\\{#1\\right\\}", "\\pqty": "\\left(#1\\right)", "\\bqty": "\\left[#1\\right]", "\\eval": "\\left.#1\\right|",
  "\\order": "\\mathcal{O}\\left(#1\\right)", "\\expval": "\\langle #1\\rangle", "\\ketbra": "|#1\\rangle\\langle #2|",
  "\\mel": "\\langle #1|#2|#3\\rangle", "\\comm": "\\left[#1,#2\\right]", "\\grad": "\\nabla", "\\curl": "\\nabla\\times",
  "\\divergence": "\\nabla\\cdot", "\\laplacian": "\\nabla^2", "\\vdot": "\\cdot", "\\cross": "\\times", "\\differential": "\\mathrm{d}",
};

const ENVIRONMENTS = { eqnarray: "align", flalign: "align", multline: "gather" };
const INSIDE = { align: "aligned", gather: "gathered", equation: "aligned", alignat: "alignedat" };

/** Repairs, applied one after the other until the formula renders: each maps a source to a source. */
export const MENDS = [
  (tex) => tex.replace(/&(lt|gt|amp);/g, (_, name) => ({ lt: "<", gt: ">", amp: "&" })[name]),
  (tex) => tex.replace(/\\(?:require|usepackage)\s*\{[^{}]*\}|\\[vV]space\*?\s*\{[^{}]*\}|\\(?:centering|noindent|displaybreak)(?![a-z])/gi, ""),
  (tex) => tex.replace(/\\multicolumn\{\d+\}\{[^{}]*\}/g, "").replace(/\\\*/g, "*").replace(/\\mspace\{([^{}]*)\}/g, "\\mskip{$1}"),
  (tex) => tex.replace(COLUMNS, (_, kinds) => `\\begin{array}{${kinds.replace(/[@!><]\{[^{}]*\}/g, "").replace(/[pmb]\{[^{}]*\}/g, "l")}}`)
    .replace(/(color(?:box)?)\[(RGB|rgb|HTML)\]\{([^{}]*)\}/g, (_, name, model, values) => `${name}{${colourOf(model, values)}}`),
  (tex) => tex.replace(/\\(eqref|ref|cref|autoref)\{([^{}]*)\}/g, (_, kind, name) => `\\text{${escaped(kind === "eqref" ? `(${name})` : name)}}`),
  (tex) => tex.replace(/\\DeclareMathOperator(\*?)\s*\{?(\\[a-z]+)\}?\s*\{([^{}]*)\}/gi, "\\newcommand{$2}{\\operatorname$1{$3}}"),
  (tex) => tex.replace(/\\newcommand\*?\s*(\{\s*\\[a-z]+\s*\}|\\[a-z]+)/gi, "\\providecommand$1{}\\renewcommand$1"),
  (tex) => tex.replace(/\\(begin|end)\{(eqnarray|flalign|multline)(\*?)\}/g, (_, end, name, star) => `\\${end}{${ENVIRONMENTS[name]}${star}}`)
    .replace(/&\s*(=|<|>|\\[a-z]+)\s*&/g, "&$1"),
  (tex) => tex.replace(/\\(text|textbf|textit|mathrm|texttt|operatorname)\{([^{}]*)\}/g, (_, name, words) => `\\${name}{${escaped(words)}}`),
  (tex) => tex.replace(/(?<!\\)\$/g, ""),
  (tex) => tex.replace(/\\(begin|end)\{(align|gather|equation|alignat)\*?\}/g, (_, end, name) => `\\${end}{${INSIDE[name]}}`)
    .replace(/\\tag\*?\{([^{}]*)\}/g, "\\qquad\\text{($1)}"),
  (tex) => (/\\begin/.test(tex) || !/(?<!\\)&|\\\\/.test(tex) ? tex : `\\begin{aligned}${tex}\\end{aligned}`),
];

const COLUMNS = /\\begin\{array\}\{((?:[^{}]|\{[^{}]*\})*)\}/g;

/** A colour of the package xcolor as `#rrggbb`. */
function colourOf(model, values) {
  if (model === "HTML") return `#${values.trim()}`;
  const parts = values.split(",").map((part) => Math.round(Number(part) * (model === "rgb" ? 255 : 1)));
  return `#${parts.map((part) => Math.min(255, Math.max(0, part || 0)).toString(16).padStart(2, "0")).join("")}`;
}

/** The source with an unknown command as the name of an operator, as `\Var(X)` and `\sgn x` mean it; else the same. */
export function withOperatorName(tex, message) {
  const name = /Undefined control sequence: \\([a-z]+)/i.exec(message)?.[1];
  return name ? tex.replace(new RegExp(`\\\\${name}(?![a-zA-Z]|\\s*(?:\\[[^\\]]*\\]\\s*)?\\{)`, "g"), `\\operatorname{${name}}`) : tex;
}

function escaped(words) {
  return words.replace(/(?<!\\)[_%#&]/g, "\\$&").replace(/(?<!\\)\^/g, "\\text{\\textasciicircum}");
}

/** A source as KaTeX reads it. */
export function readable(tex) {
  const single = isDoubled(tex) ? tex.replaceAll("\\\\", "\\") : tex;
  return withDerivatives(withUnits(withPercents(single)).replace(/\\qty(?=\s*[([|])/g, ""));
}

/** `50% of x`: TeX would drop the rest of the line as a comment. A comment on a line of its own stays one. */
function withPercents(tex) {
  return tex.replace(/(?<!\\)%/g, (sign, at) => {
    const before = (at < 40 ? "\n" : "") + tex.slice(Math.max(0, at - 40), at);
    return /(?:\n|\\\\)\s*$/.test(before) && tex.includes("\n", at) ? sign : "\\%";
  });
}

/** Whether backslashes were doubled on the way, as in JSON: `\\frac` is no new line with `frac` on it. */
function isDoubled(tex) {
  return /\\\\[a-z]{2}/i.test(tex) && !/(?<!\\)(?:\\\\)*\\[a-z]/i.test(tex);
}

const GROUP = String.raw`\{((?:[^{}]|\{[^{}]*\})*)\}`;
const QUANTITY = new RegExp(String.raw`\\(?:SI|qty)${GROUP}${GROUP}`, "g");
const UNIT = new RegExp(String.raw`\\(?:si|unit)${GROUP}`, "g");
const NUMBER = new RegExp(String.raw`\\num${GROUP}`, "g");

/** `\SI{3e8}{\meter\per\second}` with its numbers and units as they are written. */
function withUnits(tex) {
  return tex.replace(QUANTITY, (_, number, unit) => `${numberOf(number)}\\,${unitOf(unit)}`)
    .replace(UNIT, (_, unit) => unitOf(unit)).replace(NUMBER, (_, number) => numberOf(number));
}

const DERIVATIVE = new RegExp(String.raw`\\(p?)d(?:v|erivative)(?:\[([^\]]*)\])?${GROUP}(?:${GROUP})?(?:${GROUP})?`, "g");

/** `\dv[2]{f}{x}`, `\dv{x}`, `\pdv{f}{x}{y}` of the package physics, where the formula does not define its own. */
function withDerivatives(tex) {
  if (/\\(?:g?def|(?:re)?newcommand)(?![a-z])/i.test(tex)) return tex;
  return tex.replace(DERIVATIVE, (_, partial, power, first, second, third) => {
    const d = partial ? "\\partial " : "\\mathrm{d}";
    const [above, below] = second === undefined ? ["", first] : [first, second];
    const exponent = power ? `^{${power}}` : "";
    if (third !== undefined && partial) return `\\frac{${d}^2 ${above}}{${d}${below}\\,${d}${third}}`;
    return `\\frac{${d}${exponent}${above}}{${d}${below}${exponent}}${third === undefined ? "" : `{${third}}`}`;
  });
}

function numberOf(number) {
  return number.replace(/^(.+?)e([+-]?\d+)$/i, "$1\\times10^{$2}");
}

function unitOf(unit) {
  const powers = unit.replace(/\\(squar|cub)(?:e|ic)\s*(\\[a-z]+)/gi, "$2\\$1ed");
  const words = powers.replace(/\\([a-z]+)\s*/gi, (whole, name) => (Object.hasOwn(UNITS, name) ? UNITS[name] : whole));
  return `\\mathrm{${words.replaceAll("~", "\\,")}}`;
}

const DEFINES = new RegExp([
  String.raw`\\(?:(?:re)?newcommand|providecommand)\*?\s*(?:\{\s*\\[a-z]+\s*\}|\\[a-z]+)\s*(?:\[\d\])?\s*`,
  String.raw`\\g?def\s*\\[a-z]+(?:#\d)*`,
  String.raw`\\DeclareMathOperator\*?\s*\{\\[a-z]+\}`,
].join("|"), "gi");
const MOST = 2_000; // characters of definitions

/** The macro definitions in formulas, for later formulas. */
export function definitions(formulas) {
  let found = "";
  for (const tex of formulas) {
    for (const { 0: head, index } of tex.matchAll(DEFINES)) {
      const body = group(tex, index + head.length);
      if (body && found.length + head.length + body.length <= MOST) found += head + body;
    }
  }
  return found;
}

/** The group in braces that begins at `at`, "" where none does. */
function group(tex, at) {
  if (tex[at] !== "{") return "";
  for (let end = at, depth = 0; end < tex.length; end++) {
    if (tex[end] === "\\") end++;
    else if (tex[end] === "{") depth++;
    else if (tex[end] === "}" && --depth === 0) return tex.slice(at, end + 1);
  }
  return "";
}
