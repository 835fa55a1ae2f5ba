import { expect, test } from 'vitest'
import { catalog } from '../../../src/error/catalog.ts'
import { explainedErrors } from '../../../src/error/explained.ts'

test('every error of the catalogue can be explained, with a message, a hint and its exit code', () => {
  const errors = [...explainedErrors.values()]
  expect(errors.map(({ code }) => code)).toEqual([...catalog.codes].sort())
  for (const { messages, hints, exitCode, chapter } of errors) {
    expect(messages.every((message) => message.trim() !== '') && messages.length > 0).toBe(true)
    expect(hints.length).toBeGreaterThan(0)
    expect(exitCode).toBeGreaterThan(0)
    expect(chapter).toMatch(/\.$/)
  }
})

test('all forms of an error are there', () => {
  expect(explainedErrors.get('SRV-160')).toMatchInlineSnapshot(`
    {
      "chapter": "Nothing was contacted.",
      "code": "SRV-160",
      "exitCode": 2,
      "hints": [
        "Set the service's \`repository\` to a URL, or send commits from this machine with \`source: 'push'\`.",
      ],
      "messages": [
        "‹instance› is to be fetched by its hosts, but ‹repository› is a path that only means something on this machine.",
        "‹instance› is to be fetched by its hosts, but its service has no repository.",
      ],
    }
  `)
})
