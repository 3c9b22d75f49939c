// The clause matrix in the HTML report: counts by area, and a row per clause that can be filtered.
import type { CheckResult, ClauseItem } from '../scenarios/check-result.js';
import { AREA_TITLES } from './finding-words.js';
import { element, htmlText } from './html-text.js';
import { counted } from './value-text.js';

/** Outcomes in the order of the matrix, in words. */
const OUTCOMES: Readonly<Record<ClauseItem['outcome'], string>> = {
  violated: 'violated',
  held: 'held',
  'not-exercised': 'not exercised',
  undecidable: 'undecidable',
};

/** The sections on clauses. */
export function clausesSection({ clauses }: CheckResult): string {
  const order = Object.keys(OUTCOMES);
  const items = clauses.items.toSorted((left, right) => order.indexOf(left.outcome) - order.indexOf(right.outcome));
  const head = ['Outcome', 'Level', 'Actor', 'Area', 'Demand', 'Times, or why not']
    .map((title) => `<th scope="col">${title}</th>`)
    .join('');
  const table = `<table class="clauses"><thead><tr>${head}</tr></thead><tbody>\n${items.map(clauseRow).join('\n')}\n</tbody></table>`;
  return element(
    'section',
    { id: 'clauses' },
    '<h2>Clauses</h2>\n',
    areaTable(clauses.items),
    '\n<h3>Clause by clause</h3>\n',
    filters(clauses.items),
    '\n',
    table,
  );
}

function areaTable(items: readonly ClauseItem[]): string {
  const areas = [...new Set(items.map(({ area }) => area))];
  const outcomes = Object.keys(OUTCOMES) as ClauseItem['outcome'][];
  const row = (title: string, own: readonly ClauseItem[]): string => {
    const counts = outcomes.map((outcome) => own.filter((item) => item.outcome === outcome).length);
    const exercised = counts[0]! + counts[1]!;
    const cells = [own.length, exercised, counts[1]!, counts[0]!, counts[2]!, counts[3]!].map(
      (count) => `<td class="number">${count}</td>`,
    );
    return `<tr><th scope="row">${htmlText(title)}</th>${cells.join('')}</tr>`;
  };
  const rows = areas.map((area) =>
    row(
      AREA_TITLES[area] ?? area,
      items.filter((item) => item.area === area),
    ),
  );
  const counted = ['applicable', 'exercised', 'held', 'violated', 'not exercised', 'undecidable'];
  const head = ['<th scope="col">Area</th>', ...counted.map((title) => `<th scope="col" class="number">${title}</th>`)];
  const body = [...rows, row('all', items)].join('');
  const table = `<table><thead><tr>${head.join('')}</tr></thead><tbody>${body}</tbody></table>`;
  return `<div class="scroll" tabindex="0" role="region" aria-label="Clauses by area">${table}</div>`;
}

function filters(items: readonly ClauseItem[]): string {
  const choices: readonly (readonly [string, string, readonly (readonly [string, string])[]])[] = [
    ['outcome', 'Outcome', Object.entries(OUTCOMES)],
    ['area', 'Area', distinct(items.map(({ area }) => area)).map((area) => [area, AREA_TITLES[area] ?? area])],
    ['actor', 'Actor', distinct(items.map(({ actor }) => actor)).map((actor) => [actor, actor])],
    ['level', 'Level', distinct(items.map(({ level }) => level)).map((level) => [level, level])],
  ];
  const selects = choices.map(([name, title, options]) => {
    const all = options.map(([value, label]) => element('option', { value }, htmlText(label)));
    return `<label>${title}<select data-filter="${name}"><option value="">all</option>${all.join('')}</select></label>`;
  });
  const search = '<label>Text<input type="search" data-filter="text" autocomplete="off"></label>';
  const shown = `<span id="shown" role="status">${counted(items.length, 'clause')}</span>`;
  return `<form class="filters needs-script" hidden>${selects.join('')}${search}${shown}</form>`;
}

function clauseRow(item: ClauseItem): string {
  const { outcome, level, actor, area, requirement, document, section, title, id, count, reason } = item;
  const source = `${document}, section ${section} "${title}" [${id}]`;
  const cells = [
    `<td class="${outcome}">${OUTCOMES[outcome]}</td>`,
    `<td>${htmlText(level)}</td>`,
    `<td>${actor}</td>`,
    `<td>${htmlText(AREA_TITLES[area] ?? area)}</td>`,
    `<td>${htmlText(requirement)}<br><span class="faint">${htmlText(source)}</span></td>`,
    `<td>${count > 0 ? counted(count, 'time') : htmlText(reason ?? '')}</td>`,
  ];
  return element('tr', { 'data-outcome': outcome, 'data-level': level, 'data-actor': actor, 'data-area': area }, ...cells);
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}
