// The direction of imports: cli -> {reports, fuzz} -> scenarios -> drivers -> model -> sim.
//
// Folders are matched from the folder dependency-cruiser is started in, so a test can point the same rules at a
// fixture that breaks them. bench/ may import everything and nobody imports bench/.

/** Each layer and the layers it may not know. */
const FORBIDDEN = {
  sim: ['model', 'drivers', 'scenarios', 'fuzz', 'reports', 'cli', 'bench'],
  model: ['drivers', 'scenarios', 'fuzz', 'reports', 'cli', 'bench'],
  drivers: ['scenarios', 'fuzz', 'reports', 'cli', 'bench'],
  scenarios: ['fuzz', 'reports', 'cli', 'bench'],
  fuzz: ['reports', 'cli', 'bench'],
  reports: ['fuzz', 'cli', 'bench'],
  cli: ['bench'],
};

/** Sources that are not part of the product. */
const NOT_SHIPPED = '\\.(test|sample|check)\\.ts$';

const layers = Object.entries(FORBIDDEN).map(([layer, others]) => ({
  name: `${layer}-knows-only-what-is-below`,
  severity: 'error',
  comment: `${layer}/ may not import ${others.join('/, ')}/`,
  from: { path: `^${layer}/` },
  to: { path: `^(${others.join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...layers,
    {
      name: 'no-circle',
      severity: 'error',
      comment: 'modules that import each other cannot be read one at a time; types may refer to each other',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'product-without-tests',
      severity: 'error',
      comment: 'what is shipped may not import what is not',
      from: { pathNot: NOT_SHIPPED },
      to: { path: NOT_SHIPPED },
    },
    {
      name: 'product-without-development-packages',
      severity: 'error',
      comment: 'a user installs only the dependencies, not the devDependencies',
      from: { pathNot: `(${NOT_SHIPPED})|^bench/` },
      to: { dependencyTypes: ['npm-dev', 'npm-unknown', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'every-import-exists',
      severity: 'error',
      comment: 'the import cannot be resolved',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    moduleSystems: ['es6'],
    doNotFollow: { path: 'node_modules' },
    // Fixtures are wrong on purpose, one of them in what it imports.
    exclude: { path: '/fixtures/' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
