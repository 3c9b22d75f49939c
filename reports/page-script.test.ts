// The script of the HTML page on a page made of a few objects; the browser test runs it in the real one.
import { describe, expect, it } from 'vitest';
import { type PageDocument, type PageElement, type PageWindow, runPage } from './page-script.js';

class FakeElement implements PageElement {
  hidden: boolean;
  open = false;
  value = '';
  textContent: string | null;
  private readonly listeners = new Map<string, () => void>();
  private readonly attributes: Readonly<Record<string, string>>;

  constructor(attributes: Readonly<Record<string, string>>, textContent = '', isHidden = false) {
    this.attributes = attributes;
    this.textContent = textContent;
    this.hidden = isHidden;
  }

  getAttribute(name: string): string | null {
    return this.attributes[name] ?? null;
  }

  addEventListener(kind: string, listener: () => void): void {
    this.listeners.set(kind, listener);
  }

  fire(kind: string): void {
    this.listeners.get(kind)!();
  }
}

function fakePage(clipboard?: { writeText(text: string): Promise<void> }) {
  const parts = {
    area: new FakeElement({ 'data-filter': 'area' }),
    text: new FakeElement({ 'data-filter': 'text' }),
    rows: [
      new FakeElement({ 'data-outcome': 'held', 'data-area': 'split' }, 'Store the SLOT first.'),
      new FakeElement({ 'data-outcome': 'violated', 'data-area': 'init' }, 'Set FAILED.'),
    ],
    shown: new FakeElement({}),
    status: new FakeElement({}),
    button: new FakeElement({ 'data-copy': 'replay-1' }, 'Copy', true),
    orphan: new FakeElement({ 'data-copy': 'replay-9' }, 'Copy', true),
    line: new FakeElement({}, 'npx ringproof replay x.json'),
    details: new FakeElement({}),
    panel: new FakeElement({}, '', true),
    selected: [] as PageElement[],
  };
  const all: Readonly<Record<string, FakeElement[]>> = {
    '[data-filter]': [parts.area, parts.text],
    'tr[data-outcome]': parts.rows,
    'button[data-copy]': [parts.button, parts.orphan],
    details: [parts.details],
    '.needs-script': [parts.panel],
  };
  const single: Readonly<Record<string, FakeElement>> = { '#shown': parts.shown, '#status': parts.status, '#replay-1': parts.line };
  const page: PageDocument = {
    querySelectorAll: (selector) => all[selector]!,
    querySelector: (selector) => single[selector] ?? null,
    getSelection: () => ({ selectAllChildren: (node) => parts.selected.push(node) }),
    execCommand: () => parts.selected.length === 1,
  };
  const view: PageWindow = { addEventListener: () => undefined, navigator: { clipboard } };
  runPage(page, view);
  return parts;
}

describe('the filters', () => {
  it('show every clause at first, and only the wanted ones after a choice', () => {
    const { area, panel, rows, shown } = fakePage();
    const before = [shown.textContent, panel.hidden];
    area.value = 'init';
    area.fire('change');

    expect(before).toEqual(['2 of 2 clauses shown', false]);
    expect(rows.map(({ hidden }) => hidden)).toEqual([true, false]);
    expect(shown.textContent).toBe('1 of 2 clauses shown');
  });

  it('look into the text without regard to case', () => {
    const { rows, text } = fakePage();
    text.value = 'slot';
    text.fire('input');

    expect(rows.map(({ hidden }) => hidden)).toEqual([false, true]);
  });
});

describe('a copy button', () => {
  it('puts the line on the clipboard and says so', async () => {
    const written: string[] = [];
    const { button, orphan, status } = fakePage({ writeText: async (text) => void written.push(text) });
    button.fire('click');
    await Promise.resolve();
    await Promise.resolve();

    expect([written, button.textContent, status.textContent]).toEqual([['npx ringproof replay x.json'], 'Copied', 'Copied']);
    expect([button.hidden, orphan.hidden]).toEqual([false, true]);
  });

  it.each([undefined, { writeText: () => Promise.reject(new Error('not allowed')) }])(
    'selects the line where there is no clipboard (%j)',
    async (clipboard) => {
      const { button, line, selected } = fakePage(clipboard);
      button.fire('click');
      await Promise.resolve();
      await Promise.resolve();

      expect([selected, button.textContent]).toEqual([[line], 'Copied']);
    },
  );

  it('says what is left to do when nothing can be copied', () => {
    const { button } = fakePage();
    button.fire('click');
    button.fire('click');

    expect(button.textContent).toBe('Selected: copy with the keyboard');
  });
});

it('needs nothing from outside itself, since it stands in the page as text; it unfolds everything for print', () => {
  const copy = new Function(`return (${runPage.toString()})`)() as typeof runPage;
  const printed: (() => void)[] = [];
  const details = new FakeElement({});
  const page: PageDocument = { querySelectorAll: (selector) => (selector === 'details' ? [details] : []), querySelector: () => null };
  copy(page, { addEventListener: (_kind, listener) => printed.push(listener), navigator: {} });
  printed[0]!();

  expect(details.open).toBe(true);
});
