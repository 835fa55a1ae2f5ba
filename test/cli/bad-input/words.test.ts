import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type ConfigParts, type Project } from '../../support/cli-project.ts'
import { normalised, summaryOf, treeOf } from '../../support/cli-text.ts'
import { hasSshd, startSshd, type Sshd } from '../../support/sshd.ts'

/** What is wrong, and how srv is called then: what can be seen from the words alone. */
const seenAtOnce: Readonly<Record<string, { readonly args: readonly string[]; readonly parts?: ConfigParts }>> = {
  'an environment that there is not': { args: ['deploy', 'prodution'] },
  'no environment': { args: ['deploy'] },
  'a pipeline that there is not': { args: ['depoly', 'production'] },
  'a service that there is not': { args: ['deploy', 'production', 'ap'] },
  'a host that there is not': { args: ['deploy', 'production', '--host', 'web11'] },
  'a tag that there is not': { args: ['deploy', 'production', '--tag', 'euu'] },
  'a flag that there is not': { args: ['deploy', 'production', '--reff', 'main'] },
  'a flag without its value': { args: ['deploy', 'production', '--ref'] },
  'a config that is not there': { args: ['deploy', 'production', '--config', 'other.ts'] },
  'misspelt words in a config': {
    args: ['deploy', 'production'],
    parts: { instance: `biuld: 'x', heath: [],`, further: `pipelin: {}, hooks: { 'before:git:swich': () => {} },` },
  },
  'a task that there is not': {
    args: ['ship', 'production'],
    parts: { further: `pipelines: { ship: ['git:fecth'] },` },
  },
  'a host twice': {
    args: ['deploy', 'production'],
    parts: {
      head: `const twin = { address: '127.0.0.9', user: 'ann' }`,
      hosts: `one: twin, two: { ...twin, port: 22 },`,
    },
  },
  'an environment without hosts': {
    args: ['deploy', 'empty'],
    parts: { environments: 'empty: { hosts: {} },' },
  },
  'a service whose name leads out': {
    args: ['deploy', 'production'],
    parts: { services: `'../etc': { instances: { native: { kind: 'native' } } },` },
  },
  'a folder that leads out': {
    args: ['deploy', 'production'],
    parts: { instance: `git: { path: '../..', shared: ['/etc/passwd'] },` },
  },
  'a repository that is an option': {
    args: ['deploy', 'production'],
    parts: { source: `repository: '--upload-pack=touch /tmp/owned',` },
  },
  'a host that is an option': {
    args: ['deploy', 'production'],
    parts: { hosts: `odd: '-oProxyCommand=touch /tmp/owned',` },
  },
  'a user that is an option': {
    args: ['deploy', 'production'],
    parts: { hosts: `odd: { address: '127.0.0.9', user: '-oProxyCommand=x' },` },
  },
}

/** What only the repository or a host can tell, when hosts were asked and nothing was changed. */
const seenLater: typeof seenAtOnce = {
  'a ref that is an option': { args: ['deploy', 'production', '--ref=--upload-pack=touch /tmp/owned'] },
  'a ref of one dash': { args: ['deploy', 'production', '--ref=-x'] },
  'a ref with a line break': { args: ['deploy', 'production', '--ref=a\nb'] },
  'a ref that there is not': { args: ['deploy', 'production', '--ref', 'mian'] },
  'a repository that is a command': {
    args: ['deploy', 'production'],
    parts: { source: `repository: 'ext::sh -c touch% /tmp/owned',` },
  },
  'a repository that is missing': { args: ['deploy', 'production'], parts: { source: `repository: './nowhere',` } },
}

describe.skipIf(!hasSshd)('words that are wrong', () => {
  let sshd: Sshd
  let project: Project

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.0.1', '127.9.0.2'] })
    project = cliProject(sshd)
    project.app.commit('one')
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  it.for(Object.entries(seenAtOnce))('%s', async ([, { args, parts = {} }]) => {
    project.configure(parts)
    const { code, stdout, stderr } = await project.srv(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(normalised(stderr, project, sshd)).toMatchSnapshot()
    expect(sshd.logins()).toBe(0)
  })

  it.for(Object.entries(seenLater))('%s, when nothing was changed', async ([, { args, parts = {} }]) => {
    project.configure(parts)
    const { code, stdout, stderr } = await project.srv(args)
    expect(stdout).toBe('')
    expect({ code, shown: summaryOf(normalised(stderr, project, sshd)) }).toMatchSnapshot()
    expect(['web1', 'web2'].map((name) => treeOf(project.host(name).root))).toEqual([[], []])
    expect(existsSync('/tmp/owned')).toBe(false)
  })
})
