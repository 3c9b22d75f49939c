// All mutants there are: of drivers, of the server, of the link, and the quirks of the original server one by one.
import { DRIVER_MUTANTS } from '../drivers/builtin.js';
import type { Mutant } from '../model/mutant.js';
import { isDeviation, PLANTED_FAULTS } from '../model/p2p/planted-faults.js';
import { ALL_RULES } from '../model/rules/catalogue.js';
import { QUIRK_SCENARIOS } from '../scenarios/quirk-catalogue.js';

/** Rules that decide a clause. */
function rulesOf(clause: string): string[] {
  return ALL_RULES.filter(({ clauses }) => clauses.includes(clause)).map(({ id }) => id);
}

/** Quirks that show only together with others that break the same clauses: in the corrected server nothing is left of what they need. */
const ONLY_TOGETHER: readonly string[] = ['Q9', 'Q30', 'Q33', 'Q34', 'Q36'];

/** A quirk as a mutant of the corrected server. */
const QUIRK_MUTANTS: readonly Mutant[] = QUIRK_SCENARIOS.filter(({ quirk }) => isDeviation(quirk) && !ONLY_TOGETHER.includes(quirk)).map(
  ({ quirk, title, clause }) => {
    const sentence = title.charAt(0).toLowerCase() + title.slice(1);
    return { id: `dev-${quirk.toLowerCase()}`, side: 'device', title: sentence, source: `quirk ${quirk}`, kills: rulesOf(clause) };
  },
);

/** Every mutant, in the order of lists. */
export const ALL_MUTANTS: readonly Mutant[] = [
  ...DRIVER_MUTANTS.map(({ name, plain, resumable, ...mutant }) => mutant),
  ...PLANTED_FAULTS.map(({ plain, resumable, ...mutant }) => mutant),
  ...QUIRK_MUTANTS,
];

/** The mutant with the given id, or undefined. */
export function findMutant(id: string): Mutant | undefined {
  return ALL_MUTANTS.find((mutant) => mutant.id === id);
}

/** The common mistakes of driver authors (clause catalogue §7) that no mutant makes, by number, each with the reason. */
export const MISTAKES_WITHOUT_MUTANT: Readonly<Record<number, string>> = {
  10: 'a reset by IPC is over when the call returns, so on this link nobody can fail to wait for it',
  35: 'it needs a control queue, which the devices modelled here do not offer',
  40: 'it needs a packed ring, which the devices modelled here do not offer',
};

/** Rules that forbid or demand something: rules about permissions never accuse anybody, so no mutant can prove them. */
export const BREAKABLE_RULES: readonly string[] = ALL_RULES.map(({ id }) => id).filter((id) => !id.endsWith('-permissions'));
