import { expect, test } from 'vitest'
import { defineTask } from '../../../src/plugin/define.ts'
import { createSecrets } from '../../../src/run/secrets.ts'
import { createMasker } from '../../../src/shell/mask.ts'
import { raw, sh } from '../../../src/shell/script.ts'
import { secret } from '../../../src/shell/secret.ts'
import { fleet } from '../../support/fleet.ts'

const value = `s3cr3t 'of' "all" times`

test('the value of a secret gets to the host, and into no event, error or plan', async () => {
  const token = secret('TOKEN', () => value)
  const use = defineTask({
    title: 'Use',
    on: 'instance',
    script: () => sh`printf '%s\\n' ${token} | tee kept
printf '%s' ${token} >&2
printf '%s' ${token} | base64
sleep 0.1; printf 's3cr3t '; sleep 0.1; printf "'of'"' "all" times'; echo; exit 3`,
    explain: ({ stdout }) => `it said ${stdout.split('\n')[0] ?? ''}`,
  })
  const talk = defineTask({
    title: 'Talk',
    on: 'instance',
    async run(context) {
      const { stdout } = await context.run`printf %s ${token}`
      context.progress(`got ${stdout}`)
      throw new Error(`bad ${stdout}`)
    },
  })
  const run = fleet(
    { parallel: ['use', 'talk'] },
    {
      tasks: { use, talk },
      hooks: [
        {
          target: 'finally:talk',
          hook: () => {
            throw new Error(`hook ${value}`)
          },
        },
      ],
    },
  )
  await run.run()
  expect(run.file('web1', 'kept')).toBe(`${value}\n`)
  const told = JSON.stringify(run.events)
  expect(told).toContain('it said ***')
  expect(told).toContain('got ***')
  expect(told).toContain('bad ***')
  expect(told).toContain('hook ***')
  expect(told).not.toContain('s3cr3t')
  expect(told).not.toContain(Buffer.from(value).toString('base64'))
  expect(JSON.stringify(run.session.plan)).not.toContain('s3cr3t')
})

test('a secret that comes up in a check, a reason or a warning is masked too', async () => {
  const token = secret('TOKEN', () => value)
  const run = fleet(['first', 'second'], {
    tasks: {
      first: defineTask({ title: 'First', on: 'instance', script: () => sh`: ${token}` }),
      second: defineTask({ title: 'Second', on: 'host', script: () => raw(':'), skip: () => `has ${value}` }),
    },
    plugins: [
      {
        options: {},
        checks: [
          {
            title: 'c',
            on: 'host',
            probe: () => sh`printf %s ${token}`,
            judge: ({ stdout }) => ({ ok: true, found: stdout }),
          },
        ],
      },
    ],
  })
  await run.run()
  expect(run.events).toContainEqual({ type: 'check.end', host: 'web1', check: 'c', ok: true, found: '***' })
  expect(run.story()).toContain('skipped second web1: has ***')
})

test('a secret is read once a run, and two secrets of one name are two', async () => {
  let reads = 0
  const first = secret('TOKEN', () => `first ${++reads}`)
  const second = secret('TOKEN', () => Promise.resolve('second'))
  const secrets = createSecrets(createMasker())
  const script = sh`${first} ${second} ${first}`
  expect([await secrets.render(script), await secrets.render(script), await secrets.reveal(first)]).toEqual([
    "'first 1' second 'first 1'",
    "'first 1' second 'first 1'",
    'first 1',
  ])
})

test.each([
  ['it is not set', () => undefined],
  ['it is not set', () => ''],
  ['Error: no such item', () => Promise.reject(new Error('no such item'))],
])('a secret that cannot be read is an error of the config: %s', async (problem, read) => {
  const secrets = createSecrets(createMasker())
  await expect(secrets.reveal(secret('TOKEN', read))).rejects.toMatchObject({
    code: 'SRV-121',
    message: `The secret TOKEN could not be read: ${problem}.`,
    exitCode: 2,
  })
})
