import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { answeringFunction, askingFunction, filedFunction } from '../../../plugins/docker-compose/scripts/values-awk.ts'
import { settingsSchema } from '../../../plugins/docker-compose/options.ts'
import { freezeScript } from '../../../plugins/docker-compose/scripts/freeze.ts'
import { siteOf } from '../../../plugins/docker-compose/scripts/prologue.ts'
import { quote } from '../../../src/index.ts'
import { display } from '../../../src/shell/script.ts'
import { testPlacement } from '../../../src/testing.ts'
import { folder, shellOf, shells, write } from '../git/machine.ts'
import { shop } from './situation.ts'

const given = {
  configs: { page: { name: 'shop_page', environment: 'PAGE' }, plain: { name: 'shop_plain', file: '/r/plain' } },
  name: 'shop',
  secrets: { token: { name: 'shop_token', environment: 'TOKEN' } },
  services: { web: { environment: { TOKEN: 'no secret' }, image: 'shop', secrets: [{ source: 'token' }] } },
}

/** Everything that a value can have and a line of JSON cannot. */
const values = { 'configs.page': 'two\nlines\tand \u0001 \u2028 é\r\n', 'secrets.token': `'a$b$$c"\\d\\n<&> ` }

/** As Compose prints it: Go has no letters in JSON that HTML would read, and a `$` would be filled in again. */
function printed(model: unknown): string {
  const escaped = JSON.stringify(model, null, 2).replaceAll('$', () => '$$')
  return `${escaped.replaceAll(/[<>&\u2028]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`
}

test.each(shells)('values of the environment become files with %s', async (shell) => {
  const run = await shellOf(shell)
  const here = await folder()
  const into = join(here, 'values')
  await mkdir(into)
  const answer = { ...given, services: { 'srv-values': { environment: values, image: 'none' }, ...given.services } }
  await write(here, {
    'model.json': printed(given),
    'answer.json': printed(answer),
    'none.json': '{\n  "name": "a"\n}\n',
  })
  const ran = await run(`${[askingFunction, answeringFunction, filedFunction].map(display).join('\n')}
cd ${quote(here)}
asking < model.json > asked.json
asking < none.json > nothing
answering ${quote(into)} < answer.json
filed ${quote(into)} < model.json > filed.json`)
  expect(ran).toEqual({ code: 0, stdout: '', stderr: '' })
  const read = (name: string): Promise<string> => readFile(join(here, name), 'utf8')
  expect(JSON.parse(await read('asked.json'))).toEqual({
    services: {
      'srv-values': {
        image: 'none',
        environment: {
          'configs.page': '${PAGE?configs.page is the value of it}',
          'secrets.token': '${TOKEN?secrets.token is the value of it}',
        },
      },
    },
  })
  expect(await read('nothing')).toBe('')
  for (const [name, value] of Object.entries(values)) expect(await read(`values/${name}`)).toBe(value)
  expect(JSON.parse(await read('filed.json'))).toEqual({
    ...given,
    configs: { ...given.configs, page: { name: 'shop_page', file: join(into, 'configs.page') } },
    secrets: { token: { name: 'shop_token', file: join(into, 'secrets.token') } },
  })
})

test.each(shells)('a value is frozen as a file, and changes its service when it is another, with %s', async (shell) => {
  const run = await shellOf(shell)
  const base = await folder()
  await write(base, { 'bin/docker': '#!/bin/sh\n[ "$1" = tag ] || echo sha256:1\n' })
  await chmod(join(base, 'bin/docker'), 0o755)
  await mkdir(join(base, 'mounts'))
  const site = siteOf(testPlacement(shop()), settingsSchema.parse({}))
  /** Freezes a release whose secret has this value; its digest and what its model says of the secret come back. */
  const freeze = async (id: string, value: string) => {
    const work = `.new-${id}`
    const file = join(base, work, 'values/secrets.token')
    const secrets = { token: { name: 'shop_token', file } }
    await write(base, {
      [`${work}/values/secrets.token`]: value,
      [`${work}/base.json`]: `${JSON.stringify({ secrets, services: { web: { image: 'shop' } } }, null, 2)}\n`,
      [`${work}/facts`]: `file\tsecrets.token\t${file}\nservice\tweb\nimage\tweb\tshop\nuses\tweb\tsecrets.token\n`,
      [`${work}/service.web`]: '',
      [`${work}/secrets.token`]: `"file": "${file}"\n`,
    })
    const text = freezeScript(
      { ...site, layout: { ...site.layout, compose: base } },
      { release: { id }, folder: join(base, 'code'), isInPlace: false, startedAt: '', actor: 'ann', monitorMs: 0 },
    )
    const path = `PATH=${quote(join(base, 'bin'))}:$PATH`
    expect(await run(`${path}\n${display(text)}`)).toEqual({ code: 0, stdout: '', stderr: '' })
    const model: { secrets: { token: { file: string } } } = JSON.parse(
      await readFile(join(base, id, 'model.json'), 'utf8'),
    )
    const digest = (await readFile(join(base, id, 'services'), 'utf8')).split('\t')[1]
    return { digest, file: model.secrets.token.file, value: await readFile(model.secrets.token.file, 'utf8') }
  }
  const [one, same, other] = [await freeze('1', 'a'), await freeze('2', 'a'), await freeze('3', 'b')]
  expect([one.value, other.value]).toEqual(['a', 'b'])
  expect(same).toEqual(one)
  expect(other.digest).not.toBe(one.digest)
  // A copy that cannot be made is no release.
  await rm(join(base, 'mounts'), { recursive: true })
  await expect(freeze('4', 'c')).rejects.toThrow()
  expect(existsSync(join(base, '4'))).toBe(false)
  expect(one.file.startsWith(join(base, 'mounts/'))).toBe(true)
})
