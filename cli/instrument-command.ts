// `ringproof instrument in.wasm -o out.wasm`: writes down what `check` does to a WebAssembly driver before it runs it.
import type { Command } from 'commander';
import { instrumentFile } from '../drivers/load-driver.host.js';
import { ORDER_REMEDY } from '../drivers/subject.js';
import { UsageError } from './exit-status.js';
import { prepareFile, writeResultFile } from './report-files.js';

/** Adds the command to the program. */
export function addInstrumentCommand(program: Command): void {
  program
    .command('instrument')
    .description('put hooks before every memory access of a WebAssembly driver; `check` does the same by itself, so this is for looking at it')
    .argument('<module>', 'the driver, a .wasm file')
    .requiredOption('-o, --output <file>', 'where the instrumented module goes; it carries the original and can be checked like it')
    .action((module: string, options: { output: string }) => {
      if (options.output === module) throw new UsageError('instrument: --output must be another file than the module');
      const { bytes, isOrdered } = instrumentFile(module);
      prepareFile(options.output);
      writeResultFile(options.output, bytes);
      process.stderr.write(`${options.output}: ${bytes.length} bytes\n`);
      if (!isOrdered) process.stderr.write(`ringproof: ${module} has neither atomics nor barriers, so its order is undecidable; ${ORDER_REMEDY}\n`);
    });
}
