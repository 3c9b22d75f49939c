// Rules for our own sources, checked by a test: determinism, size, documentation, names.
//
// Works on the syntax tree of the TypeScript compiler, one file at a time. Imports are judged by the table of
// dependency-cruiser, which also looks for circles and missing packages but takes too long to run with every test.
// Not part of the product: files named *.check.ts are not shipped. Each rule is a function from a file to its
// offences, so a test can feed it a snippet that offends.
import { posix } from 'node:path';
import ts from 'typescript';

/** A place that breaks a rule. */
export interface Offence {
  readonly path: string;
  /** Line, from 1. */
  readonly line: number;
  readonly rule: string;
}

/** A file and its syntax tree. */
export interface SourceText {
  /** Path from the package root, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

/** Longest source file, in lines; tests are mostly tables and may be longer. */
export const FILE_LIMIT_LINES = 400;
/** Longest test file, in lines. */
export const TEST_LIMIT_LINES = 700;
/** Longest function, in lines. */
export const FUNCTION_LIMIT_LINES = 60;
/** Longest line, in columns. */
export const LINE_LIMIT_COLUMNS = 160;

const DETERMINISTIC_FOLDERS = ['sim', 'model', 'drivers', 'scenarios', 'fuzz'];
const BANNED_GLOBALS = new Set([
  ...['Date', 'Intl', 'performance', 'process', 'crypto', 'fetch', 'globalThis'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate'],
]);
/** Functions of Math whose results are the same everywhere. */
const EXACT_MATH = new Set(['abs', 'ceil', 'clz32', 'floor', 'fround', 'imul', 'max', 'min', 'round', 'sign', 'trunc']);
const BANNED_METHODS = new Set(['localeCompare', 'toLocaleString', 'toLocaleLowerCase', 'toLocaleUpperCase', 'toLocaleDateString', 'toLocaleTimeString']);
const BANNED_WORDS = new Set(['util', 'utils', 'helper', 'helpers', 'manager', 'common', 'misc']);
const OPEN_ENDS = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\\b`);
const MACHINE_PATH = new RegExp(`(^|[\\s"'\`(=])/(${['home', 'root', 'work', 'tmp', 'Users'].join('|')})/`);

/** Parses a file for the rules. */
export function sourceText(path: string, text: string): SourceText {
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true) };
}

/** All offences of a file, in the order of the rules. */
export function offencesOf(source: SourceText): Offence[] {
  const rules = [
    ...[bannedGlobals, tooLongFile, tooLongFunctions, tooLongLines, missingHead],
    ...[undocumentedExports, bannedNames, openEnds, looseTypes, switchedTests],
  ];
  return rules.flatMap((rule) => rule(source));
}

/** Lines for people, one per offence. */
export function offenceLines(offences: readonly Offence[]): string {
  return offences.map(({ path, line, rule }) => `${path}:${line}: ${rule}`).join('\n');
}

/** The part of a rule of dependency-cruiser that concerns two paths. */
export interface ImportRule {
  readonly name: string;
  readonly from: { readonly path?: string; readonly pathNot?: string };
  readonly to: { readonly path?: string };
}

/** Imports of our own files that one of the rules forbids. */
export function forbiddenImports(source: SourceText, rules: readonly ImportRule[]): Offence[] {
  const offences: Offence[] = [];
  for (const statement of source.tree.statements) {
    const specifier = (statement as { readonly moduleSpecifier?: ts.Node }).moduleSpecifier;
    if (specifier === undefined || !ts.isStringLiteral(specifier) || !specifier.text.startsWith('.')) continue;
    const target = posix.join(posix.dirname(source.path), specifier.text.replace(/\.js$/, '.ts'));
    for (const { name, from, to } of rules) {
      if (!matches(from.path, source.path) || !matches(to.path, target)) continue;
      if (from.pathNot !== undefined && matches(from.pathNot, source.path)) continue;
      offences.push(at(source, statement, `imports ${target}: ${name}`));
    }
  }
  return offences;
}

function matches(pattern: string | undefined, path: string): boolean {
  return pattern === undefined || new RegExp(pattern).test(path);
}

/** Clocks, entropy, locale and inexact arithmetic where runs must repeat; only *.host.ts may have them. */
export function bannedGlobals(source: SourceText): Offence[] {
  const folder = source.path.slice(0, source.path.indexOf('/'));
  if (!DETERMINISTIC_FOLDERS.includes(folder) || /\.(host|test)\.ts$/.test(source.path)) return [];
  const offences: Offence[] = [];
  forEachNode(source.tree, (node) => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier) && node.moduleSpecifier.text.startsWith('node:')) {
      offences.push(at(source, node, `imports ${node.moduleSpecifier.text}; what touches the outside is named *.host.ts`));
    } else if (ts.isPropertyAccessExpression(node) && isName(node.expression, 'Math') && !EXACT_MATH.has(node.name.text)) {
      offences.push(at(source, node, `Math.${node.name.text} may differ between machines or runs`));
    } else if (ts.isPropertyAccessExpression(node) && BANNED_METHODS.has(node.name.text)) {
      offences.push(at(source, node, `${node.name.text} depends on the locale`));
    } else if (ts.isIdentifier(node) && BANNED_GLOBALS.has(node.text) && isReference(node)) {
      offences.push(at(source, node, `${node.text} is not deterministic`));
    }
  });
  return offences;
}

