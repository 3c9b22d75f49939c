// The table of quirks: complete, consistent, switchable.
import { expect, test } from 'vitest';
import { deviationsOf, quirkById, quirkFamily, quirkName, QUIRKS, SWITCHED_QUIRKS } from './quirks.js';

test('every number of the sheets has a row, and a row has either a switch or a reason', () => {
  const ids = QUIRKS.map((quirk) => quirk.id);
  const expected = [
    ...Array.from({ length: 37 }, (_, index) => `Q${index + 1}`),
    ...Array.from({ length: 20 }, (_, index) => `T${index + 1}`),
  ];

  expect(ids.filter((id) => /^[QT]/.test(id))).toEqual(expected);
  expect(new Set(ids).size).toBe(ids.length);
  const switched = QUIRKS.filter((quirk) => quirk.noSwitch === null).map((quirk) => quirk.id);
  expect(new Set(switched)).toEqual(new Set(SWITCHED_QUIRKS));
});

test('a row says what happens in one sentence and which invariants of ten it breaks', () => {
  for (const quirk of QUIRKS) {
    expect(quirk.meaning).toMatch(/^[A-Z].*\.$/);
    expect(quirk.invariants.every((invariant) => invariant >= 1 && invariant <= 10)).toBe(true);
  }
});

test('profiles are all on and all off, single quirks can be switched', () => {
  expect(Object.values(deviationsOf('faithful')).every((isOn) => isOn)).toBe(true);
  expect(Object.values(deviationsOf('fixed')).some((isOn) => isOn)).toBe(false);
  expect(deviationsOf('fixed', ['Q5'])).toMatchObject({ Q5: true, Q4: false });
  expect(deviationsOf('faithful', ['Q5'])).toMatchObject({ Q5: false, Q4: true });
});

test('numbers in events lead back to the row', () => {
  expect(quirkName(17, quirkFamily('Q17'))).toBe('Q17');
  expect(quirkName(5, quirkFamily('P5'))).toBe('P5');
  expect(quirkName(5, 9)).toBe('?5');
  expect(quirkById('T9')?.title).toContain('register_ds');
  expect(quirkById('Z1')).toBeUndefined();
});
