import { readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settingsSchema } from '../../../plugins/docker-compose/options.ts'
import { resumeScript } from '../../../plugins/docker-compose/scripts/hold.ts'
import { siteOf } from '../../../plugins/docker-compose/scripts/prologue.ts'
import { proxyFunctions, staleText } from '../../../plugins/docker-compose/scripts/proxy.ts'
import { quote } from '../../../src/index.ts'
import { display } from '../../../src/shell/script.ts'
import { testPlacement } from '../../../src/testing.ts'
import { folder, shellOf, shells, write } from '../git/machine.ts'

const served = 'upstream shop-web {\n  server 172.17.0.9:80;\n}\n'

/** A host with nginx, a file of it for each of two services, and a Docker in which only the container of `api` is left. */
async function host(shell: (typeof shells)[number]) {
  const run = await shellOf(shell)
  const base = await folder()
  await write(base, {
    'nginx/web.conf': served,
    'nginx/api.conf': served,
    'shop/.srv/docker/compose/active': 'r1\n',
    held: 'web gone\napi c2\n',
    'bin/sudo': '#!/bin/sh\nshift\nexec "$@"\n',
    'bin/nginx': `#!/bin/sh\n[ ! -e ${quote(join(base, 'broken'))} ]\n`,
    'bin/docker': `#!/bin/sh
case "$1 $*" in
'ps ps -a '*) echo 'c2 api h running api-1' ;;
*{{.Id}}*c2) echo c2 ;;
*.State.Status*gone | *.NetworkSettings*gone) exit 1 ;;
*.State.Status*c2) echo running ;;
*.NetworkSettings*c2) echo '172.17.0.2 ' ;;
esac
`,
  })
  const proxy = (name: string) => ({ kind: 'nginx', port: 80, file: join(base, `nginx/${name}.conf`) })
  const settings = settingsSchema.parse({ proxy: { web: proxy('web'), api: proxy('api') } })
  const site = siteOf(testPlacement({ service: 'shop', instance: { name: 'docker', kind: 'docker' } }), settings)
  const at = { ...site, layout: { ...site.layout, compose: join(base, 'shop/.srv/docker/compose') } }
  const before = `chmod 755 ${quote(join(base, 'bin'))}/*\nPATH=${quote(join(base, 'bin'))}:$PATH held=${quote(join(base, 'held'))}`
  return { base, site: at, run: (text: string) => run(`${before}\n${text}`) }
}

test.each(shells)(
  'tells a proxy nothing about a service of which nothing runs, and goes on, with %s',
  async (shell) => {
    const { base, site, run } = await host(shell)
    const ran = await run(display(resumeScript(site)))
    expect(ran).toEqual({ code: 0, stdout: '', stderr: 'a container of web is gone: gone\n' })
    expect(await readFile(join(base, 'nginx/web.conf'), 'utf8')).toBe(served)
    expect(await readFile(join(base, 'nginx/api.conf'), 'utf8')).toContain('server 172.17.0.2:80;')
  },
)

test.each(shells)('never writes an upstream without servers with %s', async (shell) => {
  const { base, site, run } = await host(shell)
  const text = `compose=${quote(site.layout.compose)}\nengine() { docker "$@"; }\n${display(proxyFunctions(site))}`
  const file = join(base, 'nginx/web.conf')
  expect(await run(`${text}\nroute web gone`)).toEqual({
    code: 1,
    stdout: '',
    stderr: `no container for ${file} has an address\n`,
  })
  expect(await readFile(file, 'utf8')).toBe(served)
})

test.each(shells)('puts back what nginx does not take, and tells it again the next time, with %s', async (shell) => {
  const { base, site, run } = await host(shell)
  const text = `compose=${quote(site.layout.compose)}\nengine() { docker "$@"; }\n${display(proxyFunctions(site))}`
  const file = join(base, 'nginx/api.conf')
  await write(base, { broken: '' })
  expect(await run(`${text}\nroute api c2`)).toEqual({ code: 1, stdout: '', stderr: '' })
  expect(await readFile(file, 'utf8')).toBe(served)
  await rm(file)
  expect(await run(`${text}\nroute api c2`)).toEqual({ code: 1, stdout: '', stderr: '' })
  expect((await readdir(join(base, 'nginx'))).sort()).toEqual(['web.conf'])
  expect(await readdir(site.layout.compose)).toEqual(['active'])
  await rm(join(base, 'broken'))
  expect(await run(`${text}\nroute api c2`)).toEqual({ code: 0, stdout: '', stderr: '' })
  expect(await readFile(file, 'utf8')).toContain('server 172.17.0.2:80;')
  expect((await readdir(site.layout.compose)).sort()).toEqual(['active', 'routes'])
})

test.each(shells)('tells of files that it wrote for what has no proxy any more, with %s', async (shell) => {
  const { base, site, run } = await host(shell)
  const file = (name: string) => join(base, `nginx/${name}.conf`)
  const routes = join(site.layout.compose, 'routes')
  await write(base, { 'nginx/old.conf': served })
  await write(site.layout.compose, { routes: `${file('web')}\n${file('old')}\n${file('gone')}\n` })
  const text = `compose=${quote(site.layout.compose)}\n${display(staleText(site))}`
  const stdout = `${file('old')} stays, which names containers that are gone: remove it once nothing else of the proxy's configuration needs it\n`
  expect(await run(text)).toEqual({ code: 0, stdout, stderr: '' })
  expect(await readFile(routes, 'utf8')).toBe(`${file('web')}\n${file('old')}\n`)
  await rm(file('old'))
  expect(await run(text)).toEqual({ code: 0, stdout: '', stderr: '' })
  expect(await readFile(routes, 'utf8')).toBe(`${file('web')}\n`)
})
