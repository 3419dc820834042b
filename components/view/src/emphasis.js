// Asterisks as models use them: `**Note:**text` and `**"Quoted"**word` are bold, although CommonMark requires a space
// after them, and `2*3*4` is a product.

const CLOSES = /[^\s\p{Ps}\p{Pi}]/u; // no space and nothing that opens

/** For markdown-it's inline state: two stars behind a sign close what two stars at the beginning of a word opened. */
export function stars(md) {
  md.inline.State = class extends md.inline.State {
    scanDelims(start, canSplitWord) {
      const found = super.scanDelims(start, canSplitWord);
      if (this.src[start] !== "*") return found;
      if (/^\d\*\d/.test(this.src.slice(start - 1, start + 2))) return { ...found, can_open: false, can_close: false };
      const touches = found.length === 2 && !found.can_close && CLOSES.test(this.src[start - 1]);
      return touches && this.isInBold() ? { ...found, can_open: false, can_close: true } : found;
    }

    /** Whether the last stars were two that opened, before which there was no word: `f(x)**2` is a power. */
    isInBold() {
      const [first, second] = this.delimiters.filter(({ marker }) => marker === 42).slice(-2);
      const opened = second?.open && !second.close && first.open && second.token === first.token + 1;
      return opened && /(?:^|[\s(])$/.test(this.tokens[first.token - 1]?.content ?? "");
    }
  };
}
