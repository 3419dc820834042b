import"./chunk-U3ILFSN6.js";
