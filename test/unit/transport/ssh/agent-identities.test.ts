import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { agentIdentities } from '../../../../src/transport/ssh/agent-identities.ts'

const folder = mkdtempSync(join(tmpdir(), 'srv-agent-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const field = (bytes: Buffer): Buffer => Buffer.concat([uint32(bytes.length), bytes])
const message = (...parts: readonly Buffer[]): Buffer => field(Buffer.concat(parts))
const blob = (type: string): Buffer => Buffer.concat([field(Buffer.from(type)), Buffer.from('rest')])

let sockets = 0
/** Asks an agent that answers with the given pieces, one after the other, and then hangs up. */
async function askOneThatSays(...pieces: readonly Buffer[]) {
  const path = join(folder, `agent-${String(sockets++)}`)
  const asked: Buffer[] = []
  const server = createServer((socket) => {
    socket
      .on('error', () => undefined)
      .once('data', (bytes) => {
        asked.push(bytes)
        for (const piece of pieces) socket.write(piece)
        socket.end()
      })
  }).listen(path)
  await once(server, 'listening')
  const found = await agentIdentities(path)
  server.close()
  expect(asked).toEqual([Buffer.from([0, 0, 0, 1, 11])])
  return found.map(({ publicKey, comment }) => `${publicKey.type} ${comment}`)
}

const types = ['ssh-ed25519', 'ssh-ed25519-cert-v01@openssh.com', 'sk-ssh-ed25519@openssh.com']
const answer = message(
  Buffer.from([12]),
  uint32(types.length),
  ...types.flatMap((type) => [field(blob(type)), field(Buffer.from('clé'))]),
)

test('keys of all types are listed, in however many pieces they come', async () => {
  const expected = types.map((type) => `${type} clé`)
  expect(await askOneThatSays(answer)).toEqual(expected)
  expect(await askOneThatSays(answer.subarray(0, 3), answer.subarray(3, 50), answer.subarray(50))).toEqual(expected)
})

test('an agent that refuses, breaks off, lies about lengths or is not there has no keys', async () => {
  expect(await askOneThatSays(message(Buffer.from([5])))).toEqual([])
  expect(await askOneThatSays(answer.subarray(0, 20))).toEqual([])
  expect(await askOneThatSays(message(Buffer.from([12]), uint32(9)))).toEqual([])
  expect(await askOneThatSays(uint32(0x7fffffff), Buffer.from([12]))).toEqual([])
  expect(await agentIdentities(join(folder, 'none'))).toEqual([])
})
