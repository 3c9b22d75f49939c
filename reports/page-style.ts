// How the HTML report looks: dark and light by the reader's choice, narrow screens, print, forced colours.
//
// Outcomes and severities are told by words; colour only repeats them. System fonts, nothing from outside.

/** The style sheet of the page. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --faint: #57606a; --line: #d0d7de; --panel: #f6f8fa;
  --good: #116329; --bad: #b3172a; --warn: #7d4e00; --accent: #0550ae; --mark: #fff1c2; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #0d1117; --faint: #9aa4af; --line: #3b434d; --panel: #161b22;
    --good: #56d364; --bad: #ff8b85; --warn: #e3b341; --accent: #79c0ff; --mark: #3d3213; }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0 auto; padding: 1.5rem; max-width: 82rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 2.25rem 0 .75rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
h3 { font-size: 1.05rem; margin: 0 0 .5rem; }
p { margin: .4rem 0; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; }
.verdict { font-size: 1.25rem; font-weight: 700; padding: .75rem 1rem; border-left: .5rem solid currentColor; background: var(--panel); }
.conforms, .held { color: var(--good); }
.violates, .violated, .violation { color: var(--bad); }
.inconclusive, .warning, .undecidable { color: var(--warn); }
.faint, .not-exercised, .finding-severity, .quirk { color: var(--faint); }
.facts { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; padding: 0; list-style: none; color: var(--faint); }
.card { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .2rem 1rem; margin: .5rem 0; }
dt { color: var(--faint); }
dd { margin: 0; }
code, pre, .words, kbd { font-family: ui-monospace, monospace; font-size: .85rem; }
pre { overflow-x: auto; background: var(--panel); padding: .75rem; margin: .5rem 0; }
.replay { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; background: var(--panel); padding: .5rem .75rem; }
.replay code { flex: 1 1 16rem; }
button, select, input { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: .25rem; padding: .3rem .6rem; }
.filters { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin: .75rem 0; }
.filters label { display: grid; font-size: .85rem; color: var(--faint); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }
th { color: var(--faint); font-weight: 600; }
td.number, th.number { text-align: right; }
td, th { overflow-wrap: break-word; }
.clauses td:nth-child(-n+4) { white-space: nowrap; }
.clauses td:first-child { font-weight: 600; }
summary { cursor: pointer; padding: .25rem 0; }
.sequence text { fill: var(--ink); }
.sequence .words { font-size: 11px; }
.sequence .lane-title { font: 600 11px system-ui, sans-serif; }
.sequence .lane { stroke: var(--line); stroke-width: 1.5; }
.sequence .arrow { stroke: var(--accent); stroke-width: 1.5; }
.sequence .dashed { stroke-dasharray: 4 3; }
.sequence .head, .sequence .dot { fill: var(--accent); }
.sequence .here { fill: var(--mark); }
@media (max-width: 40rem) {
  body { padding: .75rem; }
  dl { grid-template-columns: minmax(0, 1fr); }
  dd { margin-bottom: .4rem; }
  .clauses thead { display: none; }
  .clauses tr:not([hidden]) { display: block; padding: .4rem 0; border-bottom: 1px solid var(--line); }
  .clauses td { display: block; border: 0; padding: .1rem 0; }
}
@media (forced-colors: active) { .sequence .arrow { stroke: CanvasText; } .sequence .head, .sequence .dot { fill: CanvasText; } }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  .filters, button, .skip { display: none; }
  .card { break-inside: avoid-page; }
  .scroll { overflow: visible; }
  .sequence { width: 100%; height: auto; }
}
`;
