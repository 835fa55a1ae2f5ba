import { describe, expect, test } from 'vitest'
import { keepSchema } from '../../../plugins/rsync-backup/retention/policy.ts'
import { retainScript } from '../../../plugins/rsync-backup/retention/script.ts'
import { lines, raw } from '../../../src/index.ts'
import { runScript } from '../../integration/tasks/shell.ts'
import { hosts, retain } from './retention-run.ts'

const now = '20260310T000000Z'
const policy = { last: 1 }

describe.each(hosts)('$name', (host) => {
  test('a pinned one stays, and counts with restic only', async () => {
    const snapshots = ['20260303T000000Z good yes', '20260302T000000Z good no', '20260301T000000Z good yes']
    expect(
      await retain(host, [
        { policy, snapshots, now },
        { policy: { ...policy, semantics: 'borg' }, snapshots, now },
      ]),
    ).toEqual([
      [
        'keep 20260303T000000Z last, pinned, the last good one',
        'remove 20260302T000000Z',
        'keep 20260301T000000Z pinned',
      ],
      ['keep 20260303T000000Z pinned, the last good one', 'keep 20260302T000000Z last', 'keep 20260301T000000Z pinned'],
    ])
  })

  test('suspect ones stay until a good one is newer, and count in no rule', async () => {
    const snapshots = [
      '20260306T000000Z suspect no',
      '20260305T000000Z suspect no',
      '20260304T000000Z good no',
      '20260303T000000Z suspect no',
      '20260302T000000Z suspect yes',
      '20260301T000000Z good no',
    ]
    expect(await retain(host, [{ policy: { last: 2 }, snapshots, now }])).toEqual([
      [
        'keep 20260306T000000Z suspect: kept until there is a newer good one',
        'keep 20260305T000000Z suspect: kept until there is a newer good one',
        'keep 20260304T000000Z last, the last good one',
        'remove 20260303T000000Z',
        'keep 20260302T000000Z pinned',
        'keep 20260301T000000Z last',
      ],
    ])
  })

  test('without a good one everything stays', async () => {
    const snapshots = ['20260302T000000Z suspect no', '20260301T000000Z suspect no']
    expect(await retain(host, [{ policy, snapshots, now }])).toEqual([
      [
        'keep 20260302T000000Z suspect: kept until there is a newer good one',
        'keep 20260301T000000Z suspect: kept until there is a newer good one',
      ],
    ])
  })

  test('one from the future stays, and pushes out nothing', async () => {
    const snapshots = [
      '20260310T000001Z good no',
      '20260310T000000Z good no',
      '20260309T000000Z suspect no',
      '20260309T120000Z good no',
      '20990101T000000Z suspect no',
    ]
    expect(
      await retain(host, [
        { policy, snapshots, now },
        { policy: { within: '1h' }, snapshots, now },
        { policy, snapshots: ['20990101T000000Z good no', '20260301T000000Z suspect no'], now },
      ]),
    ).toEqual([
      [
        'keep 20990101T000000Z in the future',
        'keep 20260310T000001Z in the future',
        'keep 20260310T000000Z last, the last good one',
        'remove 20260309T120000Z',
        'remove 20260309T000000Z',
      ],
      [
        'keep 20990101T000000Z in the future',
        'keep 20260310T000001Z in the future',
        'keep 20260310T000000Z within 1h, the last good one',
        'remove 20260309T120000Z',
        'remove 20260309T000000Z',
      ],
      ['keep 20990101T000000Z in the future', 'keep 20260301T000000Z suspect: kept until there is a newer good one'],
    ])
  })

  test('of no snapshots nothing is said', async () => {
    expect(await retain(host, [{ policy, snapshots: [], now }])).toEqual([[]])
  })

  test("the machine's own clock is asked when no time is given", async () => {
    const input = 'printf "%s\\n" "99981231T235959Z good no" "20010101T000000Z good no" "20000101T000000Z good no"'
    const script = lines(retainScript(keepSchema.parse(policy)), raw(`${input} | retain`))
    expect(await runScript(script, host)).toEqual({
      code: 0,
      stdout:
        'keep 99981231T235959Z in the future\nkeep 20010101T000000Z last, the last good one\nremove 20000101T000000Z\n',
      stderr: '',
    })
  })

  const good = '20260301T000000Z good no'
  const unread = 'retain: line 2 is not an id, a state and whether it is pinned\n'
  test.each([
    ['20260229T000000Z good no', unread],
    ['20260431T000000Z good no', unread],
    ['21000229T000000Z good no', unread],
    ['20261301T000000Z good no', unread],
    ['20260001T000000Z good no', unread],
    ['20260100T000000Z good no', unread],
    ['20260101T240000Z good no', unread],
    ['20260101T006000Z good no', unread],
    ['20260101T000060Z good no', unread],
    ['20260101T000000 good no', unread],
    ['20260101T000000Zx good no', unread],
    ['latest good no', unread],
    ['20260101T000000Z fine no', unread],
    ['20260101T000000Z good', unread],
    ['20260101T000000Z good maybe', unread],
    ['20260101T000000Z good no no', unread],
    ['', unread],
    [good, 'retain: line 2 has the id of an earlier one\n'],
  ])('nothing is judged when a line is %j', async (line, stderr) => {
    const script = lines(
      retainScript(keepSchema.parse(policy), { now }),
      raw(`retain <<'end'\n${good}\n${line}\n20260302T000000Z good no\nend`),
    )
    expect(await runScript(script, host)).toEqual({ code: 2, stdout: '', stderr })
  })

  test('nothing is judged when the time is not known', async () => {
    const script = lines(
      retainScript(keepSchema.parse(policy)),
      raw(`date() { return 1; }\nretain <<'end'\n${good}\nend`),
    )
    expect(await runScript(script, host)).toEqual({
      code: 2,
      stdout: '',
      stderr: 'retain: the time of this machine cannot be read\n',
    })
  })
})
