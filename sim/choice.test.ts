// Choice sources and the trace: plainness, sparsity, recording, enumeration, digests.
import { describe, expect, it } from 'vitest';
import { CHOICE_KINDS, type Candidates, EMPTY_TAPE, familyOf } from './choice.js';
import { EnumeratorSource, HealingSource, PlainSource, RecordingSource, TapeSource } from './choice-sources.js';
import { NEVER } from './gate.js';
import { SeededSource } from './seeded-source.js';
import { EVENT_WORDS, Trace, agentOf, kindOf, timeOf } from './trace.js';

const TWO: Candidates = { count: 2, ids: Int32Array.of(4, 9) };

describe('seeded source', () => {
  const options = { rates: { storeDelay: 5, allocationFailure: 10 }, isPreemptive: true };

  function answers(seed: string): number[] {
    const source = new SeededSource(seed, options);
    return Array.from({ length: 300 }, (_, index) => {
      if (index % 3 === 0) return source.choose('storeDelay', 9);
      return index % 3 === 1 ? source.choose('allocationFailure', 2) : source.gap(0, 0, 0);
    });
  }

  it('gives the same answers for the same seed and others for another', () => {
    expect(answers('a')).toEqual(answers('a'));
    expect(answers('a')).not.toEqual(answers('b'));
  });

  it('never deviates in kinds without a rate, and stays in bounds in the others', () => {
    const source = new SeededSource('s', options);
    const delays = Array.from({ length: 2_000 }, () => source.choose('storeDelay', 9));

    expect(Array.from({ length: 500 }, () => source.choose('staleLoad', 4)).every((value) => value === 0)).toBe(true);
    expect(Math.max(...delays)).toBe(8);
    expect(Math.min(...delays)).toBe(0);
    // mean gap 5, so about one question in six deviates
    expect(delays.filter((value) => value > 0).length).toBeGreaterThan(200);
    expect(delays.filter((value) => value > 0).length).toBeLessThan(500);
  });

  it('asks for no preemption when it is not preemptive', () => {
    expect(new SeededSource('s', { rates: {}, isPreemptive: false }).gap(0, 0, 0)).toBe(NEVER);
  });

  it('keeps the draws of one family apart from another', () => {
    const quiet = new SeededSource('s', options);
    const busy = new SeededSource('s', options);
    for (let index = 0; index < 100; index++) busy.choose('allocationFailure', 2);

    const draws = (source: SeededSource): number[] => Array.from({ length: 50 }, () => source.choose('storeDelay', 9));

    expect(draws(busy)).toEqual(draws(quiet));
  });

  it('takes one of the others when asked who runs, and nobody when there is nobody', () => {
    const source = new SeededSource('s', options);

    expect(source.schedule(4, 0, TWO)).toBe(1);
    expect(source.schedule(4, 0, { count: 1, ids: Int32Array.of(4) })).toBe(0);
  });
});

describe('tape source', () => {
  it('answers plainly where the tape says nothing, and tells what it could not place', () => {
    const tape = { choices: [{ kind: 'storeDelay' as const, ordinal: 1, value: 3 }], schedule: [{ agent: 4, step: 7, to: 9 }, { agent: 4, step: 8, to: 11 }] };
    const source = new TapeSource(tape);

    expect([source.choose('storeDelay', 9), source.choose('storeDelay', 9), source.choose('storeDelay', 9)]).toEqual([0, 3, 0]);
    expect([source.gap(4, 0), source.gap(5, 0)]).toEqual([8, NEVER]);
    expect(source.schedule(4, 6, TWO)).toBe(0);
    expect(source.schedule(4, 7, TWO)).toBe(1);
    expect(source.schedule(4, 8, TWO)).toBe(0);
    expect(source.schedule(4, 9, TWO)).toBe(0);
    expect(source.refused).toEqual([{ agent: 4, step: 8, to: 11 }]);
    expect(source.unplaced()).toBe(1);
  });

  it('refuses an answer that is not on offer any more', () => {
    const source = new TapeSource({ choices: [{ kind: 'copyCut', ordinal: 0, value: 5 }], schedule: [] });

    expect(source.choose('copyCut', 3)).toBe(0);
    expect(source.refused).toHaveLength(1);
  });
});

