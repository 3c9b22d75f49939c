// Writes docs/quirks.md from the tables of the compiled project; a test compares the two.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { quirkPage } from '../dist/scenarios/quirk-page.js';

writeFileSync(fileURLToPath(new URL('../docs/quirks.md', import.meta.url)), quirkPage());
