// Replaces the last table in bench/README.md; the text around it is written by people.

const BEGIN = '<!-- table: written by npm run bench -- --write -->';
const END = '<!-- end of table -->';

/** `readme` with `table` between the two marks. Throws when the marks are missing. */
export function withTable(readme: string, table: string): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`withTable: the README needs the lines "${BEGIN}" and "${END}"`);
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${table.trim()}\n\n${readme.slice(end)}`;
}
