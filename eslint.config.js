import eslint from '@eslint/js'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

/**
 * What each folder of src may import from its neighbours: the way of the data, and nothing against it.
 * `config` and `plugin` are on one level: a config names plugins, a task sees its instance's config.
 */
const layers = {
  error: [],
  shell: ['error'],
  transport: ['shell', 'error'],
  config: ['plugin', 'transport', 'shell', 'error'],
  plugin: ['config', 'transport', 'shell', 'error'],
  sandbox: ['config', 'transport', 'shell', 'error'],
  plan: ['plugin', 'config', 'transport', 'shell', 'error'],
  run: ['plan', 'plugin', 'config', 'sandbox', 'transport', 'shell', 'error'],
  report: ['shell', 'error'],
  cli: ['report', 'run', 'plan', 'plugin', 'config', 'sandbox', 'transport', 'shell', 'error'],
}

/** A rule entry that forbids imports by the text that stands after `from`. */
function forbidImports(...patterns) {
  return ['error', { patterns: patterns.map(([regex, message]) => ({ regex, message })) }]
}

const noPluginsInCore = [
  '^(\\.\\./)+plugins/',
  'Core knows no plugin by name: what all plugins need belongs in src/plugin/contract.ts.',
]

const layerRules = Object.entries(layers).map(([folder, below]) => {
  const above = Object.keys(layers).filter((other) => other !== folder && !below.includes(other))
  // The views read the data that the engine hands out, and know nothing of the engine.
  const names = folder === 'report' ? above.filter((name) => name !== 'run' && name !== 'plugin') : above
  // A transport is told which host to reach: the one type of the config that it knows.
  const notThese = folder === 'transport' ? '(?!config/resolved\\.ts$)' : ''
  const patterns = [
    [
      `^(\\.\\./)+${notThese}(${names.join('|')}|index\\.ts|testing\\.ts|bin\\.ts)(/|$)`,
      `src/${folder} stands below these: see docs/architecture.md.`,
    ],
    noPluginsInCore,
  ]
  if (folder === 'report') {
    patterns.push([
      '^(\\.\\./)+(run/(?!event\\.ts$)|plugin/(?!(state|transfer|schedules)\\.ts$))',
      'A view reads events and states only.',
    ])
  }
  if (folder !== 'cli') patterns.push(['^(\\.\\./)+tasks/', 'Only the command line brings in the stock tasks.'])
  return {
    files: [`src/${folder}/**/*.ts`],
    rules: { 'no-restricted-imports': forbidImports(...patterns) },
  }
})

/** Everything that a package exports says in a sentence what it is and why. */
const docstring = {
  meta: {
    type: 'suggestion',
    messages: { missing: 'An exported {{what}} needs a docstring: one sentence on what and why.' },
  },
  create(context) {
    return {
      ExportNamedDeclaration(node) {
        if (!node.declaration) return
        const comments = context.sourceCode.getCommentsBefore(node)
        if (comments.some((comment) => comment.type === 'Block' && comment.value.startsWith('*'))) return
        // The overloads of one function share the docstring of the first.
        const name = node.declaration.id?.name
        const siblings = node.parent.body
        const previous = siblings[siblings.indexOf(node) - 1]
        if (name && previous?.type === 'ExportNamedDeclaration' && previous.declaration?.id?.name === name) return
        const what = node.declaration.type.replace(/^TS|Declaration$/g, '').toLowerCase()
        context.report({ node, messageId: 'missing', data: { what } })
      },
    }
  },
}

export default defineConfig(
  globalIgnores([
    'dist/',
    'coverage/',
    'api/',
    '**/.srv/',
    'test/lab/.state/',
    'test/fixtures/',
    // Code that must not compile, checked line by line by scripts/check-types.mjs
    'test/types/',
    'examples/',
  ]),
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'off' } },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'object-shorthand': 'error',
      'prefer-template': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      // A `default` is a decision about all other members; without one each member must have its case.
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // A number cannot read as anything else in a message: only objects, null and undefined do harm in a template.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `return say(event)` ends a case of a view; the type `void` keeps anybody from using it as a value.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // `env['HOME'] || undefined`: an empty variable says nothing.
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      // Control codes are what the views measure and take out.
      'no-control-regex': 'off',
      // `{}` is what an optional bag of type parameters is extended by; `Record<string, never>` means another thing.
      '@typescript-eslint/no-empty-object-type': [
        'error',
        { allowInterfaces: 'with-single-extends', allowObjectTypes: 'always' },
      ],
      '@typescript-eslint/no-generated-empty-object-type': 'off',
      // `env['HOME']`: brackets say that the key comes from outside and may be missing.
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      // `_` says "has to stand here, nobody reads it".
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // A loop that ends by `return` or `break` reads best as `while (true)`.
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // Promises of listeners and of `describe`, `it` are the runner's; everything else is awaited or marked `void`.
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', name: ['describe', 'it', 'test'], package: 'vitest' }] },
      ],
    },
  },
  {
    files: ['src/**/*.ts', 'plugins/**/*.ts', 'tasks/**/*.ts'],
    plugins: { local: { rules: { docstring } } },
    rules: {
      'local/docstring': 'error',
      'max-lines': ['error', 300],
      '@typescript-eslint/ban-ts-comment': [
        'error',
        { 'ts-expect-error': true, 'ts-ignore': true, 'ts-nocheck': true, 'ts-check': false },
      ],
      // A cast is a claim that nobody checks: narrow the value, or parse it with a schema. `as const` stays allowed.
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'exit',
          message: 'Only src/bin.ts ends the process: return, throw, or set an exit code.',
        },
      ],
    },
  },
  // The contract gives every task the types of its plugin and forgets them where core handles all plugins alike:
  // the one place where types have to be claimed.
  {
    files: ['src/plugin/contract.ts'],
    rules: {
      '@typescript-eslint/consistent-type-assertions': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  { files: ['src/bin.ts'], rules: { 'no-restricted-properties': 'off' } },
  { files: ['src/report/**/*.ts'], rules: { 'no-console': 'off' } },
  layerRules,
  {
    files: ['src/index.ts'],
    rules: {
      'no-restricted-imports': forbidImports([
        '^\\./(cli|report|run|plan)/',
        'The public API names no part of the engine.',
      ]),
    },
  },
  {
    files: ['plugins/**/*.ts', 'tasks/**/*.ts'],
    rules: {
      'no-restricted-imports': forbidImports(
        ['^(\\.\\./)+src/(?!index\\.ts$)', "Written like a third party's: import the public API, src/index.ts, only."],
        ['^(\\.\\./)+(plugins|tasks)/', 'A plugin and the stock tasks know each other by task id only.'],
        ['^\\.\\./(git|docker-compose|rsync-backup)/', 'A plugin knows another one by task id only.'],
      ),
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts', '*.ts'],
    rules: {
      // Tests read documents whose shape they then assert, and write wrong values on purpose.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      // A test double fulfils an asynchronous interface with nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      // `expect(host.run)` looks at a method and does not call it.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: {
        Buffer: 'readonly',
        URL: 'readonly',
        clearTimeout: 'readonly',
        console: 'readonly',
        process: 'readonly',
        setTimeout: 'readonly',
      },
    },
  },
)
