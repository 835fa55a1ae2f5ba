import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settingsSchema } from '../../../plugins/docker-compose/options.ts'
import { freezeScript } from '../../../plugins/docker-compose/scripts/freeze.ts'
import { siteOf } from '../../../plugins/docker-compose/scripts/prologue.ts'
import { quote } from '../../../src/index.ts'
import { display } from '../../../src/shell/script.ts'
import { testPlacement } from '../../../src/testing.ts'
import { folder, shellOf, write } from '../git/machine.ts'
import { next, shop } from './situation.ts'

const { id } = next.release

/** The images that a swarm is told to run, of a service that is built, of one that is not, and of one that shares a build. */
async function imagesWith(registry: Readonly<Record<string, string>>): Promise<readonly unknown[]> {
  const run = await shellOf('/bin/sh')
  const base = await folder()
  await write(base, {
    [`.new-${id}/facts`]:
      'service\tweb\nbuild\tweb\nservice\tcache\nimage\tcache\tregistry.example.org:5000/cache:7\n' +
      'service\tworker\nimage\tworker\tshop\nshares\tworker\tweb\n',
    [`.new-${id}/service.web`]: '',
    [`.new-${id}/service.worker`]: '',
    [`.new-${id}/service.cache`]: '',
    [`.new-${id}/base.json`]:
      '{\n  "services": {\n    "cache": { "image": "c" },\n    "web": { "image": "w" }\n  }\n}\n',
    'bin/docker': `#!/bin/sh
case $* in
'image inspect '*)
  echo 'sha256:1 old.example.org/web@sha256:a registry.example.org/team/shop-web@sha256:b'
  echo 'sha256:2 old.example.org/cache@sha256:c registry.example.org:5000/cache@sha256:d'
  echo 'sha256:1 old.example.org/web@sha256:a registry.example.org/team/shop-web@sha256:b' ;;
'compose '*) cat ${quote(join(base, `.new-${id}/base.json`))} ;;
esac
`,
  })
  const placement = testPlacement(shop({ orchestrator: { kind: 'swarm', manager: 'web1' } }))
  const site = siteOf(placement, settingsSchema.parse(registry))
  const text = freezeScript(
    { ...site, layout: { ...site.layout, compose: base } },
    { release: next.release, folder: base, isInPlace: false, startedAt: '', actor: 'ann', monitorMs: 0 },
  )
  const path = `chmod 755 ${quote(join(base, 'bin/docker'))}\nPATH=${quote(join(base, 'bin'))}:$PATH`
  expect(await run(`${path}\n${display(text)}`)).toEqual({ code: 0, stdout: '', stderr: '' })
  const over = await readFile(join(base, id, 'over.json'), 'utf8')
  return [...over.matchAll(/"(\w+)":\{"image":"([^"]*)"/g)].map(([, service, image]) => [service, image])
}

test('a swarm is told the name that an image has in its own registry, and an id where there is none', async () => {
  const cache = ['cache', 'registry.example.org:5000/cache@sha256:d']
  expect(await imagesWith({ registry: 'registry.example.org/team' })).toEqual([
    ['web', 'registry.example.org/team/shop-web@sha256:b'],
    cache,
    ['worker', 'registry.example.org/team/shop-web@sha256:b'],
  ])
  expect(await imagesWith({})).toEqual([['web', 'sha256:1'], cache, ['worker', 'sha256:1']])
})
