import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settingsSchema } from '../../../plugins/docker-compose/options.ts'
import { inspectScript } from '../../../plugins/docker-compose/scripts/inspect.ts'
import { siteOf } from '../../../plugins/docker-compose/scripts/prologue.ts'
import { quote } from '../../../src/index.ts'
import { display } from '../../../src/shell/script.ts'
import { testPlacement } from '../../../src/testing.ts'
import { folder, shellOf, shells, write } from '../git/machine.ts'

/** Says the facts of a swarm whose manager does not answer one of the questions. */
async function factsWithout(shell: (typeof shells)[number], question: string) {
  const run = await shellOf(shell)
  const base = await folder()
  await write(base, {
    'compose/nothing': '',
    'bin/docker': `#!/bin/sh
case $* in
${question}) echo 'no answer' >&2; exit 1 ;;
'info '*) echo 'active n1' ;;
'node ls '*) echo 'member n1 web1 Ready Active' ;;
'service ls -q '*) echo s1 ;;
'service ls '*) echo 'shop_web 2/2' ;;
'stack ps '*) echo 'shop_web.1 Running 1 minute ago' ;;
'service inspect '*) echo 'shop_web h -' ;;
esac
`,
  })
  const orchestrator = { kind: 'swarm', manager: 'web1' } as const
  const placement = testPlacement({ service: 'shop', orchestrator, instance: { name: 'docker', kind: 'docker' } })
  const site = siteOf(placement, settingsSchema.parse({}))
  const text = display(inspectScript({ ...site, layout: { ...site.layout, compose: join(base, 'compose') } }))
  return run(`chmod 755 ${quote(join(base, 'bin/docker'))}\nPATH=${quote(join(base, 'bin'))}:$PATH\n${text}`)
}

test.each(shells)('says nothing wrong of a swarm that does not answer with %s', async (shell) => {
  expect(await factsWithout(shell, 'nothing')).toEqual({
    code: 0,
    stdout: 'self n1\nmember n1 web1 Ready Active\nnode active\nstack web h 1/2 -\n',
    stderr: '',
  })
  for (const question of ["'service ls -q '*", "'service ls --filter '*", "'service inspect '*"]) {
    expect(await factsWithout(shell, question)).toMatchObject({ code: 1, stderr: 'no answer\n' })
  }
})

test.each(shells)(
  'before a first deploy, tells what a person started, and nothing where no engine answers, with %s',
  async (shell) => {
    const run = await shellOf(shell)
    const base = await folder()
    await write(base, {
      'bin/docker': `#!/bin/sh
case $* in
'ps '*) [ ! -e "\${0%/*}/gone" ] || { echo 'no answer' >&2; exit 1; }; echo c1 ;;
'inspect '*) echo 'container web - running 0 0 - sha256:1 /shop-web-1' ;;
esac
`,
    })
    const placement = testPlacement({ service: 'shop', instance: { name: 'docker', kind: 'docker' } })
    const site = siteOf(placement, settingsSchema.parse({}))
    const text = display(inspectScript({ ...site, layout: { ...site.layout, compose: join(base, 'compose') } }))
    const asked = () =>
      run(`chmod 755 ${quote(join(base, 'bin/docker'))}\nPATH=${quote(join(base, 'bin'))}:$PATH\n${text}`)
    expect(await asked()).toEqual({
      code: 0,
      stdout: 'container web - running 0 0 - sha256:1 /shop-web-1\n',
      stderr: '',
    })
    await write(base, { 'bin/gone': '' })
    expect(await asked()).toEqual({ code: 0, stdout: '', stderr: '' })
  },
)
