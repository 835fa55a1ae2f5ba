import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settingsSchema } from '../../../plugins/docker-compose/options.ts'
import { gateFunctions } from '../../../plugins/docker-compose/scripts/gate.ts'
import { labelFunctions } from '../../../plugins/docker-compose/scripts/labels.ts'
import { siteOf } from '../../../plugins/docker-compose/scripts/prologue.ts'
import { quote } from '../../../src/index.ts'
import { display } from '../../../src/shell/script.ts'
import { testPlacement } from '../../../src/testing.ts'
import { folder, shellOf, shells, write } from '../git/machine.ts'

const model = (labels: object): string =>
  JSON.stringify({ services: { api: { labels: { a: 'other' } }, web: { image: 'x', labels } } }, undefined, 2)

/** A host with two releases, and a Docker whose container `stays` healthy, is `deaf`, or leaves when it is told to. */
async function host(shell: (typeof shells)[number]) {
  const run = await shellOf(shell)
  const base = await folder()
  await write(base, {
    active: 'r1\n',
    'r1/model.json': model({ 'srv.hash': 'one', 'traefik.rule': 'Path(`/`)', 'org.opencontainers.image.version': '1' }),
    'r2/model.json': model({ 'srv.hash': 'two', 'traefik.rule': 'Path(`/`)', 'org.opencontainers.image.version': '2' }),
    'r3/model.json': model({ 'srv.hash': 'two', 'traefik.rule': 'Path(`/shop`)' }),
    'bin/docker': `#!/bin/sh
if [ -f ${quote(join(base, 'told'))} ]; then left=unhealthy; else left=healthy; fi
case $* in
'exec deaf '*) echo 'no touch' >&2; exit 127 ;;
'exec '*) shift; echo "$*" >>${quote(join(base, 'told'))} ;;
'restart '*) echo "$*" >>${quote(join(base, 'told'))} ;;
'inspect -f {{with'*deaf) echo unhealthy ;;
'inspect -f {{with'*) echo healthy ;;
'inspect '*stays) echo 'stays healthy' ;;
'inspect '*deaf) echo 'deaf unhealthy' ;;
'inspect '*gone) echo "\${4:-} $left" ;;
esac
`,
  })
  const proxy = { web: { kind: 'labels', drain: ['touch', '/dev/shm/leaving it'] }, api: { kind: 'labels' } }
  const settings = settingsSchema.parse({ proxy })
  const site = siteOf(testPlacement({ service: 'shop', instance: { name: 'docker', kind: 'docker' } }), settings)
  const text = `chmod 755 ${quote(join(base, 'bin'))}/*
PATH=${quote(join(base, 'bin'))}:$PATH compose=${quote(base)}
engine() { docker "$@"; }
${display(gateFunctions({ monitorMs: 0, timeoutMs: 0 }))}
${display(labelFunctions(site))}`
  return (command: string) => run(`${text}\n${command}`)
}

test.each(shells)('an old container leaves before it is stopped, with %s', async (shell) => {
  const run = await host(shell)
  expect(await run(`limit=60\nleave web gone\ncat "$compose/told"`)).toEqual({
    code: 0,
    stdout: 'web: the old one leaves the proxy\ngone touch /dev/shm/leaving it\n',
    stderr: '',
  })
  expect(await run('leave web stays')).toEqual({
    code: 0,
    stdout:
      'web: the old one leaves the proxy\nweb: the old one says that it is healthy, 0 s after it was told to leave\n',
    stderr: '',
  })
  expect(await run('leave web deaf')).toEqual({
    code: 0,
    stdout: 'web: the old one leaves the proxy\nno touch\nweb: the old one could not be told to leave\n',
    stderr: '',
  })
  expect(await run('leave api stays\nleave db stays')).toEqual({ code: 0, stdout: '', stderr: '' })
})

test.each(shells)(
  'one that left for a run that died is started again when it is gone back to, with %s',
  async (shell) => {
    const run = await host(shell)
    expect(await run(`drain=0\nrejoin web stays deaf\nrejoin api deaf\ncat "$compose/told"`)).toEqual({
      code: 0,
      stdout: 'restart deaf\n',
      stderr: '',
    })
    // It was about to be told, or was and has not been asked since.
    const again = await run(
      `rm "$compose/told"; echo gone >"$compose/leaving"\ndrain=0 limit=60\nrejoin web gone\ncat "$compose/told"`,
    )
    expect(again).toEqual({ code: 0, stdout: 'gone touch /dev/shm/leaving it\nrestart gone\n', stderr: '' })
    expect((await run(`rm "$compose/told"\nrejoin web gone\ncat "$compose/told" 2>&1 || :`)).stdout).not.toContain(
      'restart',
    )
  },
)

test.each(shells)('sees that the labels of a service changed with %s', async (shell) => {
  const run = await host(shell)
  const asked = (id: string, service: string): string =>
    `id=${id}\nif relabelled ${service}; then echo changed; else echo same; fi`
  expect((await run(asked('r2', 'web'))).stdout).toBe('same\n')
  expect((await run(asked('r3', 'web'))).stdout).toBe('changed\n')
  expect((await run(asked('r3', 'api'))).stdout).toBe('same\n')
  expect((await run(`rm "$compose/active"\n${asked('r3', 'web')}`)).stdout).toBe('same\n')
})
