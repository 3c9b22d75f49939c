// The HTML page: what stands in it, that nothing a driver says becomes markup, and that it needs nothing from outside.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { KICKED } from '../model/events.js';
import { type CheckParts, buildCheckResult } from '../scenarios/check-result.js';
import { sampleClause, sampleFinding, sampleParts } from '../scenarios/check-result.sample.js';
import { PLAIN_NAMES } from './event-text.js';
import { htmlReport } from './html.js';
import { TEXT_LIMIT, htmlText } from './html-text.js';

function page(changes: Partial<CheckParts> = {}): string {
  return htmlReport(buildCheckResult(sampleParts(changes)), PLAIN_NAMES);
}

/** Tags in the order they stand in the page. */
function tagsOf(html: string): string[] {
  const outside = html.replace(/<style>.*?<\/style>/s, '').replace(/<script>.*?<\/script>/s, '');
  return [...outside.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, name]) => name!.toLowerCase());
}

describe('the page', () => {
  it('says verdict, findings, clauses, quirks, scenarios and schedules', () => {
    const html = page();

    expect(html).toContain('<p class="verdict violates">VIOLATES: 2 of 4 applicable clauses exercised, 1 violated, 2 findings.</p>');
    expect(html).toContain('<h3 class="violation">1. VIOLATION by the driver</h3>');
    expect(html).toContain('<dt>Seen</dt><dd>avail.idx became 4 at 14.203 us');
    expect(html).toContain('<code id="replay-1">npx ringproof replay .ringproof/split-slot-before-index-5f0c2a11.json</code>');
    expect(html).toContain('No repro file could be written.');
    expect(html).toContain('Lost wake-up with a taken transmit chain [Q1]');
    expect(html.match(/<tr data-outcome=/g)).toHaveLength(4);
    expect(html).toContain('data-outcome="not-exercised" data-level="MUST" data-actor="driver" data-area="init"');
    expect(html).toContain('The driver never gave the device up.');
    expect(html).toContain('every interleaving of the driver with the device may be drawn; 1 more could not be scheduled');
  });

  it('draws the events of a finding, and the place of the violation', () => {
    const svg = /<svg.*?<\/svg>/s.exec(page())![0];

    // Two events: a publication into memory, then a kick to the device.
    expect(svg.match(/class="arrow"/g)).toHaveLength(2);
    expect(svg.match(/class="here"/g)).toHaveLength(1);
    expect(svg).toContain('aria-label="Sequence of the last 2 events before the finding"');
    expect(svg).toContain('driver a kicks the device (avail.idx of rx 0, of tx 8)');
  });

  it('is the same for the same result', () => {
    expect(page()).toBe(page());
  });

  it('folds consequences below their cause and tells waivers and baseline', () => {
    const waiver = { rule: 'x', reason: 'hardware in the field', owner: 'me', expires: '2030-01-01' };
    const html = page({
      findings: [
        sampleFinding({ standing: 'waived', waiver }),
        sampleFinding({ fingerprint: 'b', message: 'It went on.', consequenceOf: '5f0c2a11', repro: null, lastEvents: [] }),
      ],
      waivers: [{ ...waiver, state: 'used' }],
      baseline: { name: 'known.json', fixed: [{ fingerprint: 'c', rule: 'gone-rule', message: 'It was.' }] },
    });

    expect(html.match(/<article/g)).toHaveLength(1);
    expect(html).toContain('<h4>Also seen after it (1)</h4><details><summary>It went on.</summary>');
    expect(html).toContain('<dt>Standing</dt><dd>waived until 2030-01-01 by me: hardware in the field</dd>');
    expect(html).toContain('<td>gone-rule</td><td>c</td><td>It was.</td>');
  });

  it('shows thresholds, what is missing, and coverage of the driver', () => {
    const share = { total: 10, covered: 7 };
    const html = page({
      thresholds: [
        { name: 'clauses exercised', wanted: 200, reached: 190, missing: ['Do this. [A]: never', 'Do <that>.'] },
        { name: 'percent of driver lines', wanted: 50, reached: 70, missing: ['x'] },
      ],
      driverCoverage: {
        lines: share,
        branches: share,
        files: [{ file: 'mine.mjs', lines: share, branches: share, uncoveredLines: [1, 2, 3] }],
      },
    });

    expect(html).toContain('<td>clauses exercised</td><td>200</td><td>190</td><td>short</td>');
    expect(html).toContain(
      '<summary>Missing: clauses exercised (2)</summary><ul><li>Do this. [A]: never</li><li>Do &lt;that&gt;.</li></ul>',
    );
    expect(html).toContain('<td>percent of driver lines</td><td>50</td><td>70</td><td>reached</td>');
    expect(html).toContain('<td>mine.mjs</td><td>7 of 10</td><td>7 of 10</td>');
  });

  it('of a clean check says that there is nothing', () => {
    const html = page({ findings: [], items: [sampleClause({})], quirks: [] });

    expect(html).toContain('<h2>Findings</h2><p>None.</p>');
    expect(html).toContain('<p class="verdict conforms">CONFORMS: ');
  });

  it('of a check without a conclusion says why', () => {
    const html = page({ findings: [], inconclusive: ['no frame was sent'], internalError: 'it broke', stopped: 'time' });

    expect(html).toContain('Inconclusive: no frame was sent.');
    expect(html).toContain('Internal error of Ringproof: it broke');
    expect(html).toContain('The check was stopped early (time)');
  });

  it('shows where two executions differ', () => {
    const html = page({
      findings: [sampleFinding({ difference: { eventIndex: 3, first: [KICKED, 0, 0, 0, 0, 0, 0, 0], second: null }, lastEvents: [] })],
    });

    expect(html).toMatch(/First difference, event 3:<\/p><pre>once: .*\nonce more: the run had come to its end<\/pre>/);
  });
});

