import { chmod, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settingsSchema } from '../../../plugins/docker-compose/options.ts'
import { siteOf } from '../../../plugins/docker-compose/scripts/prologue.ts'
import { pruneScript } from '../../../plugins/docker-compose/scripts/prune.ts'
import { quote } from '../../../src/index.ts'
import { display } from '../../../src/shell/script.ts'
import { testPlacement } from '../../../src/testing.ts'
import { folder, shellOf, shells, write } from '../git/machine.ts'
import { shop } from './situation.ts'

test.each(shells)('keeps releases that can be gone back to, however many failed after them, with %s', async (shell) => {
  const run = await shellOf(shell)
  const base = await folder()
  const compose = join(base, 'compose')
  const whole = ['20260101', '20260102', '20260103', '20260104']
  const failed = ['20260201', '20260202', '20260203', '20260204']
  await write(base, {
    'bin/docker': '#!/bin/sh\n',
    'compose/active': '20260104\n',
    'compose/.new-20260205/facts': '',
    ...Object.fromEntries(whole.map((id) => [`compose/${id}/services`, 'web\th\tsha256:1\n'])),
    ...Object.fromEntries(failed.map((id) => [`compose/${id}/failed/web.log`, 'no database\n'])),
  })
  await chmod(join(base, 'bin/docker'), 0o755)
  const site = siteOf(testPlacement(shop()), settingsSchema.parse({}))
  const text = pruneScript({ ...site, layout: { ...site.layout, compose } }, 2, '20260101')
  const { code, stdout } = await run(`PATH=${quote(join(base, 'bin'))}:$PATH\n${display(text)}`)
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'removed 2\n' })
  const left = (await readdir(compose)).filter((name) => /^\.?(new-)?2/.test(name))
  expect(left.sort()).toEqual(['20260101', '20260103', '20260104', '20260202', '20260203', '20260204'])
})
