import { expect, test } from 'vitest'
import { parseProcessList } from '../../../src/sandbox/processes.ts'

test('a process list of ps shows the processes of one sandbox, without their environment', () => {
  const output = [
    '    1 /sbin/launchd',
    '  812 /usr/bin/node --import tsx daemon.js /p web1 PATH=/usr/bin SRV_SANDBOX=0123456789abcdef/',
    ' 4711 node server.js --mode=fast HOME=/p/.srv/sandbox/web1/home SRV_SANDBOX=0123456789abcdef/web1 PWD=/p',
    ' 4712 node server.js HOME=/q SRV_SANDBOX=fedcba9876543210/web1',
    ' 4713 grep SRV_SANDBOX',
    '',
  ].join('\n')
  expect(parseProcessList(output, '0123456789abcdef')).toEqual([
    { pid: 812, host: '', command: '/usr/bin/node --import tsx daemon.js /p web1' },
    { pid: 4711, host: 'web1', command: 'node server.js --mode=fast' },
  ])
})
