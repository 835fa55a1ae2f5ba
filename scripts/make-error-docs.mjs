/**
 * Writes docs/errors.md for readers, and src/error/explained.json for `srv explain`, from the catalogue of errors, so that
 * no message is described twice.
 *
 *   node scripts/make-error-docs.mjs           writes both files
 *   node scripts/make-error-docs.mjs --check   fails when one of them is not what the catalogue says
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { register } from 'tsx/esm/api'

process.env.TSX_DISABLE_CACHE = '1'
register()
const { catalog } = await import('../src/error/catalog.ts')

const root = resolve(import.meta.dirname, '..')

/**
 * Details whose every property stands for itself: `host` reads as ‹host›. A list has one member, and neither it nor a
 * number equals any number that a message may ask for, so that the usual form of a message is shown. `said` are details
 * that are as they are; a route without a jump host, and a description that nobody changed, are the usual ones.
 */
function placeholders(said = {}) {
  const known = { via: undefined, isJump: false, isChanged: false, ...said }
  return new Proxy(known, { get: (target, key) => (key in target ? target[key] : placeholder(String(key))) })
}

function placeholder(name) {
  const text = `‹${name}›`
  const asList = {
    length: { [Symbol.toPrimitive]: () => '‹number›' },
    includes: () => false,
    join: () => text,
    map: (change) => [change(placeholder(name.replace(/(?<=ss)es$|s$/, '')))],
    0: text,
    [Symbol.iterator]: () => [text][Symbol.iterator](),
  }
  const itself = new Proxy(asList, {
    get(target, key) {
      if (key === Symbol.toPrimitive) return (hint) => (hint === 'number' ? Number.NaN : text)
      if (key === 'toJSON') return () => text
      // A part of it is shown as the whole: the first letters of a commit, the first of a list.
      if (key === 'slice') return () => itself
      return key in target ? target[key] : placeholder(String(key))
    },
  })
  return itself
}

/** Messages that read differently when a detail is not there. */
const variants = {
  'SRV-103': [{ at: undefined }],
  'SRV-105': [{ root: undefined }],
  'SRV-160': [{ repository: undefined }],
  'SRV-210': [{ tried: [] }],
  'SRV-501': [{ reason: undefined }],
  'SRV-502': [{ stopped: false }],
  'SRV-623': [{ said: '' }],
  'SRV-662': [{ isOldData: false }],
  'SRV-654': [{ flag: 'source' }, { flag: 'dumps' }, { flag: 'from' }],
  'SRV-666': [{ isChanged: true }],
}

const groups = [
  ['1', 'The command line and the config', 'Nothing was contacted.'],
  ['2', 'Connections and sandbox hosts', 'Unless it happens in the middle of a run, nothing was changed anywhere.'],
  ['3', 'A host or a repository is not ready', 'Found before the first change: nothing was changed anywhere.'],
  ['4', 'Another run works on the same service', 'One run at a time works on a service on a host.'],
  ['5', 'A run failed', 'The summary that follows says what serves on each host.'],
  ['6', 'Data, images and stacks', 'Each says what was touched.'],
  ['9', 'srv itself, or a plugin that breaks its contract', 'Please report these.'],
]

function filled(text) {
  return String(text).replaceAll('NaN', '‹number›')
}

/** What there is to say of one code: every form of its message and of its hint, each once. */
function explained(code, chapter) {
  const cases = [{}, ...(variants[code] ?? [])].map((said) => catalog.describe(code, placeholders(said)))
  const forms = (part) => [...new Set(cases.map((one) => filled(one[part])))]
  return { code, chapter, messages: forms('message'), hints: forms('hint'), exitCode: cases[0].exitCode }
}

const chapters = groups.map(([digit, title, sentence]) => {
  const codes = catalog.codes.filter((code) => code.startsWith(`SRV-${digit}`))
  return { digit, title, sentence, errors: codes.map((code) => explained(code, sentence)) }
})

function section({ code, messages, hints: [hint, ...otherHints], exitCode }) {
  return [
    `### ${code}`,
    '',
    messages.map((message) => ['```text', message, '```'].join('\n')).join('\n\nor\n\n'),
    '',
    [`→ ${hint}`, ...otherHints.map((other) => `or: ${other}`)].join('\\\n'),
    '',
    `Exit code ${String(exitCode)}.`,
  ].join('\n')
}

function chapterText({ digit, title, sentence, errors }) {
  return [`## ${digit}xx: ${title}`, '', sentence, '', errors.map(section).join('\n\n')].join('\n')
}

const first = new Set(catalog.codes.map((code) => code.slice(4, 5)))
for (const digit of first) {
  if (!groups.some(([known]) => known === digit)) throw new Error(`no heading for the codes SRV-${digit}xx`)
}

const page = `# Errors

<!-- Written by scripts/make-error-docs.mjs from src/error/catalog: change the catalogue, not this page. -->

Every error of srv has a code that never changes its meaning, says what happened, on which host and step, and what state
things are in, and ends with one thing to do next:

\`\`\`text
✖ SRV-110 The config has no environment prodution. Did you mean production? Nothing was contacted.
  → Name one of the environments, or add it under \`environments\` in the config.
\`\`\`

With \`--json\` the same parts are \`code\`, \`message\`, \`hint\`, \`where\` and \`output\`. Below, ‹this› stands for what is filled in.

## Exit codes

| code     | meaning                                                                     | what serves                     |
| -------- | --------------------------------------------------------------------------- | ------------------------------- |
| 0        | done, or nothing to do                                                      | as wanted                       |
| 1        | a bug in srv                                                                | see the report                  |
| 2        | usage, config or secret; nothing was changed                                | unchanged                       |
| 3        | \`srv plan --detailed-exitcode\`: there is something to do                    | unchanged                       |
| 4        | a host could not be reached or logged in to, nothing was changed            | unchanged                       |
| 5        | failed; what served before serves on every touched host, which was asked    | the old release                 |
| 6        | failed; hosts differ, and each serves something                             | the new release, or the old one |
| 7        | failed; an instance is down, or nobody knows                                | **not everything**              |
| 8        | another run works on the same service                                       | unchanged                       |
| 9        | refused: a host key, a missing tool, a full disk, a release that is missing | unchanged                       |
| 10       | data were not copied, verified, found or restored                           | what served before              |
| 130, 143 | interrupted, terminated                                                     | said by the summary             |

When several apply, the first of 7, 6, 5, 10, 4, 8, 9, 2 is the one. An error in the middle of a run has the exit code of
what the run left behind: 5, 6 or 7, whatever stands beside its code below. \`srv exec\` exits with 0 or 5, and with
\`--raw\` on one host as the command did. \`srv status\` exits with 7 when something is down,
and with 10 when a scheduled backup failed, is off or is overdue.

${chapters.map(chapterText).join('\n\n')}
`

const data = `${JSON.stringify(
  chapters.flatMap(({ errors }) => errors),
  undefined,
  2,
)}\n`

for (const [name, text] of [
  ['docs/errors.md', page],
  ['src/error/explained.json', data],
]) {
  const file = join(root, name)
  if (!process.argv.includes('--check')) writeFileSync(file, text)
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${name} is not what the catalogue says. Run: node scripts/make-error-docs.mjs`)
    process.exitCode = 1
  }
}