/** Files that hold more than one idea, judged by their length. */
export function tooLongFile(source: SourceText): Offence[] {
  const limit = isTest(source) ? TEST_LIMIT_LINES : FILE_LIMIT_LINES;
  const lines = source.text.trimEnd().split('\n').length;
  return lines <= limit ? [] : [{ path: source.path, line: lines, rule: `${lines} lines, at most ${limit} are allowed` }];
}

/** Functions, methods and arrows that are too long to read at once; a test is judged by its file. */
export function tooLongFunctions(source: SourceText): Offence[] {
  if (isTest(source)) return [];
  const offences: Offence[] = [];
  forEachNode(source.tree, (node) => {
    if (!ts.isFunctionLike(node)) return;
    const lines = lineOf(source, node.getEnd()) - lineOf(source, node.getStart(source.tree)) + 1;
    if (lines > FUNCTION_LIMIT_LINES) offences.push(at(source, node, `a function of ${lines} lines, at most ${FUNCTION_LIMIT_LINES} are allowed`));
  });
  return offences;
}

/** Lines that do not fit a screen; lines inside a text in backquotes are as long as the text wants. */
export function tooLongLines(source: SourceText): Offence[] {
  const free = new Set<number>();
  forEachNode(source.tree, (node) => {
    if (!ts.isTemplateLiteral(node)) return;
    const first = lineOf(source, node.getStart(source.tree));
    const last = lineOf(source, node.getEnd());
    for (let line = first; last > first && line <= last; line++) free.add(line);
  });
  return source.text.split('\n').flatMap((text, index) => {
    if (text.length <= LINE_LIMIT_COLUMNS || free.has(index + 1)) return [];
    return [{ path: source.path, line: index + 1, rule: `${text.length} columns, at most ${LINE_LIMIT_COLUMNS} are allowed` }];
  });
}

