// Text inside Markdown as GitHub and GitLab read it: without markup, mentions, links or line breaks of its own.
//
// What a driver says is untrusted: a summary page must show it and never obey it.
import { printable } from './text-layout.js';

/** One line of text that means nothing but itself. Table cells are safe, too. */
export function markdownText(text: string): string {
  return printable(text)
    .replace(/\s+/g, ' ')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_{}[\]#|~$!]/g, '\\$&')
    .replace(/@/g, '&#64;')
    .replace(/\b(https?|ftp):/gi, '$1&#58;')
    .replace(/\bwww\./gi, 'www&#46;')
    .trim();
}

/** A block of lines shown as they are, fenced by more backquotes than they hold in a row. */
export function markdownBlock(lines: readonly string[]): string {
  const body = lines.map((line) => printable(line).replace(/\r?\n/g, ' ')).join('\n');
  const longest = Math.max(2, ...[...body.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${body}\n${fence}`;
}
