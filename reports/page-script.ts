// What the HTML report does in a browser: filters of the clause matrix, copy buttons, everything unfolded for print.
//
// Stands in the page as the text of this one function, so it uses nothing from outside it. The page is complete without
// it: controls that need it are hidden until it runs. Typed against the few parts of the document it touches.

/** An element, as far as it is touched. */
export interface PageElement {
  hidden: boolean;
  open?: boolean;
  value?: string;
  textContent: string | null;
  getAttribute(name: string): string | null;
  addEventListener(kind: string, listener: () => void): void;
  closest?(selector: string): PageElement | null;
}

/** The document, as far as it is touched. */
export interface PageDocument {
  querySelectorAll(selector: string): Iterable<PageElement>;
  querySelector(selector: string): PageElement | null;
  getSelection?(): { selectAllChildren(node: PageElement): void } | null;
  execCommand?(command: string): boolean;
}

/** The window, as far as it is touched. */
export interface PageWindow {
  addEventListener(kind: string, listener: () => void): void;
  readonly navigator: { readonly clipboard?: { writeText(text: string): Promise<void> } | undefined };
}

/** Brings the page to life. */
export function runPage(page: PageDocument, view: PageWindow): void {
  const controls = [...page.querySelectorAll('[data-filter]')];
  const rows = [...page.querySelectorAll('tr[data-outcome]')];
  const shown = page.querySelector('#shown');
  const status = page.querySelector('#status');

  const filter = (): void => {
    let count = 0;
    for (const row of rows) {
      row.hidden = !controls.every((control) => {
        const wanted = control.value ?? '';
        const name = control.getAttribute('data-filter') ?? '';
        if (name === 'text') return (row.textContent ?? '').toLowerCase().includes(wanted.toLowerCase());
        return wanted === '' || row.getAttribute(`data-${name}`) === wanted;
      });
      if (!row.hidden) count += 1;
    }
    if (shown !== null) shown.textContent = `${count} of ${rows.length} clauses shown`;
  };

  const copied = (button: PageElement, isDone: boolean): void => {
    button.textContent = isDone ? 'Copied' : 'Selected: copy with the keyboard';
    if (status !== null) status.textContent = button.textContent;
  };

  /** Where the clipboard is out of reach, the line is at least selected. */
  const copyBySelection = (button: PageElement, line: PageElement): void => {
    page.getSelection?.()?.selectAllChildren(line);
    copied(button, page.execCommand?.('copy') === true);
  };

  for (const control of controls) {
    control.addEventListener('input', filter);
    control.addEventListener('change', filter);
  }
  for (const button of page.querySelectorAll('button[data-copy]')) {
    const line = page.querySelector(`#${button.getAttribute('data-copy') ?? ''}`);
    if (line === null) continue;
    button.hidden = false;
    button.addEventListener('click', () => {
      const { clipboard } = view.navigator;
      if (clipboard === undefined) copyBySelection(button, line);
      else
        clipboard.writeText(line.textContent ?? '').then(
          () => copied(button, true),
          () => copyBySelection(button, line),
        );
    });
  }
  view.addEventListener('beforeprint', () => {
    for (const details of page.querySelectorAll('details')) details.open = true;
  });
  for (const panel of page.querySelectorAll('.needs-script')) panel.hidden = false;
  filter();
}
