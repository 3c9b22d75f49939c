// Laying out plain text: wrapped paragraphs and tables of aligned columns.
//
// Control characters never come through. Widths count UTF-16 units, which is right for the ASCII texts of reports. Knows nothing of what is printed.

/** Columns a wrapped line may use. */
export const TEXT_WIDTH = 100;

/** Breaks a text at blanks; the first line starts with `first`, the others with `rest`. A longer word stays whole. */
export function wrap(text: string, first: string, rest: string = ' '.repeat(first.length)): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of printable(text).split(/\s+/).filter((part) => part !== '')) {
    if (!isEmpty && line.length + 1 + word.length > TEXT_WIDTH) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line.trimEnd()];
}

/** The text with control and direction characters other than blanks spelt out, so that a driver's words cannot steer a terminal or a page. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (unit) => {
    const code = unit.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}

/** Rows as lines: the first column flush left, the others flush right, two blanks in between. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ').trimEnd());
}
