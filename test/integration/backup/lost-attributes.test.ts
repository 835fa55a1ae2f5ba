import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { onItself, sendScript } from '../../../plugins/rsync-backup/scripts/restore.ts'
import { hasPrograms } from '../../support/programs.ts'
import { first, Maker, second, third } from './maker.ts'
import { isRoot } from './servers.ts'

/** Prints mode, owner and attributes of a path, having given it one and taken another away where they are named. */
const program = `import os, sys
path, given, value, taken = sys.argv[1:]
if given: os.setxattr(path, given, bytes.fromhex(value))
if taken: os.removexattr(path, taken)
found = os.stat(path)
print(oct(found.st_mode), found.st_uid, {name: os.getxattr(path, name).hex() for name in sorted(os.listxattr(path))})`

/** An access list as the kernel has it: its owner and the user 1234 may do everything, all others read and enter. */
const list = [
  '02000000',
  '01000700ffffffff',
  '02000700d2040000',
  '04000500ffffffff',
  '10000700ffffffff',
  '20000500ffffffff',
]
const lists = list.join('')

describe.skipIf(!hasPrograms('rsync', 'python3') || !isRoot)(
  'a folder that lost something between two snapshots',
  () => {
    let maker: Maker
    const attributes = (path: string, given = '', value = '', taken = ''): string =>
      execFileSync('python3', ['-c', program, path, given, value, taken], { encoding: 'utf8' })
    /** What a restore of a snapshot gives the folder. */
    function brought(id: string): string {
      const folder = maker.at(`back-${id}`)
      maker.run(sendScript(maker.vault, id, maker.options, { kind: 'data', folder, shell: onItself, isChecked: true }))
      return attributes(`${folder}/folder`)
    }

    beforeEach(() => {
      maker = new Maker({ acls: true, xattrs: true })
      // Of a copy on one machine, rsync would look for what it keeps beside files on both sides.
      maker.relay = maker.at('tools/relay')
      writeFileSync(maker.relay, '#!/bin/sh\nshift\nexec "$@"\n', { mode: 0o755 })
      mkdirSync(maker.data('folder'))
      for (const name of ['one', 'folder/two']) writeFileSync(maker.data(name), name)
    })
    afterEach(() => {
      maker.remove()
    })

    describe.each([
      ['root', (): void => undefined],
      [
        'another user',
        (): void => {
          maker.actAsNobody()
        },
      ],
    ])('is without it in the second, which %s keeps', (_, become) => {
      it.each([
        ['an extended attribute', 'user.note', '31'],
        ['an access list', 'system.posix_acl_access', lists],
        ['an access list for what is made in it', 'system.posix_acl_default', lists],
      ])('%s', (_what, name, value) => {
        become()
        const had = attributes(maker.data('folder'), name, value)
        expect(had).toContain(name)
        maker.make(first)
        const has = attributes(maker.data('folder'), '', '', name)
        expect(has).not.toContain(name)
        expect(maker.make(second)).toMatchObject({ state: 'good', newFiles: 0 })
        expect([brought(second), brought(first)]).toEqual([has, had])
        maker.verify(second)
        writeFileSync(maker.data('one'), 'changed')
        maker.make(third)
        expect(brought(third)).toBe(has)
      })

      it('a mark of its mode', () => {
        become()
        chmodSync(maker.data('folder'), 0o3777)
        const had = attributes(maker.data('folder'))
        maker.make(first)
        chmodSync(maker.data('folder'), 0o755)
        maker.make(second)
        expect([brought(second), brought(first)]).toEqual([attributes(maker.data('folder')), had])
      })
    })
  },
)
