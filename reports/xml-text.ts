// Text inside XML 1.0: escaped, and without the characters XML has no place for.
//
// Allowed characters after the recommendation, section 2.2. A forbidden one becomes U+FFFD, so that a reader
// sees that something was there.

/** Text as element content. */
export function xmlText(text: string): string {
  return allowed(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/\r/g, '&#13;');
}

/** An attribute with a leading blank; line breaks and tabs survive as references. */
export function xmlAttribute(name: string, value: string): string {
  const escaped = xmlText(value).replace(/"/g, '&quot;').replace(/\n/g, '&#10;').replace(/\t/g, '&#9;');
  return ` ${name}="${escaped}"`;
}

/** Replaces control characters, lone surrogates and the two non-characters. */
function allowed(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\p{Surrogate}]/gu, '\ufffd');
}
