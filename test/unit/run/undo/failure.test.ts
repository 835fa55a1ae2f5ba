import { expect, test } from 'vitest'
import { defineTask } from '../../../../src/plugin/define.ts'
import { raw, sh } from '../../../../src/shell/script.ts'
import { secret } from '../../../../src/shell/secret.ts'
import { fleet, type Fleet, type FleetOptions } from '../../../support/fleet.ts'
import { gate, openOnceFailed } from '../../../support/gate.ts'
import { shellTask } from '../../../support/shell-task.ts'

function messages(run: Fleet): readonly string[] {
  const end = run.events.at(-1)
  return end?.type === 'run.end' ? end.errors.map(({ code, message }) => `${code} ${message}`) : ['no run.end']
}

const good = shellTask('echo good')

test('a piece that fails stops the rest of its target, and carries its last words', async () => {
  const run = fleet(['good', 'bad', 'never'], {
    tasks: { good, bad: shellTask('echo out; echo "why not" >&2; exit 7'), never: shellTask('echo x >file') },
  })
  const { errors } = await run.run()
  expect(run.story()).toEqual([
    'start good blog/native@web1',
    'changed good blog/native@web1',
    'start bad blog/native@web1',
    'failed bad blog/native@web1: SRV-501',
    'end failed 5',
  ])
  expect(messages(run)).toEqual(['SRV-501 bad failed on blog/native@web1 with exit status 7.'])
  expect(errors[0]).toMatchObject({
    output: ['why not'],
    where: { host: 'web1', instance: 'blog/native', task: 'bad' },
  })
  expect(run.file('web1', 'file')).toBeUndefined()
})

test('a task may say what its exit code means', async () => {
  const bad = defineTask({
    title: 'Bad',
    on: 'instance',
    script: () => raw('echo 500; exit 22'),
    explain: ({ code, stdout }) => `answered ${stdout.trim()} (${code})`,
  })
  const run = fleet(['bad'], { tasks: { bad } })
  await run.run()
  expect(messages(run)).toEqual(['SRV-501 bad failed on blog/native@web1: answered 500 (22).'])
})

test('text that the shell cannot read names its own step, and nothing of the command ran', async () => {
  const run = fleet(['good', 'broken', 'after'], {
    tasks: { good: shellTask('touch good'), broken: shellTask('echo one\nif true; then echo two'), after: good },
  })
  await run.run()
  expect(run.story()).toEqual([
    'start broken blog/native@web1',
    'failed broken blog/native@web1: SRV-509',
    'end failed 5',
  ])
  expect(messages(run)[0]).toMatch(
    /^SRV-509 The host blog\/native@web1 could not read the script of broken: .*4: Syntax error: /,
  )
  expect(run.file('web1', 'good')).toBeUndefined()
})

test.each([
  ['an unfinished here-document', 'cat <<END\ntext'],
  ['an open quote', "echo 'text"],
  ['a bracket too many', 'echo a ) b'],
])('%s names its own step', async (_, text) => {
  const run = fleet(['good', 'broken', 'good'], { tasks: { good, broken: shellTask(text) } })
  await run.run()
  expect(run.story()).toContain('failed broken blog/native@web1: SRV-509')
})

test('a command that is lost leaves the outcome of its step unknown, and it may have to be undone', async () => {
  const run = fleet(['good', 'long', 'never'], {
    tasks: { good, long: shellTask('echo begun; sleep 1000', { undo: 'echo undone' }), never: good },
    faults: { web1: { kind: 'cut', at: 1, after: 'begun', end: { kind: 'lost', reason: 'reset' } } },
  })
  await run.run()
  expect(run.story({ output: true })).toEqual([
    'start good blog/native@web1',
    'stdout good blog/native@web1: good',
    'changed good blog/native@web1',
    'start long blog/native@web1',
    'stdout long blog/native@web1: begun',
    'lost long blog/native@web1: SRV-503',
    'undo blog/native@web1: long',
    'undone blog/native@web1',
    'end failed 5',
  ])
})

test('a command that is lost before anything was heard may have begun all the same', async () => {
  const run = fleet(['a', 'b'], {
    tasks: { a: shellTask(':', { undo: 'echo undone' }), b: shellTask(':') },
    faults: { web1: { kind: 'end', at: 1, end: { kind: 'lost', reason: 'reset' } } },
  })
  await run.run()
  expect(run.story()).toEqual([
    'start a blog/native@web1',
    'lost a blog/native@web1: SRV-503',
    'undo blog/native@web1: a',
    'undone blog/native@web1',
    'end failed 5',
  ])
})

test('the last line of a step that broke off is shown although it has no end', async () => {
  const run = fleet(['long'], {
    tasks: { long: shellTask('printf "half a line"; sleep 1000') },
    faults: { web1: { kind: 'cut', at: 1, after: 'half a line', end: { kind: 'signal', signal: 'SIGKILL' } } },
  })
  const { errors } = await run.run()
  expect(run.story({ output: true })).toContain('stdout long blog/native@web1: half a line')
  expect(errors[0]).toMatchObject({ code: 'SRV-506', output: ['half a line'] })
})

