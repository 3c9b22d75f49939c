// The last events of a finding as an SVG sequence: one row an event, one lane an end of the link.
//
// Drawn with presentation attributes and classes only, so the page needs no inline styles. A table of the same events in
// words stands beside the lanes; the row of the violation is marked.
import { type EventArrow, eventArrows, laneTitles } from './event-lanes.js';
import { type EventNames, eventTexts, packRecords } from './event-text.js';
import { element, htmlText } from './html-text.js';

const LANE_WIDTH = 84;
const LANES = 5;
const ROW_HEIGHT = 20;
const HEAD_HEIGHT = 30;
const TEXT_X = LANES * LANE_WIDTH + 8;
/** Characters of an event's words that are drawn; the whole stands in its title. */
const WORDS_SHOWN = 96;
const WORDS_WIDTH = 700;
const HEAD_LENGTH = 6;

/** The drawing, empty for no events. `title` names it for those who do not see it. */
export function sequenceSvg(records: readonly (readonly number[])[], names: EventNames, title: string): string {
  if (records.length === 0) return '';
  const words = packRecords(records);
  const texts = eventTexts(words, names);
  const arrows = eventArrows(words);
  const height = HEAD_HEIGHT + texts.length * ROW_HEIGHT + 6;
  const width = TEXT_X + WORDS_WIDTH;
  const rows = texts.map(({ time, actor, text }, index) => {
    const y = HEAD_HEIGHT + index * ROW_HEIGHT + ROW_HEIGHT / 2;
    const said = `${time}  ${actor} ${text.trim()}`;
    const shown = said.length > WORDS_SHOWN ? `${said.slice(0, WORDS_SHOWN)}…` : said;
    const label = element('text', { x: TEXT_X, y: y + 4, class: 'words' }, htmlText(shown));
    const mark =
      index === texts.length - 1 ? element('rect', { x: 0, y: y - ROW_HEIGHT / 2, width, height: ROW_HEIGHT, class: 'here' }) : '';
    return element('g', {}, element('title', {}, htmlText(said)), mark, arrowMarkup(arrows[index]!, y), label);
  });
  const lanes = laneTitles(names.ports).map((lane, index) => {
    const x = laneX(index);
    return (
      element('line', { x1: x, y1: HEAD_HEIGHT - 6, x2: x, y2: height - 4, class: 'lane' }) +
      element('text', { x, y: 16, class: 'lane-title', 'text-anchor': 'middle' }, htmlText(lane))
    );
  });
  const attributes = { class: 'sequence', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': title };
  return element('svg', attributes, ...lanes, ...rows);
}

function laneX(lane: number): number {
  return lane * LANE_WIDTH + LANE_WIDTH / 2;
}

/** A line with a head, or a dot for what stays at one end. */
function arrowMarkup({ from, to, isDashed }: EventArrow, y: number): string {
  if (from === to) return element('circle', { cx: laneX(from), cy: y, r: 4, class: 'dot' });
  const [start, end] = [laneX(from), laneX(to)];
  const back = end > start ? -HEAD_LENGTH : HEAD_LENGTH;
  const line = element('line', { x1: start, y1: y, x2: end + back, y2: y, class: isDashed ? 'arrow dashed' : 'arrow' });
  return line + element('polygon', { points: `${end},${y} ${end + back},${y - 4} ${end + back},${y + 4}`, class: 'head' });
}
