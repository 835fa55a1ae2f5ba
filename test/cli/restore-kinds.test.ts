import { execFileSync } from 'node:child_process'
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { noAccounts } from '../support/accounts.ts'
import { cliProject, type Project } from '../support/cli-project.ts'
import { transcript, type Outcome } from '../support/cli-run.ts'
import { startMachine, type Machine } from '../support/machine.ts'
import { hasPrograms, isRequired } from '../support/programs.ts'
import { noBashrc, startSshd, type Sshd } from '../support/sshd.ts'

/** Files of every kind, with owners that no user has, access lists, and attributes of every name that there is. */
const make = `python3 - <<'PYTHON'
import os, socket, stat
def write(path, content=b'odd'):
    with open(path, 'wb') as file: file.write(content)
def acl(*entries):
    return bytes.fromhex('02000000' + ''.join(tag + '00' + mode + '00' + who for tag, mode, who in entries))
none = 'ffffffff'
os.umask(0o022)
os.makedirs(b'deep/empty')
os.makedirs(b'with\\nnewline')
os.makedirs(b'closed/inner')
write(b'one', b'one')
write(b'closed/inner/file', b'kept from everybody')
write(b'empty', b'')
os.link(b'one', b'same as one')
os.link(b'one', b'deep/same as one')
# Links: into nothing, into the tree, out of it, to a folder, and two names of one link.
os.symlink(b'nowhere -> else', b'link')
os.symlink(b'one', b'link\\nnewline')
os.symlink(b'/nowhere/at all', b'absolute and dangling')
os.symlink(b'/etc/hostname', b'absolute')
os.symlink(b'../..', b'deep/out')
os.symlink(b'deep', b'to a folder')
os.symlink(bytes(byte for byte in range(1, 256)), b'to every byte')
os.link(b'link', b'deep/same link', follow_symlinks=False)
os.mkfifo(b'pipe')
os.link(b'pipe', b'same pipe')
os.mknod(b'device', stat.S_IFCHR | 0o620, os.makedev(1, 3))
os.mknod(b'disk', stat.S_IFBLK | 0o600, os.makedev(7, 250))
socket.socket(socket.AF_UNIX).bind('socket')
# Holes at the beginning, in the middle and at the end.
with open(b'sparse', 'wb') as file:
    file.truncate(24 << 20)
    file.seek(8 << 20)
    file.write(b'middle')
# Every byte that a name may have, each alone and all at once.
alphabet = [byte for byte in range(1, 256) if byte != ord('/')]
os.mkdir(b'names')
for byte in alphabet: write(b'names/' + bytes([byte, ord('x'), byte]))
write(b'names/' + bytes(alphabet))
os.makedirs(bytes(reversed(alphabet)) + b'/empty')
for name in [b'\\xff\\x01/ \\xc3\\x28 ', b'-leading * ? $HOME', b'a | b', b'x -> y', b'x => y', b'\\\\#012']:
    os.makedirs(os.path.dirname(name) or b'.', exist_ok=True)
    write(name)
for name, mode in [(b'one', 0o4710), (b'empty', 0o2444), (b'deep', 0o2751), (b'deep/empty', 0o1777), (b'pipe', 0o602), (b'socket', 0o755), (b'x -> y', 0o7777), (b'a | b', 0)]:
    path = name
    os.chown(path, 54321, 54322)
    os.chmod(path, mode)
os.chown(b'device', 54321, 54322)
os.chown(b'link', 54323, 54324, follow_symlinks=False)
os.setxattr(b'one', 'user.note', bytes([0, 255, 10]))
os.setxattr(b'one', 'trusted.note', b'of root')
os.setxattr(b'empty', 'security.capability', bytes.fromhex('0100000200040000000000000000000000000000'))
os.setxattr(b'deep/empty', 'user.of a folder', b'x' * 1000)
os.setxattr(b'deep', 'system.posix_acl_access', acl(('01', '07', none), ('02', '06', '31d40000'), ('04', '05', none), ('10', '07', none), ('20', '01', none)))
os.setxattr(b'deep', 'system.posix_acl_default', acl(('01', '07', none), ('02', '04', '31d40000'), ('04', '00', none), ('08', '05', '32d40000'), ('10', '05', none), ('20', '00', none)))
os.setxattr(b'x => y', 'system.posix_acl_access', acl(('01', '06', none), ('02', '04', '31d40000'), ('04', '04', none), ('10', '04', none), ('20', '00', none)))
os.chmod(b'closed/inner', 0)
os.chmod(b'closed', 0o100)
for name, ns in [(b'one', 981173106123456789), (b'empty', 1), (b'link', 1014181567500000001), (b'pipe', 999999999), (b'deep/empty', 981173106123456789), (b'deep', 4102444800000000000), (b'.', 1234567890987654321)]:
    os.utime(name, ns=(ns, ns), follow_symlinks=False)
PYTHON`

/**
 * One line for each entry: name, mode with its kind, owner, device, which name is the first of the same file and how many
 * there are, size, whether it has holes, time, target of a link, content, extended attributes with access lists.
 */
