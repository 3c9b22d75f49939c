// A row of the table: a measured ratio, its bars, and whether they were reached; and the table as Markdown.
import { median } from './median.js';

/** One measured figure. */
export interface Row {
  readonly part: string;
  readonly what: string;
  readonly against: string;
  /** x = ratio, MB = megabytes (10^6 bytes). */
  readonly unit: 'x' | 'MB';
  /** One value per round; empty = not measured. */
  readonly values: readonly number[];
  readonly better: 'higher' | 'lower';
  /** Beyond it something is structurally wrong; null = no bar. */
  readonly floor: number | null;
  /** What a well-made full model reaches; null = no bar. */
  readonly goal: number | null;
  /** Median cost of one operation of either side, in ns; null = not measured. For orientation only. */
  readonly costNs: readonly [number | null, number | null];
}

/** Whether the bars were reached. */
export type Standing = 'goal' | 'floor' | 'MISSED' | 'skipped' | 'figure';

/** Compares the median with the bars. */
export function standingOf(row: Row): Standing {
  if (row.values.length === 0) return 'skipped';
  const value = median(row.values);
  const meets = (bar: number): boolean => (row.better === 'higher' ? value >= bar : value <= bar);
  if (row.goal === null && row.floor === null) return 'figure';
  if (row.goal !== null && meets(row.goal)) return 'goal';
  return row.floor !== null && meets(row.floor) ? 'floor' : 'MISSED';
}

/** The rows as a Markdown table, columns padded so that it reads as plain text too. */
export function renderTable(rows: readonly Row[]): string {
  const head = ['part', 'what', 'against', 'measured', 'spread', 'floor', 'goal', 'reached', 'ns/op'];
  const lines = rows.map(cellsOf);
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map((cells) => cells[column]!.length)));
  const render = (cells: readonly string[]): string => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [render(head), rule, ...lines.map(render)].join('\n');
}

function cellsOf(row: Row): string[] {
  const isMeasured = row.values.length > 0;
  const sign = row.better === 'higher' ? '≥' : '≤';
  const bar = (value: number | null): string => (value === null ? '–' : `${sign} ${value}${unitOf(row)}`);
  const [own, other] = row.costNs.map((cost) => (cost === null ? '–' : figure(cost)));
  return [
    row.part,
    row.what,
    row.against,
    isMeasured ? figure(median(row.values)) + unitOf(row) : '–',
    isMeasured ? `${figure(Math.min(...row.values))}–${figure(Math.max(...row.values))}` : '–',
    bar(row.floor),
    bar(row.goal),
    standingOf(row),
    row.costNs[0] === null && row.costNs[1] === null ? '–' : `${own} : ${other}`,
  ];
}

function unitOf(row: Row): string {
  return row.unit === 'x' ? 'x' : ' MB';
}

/** Three significant digits, no exponent. */
function figure(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}