test.each([
  ['shell text', shellTask('sleep 1000', { timeoutMs: 50 })],
  [
    'a function',
    defineTask({ title: 'Long', on: 'instance', timeoutMs: 50, run: ({ run: exec }) => exec`sleep 1000` }),
  ],
  [
    'a function that waits for nothing',
    defineTask({
      title: 'Long',
      on: 'instance',
      timeoutMs: 50,
      run: ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('told to stop'))
          })
        }),
    }),
  ],
])('the time limit of a task ends it: %s', async (_, long) => {
  const run = fleet(['good', 'long', 'never'], { tasks: { good, long, never: good } })
  await run.run()
  expect(run.story().slice(2)).toEqual([
    'start long blog/native@web1',
    'timeout long blog/native@web1: SRV-502',
    'end failed 5',
  ])
  expect(messages(run)).toEqual([
    'SRV-502 long on blog/native@web1 took longer than its limit of 0.05 s and was stopped.',
  ])
})

const boom = (): never => {
  throw new TypeError('boom')
}

test.each<[string, FleetOptions['tasks']]>([
  ['script', { t: defineTask({ title: 'T', on: 'instance', script: boom }) }],
  ['skip', { t: defineTask({ title: 'T', on: 'instance', script: () => raw(':'), skip: boom }) }],
  ['read', { t: defineTask({ title: 'T', on: 'instance', script: () => raw(':'), read: boom }) }],
  ['explain', { t: defineTask({ title: 'T', on: 'instance', script: () => raw('exit 1'), explain: boom }) }],
  ['run', { t: defineTask({ title: 'T', on: 'instance', run: boom }) }],
  ['skip of a function', { t: defineTask({ title: 'T', on: 'instance', run: () => undefined, skip: boom }) }],
  ['run that acts once', { t: defineTask({ title: 'T', on: 'once', run: boom }) }],
])('what %s throws is the failure of its step, and the other hosts go on', async (_, tasks) => {
  const run = fleet({ parallel: ['good', 't'] }, { hosts: ['web1', 'web2'], tasks: { good, ...tasks } })
  await run.run()
  const story = run.story()
  expect(story.filter((line) => line.startsWith('failed'))).toHaveLength(
    story.some((line) => line.endsWith(' local')) ? 1 : 2,
  )
  expect(story.filter((line) => line.startsWith('changed good'))).toHaveLength(2)
  expect(story.at(-1)).toBe('end failed 5')
  expect(messages(run)[0]).toMatch(/^SRV-505 t failed on (blog\/native@web[12]|local): boom$/)
})

test('a secret that is not set fails its step alone, and the others are waited for', async () => {
  const needs = defineTask({
    title: 'Needs',
    on: 'instance',
    script: ({ host }) => (host.name === 'web1' ? sh`echo ${secret('SRV_NOT_SET')}` : raw(`${gate}; touch done`)),
  })
  const run = fleet(['needs'], { hosts: ['web1', 'web2'], tasks: { needs } })
  openOnceFailed(run, 'web2')
  const { exitCode } = await run.run()
  expect(run.story().toSorted()).toEqual([
    'changed needs blog/native@web2',
    'end failed 5',
    'failed needs blog/native@web1: SRV-121',
    'start needs blog/native@web1',
    'start needs blog/native@web2',
  ])
  expect(run.story().at(-1)).toBe('end failed 5')
  expect(run.file('web2', 'done')).toBe('')
  expect(exitCode).toBe(5)
})

test('a secret that is not set is a matter of the config while nothing was changed', async () => {
  const needs = defineTask({ title: 'Needs', on: 'instance', script: () => sh`echo ${secret('SRV_NOT_SET')}` })
  const run = fleet(['needs'], { tasks: { needs } })
  expect(await run.run()).toMatchObject({ status: 'refused', exitCode: 2 })
})

test('one host that fails stops only itself, and what comes after for all', async () => {
  const first = shellTask('[ "$name" != web1 ]')
  const once = defineTask({ title: 'Once', on: 'once', run: () => undefined })
  const run = fleet(['first', 'second', 'once', 'third'], {
    hosts: ['web1', 'web2'],
    tasks: { first, second: shellTask('touch second'), third: shellTask('touch third'), once },
  })
  await run.run()
  expect([run.file('web1', 'second'), run.file('web2', 'second'), run.file('web2', 'third')]).toEqual([
    undefined,
    '',
    undefined,
  ])
})

test('a host that cannot be prepared keeps every other from changing what serves', async () => {
  const run = fleet(['prepare', 'switch'], {
    hosts: ['web1', 'web2'],
    tasks: { prepare: shellTask('[ "$name" != web1 ]'), switch: shellTask('touch switched', { activates: true }) },
  })
  await run.run()
  expect(run.file('web2', 'switched')).toBeUndefined()
})
