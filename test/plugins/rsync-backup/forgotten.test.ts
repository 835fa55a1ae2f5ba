import { expect, test } from 'vitest'
import { rsyncBackup } from '../../../plugins/rsync-backup/index.ts'
import { ownedScript, originScript } from '../../../plugins/rsync-backup/schedule/owner.ts'
import { identityText } from '../../../plugins/rsync-backup/scripts/owner.ts'
import { display } from '../../../src/shell/script.ts'
import { runTask, testPlacement, type Situation, type TaskRun } from '../../../src/testing.ts'

const host = { name: 'web1', root: '/srv' }
const [shop, blog] = ['shop', 'blog'].map((service) => testPlacement({ service, host }))
const reached = { user: 'deploy', address: '192.0.2.1', port: 22, hostKey: 'ssh-ed25519 AAAA' }

/** Installs what a config says about its service shop, where a keeper has these schedules of that config. */
async function install(options: object, service: string, found: readonly string[], origin = ''): Promise<TaskRun> {
  const owner = 'git.example.org/team/shop/deploy/srv.config.ts production'
  const situation: Situation = {
    service,
    host,
    reached,
    placements: [shop, blog].filter((one) => one !== undefined),
    answers: {
      [`local: ${display(originScript('/home/me/project'))}`]: origin || 'git@git.example.org:team/shop.git\ndeploy/\n',
      [display(identityText(testPlacement({ service, host })))]: 'of 0123 /srv/shop\n',
      [`nas: ${display(ownedScript('/tank', 'web1', owner))}`]: found.map((name) => `${name}\n`).join(''),
    },
  }
  return runTask(rsyncBackup({ to: 'nas:/tank', ...options }), 'install', situation)
}

/** Whose folders on the keeper and on the host are removed. */
function removed({ commands }: TaskRun): readonly string[] {
  return commands.flatMap((text) => {
    if (text.includes('forget_times\nif [ -e')) return /home=(\S+)/.exec(text)?.[1] ?? []
    return text.includes('rm -rf "$gate"') ? (/gate=(\S+)-[0-9a-f]{8} /.exec(text)?.[1] ?? []) : []
  })
}

const schedule = { schedule: { at: '03:00' } }

test('installing takes away the schedules that the config has no longer', async () => {
  const run = await install(schedule, 'shop', ['blog', 'old', 'shop'])
  expect(run.error).toBeUndefined()
  expect(removed(run)).toEqual(['/tank/.srv/web1/old', '/srv/old/.srv/schedule/nas'])
  expect(run.progress.at(-1)).toBe('the config no longer schedules old: removing its schedule on nas')
  const ssh = await install(schedule, 'shop', ['old'], 'https://me:key@git.example.org/team/shop\ndeploy/\n')
  expect(removed(ssh)).toHaveLength(2)
})

test('a config without a schedule takes away its own', async () => {
  const run = await install({}, 'shop', ['blog', 'shop'])
  expect(removed(run)).toEqual(['/tank/.srv/web1/shop', '/srv/shop/.srv/schedule/nas'])
  expect(removed(await install({}, 'shop', []))).toEqual([])
})
