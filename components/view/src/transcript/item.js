// What a message is where the page says nothing else of it: as components.view.component.Item and Footer have it.
// Not here is what may as well be missing.

const ITEM = { label: "", text: "", reasoning: "", calls: "", part: "whole", notices: [], sources: [] };
const FOOTER = { actions: [], menu: [], quiet: "", terms: [] };

export function filled(item) {
  return { ...ITEM, ...item, footer: item.footer && { ...FOOTER, ...item.footer } };
}
