// Text inside HTML: escaped, bounded, and without characters that steer how the rest is shown.
//
// What a driver says (its name, exceptions, logs) is untrusted. Control and direction characters are spelt out, markup is
// escaped for elements and attributes alike, and a text of any length is cut to what a person reads.
import { printable } from './text-layout.js';

/** Most characters of one text that are shown. */
export const TEXT_LIMIT = 4_000;

/** Text as content of an element or as value of a quoted attribute. */
export function htmlText(text: string): string {
  const shown = text.length > TEXT_LIMIT ? `${text.slice(0, TEXT_LIMIT)}… (${text.length - TEXT_LIMIT} more characters)` : text;
  return printable(shown)
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}

/** An attribute with a leading blank. */
export function htmlAttribute(name: string, value: string | number): string {
  return ` ${name}="${htmlText(String(value))}"`;
}

/** An element around markup that is ready. */
export function element(name: string, attributes: Readonly<Record<string, string | number>>, ...content: readonly string[]): string {
  const given = Object.entries(attributes).map(([key, value]) => htmlAttribute(key, value));
  return `<${name}${given.join('')}>${content.join('')}</${name}>`;
}