const describeTree = `python3 - <<'PYTHON'
import hashlib, os, stat
first = {}
for folder, folders, files in os.walk(b'.'):
    folders.sort()
    for name in sorted(folders + files + [b'.']):
        path = os.path.join(folder, name)
        s = os.lstat(path)
        is_file = stat.S_ISREG(s.st_mode)
        size = s.st_size if is_file else 0
        same = first.setdefault(s.st_ino, path) if not stat.S_ISDIR(s.st_mode) else b''
        link = os.readlink(path) if os.path.islink(path) else b''
        content = hashlib.sha256(open(path, 'rb').read()).hexdigest() if is_file else ''
        more = [(key, os.getxattr(path, key, follow_symlinks=False)) for key in sorted(os.listxattr(path, follow_symlinks=False))]
        print(path, oct(s.st_mode), s.st_uid, s.st_gid, s.st_rdev, same, s.st_nlink, size, s.st_blocks * 512 < size, s.st_mtime_ns, link, content, more)
PYTHON`

const skipped =
  !isRequired && (noAccounts !== undefined || !hasPrograms('sshd', 'ssh', 'ssh-keygen', 'rsync', 'python3'))

describe.skipIf(skipped)('a restore brings back everything that a file system knows of files', () => {
  let home: string
  let host: Sshd
  let keeper: Machine
  let project: Project
  const shell = (folder: string, text: string): readonly string[] =>
    execFileSync('sh', ['-ec', text], { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 }).split('\n')
  const data = (): string => project.host('web1').path('data')

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--host', 'web1', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }

  /** The next rsync that receives on the host is cut off behind so many bytes, and the rest comes another way. */
  function breakAt(bytes: number): void {
    const text = `#!/bin/sh
case "$*" in *--sender*) ;; --server*) rm "$0"; stdbuf -o0 head -c ${String(bytes)} | /usr/bin/rsync "$@"; exit ;; esac
exec /usr/bin/rsync "$@"
`
    writeFileSync(join(home, 'rsync'), text, { mode: 0o755 })
  }

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'srv-home-'))
    mkdirSync(join(home, '.ssh'), { mode: 0o700 })
    const keys = join(home, '.ssh/authorized_keys')
    const config = [`AuthorizedKeysFile ${keys}`, `SetEnv ${noBashrc} HOME=${home} PATH=${home}:${env['PATH'] ?? ''}`]
    host = await startSshd({ addresses: ['127.9.15.1', '127.9.15.2'], config })
    writeFileSync(keys, readFileSync(`${host.clientKey}.pub`), { mode: 0o600 })
    keeper = await startMachine('keeper', '127.9.15.3')
    project = cliProject(host, { web1: {}, root: {}, other: keeper.found })
    for (const folder of [project.folder, join(project.folder, 'hosts')]) chmodSync(folder, 0o755)
    mkdirSync(join(project.folder, 'tank'))
    mkdirSync(data(), { recursive: true })
    shell(data(), make)
  })
  afterEach(async () => {
    await keeper.remove()
    await host.stop()
    project.remove()
    rmSync(home, { recursive: true, force: true })
  })

  it.each([
    ['of root', 'root', 'laptop', '', 0],
    ['of another user', 'other', 'laptop', '', 0],
    ['that sends by itself', 'other', 'pull', `from: { web1: 'HOST' }`, 0],
    ['whose connection breaks early', 'other', 'pull', `from: { web1: 'HOST' }`, 5_000_000],
    ['whose connection breaks late', 'other', 'pull', `from: { web1: 'HOST' }`, 15_000_000],
    ['to which the host sends', 'other', 'push', `at: 'KEEPER'`, 0],
  ])('from a keeper %s', async (_name, on, way, more, breaksAt) => {
    const at = more
      .replace('HOST', `${userInfo().username}@127.9.15.1:${String(host.port)}`)
      .replace('KEEPER', keeper.address)
    if (on === 'other') keeper.give(join(project.folder, 'tank'), project.host('other').root)
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: { folder: '${on}:${project.folder}/tank', way: '${way}', ${at} } })]`,
    })
    const before = shell(data(), describeTree)
    expect(before.filter((line) => line.includes('system.posix_acl_'))).toHaveLength(3)
    expect(before.filter((line) => line.includes('True'))).toHaveLength(1)
    await srv(0, 'backup', 'production')
    expect(shell(data(), describeTree)).toEqual(before)
    await srv(0, 'verify', 'production')
    // What did not change takes no room a second time, whatever it is.
    await srv(0, 'backup', 'production')
    const vault = join(project.folder, 'tank/web1/app')
    const newest: unknown = JSON.parse(readFileSync(join(vault, 'latest/snapshot.json'), 'utf8'))
    expect(newest).toMatchObject({ state: 'good', newFiles: 0, newBytes: 0 })
    await srv(0, 'verify', 'production')
    const manifests = readdirSync(vault)
      .filter((name) => name.endsWith('Z'))
      .map((id) => readFileSync(join(vault, id, 'manifest'), 'utf8').split('\n'))
    expect(manifests[1]).toEqual(manifests[0])

    if (breaksAt > 0) breakAt(breaksAt)
    // One of its times is yet to come, so that the data seem to be newer.
    const { stdout } = await srv(0, 'restore', 'production', '--confirm', 'app@web1')
    expect(stdout.includes('goes through this machine')).toBe(breaksAt > 0)
    const kept = readdirSync(project.host('web1').path()).find((name) => name.startsWith('data.before-')) ?? ''
    expect(shell(project.host('web1').path(kept), describeTree)).toEqual(before)
    expect(lstatSync(data()).ino).not.toBe(lstatSync(project.host('web1').path(kept)).ino)
    expect(shell(data(), describeTree)).toEqual(before)
    // A rehearsal compares all of it, where it is brought to, with the manifest.
    await srv(0, 'restore', 'production', '--rehearse')
  })
})
