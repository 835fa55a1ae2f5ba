import { expect, test } from 'vitest'
import { plainStyle, styleOf } from '../../../src/report/style.ts'
import { table } from '../../../src/report/table.ts'

const head = ['SERVICE', 'HOST', 'LOCK', 'RELEASE', 'HEALTH']
const rows = [
  ['shop', 'web1', '', '20261122T140311Z-8d41e07', 'ok'],
  ['日本', 'web2', '', '-', { text: 'down', format: 'red' }],
] as const

test('columns are aligned, and one in which nobody says anything is left out', () => {
  expect(table(head, rows, { style: plainStyle }).join('\n')).toMatchInlineSnapshot(`
    "SERVICE  HOST  RELEASE                   HEALTH
    shop     web1  20261122T140311Z-8d41e07  ok
    日本     web2  -                         down"
  `)
})

test('the widest columns give way in a narrow terminal', () => {
  const lines = table(head, rows, { style: plainStyle, width: 34 })
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "SERVICE  HOST  RELEASE      HEALTH
    shop     web1  20261122T1…  ok
    日本     web2  -            down"
  `)
})

test('a colour covers its text and not the spaces after it', () => {
  expect(table(['A', 'B'], [[{ text: 'x', format: 'red' }, 'y']], { style: styleOf(true) })[1]).toBe(
    '\u001b[31mx\u001b[39m  y',
  )
})
