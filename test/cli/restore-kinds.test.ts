import { execFileSync } from 'node:child_process'
import { lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { isRoot } from '../integration/backup/servers.ts'
import { cliProject } from '../support/cli-project.ts'
import { transcript } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd } from '../support/sshd.ts'

/** Files of every kind, with owners that no user has, an access list, and attributes. */
const make = `umask 022
printf one >one
ln one 'same as one'
ln -s 'nowhere -> else' link
ln -s one "$(printf 'link\\nnewline')"
mkfifo pipe
mknod device c 1 3
truncate -s 8M sparse && printf end >>sparse
mkdir -p deep/empty 'with
newline' "$(printf '\\377\\001')"
printf odd >"$(printf '\\377\\001/ \\303\\050 ')"
printf odd >-- '-leading * ? $HOME'
chmod 4710 one && chmod 2751 deep && chmod 1777 deep/empty
chown 54321:54322 one deep && chown -h 54323 link
python3 -c "import os; os.setxattr('one', 'user.note', bytes([0, 255, 10])); os.setxattr('deep', 'system.posix_acl_access', bytes.fromhex('02000000' + '01000700ffffffff' + '0200060031d40000' + '04000500ffffffff' + '10000700ffffffff' + '20000100ffffffff'))"
touch -d '2001-02-03 04:05:06.123456789' one deep/empty && touch -h -d '2002-03-04 05:06:07.5' link`

/** One line for each entry: name, kind, mode, owner, size, time, target of a link, extended attributes with access lists. */
const describe = `python3 - <<'PYTHON'
import os
for folder, folders, files in sorted(os.walk(b'.')):
    for name in sorted(folders + files + [b'.']):
        path = os.path.join(folder, name)
        s = os.lstat(path)
        size = s.st_size if os.path.isfile(path) else 0
        link = os.readlink(path) if os.path.islink(path) else b''
        more = [(key, os.getxattr(path, key, follow_symlinks=False)) for key in sorted(os.listxattr(path, follow_symlinks=False))]
        print(path, oct(s.st_mode), s.st_uid, s.st_gid, s.st_rdev, s.st_nlink, size, s.st_mtime_ns, link, more)
PYTHON`

it.skipIf(!isRoot || !hasSshd || !hasPrograms('rsync', 'python3'))(
  'a restore brings back everything that a file system knows of files',
  async () => {
    const sshd = await startSshd({ addresses: ['127.9.15.1', '127.9.15.2'] })
    const project = cliProject(sshd, { web1: {}, nas: {} })
    const shell = (folder: string, text: string): string =>
      execFileSync('sh', ['-ec', text], { cwd: folder, encoding: 'utf8' })
    try {
      project.configure({
        head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
        plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: 'laptop' } })]`,
      })
      const service = project.host('web1')
      const data = service.path('data')
      mkdirSync(data, { recursive: true })
      shell(data, make)
      const before = shell(data, describe)
      expect(before).toContain('system.posix_acl_access')
      for (const pipeline of ['backup', 'restore']) {
        const outcome = await project.srv([pipeline, 'production', '--host', 'web1', '--json'])
        expect(outcome.code, transcript(outcome)).toBe(0)
      }
      const kept = readdirSync(service.path()).find((name) => name.startsWith('data.before-')) ?? ''
      expect(shell(service.path(kept), describe)).toBe(before)
      expect(lstatSync(data).ino).not.toBe(lstatSync(service.path(kept)).ino)
      expect(shell(data, describe)).toBe(before)
      expect(statSync(join(data, 'one')).ino).toBe(statSync(join(data, 'same as one')).ino)
      expect(statSync(join(data, 'sparse')).blocks).toBeLessThan(100)
    } finally {
      project.remove()
      await sshd.stop()
    }
  },
)
