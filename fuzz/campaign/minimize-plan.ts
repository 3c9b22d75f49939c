// Makes an input that shows a finding smaller: fewer acts, chains, pieces and deviations, plainer numbers and settings.
//
// Internal shrinking (MacIver and Donaldson, ECOOP 2020) of the value a run is made from: whatever still shows the same finding is
// taken over. The budget counts runs, so the result is the same everywhere.
import { minimizeList } from '../delta-debugging.js';
import { type ChainPlan, type LinkAct, type LinkPlan, PLAIN_HEADER, PLAIN_START, plainPiece, type PortRole } from '../generators/link-plan.js';
import { NO_FAULTS } from '../../scenarios/scenario.js';
import type { CampaignInput } from './input.js';

/** Rounds over everything at most. */
const ROUNDS = 4;

/** Makes one input smaller. */
export class PlanMinimizer {
  private current: CampaignInput;
  private tests = 0;
  private readonly shows: (input: CampaignInput) => boolean;
  private readonly limit: number;

  /** `shows` tells whether an input shows the finding; it is asked at most `limit` times. */
  constructor(input: CampaignInput, shows: (input: CampaignInput) => boolean, limit: number) {
    this.current = input;
    this.shows = shows;
    this.limit = limit;
  }

  /** The smallest input found; null when not even the first one shows the finding. */
  minimize(): CampaignInput | null {
    if (!this.shows(this.current)) return null;
    for (let round = 0; round < ROUNDS && this.mayGoOn(); round++) {
      const before = JSON.stringify(this.current);
      this.shrinkSettings();
      this.shrinkActs();
      this.shrinkTape();
      if (JSON.stringify(this.current) === before) break;
    }
    return this.current;
  }

  private readonly mayGoOn = (): boolean => this.tests < this.limit;

  private adopt(candidate: CampaignInput): boolean {
    if (!this.mayGoOn() || JSON.stringify(candidate) === JSON.stringify(this.current)) return false;
    this.tests += 1;
    if (!this.shows(candidate)) return false;
    this.current = candidate;
    return true;
  }

  private adoptPlan(change: Partial<LinkPlan>): boolean {
    return this.adopt({ ...this.current, plan: { ...this.current.plan, ...change } });
  }

  private shrinkSettings(): void {
    this.adopt({ ...this.current, plan: { ...this.current.plan, schedule: 'coarse' }, tape: null });
    if (this.current.plan.schedule !== 'coarse') this.adopt({ ...this.current, plan: { ...this.current.plan, schedule: 'fine' } });
    this.adoptPlan({ faults: NO_FAULTS });
    this.adoptPlan({ pollIntervalNs: 0 });
    this.adoptPlan({ queueSizeLog: 3 });
    for (const port of [0, 1] as const) {
      const role = this.current.plan.ports[port];
      const plain: PortRole = { ...role, mac: false, hidesMemorySize: false, withheldFeatures: 0, holdNs: 0, deviceAddressOffset: 0 };
      this.adoptPort(port, { ...plain, start: PLAIN_START });
      this.adoptPort(port, { ...plain, start: role.start });
      this.adoptPort(port, { ...role, start: PLAIN_START });
    }
  }

  private adoptPort(port: 0 | 1, role: PortRole): void {
    const [first, second] = this.current.plan.ports;
    this.adoptPlan({ ports: port === 0 ? [role, second] : [first, role] });
  }

  private shrinkActs(): void {
    minimizeList<LinkAct>(
      this.current.plan.acts,
      (candidate) => (this.adoptPlan({ acts: [...candidate] }) ? this.current.plan.acts : null),
      this.mayGoOn,
    );
    for (let at = 0; at < this.current.plan.acts.length; at++) this.shrinkAct(at);
  }

  private adoptAct(at: number, act: LinkAct): boolean {
    return this.adoptPlan({ acts: this.current.plan.acts.map((old, index) => (index === at ? act : old)) });
  }

  private shrinkAct(at: number): void {
    const act = this.current.plan.acts[at]!;
    this.adoptAct(at, { ...act, gapNs: 40_000 });
    if (act.kind === 'start' || act.kind === 'replace') this.adoptAct(at, { ...act, start: PLAIN_START });
    if (act.kind === 'send') for (const count of [1, 2]) if (this.adoptAct(at, { ...act, count, lengthBytes: 60 })) break;
    if (act.kind !== 'post') return;
    const post = (): typeof act => this.current.plan.acts[at] as typeof act;
    for (const times of [1, 2, 4, 8]) if (times < act.times && this.adoptAct(at, { ...post(), times })) break;
    this.adoptAct(at, { ...post(), jump: 0 });
    this.adoptAct(at, { ...post(), kick: 'always' });
    for (let chain = post().chains.length - 1; chain >= 0; chain--) {
      if (post().chains.length > 1) this.adoptAct(at, { ...post(), chains: post().chains.filter((_, index) => index !== chain) });
    }
    for (let chain = 0; chain < post().chains.length; chain++) {
      this.shrinkChain(post().chains[chain]!, (smaller) =>
        this.adoptAct(at, { ...post(), chains: post().chains.map((old, index) => (index === chain ? smaller : old)) }),
      );
    }
  }

  private shrinkChain(start: ChainPlan, adopt: (chain: ChainPlan) => boolean): void {
    let chain = start;
    const attempt = (smaller: ChainPlan): void => {
      if (adopt(smaller)) chain = smaller;
    };
    attempt({ ...chain, table: null });
    attempt({ ...chain, header: PLAIN_HEADER });
    attempt({ ...chain, fill: null });
    attempt({ ...chain, head: 'fresh' });
    for (let at = chain.pieces.length - 1; at >= 0; at--) {
      if (chain.pieces.length > 1) attempt({ ...chain, pieces: chain.pieces.filter((_, index) => index !== at) });
    }
    for (let at = 0; at < chain.pieces.length; at++) {
      const piece = chain.pieces[at]!;
      for (const plainer of [plainPiece(60), plainPiece(piece.lengthBytes), { ...piece, lengthBytes: 60 }]) {
        attempt({ ...chain, pieces: chain.pieces.map((old, index) => (index === at ? plainer : old)) });
      }
    }
  }

  private shrinkTape(): void {
    const { tape } = this.current;
    if (tape === null) return;
    if (this.adopt({ ...this.current, tape: null })) return;
    const list = [...tape.choices.map((choice) => ({ choice })), ...tape.schedule.map((preemption) => ({ preemption }))];
    minimizeList<{ choice?: (typeof tape.choices)[0]; preemption?: (typeof tape.schedule)[0] }>(
      list,
      (candidate) => {
        const choices = candidate.flatMap(({ choice }) => (choice === undefined ? [] : [choice]));
        const schedule = candidate.flatMap(({ preemption }) => (preemption === undefined ? [] : [preemption]));
        return this.adopt({ ...this.current, tape: { choices, schedule } }) ? candidate : null;
      },
      this.mayGoOn,
    );
  }
}
