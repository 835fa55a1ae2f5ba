import { expect, test } from 'vitest'
import { git as plugin } from '../../../plugins/git/index.ts'
import type { NextRelease } from '../../../src/index.ts'
import { runTask, setUp } from '../../../src/testing.ts'

const next: NextRelease = {
  release: { id: '20261122T140311Z-3f9c2a1', commit: '3f9c2a1'.padEnd(40, '0'), ref: 'main' },
  folder: '/srv/blog/instances/native/releases/20261122T140311Z-3f9c2a1',
  directory: '/srv/blog/instances/native/current',
  digest: 'd',
}

test('switches by one script', async () => {
  const { commands, error, undo } = await runTask(plugin(), 'switch', { next, actor: "o'neil@lap top\n" })
  expect(error).toBeUndefined()
  expect(commands).toMatchInlineSnapshot(`
    [
      "instance=/srv/blog/instances/native
    repository=/srv/blog/instances/native/repo
    releases=/srv/blog/instances/native/releases
    current=/srv/blog/instances/native/current
    data=/srv/blog/data
    state=/srv/blog/.srv/native
    records=$state/releases
    fail() { printf '%s\\n' "$1" >&2; exit 1; }
    in_repository() { git --git-dir="$repository" "$@"; }
    id=20261122T140311Z-3f9c2a1
    actor='o'\\''neil@lap top '
    point() {
      rm -f "$instance/.srv-current" || exit 1
      ln -s "$1" "$instance/.srv-current" || exit 1
      mv -T "$instance/.srv-current" "$current" || exit 1
    }
    [ -d "$releases/$id" ] || fail "There is no release $releases/$id."
    [ -L "$current" ] || [ ! -e "$current" ] || fail "$current is not a link: move it away."
    before=$(readlink "$current" || :)
    if [ "$before" != "releases/$id" ]; then
      umask 077
      mkdir -p "$state"
      finished=$(cat "$state/finished" 2>/dev/null || :)
      printf '%s\\n%s\\n%s\\n' "$id" "$before" "$finished" > "$state/before.tmp"
      mv -f "$state/before.tmp" "$state/before"
      point "releases/$id"
      printf '%s\\t%s\\t%s\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$id" "$actor" >> "$state/history"
    fi",
    ]
  `)
  expect(await undo()).toMatchInlineSnapshot(`
    [
      "instance=/srv/blog/instances/native
    repository=/srv/blog/instances/native/repo
    releases=/srv/blog/instances/native/releases
    current=/srv/blog/instances/native/current
    data=/srv/blog/data
    state=/srv/blog/.srv/native
    records=$state/releases
    fail() { printf '%s\\n' "$1" >&2; exit 1; }
    in_repository() { git --git-dir="$repository" "$@"; }
    id=20261122T140311Z-3f9c2a1
    point() {
      rm -f "$instance/.srv-current" || exit 1
      ln -s "$1" "$instance/.srv-current" || exit 1
      mv -T "$instance/.srv-current" "$current" || exit 1
    }
    [ -f "$state/before" ] || exit 0
    { IFS= read -r switched && IFS= read -r before && IFS= read -r finished; } < "$state/before"
    [ "$switched" = "$id" ] || exit 0
    if [ "$(readlink "$current" || :)" = "releases/$id" ]; then
      if [ -n "$before" ]; then point "$before"; else rm -f "$current"; fi
    fi
    if [ -f "$state/history" ] && [ "$(tail -n 1 "$state/history" | cut -f 2)" = "$id" ]; then
      bytes=$(( $(wc -c < "$state/history") - $(tail -n 1 "$state/history" | wc -c) ))
      dd if=/dev/null of="$state/history" bs=1 seek="$bytes" 2>/dev/null
    fi
    if [ "$(cat "$state/finished" 2>/dev/null || :)" = "$id" ]; then
      (umask 077; printf '%s\\n' "$finished" > "$state/finished.tmp")
      mv -f "$state/finished.tmp" "$state/finished"
    fi
    rm -f "$state/before"",
    ]
  `)
})

test('links shared paths by one script, and has nothing to link without any', async () => {
  const settings = { shared: ['uploads', 'storage/db.sqlite', 'logs/'] }
  const { commands } = await runTask(plugin(), 'link', { next, settings })
  expect(commands.map((text) => text.split('\n').slice(-4))).toMatchInlineSnapshot(`
    [
      [
        "share uploads folder",
        "plain storage",
        "share storage/db.sqlite file",
        "share logs folder",
      ],
    ]
  `)
  expect((await runTask(plugin(), 'link', { next })).skipped).toBe('it does not apply')
})

test('writes what a release is made of into its record', async () => {
  const instance = { repository: "https://example.org/it's.git" }
  const { commands } = await runTask(plugin(), 'fetch', { next, instance })
  const lines = commands.flatMap((text) => text.split('\n')).filter((line) => /^(url|known|ref|path)=/.test(line))
  expect(lines).toMatchInlineSnapshot(`
    [
      "ref=refs/srv/releases/20261122T140311Z-3f9c2a1",
      "url='https://example.org/it'\\''s.git'",
      "known='{"id":"20261122T140311Z-3f9c2a1","commit":"3f9c2a1000000000000000000000000000000000","by":"me@laptop","made":"2026-11-22T14:03:11.000Z","ref":"main","digest":"d",'",
      "path=''",
    ]
  `)
})

test('reads how many releases were removed', async () => {
  const { output } = await runTask(plugin({ keep: 3 }), 'prune', { next, stdout: 'removed 2\n' })
  expect(output).toEqual({ removed: 2 })
})

test('brings the code of docker instances too', async () => {
  const native = await runTask(plugin(), 'switch', { next })
  const docker = await runTask(plugin(), 'switch', { next, instance: { kind: 'docker' } })
  expect(docker.commands).toEqual(native.commands)
})

test('stands in the stock pipelines', async () => {
  expect((await setUp(plugin())).parts.phases).toEqual({
    deploy: {
      resolve: ['resolve'],
      prepare: ['push', 'fetch', 'link'],
      activate: ['switch'],
      finish: ['record', 'prune'],
    },
    rollback: { resolve: ['select'], activate: ['switch'], finish: ['record'] },
  })
})

test('refuses settings that would lead out of the release', async () => {
  const ready = await setUp(plugin())
  const refused = [
    { path: '../other' },
    { path: '/etc' },
    { path: '' },
    { path: '.git/hooks' },
    { path: 'a//b' },
    { shared: ['../x'] },
    { shared: ['a', 'a/b'] },
    { shared: ['a', 'a/'] },
    { keep: 0 },
    { strategy: 'in place' },
    { kep: 3 },
  ]
  for (const settings of refused)
    await expect(ready.settings(settings), JSON.stringify(settings)).rejects.toThrow(
      / is wrong: | is not a known option\./,
    )
  expect(await ready.settings({ path: 'apps/web', shared: ['a', 'ab'] })).toEqual({
    path: 'apps/web',
    shared: ['a', 'ab'],
  })
})
