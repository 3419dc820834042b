// The defaults of a message's fields, as in components.view.component.Item and Footer.
// Optional fields without a default are not listed.

const ITEM = { label: "", text: "", reasoning: "", calls: "", part: "whole", notices: [], sources: [] };
const FOOTER = { actions: [], menu: [], quiet: "", terms: [] };

export function filled(item) {
  return { ...ITEM, ...item, footer: item.footer && { ...FOOTER, ...item.footer } };
}
