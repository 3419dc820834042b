// Bare addresses in a text (`https://...`, `www...`, mail addresses) and where each of them ends.

// Punctuation of many scripts that may follow an address without a space, and closing quotes.
const ENDS = new RegExp(String.raw`[\u3001-\u301f\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f\uff3d\u060c\u061b\u061f\u06d4\u0964`
  + String.raw`\u0965\u0589\u055d\u1361-\u1368\u17d4\u17d5\u104a\u104b\u0f0d\u0f0e\u2014\u2026\u201c-\u201f\u00ab\u00bb\u2039\u203a]|\u2019(?!\p{L})`, "u");
const TRAILING = /[:~`|\\_]+$/;
const HOST = /^(?:\/\/)?([^/?#:]*)/;

/** Configures linkify-it; `App.js` and `README.md` are file names, not addresses. */
export function obviousLinks(linkify) {
  linkify.set({ fuzzyLink: false, fuzzyIP: false, fuzzyEmail: true });
  linkify.add("ftp:", null).add("//", null);
  const { validate } = linkify.__compiled__["http:"];
  linkify.add("http:", { validate: (text, at, self) => ended(text, at, validate(text, at, self)) });
  const letter = "a-z\\u00c0-\\u024f";
  const rest = new RegExp(`^(?:[${letter}0-9-]+\\.)+[${letter}]{2,}(?::\\d{1,5})?(?![${letter}0-9])${linkify.re.src_path}`, "i");
  linkify.add("www.", {
    validate: (text, at) => ended(text, at, rest.exec(text.slice(at, at + 2_000))?.[0].length ?? 0),
    normalize: (found) => { found.url = `https://${found.url}`; },
  });
}

/** The length of an address without trailing text. */
function ended(text, at, length) {
  const whole = text.slice(at, at + length);
  const end = whole.search(ENDS);
  const address = (end < 0 ? whole : whole.slice(0, end)).replace(TRAILING, "");
  return hostEnd(address) ?? address.length;
}

/** The end of an ASCII host followed directly by other letters: `a.example查看` would be a different host. */
function hostEnd(address) {
  const [before, host] = HOST.exec(address);
  const last = host.slice(host.lastIndexOf(".") + 1);
  const other = /^[a-z\d-]+/i.test(last) ? last.search(/[^\p{Script=Latin}\p{M}\d-]/u) : -1;
  return other < 0 ? null : before.length - last.length + other;
}
