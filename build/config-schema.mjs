// Writes the JSON schema of ringproof.config.json from the schema the program checks with. Run after a build.
import { writeFileSync } from 'node:fs';
import { configurationJsonSchema } from '../dist/cli/configuration.js';

writeFileSync(new URL('../docs/ringproof.config.schema.json', import.meta.url), configurationJsonSchema());
