// The Markdown summary: whole, bounded, and never obeying what a driver says.
import { describe, expect, it } from 'vitest';
import { type CheckParts, buildCheckResult } from '../scenarios/check-result.js';
import { sampleFinding, sampleParts } from '../scenarios/check-result.sample.js';
import { PLAIN_NAMES } from './event-text.js';
import { markdownBlock, markdownText } from './markdown-text.js';
import { markdownReport } from './markdown.js';

function summary(changes: Partial<CheckParts> = {}): string {
  return markdownReport(buildCheckResult(sampleParts(changes)), PLAIN_NAMES);
}

describe('the summary', () => {
  it('says verdict, findings and how to make them again', () => {
    const text = summary();

    expect(text).toContain('**VIOLATES** – 2 of 4 applicable clauses exercised, 1 violated, 2 findings.\n');
    expect(text).toContain('### 1. VIOLATION by the driver\n\nThe available ring slot was stored after avail.idx had moved past it.\n');
    expect(text).toContain('* **Seen:** avail.idx became 4 at 14.203 us');
    expect(text).toContain('```text\nnpx ringproof replay .ringproof/split-slot-before-index-5f0c2a11.json\n```');
    expect(text).toContain('| all | 4 | 1 | 1 | 1 | 1 |');
  });

  it('folds consequences and tells standing, place, waivers and reasons', () => {
    const waiver = { rule: 'x', fingerprint: 'f', reason: 'a | b', owner: 'me', expires: '2030-01-01' };
    const text = summary({
      findings: [
        sampleFinding({ standing: 'waived', waiver, location: { file: 'a.mjs', line: 3, column: 1, callee: '' } }),
        sampleFinding({ fingerprint: 'b', message: 'It went on.', consequenceOf: '5f0c2a11' }),
      ],
      waivers: [{ ...waiver, state: 'used' }],
      inconclusive: ['no frame was sent'],
      internalError: 'it broke',
    });

    expect(text).toContain('### 1. VIOLATION by the driver (waived)');
    expect(text).toContain('* **Source:** a.mjs:3:1\n* **Standing:** waived until 2030-01-01 by me: a \\| b\n');
    expect(text).toContain('<details><summary>Also seen after it: 1</summary>\n\n* It went on. (');
    expect(text).toContain('| x | f | a \\| b | me | 2030-01-01 | used |');
    expect(text).toContain('* no frame was sent\n* Internal error of Ringproof: it broke\n');
  });

  it('tells thresholds, what is missing, and coverage of the driver', () => {
    const share = { total: 10, covered: 7 };
    const missing = Array.from({ length: 120 }, (_, index) => `clause ${index}`);
    const text = summary({
      thresholds: [
        { name: 'clauses exercised', wanted: 200, reached: 190, missing },
        { name: 'percent of driver lines', wanted: 50, reached: 70, missing: ['x'] },
      ],
      driverCoverage: { lines: share, branches: { total: 1, covered: 1 }, files: [] },
    });

    expect(text).toContain("Executed of the driver's files: 7 of 10 lines, 1 of 1 branch.");
    expect(text).toContain('| clauses exercised | 200 | 190 | short |\n| percent of driver lines | 50 | 70 | reached |');
    expect(text).toContain('<details><summary>Missing: clauses exercised (120)</summary>\n\n* clause 0\n');
    expect(text).toContain('* clause 99\n* and 20 more\n');
  });

  it('stays below what a summary page may hold', () => {
    const findings = Array.from({ length: 200 }, (_, index) =>
      sampleFinding({ fingerprint: String(index), seen: 'x'.repeat(100_000), message: 'y'.repeat(100_000) }),
    );
    const text = summary({ findings });

    expect(text.length).toBeLessThan(200_000);
    expect(text).toContain('170 further findings left out here');
  });
});

describe('words that come from a driver', () => {
  it.each([
    ['# no heading\n* no list', '\\# no heading \\* no list'],
    ['<b>&', '&lt;b&gt;&amp;'],
    ['@team https://x.example www.x.example', '&#64;team https&#58;//x.example www&#46;x.example'],
    ['a|b `c` [d](e) ![f](g)', 'a\\|b \\`c\\` \\[d\\](e) \\!\\[f\\](g)'],
    ['\u202e $x$', '\\\\u202e \\$x\\$'],
  ])('mean nothing: %j', (text, shown) => {
    expect(markdownText(text)).toBe(shown);
  });

  it('do not end a block', () => {
    expect(markdownBlock(['a ```` b', 'c\nd'])).toBe('`````text\na ```` b\nc d\n`````');
  });
});
