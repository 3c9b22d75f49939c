// The integer parser the servers share: strtol in base 10, nothing behind the number, C int range.
//
// Follows l4re-p2p sheet §2. Leading blanks, a sign and leading zeros are fine; the empty text is 0.

const INT_MAX = 2147483647;
const INT_MIN = -2147483648;

/** Value of the text, or null if it is not a decimal C int. */
export function parseInteger(text: string): number | null {
  if (text === '') return 0;
  const match = /^[ \t\n\v\f\r]*([+-]?[0-9]+)$/.exec(text);
  if (match === null) return null;
  const value = Number(match[1]);
  return value >= INT_MIN && value <= INT_MAX ? value : null;
}
