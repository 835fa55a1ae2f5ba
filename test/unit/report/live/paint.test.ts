import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Line } from '../../../../src/report/live/line.ts'
import { paint } from '../../../../src/report/live/paint.ts'
import { plainStyle } from '../../../../src/report/style.ts'
import { displayWidth } from '../../../../src/report/width.ts'

const lines: readonly Line[] = [
  { level: 0, state: 'changed', name: 'git:fetch', note: 'Fetch the commit', count: '2 changed', time: '1.2 s' },
  { level: 0, state: 'running', name: 'build', note: 'Build the release', count: '1 of 2', time: '' },
  {
    level: 1,
    state: 'lost',
    name: 'blog/native@web1',
    note: '› 日本語のログ\tand more of it',
    count: 'lost',
    time: '38 s',
  },
  { level: 0, state: 'waiting', name: '', note: '3 more steps', count: '', time: '' },
]

test('the note gives way first, then the count, then the time', () => {
  const painted = [120, 80, 48, 40].map((columns) => paint(lines, { columns, frame: 3, style: plainStyle }).join('\n'))
  expect(painted.join('\n\n')).toMatchInlineSnapshot(`
    "✔ git:fetch  Fetch the commit                                                       2 changed  1.2 s
    ⠸ build      Build the release                                                         1 of 2
      ? blog/native@web1  › 日本語のログ and more of it                                      lost   38 s
    · 3 more steps

    ✔ git:fetch  Fetch the commit                                  2 changed  1.2 s
    ⠸ build      Build the release                                    1 of 2
      ? blog/native@web1  › 日本語のログ and more of it                 lost   38 s
    · 3 more steps

    ✔ git:fetch  Fetch the commit  2 changed  1.2 s
    ⠸ build      Build the release    1 of 2
      ? blog/native@web1  › 日本語の…   lost   38 s
    · 3 more steps

    ✔ git:fetch  Fetch t…  2 changed  1.2 s
    ⠸ build      Build the…   1 of 2
      ? blog/native@web1  › 日本語…    38 s
    · 3 more steps"
  `)
})

test('no line is wider than the terminal, whatever it says', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '日', '🚀', ' ', '\t', 'e\u0301'), maxLength: 60 })
  const any = fc.record({
    level: fc.constantFrom(0 as const, 1 as const),
    state: fc.constantFrom('running' as const, 'failed' as const, 'waiting' as const),
    name: text,
    note: text,
    count: text,
    time: fc.constantFrom('', '1.2 s', '1 min 36 s'),
  })
  fc.assert(
    fc.property(fc.array(any, { maxLength: 5 }), fc.integer({ min: 40, max: 130 }), (random, columns) => {
      for (const line of paint(random, { columns, frame: 0, style: plainStyle })) {
        expect(displayWidth(line.replaceAll('\t', ' '))).toBeLessThan(columns)
      }
    }),
  )
})
