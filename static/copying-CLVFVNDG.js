import{a}from"./chunk-LRTQUKHU.js";import"./chunk-OOJM4CTU.js";export{a as documentOf};
