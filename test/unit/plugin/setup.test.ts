import * as v from 'valibot'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { definePlugin, withoutHooks } from '../../../src/plugin/define.ts'
import { setUpPlugins } from '../../../src/plugin/setup.ts'

const order: string[] = []

function plugin(id: string, needs: readonly string[] = []) {
  return definePlugin({
    id,
    needs,
    options: z.strictObject({ keep: z.number().default(5) }),
    setup: ({ task, options }) => {
      order.push(id)
      return {
        tasks: { show: task({ title: `Keep ${String(options.keep)}`, on: 'host', run: () => undefined }) },
        hooks: { 'before:restart': () => undefined },
      }
    },
  })
}

async function problems(...entries: readonly unknown[]): Promise<readonly string[]> {
  const result = await setUpPlugins(entries)
  return result.problems.map(({ path, text }) => `${path.join('.')} ${text}`)
}

test('sets up each plugin once with its validated options, in the order of needs, and lists them in their own', async () => {
  order.length = 0
  const { plugins, broken } = await setUpPlugins([plugin('one', ['two'])({ keep: 1 }), null, plugin('two')(), false])
  expect(order).toEqual(['two', 'one'])
  expect(broken).toEqual([])
  expect(plugins.map(({ name, options, parts }) => [name, options, parts.tasks?.['show']?.title])).toEqual([
    ['one', { keep: 1 }, 'Keep 1'],
    ['two', { keep: 5 }, 'Keep 5'],
  ])
})

test('a circle of needs is no reason to set up anything twice', async () => {
  order.length = 0
  expect(await problems(plugin('one', ['two'])(), plugin('two', ['one'])())).toEqual([])
  expect(order).toEqual(['two', 'one'])
})

test('a second plugin needs a name of its own', async () => {
  const git = plugin('git')
  expect(await problems(git(), git.as('assets'), git.as('assets'))).toMatchInlineSnapshot(`
    [
      "2 has the same name as plugins[1], assets. Give it a name of its own: git.as('assets-2', { … })",
    ]
  `)
})

test('options are checked with any schema library, all of them', async () => {
  const one = definePlugin({
    id: 'zod',
    options: z.strictObject({ url: z.string(), deep: z.strictObject({}) }),
    setup: () => ({}),
  })
  const two = definePlugin({ id: 'valibot', options: v.strictObject({ url: v.string() }), setup: () => ({}) })
  const three = definePlugin({
    id: 'throws',
    options: {
      '~standard': {
        version: 1,
        vendor: 'none',
        validate: () => {
          throw new Error('no luck')
        },
      },
    },
    setup: () => ({}),
  })
  const wrong = JSON.parse('{ "url": 1, "ulr": "x", "deep": { "a": 1 } }')
  expect(await problems(one(wrong), two(wrong), three())).toMatchInlineSnapshot(`
    [
      "zod.url is wrong: Invalid input: expected string, received number",
      "zod.deep.a is not a known option.",
      "zod.ulr is not a known option. Did you mean url? (also: deep)",
      "valibot.url is wrong: Invalid type: Expected string but received 1",
      "valibot.ulr is not a known option. Did you mean url?",
      "throws could not be checked: no luck",
    ]
  `)
})

test('what plugins get wrong', async () => {
  const throws = definePlugin({
    id: 'throws',
    options: z.strictObject({}),
    setup: () => {
      throw new Error('no luck')
    },
  })
  const untyped = plugin('untyped')()
  const returning = (parts: object) => ({ ...untyped, spec: { ...untyped.spec, setup: () => parts } })
  expect(
    await problems(
      throws(),
      plugin('needy', ['gti'])(),
      { ...plugin('old')(), api: 0 },
      plugin('a')().spec,
      plugin,
      plugin('b').as('Not a name'),
      { ...returning({ taks: {} }), name: 'misspelt' },
      { ...returning({ tasks: { show: { title: 'plain' } } }), name: 'plain' },
    ),
  ).toMatchInlineSnapshot(`
    [
      "3 is not a plugin",
      "4 was not called: write name() instead of name",
      "throws failed in its setup: no luck",
      "needy needs the plugin gti, which is not in the list. Available: throws, needy, old, b, untyped, untyped.",
      "old is written for version 0 of the plugin contract; this srv speaks version 1",
      "Not a name is not a valid name: it must begin with a lower-case letter or digit, continue with these, ".", "_" or "-", and have at most 63 characters",
      "misspelt returns taks from setup. Did you mean tasks?",
      "plain has a task show that was not made by task(), or has no valid name",
    ]
  `)
})

test('hooks can be refused, the tasks stay', async () => {
  const { plugins } = await setUpPlugins([plugin('one')(), withoutHooks(plugin('two')())])
  expect(plugins.map(({ parts }) => Object.keys(parts))).toEqual([['tasks', 'hooks'], ['tasks']])
})
