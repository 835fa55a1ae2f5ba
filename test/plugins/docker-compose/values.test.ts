import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { answeringFunction, askingFunction, filedFunction } from '../../../plugins/docker-compose/scripts/values-awk.ts'
import { quote } from '../../../src/index.ts'
import { display } from '../../../src/shell/script.ts'
import { folder, shellOf, shells, write } from '../git/machine.ts'

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
