import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { display, isScript, lines, raw, render, secretsOf, sh } from '../../../src/shell/script.ts'
import { secret } from '../../../src/shell/secret.ts'
import { hasPrograms } from '../../support/programs.ts'

const shells = (
  [
    ['dash', ['dash']],
    ['bash', ['bash']],
    ['bash as sh', ['bash', '--posix']],
    ['busybox', ['busybox', 'sh']],
  ] as const
).filter(([, [program]]) => hasPrograms(program))

/** What a shell prints for a script that comes on standard input, as srv sends it. */
function output([program, ...args]: readonly [string, ...string[]], script: string): string {
  const { stdout, stderr } = spawnSync(program, [...args], { input: script, encoding: 'utf8' })
  return stderr === '' ? stdout : `${stdout}\nstderr: ${stderr}`
}

const word = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.string({ unit: fc.constantFrom(...Array.from(`'"\\$\`\n\r\t !#&*()[]{};<>?|~=%^-a2`)), maxLength: 12 }),
  )
  .filter((text) => !text.includes('\0'))

describe.each(shells)('%s', (_, shell) => {
  test('every word comes out as it went in', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 30 }), (words) => {
        const script = lines(...words.map((one) => sh`printf '%s\\0' ${one}`), sh`printf '%s\\0' ${words}`)
        const expected = [...words, ...words].map((one) => `${one}\0`).join('')
        expect(output(shell, display(script))).toBe(expected)
      }),
      { numRuns: 60 },
    )
  })

  test('the value of a secret too', () => {
    fc.assert(
      fc.property(word, (value) => {
        expect(
          output(
            shell,
            render(sh`printf %s ${secret('TOKEN')}`, () => value),
          ),
        ).toBe(value)
      }),
      { numRuns: 40 },
    )
  })

  test('a number before a redirection is no stream', () => {
    expect(output(shell, display(sh`echo ${2}>&1; echo ${'2'}</dev/null`))).toBe('2\n2\n')
  })

  test('where a value may stand, it is one word', () => {
    const value = `a b'c"$(echo no)`
    const script = sh`
# it's a comment with an "odd quote
x=${value}; printf '%s|' "$x" # another one's
printf '%s|' "$(printf %s ${value})"
printf '%s|' "\${none:-"$(printf %s ${value})"}" \${none:-${value}}
case ${value} in (a*) printf '%s|' ${value} ;; esac
cat <<'END' ; cat <<-OTHER
it's "text"
END
	more's
	OTHER
printf '%s|' ${value} $((${2} + (1 << 1))) "$#" "\${#x}"
( printf %s ${value} )`
    const said = `${value}|`
    expect(output(shell, display(script))).toBe(
      `${said}${said}${said}${said}${said}it's "text"\nmore's\n${said}4|0|${value.length}|${value}`,
    )
  })
})

test.each<[string, () => unknown]>([
  ['inside single quotes', () => sh`echo '${'x'}'`],
  ['inside double quotes', () => sh`echo "${'x'}"`],
  ['inside double quotes', () => sh`echo "$(echo "${'x'}")"`],
  ['inside double quotes', () => sh`echo "\${none:-${'x'}}"`],
  ['inside double quotes', () => sh`echo ${'a'} "b ${'x'}"`],
  ['inside backquotes', () => sh`echo \`echo ${'x'}\``],
  ['inside single quotes', () => sh`# don't\necho 'a ${'x'}'`],
  ['inside a comment', () => sh`echo # ${'x'}`],
  ['inside a comment', () => sh`# ${'x'}`],
  ['inside a here-document', () => sh`cat <<END\n${'x'}\nEND`],
  ['inside a here-document', () => sh`cat <<'END'\nfirst\n${'x'}\nEND`],
  ['where a here-document is named', () => sh`cat <<${'x'}\nx`],
  ['inside arithmetic', () => sh`echo $((1 + ${'x'}))`],
  ['right after \\', () => sh`echo \\${'x'}`],
  ['right after $', () => sh`echo $${'x'}`],
])('a value %s is refused', (where, make) => {
  expect(make).toThrow(new TypeError(`a value stands ${where}: values are quoted by themselves, write it bare`))
})

/** What JavaScript lets somebody pass, whatever the types say. */
function untyped(value: unknown): unknown {
  const literals = ['echo ', '']
  return Reflect.apply(sh, undefined, [Object.assign(literals, { raw: literals }), value])
}

test.each([
  ['undefined', undefined],
  ['null', null],
  ['boolean', true],
  ['object', {}],
  ['object', { toString: () => 'x' }],
  ['number', NaN],
  ['number', Infinity],
  ['function', () => 'x'],
  ['bigint', 1n],
  ['undefined', ['a', undefined]],
  ['object', ['a', ['b']]],
])('%s is refused', (type, value) => {
  expect(() => untyped(value)).toThrow(new TypeError(`${type} cannot stand in a shell template`))
})

test('a NUL byte is refused', () => {
  expect(() => sh`echo ${'a\0b'}`).toThrow(new TypeError('a NUL byte cannot be passed to a shell'))
})

test('secrets stay names until the text is sent', () => {
  const script = sh`login ${secret('TOKEN')} ${['a b', secret('OTHER')]}`
  expect(display(script)).toBe("login ‹secret TOKEN› 'a b' ‹secret OTHER›")
  expect(secretsOf(script).map(({ name }) => name)).toEqual(['TOKEN', 'OTHER'])
  expect(render(script, ({ name }) => `${name}'s value`)).toBe("login 'TOKEN'\\''s value' 'a b' 'OTHER'\\''s value'")
})

test('a script stands in another as it is, and none at all is no word', () => {
  expect(display(sh`${raw('set -eu')}; rm ${[]} ${lines(raw('a'), raw('b'))}`)).toBe('set -eu; rm  a\nb')
  expect([isScript(raw('')), isScript('')]).toEqual([true, false])
})
