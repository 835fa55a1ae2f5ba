import { chmod, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settingsSchema } from '../../../plugins/docker-compose/options.ts'
import { buildScript } from '../../../plugins/docker-compose/scripts/build.ts'
import { siteOf } from '../../../plugins/docker-compose/scripts/prologue.ts'
import { quote } from '../../../src/index.ts'
import { display } from '../../../src/shell/script.ts'
import { testPlacement } from '../../../src/testing.ts'
import { folder, shellOf, shells, write } from '../git/machine.ts'
import { next, shop } from './situation.ts'

const { id } = next.release

/** A service that is built under a name of its own or that of Compose, and services that run what it or nobody here builds. */
const services = {
  api: { build: { context: '.' } },
  cron: { image: 'docker.io/library/shop:latest' },
  elsewhere: { image: 'shop:2' },
  jobs: { image: 'shop-api' },
  web: { build: { context: '.' }, image: 'shop' },
  worker: { image: 'shop' },
}

test.each(shells)('looks only for images that no service of the project builds with %s', async (shell) => {
  const run = await shellOf(shell)
  const base = await folder()
  await write(base, {
    [`.new-${id}/base.json`]: `${JSON.stringify({ services }, null, 2)}\n`,
    'bin/docker': `#!/bin/sh\nprintf '%s\\n' "$*" >> ${quote(join(base, 'asked'))}\n`,
  })
  await chmod(join(base, 'bin/docker'), 0o755)
  const asked = async (pull: string): Promise<readonly string[]> => {
    const site = siteOf(testPlacement(shop()), settingsSchema.parse({ pull }))
    const text = buildScript({ ...site, layout: { ...site.layout, compose: base }, isHere: true }, id, {
      builds: true,
      pulls: true,
    })
    const path = `rm -f ${quote(join(base, 'asked'))}\nPATH=${quote(join(base, 'bin'))}:$PATH`
    expect(await run(`${path}\n${display(text)}`)).toEqual({ code: 0, stdout: '', stderr: '' })
    const lines = (await readFile(join(base, 'asked'), 'utf8')).trimEnd().split('\n')
    return lines.map((line) => line.replace(/^compose .*\.json (?=build|pull)/, ''))
  }
  expect(await asked('missing')).toEqual(['build api web', 'image inspect shop:2'])
  expect(await asked('always')).toEqual(['build --pull api web', 'pull --quiet elsewhere'])
  const facts = (await readFile(join(base, `.new-${id}/facts`), 'utf8')).split('\n')
  expect(facts.filter((line) => line.startsWith('shares\t')).sort()).toEqual([
    'shares\tcron\tweb',
    'shares\tjobs\tapi',
    'shares\tworker\tweb',
  ])
})
