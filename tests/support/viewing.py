"""The built view (static/) in an empty page without a content policy, and how it renders a text."""

from __future__ import annotations

import mimetypes
from typing import Any

from basics import ROOT
from playwright.sync_api import Page, Route

STATIC = ROOT / "static"
ORIGIN = "http://view.localhost"
PAGE = "<!doctype html><meta charset=utf-8><link rel=icon href='data:,'><main></main>"

SETUP = """async () => {
  const { Body, renderToHTML } = await import('/view.js');
  const place = () => {
    const element = document.createElement('div');
    document.querySelector('main').replaceChildren(element);
    return element;
  };
  const made = (options) => {
    const element = place();
    return [element, new Body(element, { id: 'x', ...options })];
  };
  window.ran = [];
  for (const name of ['alert', 'prompt', 'confirm']) window[name] = (...said) => window.ran.push([name, ...said]);
  window.renderToHTML = renderToHTML;
  window.Body = Body;
  window.draw = async (text, options = {}) => {
    const [element, body] = made(options);
    body.update(text, { final: true });
    await body.whenDone;
    return element.innerHTML;
  };
  window.grow = async (text, size, options = {}) => {
    const [element, body] = made(options);
    for (let end = size; end < text.length; end += size) {
      body.update(text.slice(0, end));
      window.lookAt?.(element, text.slice(0, end));
    }
    body.update(text, { final: true });
    await body.whenDone;
    return element.innerHTML;
  };
}"""

# Words as a reader sees them: formulas as their source where they could not be drawn, else not at all.
SEEN = """({ selectors, counted, rtl }) => {
  const body = document.querySelector('.pg-body');
  const bare = body.cloneNode(true);
  for (const gone of bare.querySelectorAll('.katex, .pg-bar button, .pg-back')) gone.remove();
  return {
    words: bare.textContent,
    tex: [...body.querySelectorAll('.pg-math')].map((each) => each.dataset.tex),
    there: Object.fromEntries(selectors.map((each) => [each, document.querySelectorAll(each).length])),
    count: Object.fromEntries(counted.map((each) => [each, document.querySelectorAll(each).length])),
    left: rtl ? [...body.querySelectorAll(rtl)].filter((each) => getComputedStyle(each).direction !== 'rtl')
      .map((each) => each.outerHTML.slice(0, 80)) : [],
  };
}"""

# What is in the text but must not be, by names of elements, attributes and schemes that stand here once more: the
# list of the view is not its own judge.
FOREIGN = """() => {
  const elements = new Set(`a b blockquote br button code del details div em h2 h3 h4 h5 h6 hr i img input ins kbd
    li mark ol p pre rb rp rt ruby s section small span strong sub summary sup table tbody td th thead tr u
    ul`.split(/\\s+/));
  const drawn = new Set(`span math semantics annotation mrow mi mo mn ms mtext msup msub msubsup mfrac msqrt mroot
    mtable mtr mtd mlabeledtr munder mover munderover mspace mpadded mphantom mstyle menclose svg path line merror
    mglyph`.split(/\\s+/));
  const found = [];
  for (const element of document.querySelector('.pg-body').querySelectorAll('*')) {
    const formula = element.closest('.katex');
    if (!(formula ? drawn : elements).has(element.localName)) found.push(`<${element.localName}>`);
    for (const { name, value } of element.attributes) {
      const address = name === 'href' || name === 'src' || name === 'xlink:href' || name === 'action';
      const own = /^(https?:\\/\\/|mailto:)/i.test(value) || (name === 'href' && /^#pg-x-note-\\d+$/.test(value));
      const picture = name === 'src' && /^data:image\\/(png|jpeg|webp|gif);base64,/.test(value);
      const foreign = name.startsWith('on') || (address && !own && !picture);
      if (foreign) found.push(`${element.localName} ${name}=${value}`);
      if (name === 'style' && !formula && !/^text-align:\\w+$/.test(value)) found.push(`style=${value}`);
      if (/^(srcset|srcdoc|formaction|background|poster|ping)$/.test(name)) found.push(name);
    }
    const opens = element.localName === 'a' && element.target;
    if (opens && element.rel !== 'noopener noreferrer nofollow') found.push('rel');
  }
  return found;
}"""


DRAW_EACH = f"""async (texts) => {{
  const found = [];
  for (const text of texts) {{
    await draw(text);
    const foreign = ({FOREIGN})();
    if (foreign.length) found.push([text, foreign]);
  }}
  return found;
}}"""


class View:
    """The page, and everything that was asked for or ran in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.route("**", self._serve)
        page.goto(f"{ORIGIN}/")
        page.evaluate(SETUP)

    @staticmethod
    def _serve(route: Route) -> None:
        path = STATIC / route.request.url.removeprefix(f"{ORIGIN}/")
        if route.request.url == f"{ORIGIN}/":
            route.fulfill(body=PAGE, content_type="text/html")
        elif route.request.url.startswith(ORIGIN) and path.is_file():
            route.fulfill(body=path.read_bytes(), content_type=mimetypes.guess_type(path.name)[0])
        else:
            route.abort()

    def draw(self, text: str, **options: Any) -> str:
        """The HTML of a text that is drawn at once."""
        return str(self.page.evaluate("([text, options]) => draw(text, options)", [text, options]))

    def grow(self, text: str, size: int = 3, **options: Any) -> str:
        """The HTML of a text that came in pieces, once it has ended."""
        return str(self.page.evaluate("([text, n, options]) => grow(text, n, options)", [text, size, options]))

    def foreign(self, texts: list[str]) -> list[Any]:
        """Draws each text in turn; gives those with something that must not be in the page, and what."""
        return list(self.page.evaluate(DRAW_EACH, texts))

    def measure(self, selectors: list[str], counted: list[str], rtl: str = "") -> dict[str, Any]:
        return dict(self.page.evaluate(SEEN, {"selectors": selectors, "counted": counted, "rtl": rtl}))

    def words(self) -> str:
        return str(self.measure([], [])["words"])

    def harmless(self) -> None:
        assert self.page.evaluate(FOREIGN) == []
        assert self.page.evaluate("window.ran") == []
        assert [url for url in self.asked if not url.startswith((f"{ORIGIN}/", "data:"))] == []
        assert self.errors == []
