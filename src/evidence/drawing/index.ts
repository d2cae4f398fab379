export { outlinedText, stroked } from './marks.js';
export { encodeSheet } from './sheet.js';
export { escapeXml, fontFamily, n, textWidthPx } from './svg-text.js';