/** Files that do not say at their head what they are. */
export function missingHead(source: SourceText): Offence[] {
  const head = /^(#!.*\n)?((\/\/.*\n)+|\/\*[^]*?\*\/)/.exec(source.text);
  return head === null ? [{ path: source.path, line: 1, rule: 'the file does not begin with a comment that says what it is' }] : [];
}

/** Exports without a doc comment; a block of constants shares the comment of its first. */
export function undocumentedExports(source: SourceText): Offence[] {
  if (isTest(source)) return [];
  const offences: Offence[] = [];
  let isInDocumentedBlock = false;
  let previousEnd = 0;
  const overloaded = new Set<string>();
  for (const statement of source.tree.statements) {
    const isAdjacent = lineOf(source, statement.getStart(source.tree)) === previousEnd + 1;
    previousEnd = lineOf(source, statement.getEnd());
    const name = ts.isFunctionDeclaration(statement) ? (statement.name?.text ?? '') : '';
    const isDocumented: boolean =
      /\/\*\*/.test(source.text.slice(statement.getFullStart(), statement.getStart(source.tree))) ||
      (isInDocumentedBlock && isAdjacent && ts.isVariableStatement(statement)) ||
      overloaded.has(name);
    isInDocumentedBlock = isDocumented && ts.isVariableStatement(statement);
    if (name !== '' && isDocumented) overloaded.add(name);
    if (!isExported(statement) || isDocumented) continue;
    offences.push(at(source, statement, `${exportedNames(statement).join(', ')} is exported without a doc comment`));
  }
  return offences;
}

/** Names that say nothing, of files and exports. */
export function bannedNames(source: SourceText): Offence[] {
  const offences: Offence[] = [];
  const fileName = source.path.slice(source.path.lastIndexOf('/') + 1);
  for (const word of wordsOf(fileName)) {
    if (BANNED_WORDS.has(word)) offences.push({ path: source.path, line: 1, rule: `the file name says "${word}", which says nothing` });
  }
  for (const statement of source.tree.statements) {
    if (!isExported(statement)) continue;
    for (const name of exportedNames(statement)) {
      for (const word of wordsOf(name)) if (BANNED_WORDS.has(word)) offences.push(at(source, statement, `${name} says "${word}", which says nothing`));
    }
  }
  return offences;
}

/** Notes to oneself and paths of somebody's machine. */
export function openEnds(source: Pick<SourceText, 'path' | 'text'>): Offence[] {
  return source.text.split('\n').flatMap((text, index) => {
    const offences: Offence[] = [];
    if (OPEN_ENDS.test(text)) offences.push({ path: source.path, line: index + 1, rule: 'an open end is noted here; finish it or file an issue' });
    if (MACHINE_PATH.test(text)) offences.push({ path: source.path, line: index + 1, rule: 'an absolute path of a machine' });
    return offences;
  });
}

/** Types that switch the compiler off. */
export function looseTypes(source: SourceText): Offence[] {
  const offences: Offence[] = [];
  forEachNode(source.tree, (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) offences.push(at(source, node, 'the type any'));
  });
  for (const match of source.text.matchAll(/@ts-(ignore|nocheck|expect-error)/g)) {
    offences.push({ path: source.path, line: lineOf(source, match.index), rule: `${match[0]} switches the compiler off` });
  }
  return offences;
}

/** Tests that do not run, or keep others from running. */
export function switchedTests(source: SourceText): Offence[] {
  if (!isTest(source)) return [];
  const offences: Offence[] = [];
  forEachNode(source.tree, (node) => {
    if (!ts.isPropertyAccessExpression(node) || !ts.isIdentifier(node.expression)) return;
    if (!['test', 'it', 'describe'].includes(node.expression.text) || !['skip', 'only', 'todo', 'fails'].includes(node.name.text)) return;
    offences.push(at(source, node, `${node.expression.text}.${node.name.text} switches tests off`));
  });
  return offences;
}

function isTest(source: SourceText): boolean {
  return source.path.endsWith('.test.ts');
}

function at(source: SourceText, node: ts.Node, rule: string): Offence {
  return { path: source.path, line: lineOf(source, node.getStart(source.tree)), rule };
}

function lineOf(source: SourceText, position: number): number {
  return source.tree.getLineAndCharacterOfPosition(position).line + 1;
}

function forEachNode(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => forEachNode(child, visit));
}

function isName(node: ts.Node, name: string): boolean {
  return ts.isIdentifier(node) && node.text === name;
}

/** True unless the identifier is only the name of a member, of something declared here, or of something imported. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) || ts.isQualifiedName(parent)) return parent.getChildAt(0) === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  const named = parent as { readonly name?: ts.Node; readonly propertyName?: ts.Node };
  return named.name !== node && named.propertyName !== node;
}

function isExported(statement: ts.Statement): boolean {
  return ts.canHaveModifiers(statement) && (ts.getModifiers(statement) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword);
}

function exportedNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map((declaration) => declaration.name.getText());
  const { name } = statement as { readonly name?: ts.Node };
  return name === undefined ? ['default'] : [name.getText()];
}

/** Words of a file name or identifier, in lower case. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}
