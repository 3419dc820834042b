// The labels inside a text. Those around it come from components/view/words.py.

export const WORDS = {
  wrap: "Wrap lines",
  copy: "Copy",
  copyCode: "Copy code",
  copyTable: "Copy table",
  copied: "Copied",
  notCopied: "Not copied",
  code: "Code",
  codeIn: "Code, ",  // and the language
  reordered: "Hidden marks (\u25c7) turn letters round",
  table: "Table",
  formula: "Formula",
  done: "Done",
  toDo: "To do",
  details: "Details",
  back: "Back to the text",
};
