import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** An account of this machine that a test made. */
export interface Account {
  readonly name: string
  /** It has a home folder of its own in the folder that was given. */
  readonly home: string
}

/** Accounts for a test file: they are made in one folder, and end with it. */
export interface Accounts {
  /** Makes an account; `shell` is the path of its log-in shell. */
  make(suffix: string, shell: string): Account
  /** Lets an account become root without a password, or with one that it does not have. */
  allowSudo(account: Account, tag: 'NOPASSWD' | 'PASSWD'): void
  remove(): void
}

/** Why accounts cannot be made here; nothing when they can. */
export const noAccounts: string | undefined =
  process.getuid?.() !== 0
    ? 'accounts are made by root'
    : ['/usr/sbin/useradd', '/usr/bin/sudo', '/etc/sudoers.d'].find((path) => !existsSync(path))

/** Makes the accounts of a test file below a folder that everybody may enter. */
export function accountsIn(folder: string): Accounts {
  const made: Account[] = []
  const rules: string[] = []
  return {
    make(suffix, shell) {
      const name = `srvtest-${String(process.pid)}-${suffix}`
      const home = join(folder, name)
      // A password that nothing matches: without PAM sshd calls an account without one locked.
      execFileSync('useradd', ['--no-create-home', '--home-dir', home, '--shell', shell, '--password', '*', name])
      mkdirSync(home, { mode: 0o755 })
      execFileSync('chown', [name, home])
      made.push({ name, home })
      return { name, home }
    },
    allowSudo({ name }, tag) {
      const rule = `/etc/sudoers.d/${name}`
      writeFileSync(rule, `${name} ALL=(root) ${tag}: ALL\n`)
      chmodSync(rule, 0o440)
      rules.push(rule)
    },
    remove() {
      for (const rule of rules) rmSync(rule, { force: true })
      for (const { name } of made) execFileSync('userdel', [name], { stdio: 'ignore' })
    },
  }
}
