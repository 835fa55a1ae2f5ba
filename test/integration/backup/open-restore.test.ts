import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { lines, raw, sh, type Script } from '../../../src/index.ts'
import {
  besideScript,
  closeScript,
  dropBesideScript,
  endingScript,
  forgetScript,
  openScript,
  tellScript,
} from '../../../plugins/rsync-backup/scripts/open-restore.ts'
import { armScript, fireScript } from '../../../plugins/rsync-backup/scripts/timer.ts'
import { temporaryFolder } from '../tasks/folder.ts'
import { kinds, runScript } from '../tasks/shell.ts'

/** With systemd the timer is one of its own: see test/lab. */
describe.skipIf(existsSync('/run/systemd/system')).each(kinds())('a restore that was cut off, on $name', (kind) => {
  const run = (script: Script) => runScript(script, kind)

  /** A service whose data are to be put back, and whose app starts once the file `starts` is there. */
  function service() {
    const folder = join(temporaryFolder(), "it's shop")
    const paths = { service: folder, instance: join(folder, 'instances/native'), state: join(folder, '.srv') }
    const at = (...parts: readonly string[]): string => join(folder, ...parts)
    mkdirSync(paths.state, { recursive: true })
    const said = (text: string): Script => sh`echo ${text} >>${at('said')}`
    const switching = { paths, runId: 'run1' }
    const resume = sh`echo start >>${at('said')}; [ -e ${at('starts')} ]; rm -f ${at('.srv/held/native')}`
    const ending = endingScript(switching, {
      lease: { take: said('take'), regain: raw(':'), keep: raw(':'), release: said('release') },
      putBack: said('put back'),
      keep: said('keep'),
      resume,
    })
    const timed = { service: 'shop', state: paths.state }
    return {
      paths,
      switching,
      at,
      timed,
      resume,
      ending: sh`set -eu\n${ending}`,
      arm: armScript({ ...timed, resume: ending, seconds: 1000 }),
      heard: (): readonly string[] => {
        const words = readFileSync(at('said'), 'utf8').trimEnd().split('\n')
        rmSync(at('said'))
        return words
      },
    }
  }
  const back = expect.stringMatching(
    /^run run1 was cut off while it restored data: since \S+ the previous data is back\n$/,
  )

  test('has its data back once, also where the app does not start, which is tried again', async () => {
    const { paths, switching, at, ending, heard } = service()
    await run(openScript(switching))
    expect((await run(tellScript(paths))).stdout).toMatch(/^run run1 is restoring data: /)
    expect((await run(ending)).code).not.toBe(0)
    expect(heard()).toEqual(['take', 'put back', 'start', 'release'])
    expect(readdirSync(at('.srv/restore')).sort()).toEqual(['.lock', 'back', 'put-back'])
    expect((await run(tellScript(paths))).stdout).toEqual(back)
    writeFileSync(at('starts'), '')
    expect(await run(ending)).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(heard()).toEqual(['take', 'start', 'release'])
    expect(readdirSync(at('.srv/restore')).sort()).toEqual(['.lock', 'put-back'])
    expect(await run(ending)).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(existsSync(at('said'))).toBe(false)
  })

  test('whose app does not start keeps no run out, and the record of what ran is forgotten', async () => {
    const { paths, switching, at, arm, timed, heard } = service()
    await run(openScript(switching))
    await run(arm)
    mkdirSync(at('.srv/held'))
    for (const name of ['native', 'native.open', '.lock']) writeFileSync(at('.srv/held', name), 'process\n')
    expect(await run(fireScript(timed, raw('run2')))).toEqual({
      code: 0,
      stdout: 'what a run that was cut off had stopped could not be started again\n',
      stderr: '',
    })
    expect(heard()).toEqual(['put back', 'start'])
    expect(readdirSync(at('.srv/held'))).toEqual(['.lock'])
    expect(existsSync(at('.srv/timer/run'))).toBe(false)
    expect((await run(forgetScript(paths))).stdout).toEqual(back)
    expect(readdirSync(at('.srv/restore'))).toEqual(['.lock'])
  })

  test('takes nothing any more once the run that it waits for is through', async () => {
    const { paths, switching, at, resume, heard } = service()
    const said = (text: string): Script => sh`echo ${text} >>${at('said')}`
    await run(openScript(switching))
    const waiting = endingScript(switching, {
      lease: { take: lines(said('take'), raw('exit 75')), regain: raw(':'), keep: raw(':'), release: said('release') },
      putBack: said('put back'),
      keep: said('keep'),
      resume,
    })
    const through = sh`sleep() { rm -f ${paths.state}/restore/open; }`
    expect(await run(lines(raw('set -eu'), through, waiting))).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(heard()).toEqual(['take'])
  })

  test('leaves nothing that the next run does not remove', async () => {
    const { paths, at } = service()
    const beside = at('found.restore-run1')
    for (const name of ['.restore-run1', '.dumps-run1', 'found.restore-run1', 'found.restore-run2']) mkdirSync(at(name))
    await run(besideScript(paths, beside))
    expect(await run(forgetScript(paths))).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(readdirSync(at()).sort()).toEqual(['.srv', 'found.restore-run2'])
    expect(readdirSync(at('.srv/restore'))).toEqual([])
    await run(besideScript(paths, beside))
    await run(dropBesideScript(paths, beside))
    expect(readdirSync(at('.srv/restore'))).toEqual([])
  })

  test('behind its proof is over, also when it cannot start what ran', async () => {
    const { switching, at, ending, resume, heard } = service()
    await run(openScript(switching))
    expect((await run(closeScript(switching, resume))).code).not.toBe(0)
    expect(readdirSync(at('.srv/restore'))).toEqual(['back'])
    writeFileSync(at('starts'), '')
    expect((await run(ending)).code).toBe(0)
    expect(heard()).toEqual(['start', 'take', 'start', 'release'])
    expect((await run(closeScript(switching, resume))).code).toBe(0)
    expect(readdirSync(at('.srv/restore'))).toEqual(['.lock'])
  })
})
