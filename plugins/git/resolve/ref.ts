import { srvError } from '../../../src/index.ts'

/** What is wrong with a name, by the rules of `git check-ref-format --allow-onelevel`, or nothing. */
export function refProblem(ref: string): string | undefined {
  if (ref === '') return 'it is empty'
  if (ref.startsWith('-')) return 'it starts with a dash'
  if (/[\p{Cc} ~^:?*[\\]/u.test(ref)) return 'it contains a space or one of ~ ^ : ? * [ \\'
  if (ref.includes('..') || ref.includes('@{') || ref === '@') return 'it contains .. or @{'
  if (ref.startsWith('/') || ref.endsWith('/') || ref.includes('//')) return 'a slash is not between two names'
  if (ref.endsWith('.')) return 'it ends with a dot'
  const parts = ref.split('/')
  if (parts.some((part) => part.startsWith('.') || part.endsWith('.lock')))
    return 'a part starts with . or ends in .lock'
  return undefined
}

/** @throws SrvError SRV-161 for what cannot be a name, before git is given it */
export function assertRef(ref: string): void {
  const problem = refProblem(ref)
  if (problem !== undefined) throw srvError('SRV-161', { ref, problem })
}

/** Whether a name is a whole object id, which stands for itself. */
export function isFullCommit(ref: string): boolean {
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(ref)
}
