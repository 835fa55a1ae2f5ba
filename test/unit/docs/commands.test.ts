import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { commandNames } from '../../../src/cli/commands.ts'
import { stockPipelineNames } from '../../../src/config/stock.ts'
import { repository } from '../../support/project-folder.ts'

it('lists every command and every pipeline that comes with srv in docs/commands.md, and no other', () => {
  const text = readFileSync(join(repository, 'docs/commands.md'), 'utf8')
  const table = text.slice(text.indexOf('| command '), text.indexOf('## Options'))
  const listed = [...table.matchAll(/^\| `([a-z-]+)`/gm)].map(([, name]) => name)
  expect(listed.sort()).toEqual([...new Set([...commandNames, ...stockPipelineNames])].sort())
})
