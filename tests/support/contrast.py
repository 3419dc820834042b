"""How well the texts of a page can be read: their contrast with what is behind them, as WCAG 2.2 defines it."""

from __future__ import annotations

from playwright.sync_api import Page

# Colours are painted and read back, so that every way to write one is understood. What has no colour of its own
# lies on what its ancestors painted, each as strong as its opacity; pictures and gradients are not looked at.
_FAINT = """() => {
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 })
    .getContext("2d", { willReadFrequently: true });
  const read = new Map();
  const rgba = (colour) => {
    if (!read.has(colour)) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
      read.set(colour, [r, g, b, a / 255]);
    }
    return read.get(colour);
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((part, at) => part * a + below[at] * (1 - a));
  const luminance = (colour) => {
    const [r, g, b] = colour.map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const parent = (element) => element.assignedSlot || element.parentElement || element.getRootNode().host || null;
  // The number over a slider's knob is in the knob, but does not lie on it.
  const beside = (element, box) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    return right - left < 50 && (box.bottom <= top || bottom <= box.top || box.right <= left || right <= box.left);
  };
  const seen = (element, box) => {
    const layers = [];
    for (let at = element; at; at = parent(at)) layers.unshift(at);
    let back = [255, 255, 255], strength = 1;
    for (const at of layers) {
      const style = getComputedStyle(at), [r, g, b, a] = rgba(style.backgroundColor);
      strength *= Number(style.opacity);
      if (!beside(at, box)) back = over([r, g, b, a * strength], back);
    }
    const [r, g, b, a] = rgba(getComputedStyle(element).color);
    const front = over([r, g, b, a * strength], back);
    const [light, dark] = [luminance(front), luminance(back)].sort((one, other) => other - one);
    return (light + 0.05) / (dark + 0.05);
  };
  const faint = new Set();
  const look = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.shadowRoot) look(node.shadowRoot);
      const element = node.parentElement || node.getRootNode().host;
      const text = node.nodeType === Node.TEXT_NODE ? node.data.trim() : "";
      if (!text || !element || element.closest("style, script, :disabled, [aria-disabled=true], [inert]")) continue;
      if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect(), style = getComputedStyle(element);
      const size = parseFloat(style.fontSize), clipped = style.clipPath !== "none";
      if (box.width < 2 || box.height < 2 || size < 1 || clipped) continue;
      const contrast = seen(element, box);
      if (contrast >= (size >= 24 ? 3 : 4.5)) continue;
      faint.add(`${contrast.toFixed(2)} ${size}px ${element.tagName} ${text.slice(0, 50)}`);
    }
  };
  look(document.body);
  return [...faint];
}"""


def faint(page: Page) -> list[str]:
    """The texts in view whose contrast is under 4.5, or under 3 at 24 px and more: contrast, size, tag, words."""
    texts: list[str] = page.evaluate(_FAINT)
    return texts
