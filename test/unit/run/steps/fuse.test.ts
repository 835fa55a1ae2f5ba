import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuse, Separator } from '../../../../src/run/steps/fuse.ts'
import { display, raw } from '../../../../src/shell/script.ts'
import type { StreamName } from '../../../../src/transport/transport.ts'
import { hasPrograms } from '../../../support/programs.ts'

const word = 'c0ffee'
const mark = (text: string): string => `\u001e${word}:${text}\n`

/** Everything that a separator tells, in order; neighbouring text of one stream as one. */
function listener() {
  const told: string[] = []
  const add = (prefix: string, text: string): void => {
    const last = told.at(-1)
    if (last?.startsWith(prefix) === true) told[told.length - 1] = last + text
    else told.push(prefix + text)
  }
  const separator = new Separator(word, {
    start: (index) => told.push(`start ${index}`),
    text(index, stream, text) {
      add(`${index} ${stream} `, text)
    },
    end: (index, code) => told.push(`end ${index} ${code}`),
    stray(stream, text) {
      add(`stray ${stream} `, text)
    },
  })
  return { separator, told }
}

test('marks are found wherever the text is cut', () => {
  const { separator, told } = listener()
  const text = `${mark('s:0')}one\nno end${mark('e:0:3')}${mark('s:1')}${mark('e:1:0')}`
  for (const character of text) separator.feed('stdout', character)
  for (const character of text) separator.feed('stderr', character)
  expect(told).toEqual(['start 0', '0 stdout one\nno end', '0 stderr one\nno end', 'end 0 3', 'start 1', 'end 1 0'])
})

test('a stream that is ahead waits for the other', () => {
  const { separator, told } = listener()
  separator.feed('stdout', `${mark('s:0')}${mark('e:0:0')}${mark('s:1')}out of one${mark('e:1:0')}${mark('s:2')}two`)
  expect(told).toEqual(['start 0'])
  separator.feed('stderr', `${mark('s:0')}last words${mark('e:0:0')}`)
  expect(told).toEqual(['start 0', '0 stderr last words', 'end 0 0', 'start 1', '1 stdout out of one'])
  separator.finish()
  expect(told.slice(5)).toEqual(['end 1 0', 'start 2', '2 stdout two'])
})

test('what comes outside of any piece is stray, and half a mark at the end is nothing', () => {
  const { separator, told } = listener()
  separator.feed('stderr', `sh: 1: Syntax error\n\u001e${word}:s:`)
  separator.feed('stdout', '\u001ec0f')
  separator.finish()
  expect(told).toEqual(['stray stderr sh: 1: Syntax error\n', 'stray stdout \u001ec0f'])
})

const output = fc
  .string({
    unit: fc.constantFrom('a', '\n', '\u001e', word, ':', 's:0', `\u001e${word}`, 'e:0:0', '✓'),
    maxLength: 12,
  })
  // A whole mark in the output would need the random word.
  .filter((text) => !text.includes(`\u001e${word}:`) && !/\u001e[c0fe]*$/.test(text) && !text.endsWith(`\u001e${word}`))

test('any output is told with its own piece and stream, however it arrives', () => {
  const piece = fc.record({ stdout: output, stderr: output, code: fc.nat(255) })
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 5 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 7 })),
      (pieces, sizes) => {
        const streams: Record<StreamName, string> = { stdout: '', stderr: '' }
        for (const [index, { stdout, stderr, code }] of pieces.entries()) {
          streams.stdout += `${mark(`s:${index}`)}${stdout}${mark(`e:${index}:${code}`)}`
          streams.stderr += `${mark(`s:${index}`)}${stderr}${mark(`e:${index}:${code}`)}`
        }
        const heard = pieces.map(() => ({ stdout: '', stderr: '', code: -1 }))
        const order: string[] = []
        const separator = new Separator(word, {
          start: (index) => order.push(`start ${index}`),
          text(index, stream, text) {
            const own = heard[index]
            if (own !== undefined) own[stream] += text
          },
          end(index, code) {
            order.push(`end ${index}`)
            const own = heard[index]
            if (own !== undefined) own.code = code
          },
          stray(_stream, text) {
            throw new Error(`stray ${text}`)
          },
        })
        while (streams.stdout + streams.stderr !== '') {
          for (const stream of ['stdout', 'stderr'] as const) {
            const size = Number(sizes.next().value)
            separator.feed(stream, streams[stream].slice(0, size))
            streams[stream] = streams[stream].slice(size)
          }
        }
        expect(heard).toEqual(pieces)
        expect(order).toEqual(pieces.flatMap((_, index) => [`start ${index}`, `end ${index}`]))
      },
    ),
  )
})

const shells = [
  ['dash', ['dash']],
  ['bash', ['bash', '--posix']],
  ['busybox', ['busybox', 'sh']],
] as const

describe.each(shells.filter(([name]) => hasPrograms(name)))('%s', (_, [program = '', ...args]) => {
  function run(...scripts: readonly { readonly text: string; readonly mayFail?: true }[]): readonly string[] {
    const { separator, told } = listener()
    const pieces = scripts.map(({ text, ...may }) => ({ script: raw(text), ...may }))
    const { stdout, stderr } = spawnSync(program, args, { input: display(fuse(pieces, word)), encoding: 'utf8' })
    separator.feed('stdout', stdout)
    separator.feed('stderr', stderr)
    separator.finish()
    return told
  }

  test('each piece has a shell of its own', () => {
    expect(
      run(
        { text: 'x=1; cd /; set +e; srv_code=7; srv_mark() { :; }; echo a # comment' },
        { text: 'echo "${x-none}"; [ "$PWD" != / ]' },
      ),
    ).toEqual(['start 0', '0 stdout a\n', 'end 0 0', 'start 1', '1 stdout none\n', 'end 1 0'])
  })

  test('a piece that fails stops the rest, unless it may fail', () => {
    expect(run({ text: 'exit 3', mayFail: true }, { text: 'false; echo never' }, { text: 'echo never' })).toEqual([
      'start 0',
      'end 0 3',
      'start 1',
      'end 1 1',
    ])
  })

  test('an unset variable is a failure, and exec and exit end only the piece', () => {
    expect(
      run(
        { text: 'exec sh -c "printf no-end; exit 0"' },
        { text: 'exit 0' },
        { text: 'echo "$srv_nothing"', mayFail: true },
      ),
    ).toEqual([
      'start 0',
      '0 stdout no-end',
      'end 0 0',
      'start 1',
      'end 1 0',
      'start 2',
      expect.stringContaining('srv_nothing'),
      expect.stringMatching(/^end 2 [12]/),
    ])
  })
})
