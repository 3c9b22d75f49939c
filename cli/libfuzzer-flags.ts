// libFuzzer's spellings of options, for hands that know them: -runs=N, -max_total_time=S, -seed=N, -jobs=N, -workers=N, -merge=1.
import { UsageError } from './exit-status.js';

/** By libFuzzer flag: our option. */
const OPTIONS: Readonly<Record<string, string>> = { runs: '--runs', max_total_time: '--time', seed: '--seed', workers: '--workers', jobs: '--workers' };

/** Arguments of `fuzz` with libFuzzer's flags in our spelling. Throws UsageError for one we do not have. */
export function withOurFlags(args: readonly string[]): string[] {
  return args.flatMap((argument) => {
    const match = /^-([a-z_]+)=(.*)$/.exec(argument);
    if (match === null) return [argument];
    const [, flag, value] = match;
    if (flag === 'merge') return value === '0' ? [] : ['--merge'];
    // libFuzzer's -runs=-1 and -max_total_time=0 mean: no limit.
    if ((flag === 'runs' && value === '-1') || (flag === 'max_total_time' && value === '0')) return [];
    const option = OPTIONS[flag!];
    if (option === undefined) {
      const known = [...Object.keys(OPTIONS), 'merge'].map((name) => `-${name}=`).join(', ');
      throw new UsageError(`fuzz: there is no flag -${flag}=; of libFuzzer's there are ${known}`);
    }
    return [option, value!];
  });
}