describe('recording and healing', () => {
  it('writes down deviations only', () => {
    const source = new RecordingSource(new TapeSource({ choices: [{ kind: 'copyCut', ordinal: 2, value: 1 }], schedule: [{ agent: 4, step: 3, to: 9 }] }));

    for (let index = 0; index < 5; index++) source.choose('copyCut', 3);
    source.schedule(4, 3, TWO);
    source.schedule(4, 5, TWO);

    expect(source.tape()).toEqual({ choices: [{ kind: 'copyCut', ordinal: 2, value: 1 }], schedule: [{ agent: 4, step: 3, to: 9 }] });
    expect(source.gap(4, 0, 0)).toBe(NEVER);
  });

  it('is plain once healed', () => {
    const always = { choose: () => 1, gap: () => 1, schedule: () => 1 };
    const source = new HealingSource(always);

    const before = [source.choose('copyCut', 3), source.gap(0, 0, 0), source.schedule(0, 0, TWO), source.choose('copyCut', 1)];
    source.heal();
    const after = [source.choose('copyCut', 3), source.gap(0, 0, 0), source.schedule(0, 0, TWO)];

    expect(before).toEqual([1, 1, 1, 0]);
    expect(after).toEqual([0, NEVER, 0]);
  });

  it('the plain source never deviates', () => {
    const source = new PlainSource();

    expect([source.choose(), source.gap(), source.schedule()]).toEqual([0, NEVER, 0]);
    expect(EMPTY_TAPE.choices).toHaveLength(0);
  });
});

describe('enumerator', () => {
  it('runs through every sequence of answers once', () => {
    const source = new EnumeratorSource(10);
    const seen: string[] = [];
    while (source.next()) seen.push(`${source.choose('copyCut', 3)}${source.choose('copyCut', 2)}`);

    expect(seen).toEqual(['00', '01', '10', '11', '20', '21']);
  });

  it('keeps within its bound of deviations', () => {
    const source = new EnumeratorSource(1);
    const seen: string[] = [];
    while (source.next()) seen.push(`${source.choose('copyCut', 2)}${source.schedule(4, 0, TWO)}${source.choose('copyCut', 2)}`);

    expect(seen).toEqual(['000', '001', '010', '100']);
    expect(source.gap()).toBe(1);
  });

  it('notices a run that asks other questions than before', () => {
    const source = new EnumeratorSource(3);
    source.next();
    source.choose('copyCut', 2);
    source.next();

    expect(() => source.choose('copyCut', 3)).toThrow('not deterministic');
  });
});

describe('choice kinds', () => {
  it('all belong to a family', () => {
    expect(new Set(CHOICE_KINDS.map(familyOf))).toEqual(new Set(['memory', 'link', 'allocation', 'workload']));
  });
});

describe('trace', () => {
  it('keeps records with kind, agent and a time beyond 32 bits', () => {
    const trace = new Trace(true);
    trace.timeNs = 5_000_000_123;
    for (let index = 0; index < 5_000; index++) trace.record(200, 7, index, 2, 3, 4, 5, 0xffffffff);

    const words = trace.copyWords();
    const at = 4_999 * EVENT_WORDS;

    expect(words).toHaveLength(5_000 * EVENT_WORDS);
    expect([kindOf(words, at), agentOf(words, at), timeOf(words, at)]).toEqual([200, 7, 5_000_000_123]);
    expect([...words.subarray(at + 2, at + 8)]).toEqual([4_999, 2, 3, 4, 5, 0xffffffff]);
  });

  it('has the same digest whether records are kept or listened to, and another for any changed word', () => {
    const digestOf = (isKept: boolean, listens: boolean, changed: number): string => {
      const trace = new Trace(false);
      trace.reset(isKept, listens ? () => undefined : null);
      for (let index = 0; index < 20; index++) {
        const words = [1, 2, 3, 4, 5, 6];
        if (changed >= 0 && index === 10) words[changed]! += 1;
        trace.record(33, 1, words[0]!, words[1]!, words[2]!, words[3]!, words[4]!, words[5]!);
      }
      return trace.digest();
    };

    const plain = digestOf(false, false, -1);

    expect(digestOf(true, true, -1)).toBe(plain);
    expect(new Set([plain, ...[0, 1, 2, 3, 4, 5].map((word) => digestOf(false, false, word))]).size).toBe(7);
    expect(plain).toMatch(/^[0-9a-f]{16}$/);
  });

  it('tells each record to the listener as it is written', () => {
    const trace = new Trace(false);
    const kinds: number[] = [];
    trace.reset(false, (words, at) => kinds.push(kindOf(words, at)));

    trace.record(40, 0, 0, 0, 0, 0, 0, 0);
    trace.record(41, 0, 0, 0, 0, 0, 0, 0);

    expect(kinds).toEqual([40, 41]);
    expect(trace.copyWords()).toHaveLength(0);
  });
});
