// Reading versioned JSON documents that come from outside: repro files, reports, trace headers.
//
// Order of checks: size, JSON syntax, kind of document, version, then the strict schema. Every failure is
// one UnusableInput line naming file, JSON path and rule. Knows nothing of what the documents mean.
import type { z } from 'zod';
import { UnusableInput } from './unusable-input.js';

/** Largest document that is read, in characters; a longer one is refused unread. */
export const DOCUMENT_LIMIT_CHARACTERS = 1 << 26;
/** Number of schema violations an error line spells out. */
const ISSUES_SHOWN = 3;

/** Which document is expected. */
export interface DocumentKind<T> {
  /** What a person calls it, with article: "a repro file". */
  readonly title: string;
  /** Name of the format: the field `format`, or the part of the field `schema` before its slash. */
  readonly format: string;
  /** Newest version that is understood: the field `version`, or the part of `schema` behind its slash. */
  readonly version: number;
  /** Schema of the newest version. */
  readonly schema: z.ZodType<T>;
  /** Turns a record of the given version (1 to the newest) into what the schema describes. */
  readonly prepare?: (record: Readonly<Record<string, unknown>>, version: number) => unknown;
}

/**
 * Parses `text` as a document of the given kind.
 * Throws UnusableInput when it is anything else.
 */
export function parseDocument<T>(text: string, fileName: string, kind: DocumentKind<T>): T {
  const record = parseRecord(text, fileName, kind.title);
  const version = versionOf(record, fileName, kind);
  const result = kind.schema.safeParse(kind.prepare === undefined ? record : kind.prepare(record, version));
  if (!result.success) throw refusal(fileName, result.error.issues);
  return result.data;
}

/** A document as stable text: fields in declared order, two blanks, one newline at the end. */
export function formatDocument(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Printable JSON path of a schema issue, such as `$.tape.schedule[2].step`. */
export function jsonPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => text + (typeof part === 'number' ? `[${part}]` : `.${String(part)}`), '$');
}

/** The version of a record of the right kind, from the field pair or from the one combined field. */
function versionOf<T>(record: Readonly<Record<string, unknown>>, fileName: string, kind: DocumentKind<T>): number {
  const combined = /^(.*)\/(\d+)$/.exec(typeof record['schema'] === 'string' ? record['schema'] : '');
  const format = combined === null ? record['format'] : combined[1];
  const version = combined === null ? record['version'] : Number(combined[2]);
  const place = combined === null ? ['$.format', '$.version'] : ['$.schema', '$.schema'];
  if (format !== kind.format) {
    throw new UnusableInput(fileName, place[0]!, `${kind.title} has the format "${kind.format}", this one has ${show(format)}`);
  }
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    throw new UnusableInput(fileName, place[1]!, `the version must be a whole number from 1, got ${show(version)}`);
  }
  if (version > kind.version) {
    throw new UnusableInput(fileName, place[1]!, `written by a newer Ringproof: version ${version}, this one reads 1 to ${kind.version}`);
  }
  return version;
}

function parseRecord(text: string, fileName: string, title: string): Readonly<Record<string, unknown>> {
  if (text.length > DOCUMENT_LIMIT_CHARACTERS) {
    throw new UnusableInput(fileName, `character ${DOCUMENT_LIMIT_CHARACTERS}`, `${title} may not be longer than that`);
  }
  if (text.trim() === '') throw new UnusableInput(fileName, 'character 0', `the file is empty, ${title} was expected`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw syntaxRefusal(text, fileName, title, String(error));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UnusableInput(fileName, '$', `${title} is a JSON object, got ${show(value)}`);
  }
  return value as Record<string, unknown>;
}

/** The parser's complaint as a line; a text that just ends is called truncated. */
function syntaxRefusal(text: string, fileName: string, title: string, message: string): UnusableInput {
  const position = /at position (\d+)/.exec(message)?.[1];
  const offset = position === undefined ? text.length : Number(position);
  if (offset >= text.trimEnd().length) {
    return new UnusableInput(fileName, `character ${offset}`, `the file is truncated: ${title} must end in "}"`);
  }
  const line = text.slice(0, offset).split('\n').length;
  return new UnusableInput(fileName, `line ${line}, character ${offset}`, `not JSON, near ${show(text.slice(offset, offset + 16))}`);
}

function refusal(fileName: string, issues: readonly z.core.$ZodIssue[]): UnusableInput {
  const first = issues[0]!;
  const others = issues.slice(1, ISSUES_SHOWN).map((issue) => `; ${jsonPath(issue.path)}: ${issue.message}`);
  const hidden = issues.length - ISSUES_SHOWN;
  const rest = hidden > 0 ? `; and ${hidden} more` : '';
  return new UnusableInput(fileName, jsonPath(first.path), first.message + others.join('') + rest);
}

/** A value short enough for an error line. */
function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
