// Escaping and the characters XML cannot hold.
import { expect, test } from 'vitest';
import { xmlAttribute, xmlText } from './xml-text.js';

test('markup characters are escaped', () => {
  expect(xmlText('a < b && c > "d"')).toBe('a &lt; b &amp;&amp; c &gt; "d"');
  expect(xmlAttribute('x', 'say "no"\n\tor\r')).toBe(' x="say &quot;no&quot;&#10;&#9;or&#13;"');
});

test('forbidden characters and lone surrogates become replacement characters', () => {
  expect(xmlText('\u0000\u001b\ufffe\ud800x')).toBe('\ufffd\ufffd\ufffd\ufffdx');
});

test('line breaks, tabs and characters beyond 16 bits stay', () => {
  expect(xmlText('a\n\tb \u{1f600}')).toBe('a\n\tb \u{1f600}');
});
