import"./chunk-YLM5QVVG.js";
