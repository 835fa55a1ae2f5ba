import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { env } from 'node:process'
import { expect, it } from 'vitest'
import { layoutOf, type Layout } from '../../../plugins/git/layout.ts'
import { inspectCheckoutScript } from '../../../plugins/git/scripts/in-place/inspect.ts'
import { inspectScript } from '../../../plugins/git/scripts/inspect.ts'
import { servingCheckoutScript, servingScript } from '../../../plugins/git/scripts/serving.ts'
import { readCheckoutFacts } from '../../../plugins/git/state/checkout-facts.ts'
import { checkoutState } from '../../../plugins/git/state/checkout-state.ts'
import { readFacts } from '../../../plugins/git/state/facts.ts'
import { stateOf } from '../../../plugins/git/state/state.ts'
import type { Script } from '../../../src/index.ts'
import { placementAt } from '../../integration/tasks/site.ts'
import { temporaryFolder } from '../../integration/tasks/folder.ts'
import { kinds, runScript, type Kind } from '../../integration/tasks/shell.ts'

/** The shells of hosts, each with the git of this machine. */
const hosts = kinds().map((kind) => ({ ...kind, path: `${kind.path}:${env['PATH'] ?? ''}` }))
const id = '20261122T140311Z-3f9c2a1'
const subject = String.raw`say "hi" \ and "commit":"x"`

/** An instance of which srv put one release in place. */
function deployed(commit: string): Layout {
  const layout = layoutOf(placementAt(temporaryFolder()))
  mkdirSync(layout.records, { recursive: true })
  const record = { commit, ref: 'main', by: 'old@laptop', digest: 'd', made: '2026-11-22T14:00:00Z', subject }
  writeFileSync(join(layout.records, `${id}.json`), `${JSON.stringify(record)}\n`)
  const first = `2026-11-22T14:03:11Z\t${id}\told@laptop\tmain\n`
  writeFileSync(layout.history, `${first}${first.replace('14:03', '15:03').replace('old@', '"me"@')}`)
  return layout
}

async function said(script: Script, kind: Kind): Promise<string> {
  const { code, stdout, stderr } = await runScript(script, kind)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

it.each(hosts)('tells the release that serves as an inspection finds it: $name', async (kind) => {
  const layout = deployed('3f9c2a1'.padEnd(40, '0'))
  mkdirSync(join(layout.releases, id), { recursive: true })
  const told = (): Promise<string> => said(servingScript(layout), kind)
  const found = async (): Promise<string> => {
    const { release } = stateOf(readFacts(await said(inspectScript(layout), kind)), layout.current)
    return release === undefined ? '' : `${JSON.stringify(release)}\n`
  }
  expect(await told()).toBe('')
  symlinkSync(`releases/${id}`, layout.current)
  expect(await told()).toBe(
    `${JSON.stringify({ id, commit: '3f9c2a1'.padEnd(40, '0'), ref: 'main', subject, since: '2026-11-22T15:03:11Z', by: '"me"@laptop' })}\n`,
  )
  expect(await told()).toBe(await found())
  rmSync(layout.current)
  symlinkSync('/else/by "hand"', layout.current)
  expect(await told()).toBe('{"id":"by \\"hand\\""}\n')
  expect(await told()).toBe(await found())
})

it.each(hosts)('tells the release of a checkout, also of one that was moved by hand: $name', async (kind) => {
  const work = temporaryFolder()
  const git = (...words: readonly string[]): string =>
    execFileSync('git', ['-C', work, '-c', 'user.name=me', '-c', 'user.email=me@laptop', ...words], {
      encoding: 'utf8',
    })
  const commit = (): string => {
    git('commit', '-q', '--allow-empty', '-m', subject)
    return git('rev-parse', 'HEAD').trim()
  }
  git('init', '-q', '-b', 'main')
  const layout = deployed(commit())
  const told = (): Promise<string> => said(servingCheckoutScript(layout), kind)
  const found = async (): Promise<string> => {
    const { release } = checkoutState(
      readCheckoutFacts(await said(inspectCheckoutScript(layout), kind)),
      layout.instance,
    )
    return release === undefined ? '' : `${JSON.stringify(release)}\n`
  }
  expect(await told()).toBe('')
  mkdirSync(dirname(layout.instance), { recursive: true })
  symlinkSync(work, layout.instance)
  expect(JSON.parse(await told())).toMatchObject({ id, ref: 'main', subject })
  expect(await told()).toBe(await found())
  const moved = commit()
  expect(JSON.parse(await told())).toMatchObject({ commit: moved, subject })
  expect(await told()).toBe(await found())
})
