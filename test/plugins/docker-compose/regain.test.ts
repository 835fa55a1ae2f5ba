import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dockerCompose as plugin } from '../../../plugins/docker-compose/index.ts'
import { settingsSchema } from '../../../plugins/docker-compose/options.ts'
import { siteOf } from '../../../plugins/docker-compose/scripts/prologue.ts'
import { regainScript } from '../../../plugins/docker-compose/scripts/regain.ts'
import { quote } from '../../../src/index.ts'
import { display } from '../../../src/shell/script.ts'
import { explanationOf, runTask, testPlacement } from '../../../src/testing.ts'
import { folder, shellOf, shells, write } from '../git/machine.ts'
import { next, shop } from './situation.ts'

const images = [
  { image: 'sha256:db', names: ['dead.example.org/db@sha256:1', 'r.example.org/db@sha256:1'] },
  { image: 'sha256:web', names: ['dead.example.org/web@sha256:2'] },
]

/** A Docker that gets images of one registry. */
const docker = `#!/bin/sh
base="\${0%/*}/.."
case $* in
'pull --quiet r.example.org/'*) touch "$base/got" ;;
'pull '*) echo "no answer of $3" >&2; exit 1 ;;
'image inspect '*) [ -f "$base/got" ] || exit 1 ;;
'tag '*) echo "$*" >> "$base/told" ;;
esac
`

test.each(shells)(
  'gets what is gone from the first registry that gives it, tags it, and names what none gives, with %s',
  async (shell) => {
    const run = await shellOf(shell)
    const base = await folder()
    await write(base, {
      'bin/docker': docker,
      'compose/r1/services':
        'db\td\tsha256:db\t1\tstays\t\nCopy\tc\tsha256:db\t1\tstays\t\nweb\tw\tsha256:web\t1\tstays\t\n',
      'compose/r1/named': 'old/shop-\n',
    })
    const site = siteOf(testPlacement(shop()), settingsSchema.parse({}))
    const text = display(
      regainScript({ ...site, layout: { ...site.layout, compose: join(base, 'compose') } }, 'r1', images),
    )
    const said = await run(
      `chmod 755 ${quote(join(base, 'bin/docker'))}\nPATH=${quote(join(base, 'bin'))}:$PATH\nset -eu\n${text}`,
    )
    expect(said).toEqual({
      code: 1,
      stdout: 'gone sha256:web dead.example.org/web@sha256:2\n',
      stderr: 'no answer of dead.example.org/db@sha256:1\nno answer of dead.example.org/web@sha256:2\n',
    })
    // The name of a service may be one that no image has.
    expect(await readFile(join(base, 'told'), 'utf8')).toMatch(
      /^tag sha256:db old\/shop-db:r1\ntag sha256:db old\/shop-copy-[0-9a-f]{8}:r1\n$/,
    )
  },
)

test('does nothing for a release whose images are there, and says what one of them needs that cannot be had', async () => {
  expect((await runTask(plugin(), 'regain', shop())).skipped).toBe('its images are there')
  const answer = {
    code: 1,
    stdout: 'gone sha256:web r.example.org/web@sha256:2\n',
    stderr: 'first\nconnection refused\n',
  }
  expect(await explanationOf(plugin(), 'regain', shop(), answer)).toMatchObject({
    code: 'SRV-625',
    message: `shop/docker cannot go back to ${next.release.id} on web1: its image r.example.org/web@sha256:2 was removed there, and could not be pulled from its registry again: connection refused. Nothing was changed.`,
  })
  expect(await explanationOf(plugin(), 'regain', shop(), { code: 1, stdout: '', stderr: 'other' })).toBeUndefined()
})