describe('what it is allowed to do', () => {
  it('is its own style and its own script, by digest, and nothing from outside', () => {
    const html = page();
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)![1]!;
    const digest = (tag: string): string =>
      `sha256-${createHash('sha256')
        .update(new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(html)![1]!)
        .digest('base64')}`;

    expect(policy).toBe(
      `default-src 'none'; style-src '${digest('style')}'; script-src '${digest('script')}'; base-uri 'none'; form-action 'none'`,
    );
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).not.toMatch(/\s(src|srcset|style|on[a-z]+)="/);
    for (const [, target] of html.matchAll(/href="([^"]*)"/g)) expect(target).toMatch(/^#/);
  });
});

describe('words that come from a driver', () => {
  const HOSTILE = [
    '</script><script>alert(1)</script>',
    '<!-- <img src=x onerror=alert(1)> -->',
    '</title></style></svg><b>',
    '" onclick="alert(1)" x="',
    "' onclick='alert(1)",
    "$& $` $' $1 ${x}",
    '&lt;b&gt; &amp;',
    '\u202egpj.exe \u2066x\u2069 \u200f',
    '\u0000\u001b[2J\u0085',
    '\ud800 alone',
  ];

  it.each(HOSTILE)('never become markup: %j', (text) => {
    const parts = (said: string): Partial<CheckParts> => ({
      subject: { name: `x${said}`, digest: '' },
      findings: [sampleFinding({ message: said, seen: said, expected: said, partyReason: said, scenario: said, repro: `r${said}` })],
      items: [sampleClause({ requirement: said, title: said, reason: said, area: said, outcome: 'undecidable', count: 0 })],
      quirks: [{ id: 'Q1', title: said, count: 1, outcome: 'lost' }],
    });

    const html = page(parts(text));

    expect(tagsOf(html)).toEqual(tagsOf(page(parts('plain'))));
    expect(html).not.toContain(text);
    expect(html).not.toMatch(/[\u0000\u001b\u0085\u202a-\u202e\u2066-\u2069\u200f]/);
  });

  it('are shown as they are, apart from what steers the rest', () => {
    expect(htmlText('a < b & "c" \u202e')).toBe('a &lt; b &amp; &quot;c&quot; \\u202e');
    expect(htmlText('$& $1')).toBe('$&amp; $1');
    expect(htmlText('\ud800')).toBe('\ufffd');
    expect(htmlText('\u{1f600}')).toBe('\u{1f600}');
  });

  it('are cut when they have no end', () => {
    const html = page({ findings: [sampleFinding({ seen: 'x'.repeat(1 << 20) })] });

    expect(html).toContain(`… (${(1 << 20) - TEXT_LIMIT} more characters)`);
    expect(html.length).toBeLessThan(60_000);
  });
});
