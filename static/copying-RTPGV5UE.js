import"./chunk-M23MS4FY.js";
