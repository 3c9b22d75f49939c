// The build step that writes constants out (build/write-out-constants.mjs), on small programs held in memory.
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

type Transformer = (program: ts.Program) => ts.TransformerFactory<ts.SourceFile>;

const { writeOutConstants } = (await import(new URL('../../build/write-out-constants.mjs', import.meta.url).href)) as { writeOutConstants: Transformer };
const OPTIONS: ts.CompilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true, noLib: true };

/** What /main.ts becomes next to a module /values.ts; comments taken out. */
function compile(values: string, main: string): string {
  const files = new Map([['/values.ts', values], ['/main.ts', main]]);
  const output = new Map<string, string>();
  const host: ts.CompilerHost = {
    ...ts.createCompilerHost(OPTIONS),
    getSourceFile: (name) => (files.has(name) ? ts.createSourceFile(name, files.get(name)!, ts.ScriptTarget.ES2023, true) : undefined),
    fileExists: (name) => files.has(name),
    readFile: (name) => files.get(name),
    writeFile: (name, text) => output.set(name, text),
  };
  const program = ts.createProgram(['/main.ts'], OPTIONS, host);
  program.emit(undefined, undefined, undefined, undefined, { before: [writeOutConstants(program)] });
  return output.get('/main.js')!.replace(/\/\*.*?\*\/|import.*\n/g, '').replace(/ +/g, ' ').trim();
}

describe('writeOutConstants', () => {
  it('replaces an imported constant by its value, also where it follows from others', () => {
    const values = 'export const FIRST = 32; export const NEXT = (FIRST + 2) << 1; export const MASK = ~FIRST;';

    expect(compile(values, "import { NEXT, MASK } from './values.js'; x(NEXT, MASK);")).toBe('x(68 , (-33) );');
  });

  it('replaces properties of a constant object and case labels', () => {
    const main = "import { AT } from './values.js'; switch (y) { case AT.status: x(); }";

    expect(compile('export const AT = { magic: 0, status: 0x70 } as const;', main)).toMatch(/case 112 :/);
  });

  it('leaves variables, strings, computed values and objects that may change alone', () => {
    const values = "export let a = 1; export const b = 'text'; export const c = f(); export const d = { e: 1 };";

    expect(compile(values, "import { a, b, c, d } from './values.js'; x(a, b, c, d.e);")).toBe('x(a, b, c, d.e);');
  });

  it('leaves a name alone that hides the constant, and keys that only look like it', () => {
    const main = "import { A } from './values.js'; x({ A: 1 }, y.A); { const A = 2; x(A); }";

    expect(compile('export const A = 7;', main)).toBe('x({ A: 1 }, y.A);\n{\n const A = 2;\n x(A);\n}');
  });

  it('keeps declarations and exports, so that other programs find them', () => {
    expect(compile('', 'export const A = 7; export { A as B };')).toBe('export const A = 7;\nexport { A as B };');
  });
});
